"""A day of a house in virtual time, lived by the integration in a Home Assistant inside this process.

Its recorder writes the database of a configuration folder, and the integration its book, so that the Home Assistant
that is started on that folder afterwards shows a day that nobody had to wait for. Beside the meter's own sensors
stands one as other readers of the port have it: it shows the register of the hourly list when that comes.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
import math
from pathlib import Path
from random import Random
from typing import Final, Self

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import get_start_time
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from pytest_homeassistant_custom_component.common import async_test_home_assistant
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.han_port.coordinator import HanPortCoordinator
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import ListKind, Quantity
from tests.conftest import entry_for
from tests.meters import Household, Meter, make_meter
from tests.meters.appliances import Appliance, Base, Day, Fridge, Heater, Load, WaterHeater
from tests.meters.maker import CIVIL_TIME
from tests.serving import TcpServer

HOUR: Final = timedelta(hours=1)
FIVE_MINUTES: Final = timedelta(minutes=5)
COMPILED_AFTER: Final = timedelta(seconds=10)
"""When the recorder makes its rows, after the five minutes that they are about."""
OCTETS_PER_SECOND: Final = 2400 / 11
"""2400 baud, 8E1."""
STEP: Final = 10
"""Wh that an Aidon's registers are cut to."""

PLAIN: Final = "sensor.plain_register_sensor"
PLAIN_ATTRIBUTES: Final = {
    "friendly_name": "Plain register sensor",
    "device_class": "energy",
    "state_class": "total_increasing",
    "unit_of_measurement": "kWh",
}
NOT_OURS: Final = ("auth", "http", "http.auth")
"""What this Home Assistant keeps of itself, and the next must not find."""

type RecorderStarter = Callable[..., AbstractAsyncContextManager[Recorder]]
"""The fixture `async_test_recorder`."""


class NightCar:
    """An electric car that is charged from one to five each night, with more than all else together ever takes."""

    def day(self, day: Day, random: Random) -> Iterator[Load]:
        """Charge."""
        del random
        yield Load(day.at(1), day.at(5), (1230, 1220, 1250))


@dataclass(frozen=True, slots=True)
class VirtualDay:
    """One local day of a house with an Aidon that has been there since the evening before."""

    meter: Meter
    start: datetime
    end: datetime

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the day of this date."""
        midnights = (datetime.combine(one, time(), CIVIL_TIME) for one in (day, day + timedelta(days=1)))
        start, end = (midnight.astimezone(UTC) for midnight in midnights)
        appliances: list[Appliance] = [Base(), Fridge(), WaterHeater(), Heater(0, 600), NightCar()]
        house = Household(start=start - 6 * HOUR, seed=4, appliances=appliances)
        return cls(make_meter("aidon", household=house), start, end)

    @property
    def hours(self) -> list[datetime]:
        """The starts of its hours: 23 to 25 of them."""
        return [self.start + number * HOUR for number in range((self.end - self.start) // HOUR)]

    def used(self, hour: datetime) -> float:
        """Return what the house used in the hour that begins then, in Wh."""
        energy = self.meter.household.energy
        return energy(hour + HOUR).imported - energy(hour).imported

    def measured(self, hour: datetime) -> int:
        """Return what the meter's register rose by in that hour, in Wh."""
        before, after = (self.meter.register(at)["energy_import"] // STEP * STEP for at in (hour, hour + HOUR))
        return after - before

    async def live(self, folder: Path, port: int, start_recorder: RecorderStarter, *, energy_factor: float = 1) -> None:
        """Live it, from two hours before to five minutes after.

        Args:
            folder: of the configuration, in which it leaves database, entry, registries and book.
            port: of the meter, on TCP; nobody may listen there yet. It is free again afterwards.
            start_recorder: the fixture.
            energy_factor: the option of the entry.

        """
        # Virtual time makes every step look slow.
        asyncio.get_running_loop().slow_callback_duration = math.inf
        begin = self.start - 2 * HOUR
        with freeze_time(begin, real_asyncio=True) as clock:
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
                entry = entry_for(server.url, self.meter.maker, energy_factor=energy_factor)
                entry.add_to_hass(hass)
                assert await hass.config_entries.async_setup(entry.entry_id)
                await hass.async_block_till_done()
                await self._hear(hass, recorder, entry.runtime_data, clock)
                hass.config_entries.async_update_entry(entry, title="Aidon 6525")  # has it kept
                await hass.async_stop(force=True)
        for name in NOT_OURS:
            (folder / ".storage" / name).unlink(missing_ok=True)

    async def _hear(
        self, hass: HomeAssistant, recorder: Recorder, coordinator: HanPortCoordinator, clock: FrozenDateTimeFactory
    ) -> None:
        """Have the lists come one by one, and the recorder make its rows meanwhile."""
        decoder = Decoder()
        begin = self.start - 2 * HOUR
        due = begin + FIVE_MINUTES + COMPILED_AFTER
        for sent in self.meter.lists(begin, self.end + FIVE_MINUTES):
            arrival = sent.at + timedelta(seconds=len(sent.frame) / OCTETS_PER_SECOND)
            if arrival >= due:
                clock.move_to(due)
                recorder.queue_task(StatisticsTask(get_start_time(), fire_events=True))
                await async_wait_recording_done(hass)
                due += FIVE_MINUTES
            clock.move_to(arrival)
            for reading in decoder.feed(sent.frame):
                if reading.kind is ListKind.HOURLY:
                    register = reading.values[Quantity.ENERGY_IMPORT]
                    hass.states.async_set(PLAIN, str(register / 1000), PLAIN_ATTRIBUTES)
                coordinator.take(reading)
        await hass.async_block_till_done(wait_background_tasks=True)
        await async_wait_recording_done(hass)
