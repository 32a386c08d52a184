"""A simulated winter month of a house with loads that can wait, in a real Home Assistant. One file a part."""
