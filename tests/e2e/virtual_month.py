"""A month of a house up to an evening near its end, for the integration to have in its book.

It is lived in virtual time by a Home Assistant inside this process, which leaves entry, registries and book in a
configuration folder, as `virtual_day` does. Of most hours the meter tells the hourly list alone, which is enough to
settle them; of the last one all that it tells.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
import math
from pathlib import Path
from random import Random
from typing import Any, Final, Self

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.statistics import get_start_time
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.helpers import frame
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.common import async_test_home_assistant
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.han_port.wire.decoder import Decoder
from tests.conftest import entry_for
from tests.meters import Meter, Sent, SwitchedHousehold, SwitchedLoad, Wish, make_meter
from tests.meters.appliances import Appliance, Base, Cooker, Day, Fridge, Heater, Load, Washer, WaterHeater
from tests.meters.maker import CIVIL_TIME
from tests.serving import TcpServer

from .virtual_day import HOUR, NOT_OURS, STEP, RecorderStarter

SHOWN: Final = timedelta(days=3)
"""For how long the recorder makes statistics of the hours."""
SEED: Final = 4
CAR: Final = (2460, 2470, 2470)
"""W: 7.4 kW on three phases."""


class SlowCar:
    """A second car, charged in every other night with as much as an ordinary socket gives."""

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Charge after midnight."""
        if random.random() < 0.5:
            yield Load(day.at(0.5), day.at(random.uniform(2.5, 6.5)), (0, 0, 2300))


@dataclass(frozen=True, slots=True)
class VirtualMonth:
    """A month up to a time in it, and the car that is plugged in then: nobody has turned it on yet."""

    meter: Meter
    car: SwitchedLoad
    start: datetime
    now: datetime

    @classmethod
    def until(cls, now: datetime) -> Self:
        """Return the month in which a time lies, up to that."""
        first = now.astimezone(CIVIL_TIME).date().replace(day=1)
        start = datetime.combine(first, time(), CIVIL_TIME).astimezone(UTC)
        car = SwitchedLoad(CAR, [Wish(now, 40_000)])
        car.on = False
        appliances: list[Appliance] = [Base(), Fridge(), WaterHeater(), Cooker(), Washer(), SlowCar()]
        appliances += [Heater(0, 1000), Heater(1, 750), Heater(2, 1200)]
        house = SwitchedHousehold(loads=[car], start=start - HOUR, seed=SEED, appliances=appliances)
        return cls(make_meter("aidon", household=house), car, start, now)

    def hours(self) -> Iterator[tuple[datetime, int]]:
        """Yield the hours that are over, and what the meter's register rose by in each, in Wh."""
        hour = self.start
        while hour + HOUR <= self.now:
            yield hour, self.register(hour + HOUR) - self.register(hour)
            hour += HOUR

    def maxima(self) -> dict[date, int]:
        """Return the highest hour of each day so far, in Wh."""
        found: dict[date, int] = {}
        for hour, used in self.hours():
            day = hour.astimezone(CIVIL_TIME).date()
            found[day] = max(found.get(day, 0), used)
        return found

    def peaks(self) -> tuple[int, ...]:
        """Return the three highest of them, highest first."""
        return tuple(sorted(self.maxima().values(), reverse=True)[:3])

    def used(self, start: datetime, end: datetime) -> float:
        """Return what the house used between two times, in Wh."""
        energy = self.meter.household.energy
        return energy(end).imported - energy(start).imported

    def register(self, at: datetime) -> int:
        """Return what the meter tells of a full hour, in Wh."""
        return self.meter.register(at)["energy_import"] // STEP * STEP

    async def live(
        self, folder: Path, port: int, start_recorder: RecorderStarter, *, seen: timedelta, **options: Any
    ) -> None:
        """Live it, and leave what is known then in the folder of a configuration.

        Args:
            folder: of the configuration.
            port: of the meter, on TCP; nobody may listen there yet. It is free again afterwards.
            start_recorder: the fixture.
            seen: before now, in which all lists come.
            options: of the entry.

        """
        asyncio.get_running_loop().slow_callback_duration = math.inf  # virtual time makes every step look slow
        with freeze_time(self.start, real_asyncio=True) as clock:
            assert isinstance(clock, FrozenDateTimeFactory)
            async with AsyncExitStack() as stack:
                server = TcpServer()
                server.port = port
                await stack.enter_async_context(server)
                hass = await stack.enter_async_context(async_test_home_assistant(config_dir=str(folder)))
                frame.async_setup(hass)  # reports what is deprecated
                del hass.data[DATA_CUSTOM_COMPONENTS]
                await hass.config.async_set_time_zone(CIVIL_TIME.key)
                database = f"sqlite:///{folder / 'home-assistant_v2.db'}"
                recorder = await stack.enter_async_context(
                    start_recorder(hass, {"db_url": database, "commit_interval": 300})
                )
                entry = entry_for(server.url, self.meter.maker, **options)
                entry.add_to_hass(hass)
                assert await hass.config_entries.async_setup(entry.entry_id)
                await hass.async_block_till_done()
                decoder = Decoder()
                for sent in self._lists(self.now - seen):
                    clock.move_to(sent.at)
                    if sent.kind == "hourly" and sent.at > self.now - SHOWN:
                        recorder.queue_task(StatisticsTask(get_start_time(), fire_events=True))
                        await async_wait_recording_done(hass)
                    for reading in decoder.feed(sent.frame):
                        entry.runtime_data.take(reading)
                    if sent.kind == "hourly":
                        await hass.async_block_till_done()
                await hass.async_block_till_done(wait_background_tasks=True)
                await async_wait_recording_done(hass)
                hass.config_entries.async_update_entry(entry, title="Aidon 6525")  # has it kept
                await hass.async_stop(force=True)
        for name in NOT_OURS:
            (folder / ".storage" / name).unlink(missing_ok=True)

    def _lists(self, seen_from: datetime) -> Iterator[Sent]:
        """Yield what comes: of the time before the last part of it the hourly lists alone."""
        yield from self.meter.lists(self.start, seen_from, kinds=["hourly"])
        yield from self.meter.lists(seen_from, self.now, kinds=["full", "hourly"])
