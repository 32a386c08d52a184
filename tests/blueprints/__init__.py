"""The blueprints, in a real Home Assistant in fast time, with a simulated meter and loads that obey."""
