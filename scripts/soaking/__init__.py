"""The soak: one week of a meter in Home Assistant, with faults. One file a part."""
