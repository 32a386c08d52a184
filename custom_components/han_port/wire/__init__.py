"""Bytes from a meter's HAN port to readings: no I/O, no clock, no Home Assistant."""
