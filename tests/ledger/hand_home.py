"""A home whose meter is read by hand: readings of a simulated year, and profiles of every kind."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from custom_components.han_port.ledger import OSLO, HandRead, HandReading, Hour, Profile, ProfileKind

HOUR: Final = timedelta(hours=1)
KWH: Final = 1000
EXPECTED: Final = 16_000 * KWH
NOW: Final = datetime(2028, 1, 1, tzinfo=UTC)


def oslo(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a time of the Norwegian clock, in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=OSLO).astimezone(UTC)


def known_hours(start: datetime, count: int, seed: int = 1) -> dict[datetime, float]:
    """Return weights of hours, one after the other."""
    random = Random(seed)
    return {start + number * HOUR: random.random() * (1 + number % 24) for number in range(count)}


def empty_in(month: int) -> Profile:
    """Return a profile without any weight in a month."""
    return Profile.monthly([0.0 if number == month else 1.0 for number in range(1, 13)])


PROFILES: Final = [
    Profile.flat(),
    Profile.monthly(),
    Profile.from_hours(known_hours(oslo(2026, 1, 1), 6000)),
    Profile.from_hours(known_hours(oslo(2025, 3, 1), 200), ProfileKind.CSV),
    empty_in(7),
]


def monthly_readings(year: int = 2026, months: int = 13, seed: int = 1, first: int = 12_345 * KWH) -> list[HandReading]:
    """Return a reading for the first days of months, at any minute; about 16 000 kWh a year, more in winter."""
    random = Random(seed)
    register = first
    readings = []
    for number in range(months):
        at = oslo(
            year + number // 12, number % 12 + 1, random.randint(1, 4), random.randrange(24), random.randrange(60)
        )
        readings.append(HandReading(at, register % (100_000 * KWH)))
        register += random.randint(800, 1800) * KWH + random.randrange(KWH)
    return readings


def home(readings: Iterable[HandReading] | None = None, profile: Profile | None = None) -> HandRead:
    """Return a meter of five digits."""
    taken = monthly_readings() if readings is None else readings
    return HandRead(5, taken, EXPECTED, profile or Profile.monthly())


def full_hour(at: datetime, *, up: bool = False) -> datetime:
    """Return the full hour at or before a time, or at or after it."""
    floor = at.replace(minute=0, second=0, microsecond=0)
    return floor + HOUR if up and floor < at else floor


def energy(hours: Iterable[Hour]) -> int:
    """Return what hours come to, in Wh."""
    return sum(hour.imported or 0 for hour in hours)
