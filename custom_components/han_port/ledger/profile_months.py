"""Weights of hours out of shares of months: every hour of a month has the same."""

from collections.abc import Sequence
from datetime import datetime
from math import isfinite
from typing import Final

from .capacity import OSLO, day_of, month_span
from .integral import HOUR
from .profile_error import ProfileError

MONTHLY_SHARES: Final = (12.51, 11.02, 10.77, 8.58, 6.66, 4.97, 4.63, 4.96, 5.98, 7.85, 9.91, 12.15)
"""Per cent of a year's use, January to December.

They are said to be those of NVE's adjusted feed-in profile (JIP), but were found third-hand and without their year or
their grid area, and could not be held against anything of NVE's. They have the shape of homes that are heated by
electricity; they add up to 99.99.
"""
MONTHS: Final = 12
LARGEST: Final = 1e12
"""No weight is larger: sums of them are exact enough."""


def checked_months(shares: Sequence[float]) -> tuple[float, ...]:
    """Return twelve shares, January to December, of any scale. Raises ProfileError."""
    if len(shares) != MONTHS:
        raise ProfileError("profile_months", found=str(len(shares)))
    if not all(isfinite(share) and share <= LARGEST for share in shares):
        raise ProfileError("profile_bad_number", line="", found=str(shares))
    if min(shares) < 0:
        raise ProfileError("profile_negative", line="", found=str(min(shares)))
    if not any(shares):
        raise ProfileError("profile_all_zero")
    return tuple(shares)


def month_weights(shares: Sequence[float], start: datetime, end: datetime) -> list[float]:
    """Return a weight for each hour that begins in [start, end), both full hours; months are of the Norwegian clock.

    The weights of a whole month add up to its share, however many hours it has.
    """
    weights: list[float] = []
    while start < end:
        begin, until = month_span(day_of(start))
        stop = min(until, end)
        weight = shares[begin.astimezone(OSLO).month - 1] * HOUR / (until - begin).total_seconds()
        weights.extend([weight] * round((stop - start).total_seconds() / HOUR))
        start = stop
    return weights
