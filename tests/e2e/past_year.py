"""A year of a house that nobody simulated minute by minute: what it used in each hour, by formula."""

from datetime import UTC, datetime, timedelta
import math
from random import Random
from typing import Final

from tests.meters.maker import CIVIL_TIME

from .virtual_day import HOUR

COLDEST: Final = 0.04
"""Of a year: the middle of January."""
MORNING: Final = 7.5
EVENING: Final = 18.5
"""Hours of the day in which most is used."""


def hours_of(year: int, *, until: datetime | None = None) -> dict[datetime, int]:
    """Return the Wh of each hour of a year of the Norwegian clock by its start (UTC), of those before `until`."""
    random = Random(year)
    start, end = (datetime(one, 1, 1, tzinfo=CIVIL_TIME).astimezone(UTC) for one in (year, year + 1))
    found: dict[datetime, int] = {}
    hour = start
    while hour < min(end, until or end):
        cold = 0.5 + 0.5 * math.cos(2 * math.pi * ((hour - start) / timedelta(days=365) - COLDEST))
        clock = hour.astimezone(CIVIL_TIME).hour + 0.5
        people = 0.35 + 0.5 * _near(clock, MORNING, 1.5) + 0.9 * _near(clock, EVENING, 2.5)
        found[hour] = round((300 + 1500 * cold * (0.8 + 0.2 * people) + 900 * people) * random.uniform(0.9, 1.1))
        hour += HOUR
    return found


def _near(clock: float, middle: float, width: float) -> float:
    return math.exp(-(((clock - middle) / width) ** 2))
