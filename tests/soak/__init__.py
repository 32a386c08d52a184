"""Long stretches of time in a real Home Assistant, in fast time."""
