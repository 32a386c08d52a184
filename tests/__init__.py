"""Tests of HAN Port."""
