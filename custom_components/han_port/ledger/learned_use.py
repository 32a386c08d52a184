"""The use of a year as readings tell it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from .curve import Years
from .hand_periods import HandReading, periods

LEAST: Final = timedelta(days=330)
"""Readings must be so far apart: eleven months, less a few days that nobody read on."""
_YEAR: Final = timedelta(days=365)
_LEAST_SHARE: Final = 0.5
"""Of a year's weights, that the time must have for its energy to tell of a year."""


def learned_use(readings: Sequence[HandReading], range_wh: int, years: Years) -> int | None:
    """Return the Wh of a year; None if readings (in time order, of digits that roll over) do not tell.

    It is what was used from a reading about a year before the last one to that, by the share of a year's weights that
    the profile has in that time: so the season that is left out or counted twice does not mislead.
    """
    last = readings[-1]
    early = [reading for reading in readings if last.at - reading.at >= LEAST]
    if not early:
        return None
    first = min(early, key=lambda reading: abs(last.at - reading.at - _YEAR))
    share = years.between(first.at.timestamp(), last.at.timestamp())
    if share < _LEAST_SHARE:
        return None
    since = readings[readings.index(first) :]
    return round((periods(since, range_wh, 0)[-1].register - first.register) / share)
