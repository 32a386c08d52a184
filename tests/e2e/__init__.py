"""End to end: a real Home Assistant, a real browser, simulated meters on real sockets and ptys."""
