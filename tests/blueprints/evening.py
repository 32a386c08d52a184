"""An evening in a house with a car and a water heater, and the Home Assistant in it.

What belongs here: how a test has one, and lets time pass in it. The evening begins at 16:50 on a Monday.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from scripts.months.home_time import fast, home_time
from scripts.months.living import Living
from scripts.soaking.clock import Clock, FastLoop
from tests.meters import SwitchedHousehold, SwitchedLoad, Wish, make_meter
from tests.meters.appliances import Appliance, Day, Load
from tests.meters.maker import CIVIL_TIME

SPEED = 20_000.0
FIRST = datetime(2027, 1, 4, 16, 50, tzinfo=CIVIL_TIME).astimezone(UTC)
CAR = (2460, 2470, 2470)
WATER_HEATER = (0, 2000, 0)
STEPS = [{"above": above, "price": price} for above, price in ((0, 125), (2, 200), (5, 335), (10, 470), (15, 600))]


class Steady:
    """The rest of the house, which draws the same all day."""

    def __init__(self, watts: int) -> None:
        self._watts = watts

    def day(self, day: Day, random: Random) -> Iterator[Load]:  # noqa: ARG002 - nothing is left to chance
        """Draw it."""
        yield Load(day.start, day.end, (self._watts // 3,) * 3)


def clock_time(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a time of the evening by the Norwegian clock; hours from 24 on are those of the next day."""
    midnight = datetime(2027, 1, 4, tzinfo=CIVIL_TIME).astimezone(UTC)
    return midnight + timedelta(hours=hour, minutes=minute, seconds=second)


def capacity(target: float) -> dict[str, Any]:
    """Return the options of a meter with a tariff and a target (kW)."""
    return {
        "capacity": {
            "rule": "three_days",
            "steps": STEPS,
            "price_per": "month",
            "vat": 0,
            "boundary": "higher",
            "count_estimated": False,
            "target": target,
        }
    }


class Evening(Living):
    """The house: its car comes home at 17:00 and wants 12 kWh; its tank wants 3 kWh then."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        rest: Sequence[Appliance] = (Steady(3000),),
        options: dict[str, Any] | None = None,
        charge: int = 12_000,
    ) -> None:
        self.car = SwitchedLoad(CAR, [Wish(clock_time(17), charge)])
        self.tank = SwitchedLoad(WATER_HEATER, [Wish(clock_time(17), 3000)])
        start = FIRST - timedelta(hours=1)
        house = SwitchedHousehold(loads=(self.car, self.tank), start=start, appliances=rest)
        meter = make_meter("kaifa", model="MA304H4", household=house)
        loads = {"car": self.car, "water_heater": self.tank}
        super().__init__(folder, clock, meter, loads, options or capacity(5))

    async def passes_until(self, hour: int, minute: int = 0, second: int = 0) -> None:
        """Let time pass, fast."""
        with fast(self.clock, SPEED):
            await self.until(clock_time(hour, minute, second))

    def hours(self, first: int, last: int) -> list[int]:
        """Return the Wh of the settled hours that begin at or between two hours of the evening."""
        book = self.coordinator.bookkeeper.book
        hours = book.hours(clock_time(first), clock_time(last + 1))
        assert all(hour.imported is not None for hour in hours)
        return [hour.imported or 0 for hour in hours]

    def what_happened(self, name: str) -> list[str]:
        """Return when a switch was turned off and on, HH:MM."""
        return [
            f"{'on' if on else 'off'} {at.astimezone(CIVIL_TIME):%H:%M}"
            for at, entity_id, on in self.switched
            if entity_id == f"switch.{name}"
        ]


def spend(folder: Path, scenario: Callable[[Evening], Awaitable[None]], **house: Any) -> None:
    """Let a test's evening happen, in an event loop of its own."""
    clock = Clock()

    async def go() -> None:
        evening = Evening(folder, clock, **house)
        clock.set(FIRST - timedelta(seconds=30))
        async with evening.bridge.playing(FIRST, ("full", "hourly")):
            await scenario(evening)

    with home_time(clock), asyncio.Runner(loop_factory=partial(FastLoop, clock)) as runner:
        runner.run(go())
