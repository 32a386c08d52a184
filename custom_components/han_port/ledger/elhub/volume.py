"""The energy of an hour, as Elhub tells it, and which way it went."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Direction(StrEnum):
    """Which way the energy went, seen from the home."""

    CONSUMPTION = "consumption"
    """From the grid: what a meter counts as import."""
    PRODUCTION = "production"
    """To the grid: what a meter counts as export."""


class Volume(NamedTuple):
    """The energy of one hour."""

    start: datetime
    """A full hour, UTC."""
    energy: int
    """Wh, not negative."""
    certain: bool
    """Whether Elhub says that all of it was measured; a file that does not tell is taken to say so."""
