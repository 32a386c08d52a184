"""Tests of what the scripts conclude."""
