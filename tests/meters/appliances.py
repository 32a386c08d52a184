"""What draws power in the simulated house: each appliance turns one local day into loads.

A load is a constant power for some whole seconds. Every appliance has its own random numbers for every day, so one
that is left out changes nothing about the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import cos, pi, radians, sin
from random import Random
from typing import NamedTuple, Protocol

HOUR = 3600
LATITUDE = radians(60)


class Load(NamedTuple):
    """A constant draw from `start` to before `end` (POSIX seconds): W on each phase, negative for export, and var."""

    start: int
    end: int
    watts: tuple[int, int, int]
    var: int = 0


class Day(NamedTuple):
    """One local day: its midnights (POSIX seconds), day of the year, and mean temperature outside (°C)."""

    start: int
    end: int
    number: int
    outside: float

    def at(self, hour: float) -> int:
        """Return the moment so many hours into the day, in POSIX seconds."""
        return self.start + round(hour * HOUR)


class Appliance(Protocol):
    """Something that draws (or gives) power."""

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Yield the day's loads: none starts before the day; one may end after it."""


def weather(number: int, random: Random) -> float:
    """Return the mean temperature of a day of the year (°C), as in the south-east of Norway."""
    return 6 - 11 * cos((number - 20) * 2 * pi / 365) + random.gauss(0, 3.5)


def on(phase: int, watts: int) -> tuple[int, int, int]:
    """Return the powers of a load on one phase (0 to 2)."""
    return (watts if phase == 0 else 0, watts if phase == 1 else 0, watts if phase == 2 else 0)


class Base:
    """All that is always on, and lights and screens in the morning and the evening; leads a little (capacitive)."""

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Change every few minutes."""
        at = day.start
        while at < day.end:
            hour = (at - day.start) / HOUR
            awake = 2.2 if 17 <= hour < 23 else 1.5 if 6 <= hour < 9 else 1
            until = min(at + random.randint(200, 900), day.end)
            watts = (
                round(random.uniform(60, 120) * awake),
                round(random.uniform(30, 70)),
                round(random.uniform(40, 160) * awake),
            )
            yield Load(at, until, watts, -random.randint(20, 100))
            at = until


class Fridge:
    """A compressor that runs a third of the time and lags (inductive)."""

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Run and rest."""
        at = day.start + random.randint(0, 2400)
        while at < day.end:
            run = random.randint(850, 1250)
            yield Load(at, at + run, on(1, random.randint(82, 96)), 96)
            at += run + random.randint(1700, 2600)


@dataclass(slots=True)
class Heater:
    """A panel heater whose thermostat lets it run the longer the colder it is outside."""

    phase: int
    watts: int

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Run a share of each cycle."""
        at = day.start + random.randint(0, 900)
        while at < day.end:
            cycle = random.randint(900, 1900)
            night = 4 * cos(((at - day.start) / HOUR - 3) * 2 * pi / 24)
            share = min(max((16 - (day.outside - night)) / 40, 0), 0.92)
            run = round(cycle * share)
            if run > 30:
                yield Load(at, min(at + run, day.end), on(self.phase, self.watts))
            at += cycle


@dataclass(slots=True)
class WaterHeater:
    """A tank of 200 litres: after each use, and now and then by itself, it heats until the thermostat is content."""

    phase: int = 1
    watts: int = 1950
    _free: int = 0

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Heat what the morning, the day and the evening used, in Wh, and what the tank lost."""
        uses = [(random.uniform(6, 8), random.uniform(1200, 3600)), (random.uniform(18, 22), random.uniform(900, 3200))]
        uses += [(random.uniform(9, 17), random.uniform(200, 700)) for _ in range(random.randint(0, 2))]
        uses += [(hour + random.uniform(0, 1), 240) for hour in (1, 5, 11, 15, 22)]
        for hour, energy in sorted(uses):
            start = max(day.at(hour), self._free)
            if start >= day.end:
                continue
            self._free = start + round(energy * HOUR / self.watts)
            yield Load(start, self._free, on(self.phase, self.watts))


class Cooker:
    """A kettle in the morning, and plates and an oven at dinner, each switching by itself."""

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Make breakfast, and dinner on nine days of ten."""
        for _ in range(random.randint(1, 3)):
            start = day.at(random.uniform(6.2, 8.5))
            yield Load(start, start + random.randint(120, 260), on(0, 1980))
        if random.random() < 0.9:
            dinner = random.uniform(15.7, 17.8)
            for phase, watts in ((0, 2150), (2, 1780), (2, 1180)):
                at = day.at(dinner + random.uniform(0, 0.3))
                end = at + random.randint(1200, 3600)
                yield Load(at, at + 240, on(phase, watts))
                at += 240
                while at < end:
                    run = random.randint(12, 45)
                    yield Load(at, at + run, on(phase, watts))
                    at += run + random.randint(15, 70)


class Washer:
    """A washing machine, every other day: it heats, then turns."""

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Wash, in the evening or, at week-ends, whenever."""
        if random.random() < 0.5:
            at = day.at(random.uniform(9, 20))
            yield Load(at, at + 1100, on(2, 2080))
            at += 1100
            for _ in range(40):
                yield Load(at, at + random.randint(15, 50), on(2, random.randint(120, 420)), random.randint(40, 160))
                at += 70


@dataclass(slots=True)
class Car:
    """An electric car that charges on every other night, with all phases that the house has."""

    phases: int

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Charge from late in the evening, and less in the last half hour."""
        if random.random() < 0.55:
            watts = (3680, 0, 0) if self.phases == 1 else (2290, 2300, 2280)
            start = day.at(random.uniform(21.5, 23.9))
            full = start + round(random.uniform(1.5, 5.5) * HOUR)
            yield Load(start, full, watts, 60)
            for part in (2, 4, 8):
                yield Load(full, full + 600, (watts[0] // part, watts[1] // part, watts[2] // part), 60)
                full += 600


@dataclass(slots=True)
class Solar:
    """Panels facing south: power by the sun's height and the clouds, given back on all phases that the house has."""

    peak: int
    phases: int
    _clouds: list[float] = field(default_factory=lambda: [0.95, 0.8, 0.4, 0.2])

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Change every five minutes while the sun is up; noon is at 12:20 normal time."""
        tilt = radians(23.44) * sin((day.number - 81) * 2 * pi / 365)
        noon = day.end - HOUR * 24 + round(12.3 * HOUR)
        sky = random.choice(self._clouds)
        for at in range(day.start, day.end, 300):
            angle = (at - noon) / HOUR * pi / 12
            height = sin(LATITUDE) * sin(tilt) + cos(LATITUDE) * cos(tilt) * cos(angle)
            if height > 0.02:
                watts = round(self.peak * min(1.15 * height, 1) * min(sky * random.uniform(0.6, 1.25), 1))
                third = watts // 3
                given = (-watts, 0, 0) if self.phases == 1 else (-third, -third, third * 2 - watts)
                yield Load(at, min(at + 300, day.end), given)


def local_day(start: datetime, end: datetime, random: Random) -> Day:
    """Return a day between two local midnights."""
    number = start.timetuple().tm_yday
    return Day(int(start.timestamp()), int(end.timestamp()), number, weather(number, random))
