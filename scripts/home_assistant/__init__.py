"""A real Home Assistant, run from outside as a person would: its process, and its public REST and websocket API."""
