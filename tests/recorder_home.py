"""A house with a meter, and a Home Assistant with a real recorder that follows it, in virtual time.

`House` outlives restarts: the truth, what the sensors show, what the ledger has settled. `Home` is one run of Home
Assistant: two energy sensors as honest as ours, a recorder that is told when it is time, and `ExactStatistics`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import math
from typing import Any, Final, Literal, NamedTuple, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.statistics import StatisticsRow, get_start_time, statistics_during_period
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.const import Platform, UnitOfEnergy
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er, frame
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.recorder import DATA_INSTANCE, session_scope
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    async_test_home_assistant,
    mock_config_flow,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.statistics import ExactStatistics

from .meters.household import Household

HOUR: Final = timedelta(hours=1)
FIVE_MINUTES: Final = timedelta(minutes=5)
COMPILED_AFTER: Final = timedelta(seconds=10)
"""When the recorder makes its rows, after the five minutes that they are about."""
IMPORT: Final = "energy_import"
EXPORT: Final = "energy_export"
QUANTITIES: Final = (IMPORT, EXPORT)

type RecorderStarter = Callable[..., AbstractAsyncContextManager[Recorder]]
"""The fixture `async_test_recorder`."""
type Period = Literal["5minute", "hour", "day"]


def unique_id(quantity: str) -> str:
    """Return the unique id of the sensor of a quantity."""
    return f"7359992000000116_{quantity}"


@dataclass
class House:
    """A house, its meter, and the ledger of it. Energies are in Wh."""

    start: datetime
    list_after: timedelta = timedelta(seconds=20)
    """When the meter's hourly list comes, after the hour."""
    optimism: float = 0.97
    """What the sensors make of the energy since the last register: 1 would be all of it."""
    shown: dict[str, int] = field(default_factory=dict)
    """What each sensor shows, or showed last."""
    ledger: dict[str, dict[datetime, int]] = field(default_factory=lambda: {quantity: {} for quantity in QUANTITIES})
    """Settled hours: the register at their end, by their start."""
    estimated: set[datetime] = field(default_factory=set)
    """Which of them are no more than a fair share of what was used in several."""

    def __post_init__(self) -> None:
        self._household = Household(start=self.start, seed=3, solar=6000)
        self._list: tuple[datetime, dict[str, int]] | None = None
        self._live: dict[str, float] = {}
        self._seen = self.start

    def truth(self, quantity: str, at: datetime) -> int:
        """Return the register at an instant."""
        return 12_345_678 + int(self._household.energy(at)[QUANTITIES.index(quantity)])

    def see(self, at: datetime) -> None:
        """Have the sensors rise with the power, which was seen all the time since they last did."""
        for quantity in self._live:
            rise = self.truth(quantity, at) - self.truth(quantity, self._seen)
            self._live[quantity] += self.optimism * rise
            self.shown[quantity] = max(self.shown[quantity], round(self._live[quantity]))
        self._seen = at

    def wake(self, at: datetime) -> None:
        """Have the power be seen again from now on. What was used until now is not known to the sensors."""
        self._seen = at

    def read(self, hour: datetime) -> datetime | None:
        """Have the registers of a full hour come; return the start of the first hour that they settle."""
        registers = {quantity: self.truth(quantity, hour) for quantity in QUANTITIES}
        first = None
        if self._list is not None:
            first, before = self._list
            hours = (hour - first) // HOUR
            for number in range(hours):
                for quantity, register in registers.items():
                    rise = (register - before[quantity]) * (number + 1) // hours
                    self.ledger[quantity][first + number * HOUR] = before[quantity] + rise
                if hours > 1:
                    self.estimated.add(first + number * HOUR)
        self._list = (hour, registers)
        self._live.update(registers)
        for quantity, register in registers.items():
            self.shown[quantity] = max(self.shown.get(quantity, 0), register)
        return first

    def registers(self, quantity: str) -> Callable[[datetime, datetime], Iterable[tuple[datetime, int]]]:
        """Return what gives the ledger of a quantity."""
        ledger = self.ledger[quantity]
        return lambda start, end: ((hour, register) for hour, register in ledger.items() if start <= hour < end)

    def since(self) -> datetime | None:
        """Return the first hour of the ledger."""
        return min((hour for hours in self.ledger.values() for hour in hours), default=None)


class Sensor(SensorEntity):
    """An energy sensor that shows what the house says."""

    _attr_device_class = SensorDeviceClass.ENERGY
    _attr_state_class = SensorStateClass.TOTAL_INCREASING
    _attr_native_unit_of_measurement = UnitOfEnergy.KILO_WATT_HOUR
    _attr_should_poll = False

    def __init__(self, quantity: str) -> None:
        self.quantity = quantity
        self._attr_unique_id = unique_id(quantity)
        self._attr_name = quantity.replace("_", " ").capitalize()
        self._added = False

    @override
    async def async_added_to_hass(self) -> None:
        """Take note that there is a state to write."""
        self._added = True

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Take note that there is none any more."""
        self._added = False

    def show(self, energy: int | None, *, available: bool) -> None:
        """Show an energy in Wh."""
        self._attr_native_value = None if energy is None else energy / 1000
        self._attr_available = available
        if self._added:
            self.async_write_ha_state()


class Row(NamedTuple):
    """A row of statistics, in Wh."""

    start: datetime
    state: float
    sum: float


class Home:
    """One run of Home Assistant."""

    def __init__(self, hass: HomeAssistant, house: House, freezer: FrozenDateTimeFactory) -> None:
        self.hass = hass
        self.house = house
        self.freezer = freezer
        self.entry = MockConfigEntry(domain=DOMAIN, title="Meter")
        self.exact: ExactStatistics | None = None
        self.connected = True
        """Whether the meter can be heard."""
        self.lists = True
        """Whether its hourly lists arrive."""
        self.waits = True
        """Whether time waits for the recorder and for us. It need not, as the recorder works through a queue."""
        self.five_minutes: dict[str, dict[datetime, int]] = {quantity: {} for quantity in QUANTITIES}
        """What each sensor showed at the end of each five minutes, by their start."""
        self._sensors: list[Sensor] = []

    @property
    def recorder(self) -> Recorder:
        """The recorder, which must be there."""
        return self.hass.data[DATA_INSTANCE]

    async def set_up(self) -> None:
        """Set up the integration, as it would be here if its meter were this house's."""

        async def set_up_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
            ledgers = {unique_id(quantity): self.house.registers(quantity) for quantity in QUANTITIES}
            self.exact = ExactStatistics(hass, entry, ledgers, self.house.since)
            self.exact.start()
            await hass.config_entries.async_forward_entry_setups(entry, [Platform.SENSOR])
            return True

        async def unload_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
            self._sensors = []
            return await hass.config_entries.async_unload_platforms(entry, [Platform.SENSOR])

        async def set_up_sensors(_: HomeAssistant, __: ConfigEntry, add: AddConfigEntryEntitiesCallback) -> None:
            sensors = [Sensor(quantity) for quantity in QUANTITIES]
            for sensor in sensors:
                sensor.show(self.house.shown.get(sensor.quantity), available=self.connected)
            add(sensors)
            self._sensors = sensors

        module = MockModule(DOMAIN, async_setup_entry=set_up_entry, async_unload_entry=unload_entry)
        mock_integration(self.hass, module, built_in=False)
        mock_platform(self.hass, f"{DOMAIN}.config_flow", built_in=False)
        platform = MockPlatform(async_setup_entry=set_up_sensors)
        mock_platform(self.hass, f"{DOMAIN}.sensor", platform, built_in=False)
        self.entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()

    # Time.

    async def live(self, until: datetime) -> None:
        """Have time pass until the end of a five-minute period, and all be done that is due then."""
        now = dt_util.utcnow()
        mark = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) + FIVE_MINUTES
        while mark <= until:
            await self._pass(mark)
            mark += FIVE_MINUTES
        await self.done()

    async def _pass(self, mark: datetime) -> None:
        self.freezer.move_to(mark - timedelta(seconds=2))
        if self.connected:
            self.house.see(dt_util.utcnow())
        self.show()
        if self.connected and self._sensors:
            for quantity, energy in self.house.shown.items():
                self.five_minutes[quantity][mark - FIVE_MINUTES] = energy
        full_hour = mark.minute == 0
        if full_hour and self.house.list_after < COMPILED_AFTER:
            await self._list(mark)
        self.freezer.move_to(mark + COMPILED_AFTER)
        self.compile()
        if full_hour and self.house.list_after > COMPILED_AFTER:
            await self.done()
            await self._list(mark)

    def compile(self) -> None:
        """Have the recorder make its rows of the five minutes, or of the hour, that have just gone by."""
        if DATA_INSTANCE in self.hass.data:
            self.recorder.queue_task(StatisticsTask(get_start_time(), fire_events=True))

    async def _list(self, hour: datetime) -> None:
        if not (self.connected and self.lists):
            return
        self.freezer.move_to(hour + self.house.list_after)
        first = self.house.read(hour)
        self.show()
        if first is not None:
            await self.settle(first)

    async def settle(self, first: datetime) -> None:
        """Have the integration say that hours are settled, and what follows from that be done."""
        assert self.exact is not None
        self.exact.settled(first)
        await self.done()

    def show(self) -> None:
        """Have the sensors show what they have to."""
        for sensor in self._sensors:
            sensor.show(self.house.shown.get(sensor.quantity), available=self.connected)

    async def done(self) -> None:
        """Wait until the recorder has done what there is to do, and we ours."""
        if not self.waits:
            await self.hass.async_block_till_done()
        elif DATA_INSTANCE not in self.hass.data:
            await self.hass.async_block_till_done(wait_background_tasks=True)
        else:
            await async_wait_recording_done(self.hass)
            await self.hass.async_block_till_done(wait_background_tasks=True)
            await async_wait_recording_done(self.hass)

    # What there is to see.

    def entity_id(self, quantity: str) -> str:
        """Return the entity id of a sensor."""
        entity_id = er.async_get(self.hass).async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id(quantity))
        assert entity_id is not None
        return entity_id

    async def statistics(self, quantity: str, period: Period = "hour") -> list[StatisticsRow]:
        """Return the statistics of a sensor as the frontend asks for them, in Wh."""
        found = await self.recorder.async_add_executor_job(
            statistics_during_period,
            self.hass,
            self.house.start - 1000 * HOUR,
            None,
            {self.entity_id(quantity)},
            period,
            {"energy": "Wh"},
            {"state", "sum", "change"},
        )
        return found.get(self.entity_id(quantity), [])

    async def rows(self, quantity: str, period: Period = "hour") -> list[Row]:
        """Return the rows of a sensor."""
        rows = []
        for one in await self.statistics(quantity, period):
            state, total = one["state"], one["sum"]
            assert state is not None
            assert total is not None
            rows.append(Row(dt_util.utc_from_timestamp(one["start"]), round(state, 3), round(total, 3)))
        return rows

    async def stored(self, table: type[Statistics | StatisticsShortTerm]) -> list[tuple[Any, ...]]:
        """Return a whole table as it is stored."""

        def read() -> list[tuple[Any, ...]]:
            with session_scope(hass=self.hass, read_only=True) as session:
                columns = [getattr(table, column.name) for column in table.__table__.columns]
                return [tuple(row) for row in session.query(*columns).order_by(table.id)]

        return await self.recorder.async_add_executor_job(read)


@asynccontextmanager
async def home(
    house: House,
    freezer: FrozenDateTimeFactory,
    start_recorder: RecorderStarter | None,
    *,
    config: Mapping[str, Any] | None = None,
    prepare: Callable[[HomeAssistant], None] = lambda _: None,
) -> AsyncGenerator[Home]:
    """Start Home Assistant, stop it in the end."""
    # Virtual time makes every step look slow.
    asyncio.get_running_loop().slow_callback_duration = math.inf
    async with AsyncExitStack() as stack:
        stack.enter_context(mock_config_flow(DOMAIN, ConfigFlow))
        hass = await stack.enter_async_context(async_test_home_assistant(initial_state=CoreState.not_running))
        await hass.config.async_set_time_zone("Europe/Oslo")
        frame.async_setup(hass)  # reports what is deprecated
        if start_recorder is not None:
            # The fixture's own default is to commit after each state: half of the time that a test takes. It needs a
            # database in a file: the one connection of one in memory is not free before the commit.
            await stack.enter_async_context(start_recorder(hass, {"commit_interval": 300, **(config or {})}))
        prepare(hass)
        running = Home(hass, house, freezer)
        house.wake(dt_util.utcnow())
        await running.set_up()
        await hass.async_start()
        await running.done()
        yield running
        await hass.async_stop(force=True)
