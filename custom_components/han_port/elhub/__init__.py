"""Elhub's hours in Home Assistant: imported into a sensor's history, taken back, and compared with what it has."""
