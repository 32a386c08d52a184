"""Weights of hours out of hours that are known, and of all others what these tell about them.

An hour that is not known has the level of its calendar month times the pattern of its hour of the week, both of the
Norwegian clock. The level of a month is the mean of its known hours; where fewer than a week of them are known, it
follows the other months' by the built-in monthly shares. The pattern is how much the known hours of that hour of the
week were above or below their months' levels; where none is known, that of the same hour on other days.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Final

from .capacity import OSLO
from .integral import HOUR
from .profile_error import ProfileError
from .profile_months import LARGEST, MONTHLY_SHARES, MONTHS

_DAY: Final = 24
_WEEK: Final = 7 * _DAY
LEAST_KNOWN: Final = _WEEK
"""Hours of a month that must be known for it to have a level of its own."""
_DAYS: Final = (31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_RATES: Final = tuple(share / days for share, days in zip(MONTHLY_SHARES, _DAYS, strict=True))
"""What an hour of each month has by the built-in shares."""


class KnownHours:
    """Hours whose weights are known, and what follows from them for all others."""

    __slots__ = ("_known", "_levels", "_pattern")

    def __init__(self, weights: Mapping[datetime, float]) -> None:
        """Take the weight of each UTC hour. Raises ProfileError if there is none, or one that is negative."""
        if not weights:
            raise ProfileError("profile_empty")
        for start, weight in weights.items():
            if not isfinite(weight) or weight > LARGEST:
                raise ProfileError("profile_bad_number", line="", found=f"{start.isoformat()} {weight}")
            if weight < 0:
                raise ProfileError("profile_negative", line="", found=f"{start.isoformat()} {weight}")
        if not any(weights.values()):
            raise ProfileError("profile_all_zero")
        self._known: Final = {int(start.timestamp() // HOUR): float(weight) for start, weight in weights.items()}
        places = [(*_place(number), weight) for number, weight in self._known.items()]
        self._levels: Final = _levels(places)
        self._pattern: Final = _pattern(places, self._levels)

    def weights(self, start: datetime, end: datetime) -> list[float]:
        """Return a weight for each hour that begins in [start, end), both full hours."""
        numbers = range(int(start.timestamp() // HOUR), int(end.timestamp() // HOUR))
        known = self._known
        return [known[number] if number in known else self._guess(number) for number in numbers]

    def _guess(self, number: int) -> float:
        month, hour = _place(number)
        return self._levels[month] * self._pattern[hour]


def _place(number: int) -> tuple[int, int]:
    """Return the month (from 0) and the hour of the week of an hour that begins so many hours after 1970 began."""
    local = datetime.fromtimestamp(number * HOUR, UTC).astimezone(OSLO)
    return local.month - 1, local.weekday() * _DAY + local.hour


def _levels(places: Iterable[tuple[int, int, float]]) -> list[float]:
    """Return what an hour has on average in each month."""
    sums = [0.0] * MONTHS
    counts = [0] * MONTHS
    for month, _, weight in places:
        sums[month] += weight
        counts[month] += 1
    by_shares = sum(sums) / sum(rate * count for rate, count in zip(_RATES, counts, strict=True))
    return [
        total / count if count >= LEAST_KNOWN else by_shares * rate
        for total, count, rate in zip(sums, counts, _RATES, strict=True)
    ]


def _pattern(places: Iterable[tuple[int, int, float]], levels: list[float]) -> list[float]:
    """Return how much is used in each hour of the week, where 1 is the mean."""
    found: list[list[float]] = [[] for _ in range(_WEEK)]
    for month, hour, weight in places:
        if levels[month]:
            found[hour].append(weight / levels[month])
    daily = [[one for day in found[hour::_DAY] for one in day] for hour in range(_DAY)]
    return [_mean(one) if one else _mean(daily[hour % _DAY]) for hour, one in enumerate(found)]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 1.0
