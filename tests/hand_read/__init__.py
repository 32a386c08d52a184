"""A meter that is read by hand, in Home Assistant."""
