"""Tests of the ledger, with simulated meters in virtual time."""
