"""The whole integration with a real recorder and a meter whose registers are on a wrong scale, in virtual time.

`House` outlives restarts: the truth, and what Home Assistant keeps of its sensors. `Home` is one run of it. Lists reach
the coordinator as the link hands them on, every ten seconds.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import math
from typing import Any, Final, Literal

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import StatisticsRow, get_start_time, statistics_during_period
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er, restore_state as rs
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from .conftest import Bridge, enable, entity, entry_for, full, hourly

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
FIVE_MINUTES: Final = timedelta(minutes=5)
STEP: Final = timedelta(seconds=10)
START: Final = datetime(2026, 11, 24, 8, tzinfo=UTC)
IMPORT: Final = "energy_import"
BEGIN: Final = 3_145_700
"""Wh: the register when it starts."""
MOST: Final = 3000
"""W: what is ever drawn."""

type Period = Literal["5minute", "hour"]
type RecorderStarter = Callable[..., AbstractAsyncContextManager[Recorder]]
"""The fixture `async_test_recorder`."""


@dataclass
class House:
    """A house that draws another power each hour."""

    scale: float
    """What the meter tells, over what is true."""
    options: dict[str, Any] = field(default_factory=dict)
    kept: list[rs.StoredState] = field(default_factory=list)
    entry_id: str | None = None

    @staticmethod
    def watts(at: datetime) -> int:
        """Return what is drawn."""
        return 1800 + 600 * ((at - START) // HOUR % 3)

    def register(self, at: datetime) -> int:
        """Return the true register, in Wh."""
        hours, rest = divmod(at - START, HOUR)
        past = sum(self.watts(START + number * HOUR) for number in range(hours))
        return BEGIN + past + round(self.watts(at) * (rest / HOUR))

    def frame(self, at: datetime) -> bytes:
        """Return the list that comes at an instant."""
        watts = self.watts(at - timedelta(seconds=1))
        if (at.minute, at.second) != (0, 10):
            return full(power_import=watts)
        hour = at.replace(second=0)
        clock = (hour + HOUR).replace(tzinfo=None)
        return hourly(
            clock=clock, power_import=watts, energy_import=round(self.register(hour) * self.scale), energy_export=0
        )


class Home:
    """One run of Home Assistant."""

    def __init__(self, hass: HomeAssistant, house: House, freezer: FrozenDateTimeFactory, bridge: Bridge) -> None:
        self.hass = hass
        self.house = house
        self.freezer = freezer
        self.entry: MockConfigEntry = entry_for(bridge.url, **house.options)

    async def live(self, until: datetime) -> None:
        """Have time pass, and the recorder make its rows."""
        at = dt_util.utcnow()
        at += STEP - (at - START) % STEP
        while at <= until:
            self.freezer.move_to(at)
            if self.entry.state is ConfigEntryState.LOADED:
                self.entry.runtime_data.feed(self.house.frame(at))
            if at.minute % 5 == 0 and at.second == 10:
                self.hass.data[DATA_INSTANCE].queue_task(StatisticsTask(get_start_time(), fire_events=True))
                await self.done()
            at += STEP
        await self.done()

    async def done(self) -> None:
        """Wait until everybody has done what there is to do."""
        is_set_up = self.entry.state is ConfigEntryState.LOADED  # else a task waits for the port, for ever
        for _ in range(2):
            await async_wait_recording_done(self.hass)
            await self.hass.async_block_till_done(wait_background_tasks=is_set_up)
        await async_wait_recording_done(self.hass)

    async def set_factor(self, factor: float, *, history: bool = False) -> None:
        """Change the factor for energy."""
        self.freezer.tick(1)
        self.house.options = {"energy_factor": factor, "correct_history": history}
        self.hass.config_entries.async_update_entry(self.entry, options=self.house.options)
        await self.reload()

    async def reload(self) -> None:
        """Have the entry set up anew."""
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()

    @property
    def entity_id(self) -> str:
        """The id of the sensor."""
        return entity(self.hass, IMPORT)

    def kept(self) -> list[rs.StoredState]:
        """Return what Home Assistant keeps of its sensors."""
        return rs.async_get(self.hass).async_get_stored_states()

    def shown(self) -> float:
        """Return what the sensor shows, in Wh."""
        state = self.hass.states.get(self.entity_id)
        assert state is not None
        return EnergyConverter.convert(float(state.state), state.attributes["unit_of_measurement"], "Wh")

    async def statistics(
        self, period: Period = "hour", statistic_id: str | None = None
    ) -> dict[datetime, StatisticsRow]:
        """Return the statistics of a sensor in Wh, by their start."""
        statistic_id = statistic_id or self.entity_id
        found = await self.hass.data[DATA_INSTANCE].async_add_executor_job(
            statistics_during_period,
            self.hass,
            START - 1000 * HOUR,
            None,
            {statistic_id},
            period,
            {"energy": "Wh"},
            {"state", "sum", "change"},
        )
        return {dt_util.utc_from_timestamp(row["start"]): row for row in found[statistic_id]}

    async def sums(self, period: Period = "hour") -> list[float]:
        """Return the sums of the sensor."""
        return [row["sum"] or 0.0 for row in (await self.statistics(period)).values()]

    async def volumes(self) -> dict[datetime, float]:
        """Return what the energy dashboard shows of each hour."""
        return {start: row["change"] or 0.0 for start, row in (await self.statistics()).items()}


@asynccontextmanager
async def home(
    house: House,
    freezer: FrozenDateTimeFactory,
    bridge: Bridge,
    start_recorder: RecorderStarter,
    *,
    config: Mapping[str, Any] | None = None,
    unit: str = "kWh",
    enabled: Iterable[str] = (),
) -> AsyncGenerator[Home]:
    """Start Home Assistant, stop it in the end."""
    if house.entry_id is None:
        freezer.move_to(START)
    async with AsyncExitStack() as stack:
        hass = await stack.enter_async_context(async_test_home_assistant(initial_state=CoreState.not_running))
        hass.loop.slow_callback_duration = math.inf
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        rs.async_get(hass).last_states = {one.state.entity_id: one for one in house.kept}
        recorder = {"commit_interval": 300, "include": {"entity_globs": "sensor.*energy*"}, **(config or {})}
        await stack.enter_async_context(start_recorder(hass, recorder))
        enable(hass, IMPORT, *enabled)
        registry = er.async_get(hass)
        registry.async_update_entity_options(entity(hass, IMPORT), "sensor", {"unit_of_measurement": unit})
        running = Home(hass, house, freezer, bridge)
        if house.entry_id is not None:
            running.entry = MockConfigEntry(
                domain=running.entry.domain,
                title=running.entry.title,
                unique_id=running.entry.unique_id,
                data=dict(running.entry.data),
                options=house.options,
                entry_id=house.entry_id,
            )
        house.entry_id = running.entry.entry_id
        running.entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(running.entry.entry_id)
        await hass.async_start()
        await running.done()
        try:
            yield running
        finally:
            house.kept = running.kept()
            await hass.async_stop(force=True)
