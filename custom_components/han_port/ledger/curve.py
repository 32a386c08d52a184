"""What a profile's weights come to up to any instant: so a span's energy is shared out, and a year's.

Within an hour a weight is spread evenly.
"""

from datetime import UTC, datetime
from itertools import accumulate
from typing import Final

from .capacity import OSLO
from .integral import HOUR
from .profile import Profile


class Curve:
    """How much of a span's weights has passed at any instant of it."""

    __slots__ = ("_before", "_first", "_sums", "_whole")

    def __init__(self, profile: Profile, start: float, end: float) -> None:
        """Take a span in POSIX seconds. Where a profile has no weight in all of it, its hours are alike."""
        self._first: Final = int(start // HOUR)
        until = -int(-end // HOUR)
        span = (datetime.fromtimestamp(number * HOUR, UTC) for number in (self._first, until))
        self._sums = [0.0, *accumulate(profile.shares(*span))]
        if self._upto(end) <= self._upto(start):
            self._sums = [float(number) for number in range(until - self._first + 1)]
        self._before: Final = self._upto(start)
        self._whole: Final = self._upto(end) - self._before

    def share(self, at: float) -> float:
        """Return how much has passed, from 0 to 1, at an instant (POSIX seconds). It never falls."""
        return min(1.0, max(0.0, (self._upto(at) - self._before) / self._whole))

    def _upto(self, at: float) -> float:
        number, rest = divmod(at, HOUR)
        place = int(number) - self._first
        if place < 0:
            return 0.0
        if place >= len(self._sums) - 1:
            return self._sums[-1]
        before, after = self._sums[place], self._sums[place + 1]
        return min(after, before + (after - before) * rest / HOUR) if rest else before


class Years:
    """A profile's calendar years, by the Norwegian clock, each as a curve of its own."""

    __slots__ = ("_curves", "_profile")

    def __init__(self, profile: Profile) -> None:
        self._profile: Final = profile
        self._curves: Final[dict[int, Curve]] = {}

    def between(self, start: float, end: float) -> float:
        """Return for how many years' use there are weights from one instant to another (POSIX seconds)."""
        shares = 0.0
        for year in range(_year(start), _year(end) + 1):
            curve = self._curve(year)
            shares += curve.share(end) - curve.share(start)
        return shares

    def _curve(self, year: int) -> Curve:
        if (known := self._curves.get(year)) is None:
            start, end = (datetime(one, 1, 1, tzinfo=OSLO).timestamp() for one in (year, year + 1))
            known = self._curves[year] = Curve(self._profile, start, end)
        return known


def _year(at: float) -> int:
    return datetime.fromtimestamp(at, OSLO).year
