"""The whole integration with a real recorder, real files and a meter that is read by hand, in virtual time.

`House` outlives restarts: its entry, its files, and what Home Assistant keeps of its sensors. `Home` is one run of it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import math
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import get_start_time, statistics_during_period
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.const import Platform
from homeassistant.core import CoreState, HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er, issue_registry as ir, restore_state as rs
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_test_home_assistant,
)
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.hand_read.home import HandReadHome
from custom_components.han_port.ledger.capacity import OSLO

HOUR: Final = timedelta(hours=1)
FIVE_MINUTES: Final = timedelta(minutes=5)
ENTRY_ID: Final = "01JHANDREAD0000000000000000"

type Period = Literal["5minute", "hour", "day"]
type RecorderStarter = Callable[..., AbstractAsyncContextManager[Recorder]]
"""The fixture `async_test_recorder`."""


def oslo(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a time of the Norwegian clock, in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=OSLO).astimezone(UTC)


START: Final = oslo(2026, 1, 1, 12, 30)
BEGIN: Final = 12_345.0
"""kWh."""


def entry_data(**other: Any) -> dict[str, Any]:
    """Return the entry data that the config flow would make."""
    return {
        "kind": "hand_read",
        "expected": 16_000,
        "first_reading": BEGIN,
        "first_time": START.isoformat(),
        "digits": 5,
        "area": "NO1",
        "profile": "monthly",
        "every": 1,
        **other,
    }


@dataclass
class House:
    """A house, and all that is kept of it while Home Assistant is down."""

    folder: Path
    data: dict[str, Any] = field(default_factory=entry_data)
    kept: list[rs.StoredState] = field(default_factory=list)
    entities: list[tuple[str, str, str]] = field(default_factory=list)
    """What the registry knows: platform, unique id, entity id."""
    recorder: dict[str, Any] = field(default_factory=dict)
    """How the recorder is configured."""

    @property
    def file(self) -> Path:
        """Where the readings are."""
        return self.folder / ".storage" / f"{DOMAIN}.{ENTRY_ID}"


class Row(NamedTuple):
    """A row of statistics, in Wh."""

    start: datetime
    state: float
    sum: float
    change: float


class Home:
    """One run of Home Assistant."""

    def __init__(self, hass: HomeAssistant, house: House, freezer: FrozenDateTimeFactory) -> None:
        self.hass = hass
        self.freezer = freezer
        self.entry = MockConfigEntry(domain=DOMAIN, title="Cabin", data=house.data, entry_id=ENTRY_ID)

    @property
    def home(self) -> HandReadHome:
        """What the integration has of the meter."""
        home = self.entry.runtime_data
        assert isinstance(home, HandReadHome)
        return home

    # Time.

    async def go_to(self, at: datetime) -> None:
        """Have it be a later time, and the recorder have made its rows of the five minutes before."""
        self.freezer.move_to(at)
        async_fire_time_changed(self.hass, at)
        await self.compile()

    async def live(self, until: datetime) -> None:
        """Have time pass in steps of five minutes, as it does."""
        now = dt_util.utcnow()
        mark = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) + FIVE_MINUTES
        while mark <= until:
            self.freezer.move_to(mark - timedelta(seconds=9))
            async_fire_time_changed(self.hass, dt_util.utcnow())
            await self.hass.async_block_till_done()
            self.freezer.move_to(mark + timedelta(seconds=10))
            await self.compile()
            mark += FIVE_MINUTES

    async def compile(self) -> None:
        """Have the recorder make its rows of the last five minutes, and everybody do what follows."""
        self.hass.data[DATA_INSTANCE].queue_task(StatisticsTask(get_start_time(), fire_events=True))
        await self.done()

    async def done(self) -> None:
        """Wait until everybody has done what there is to do."""
        for _ in range(2):
            await async_wait_recording_done(self.hass)
            await self.hass.async_block_till_done(wait_background_tasks=True)
        await async_wait_recording_done(self.hass)

    async def reload(self) -> None:
        """Have the entry set up anew."""
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.done()

    # What a person does.

    async def submit(self, **about: Any) -> dict[str, Any]:
        """Submit a reading by the action; return its response."""
        response = await self.hass.services.async_call(
            DOMAIN, "submit_reading", about, blocking=True, return_response=True
        )
        await self.done()
        assert isinstance(response, dict)
        return response

    async def refusal(self, action: str = "submit_reading", **about: Any) -> str:
        """Do by an action what cannot be done; return the key of what is said."""
        with pytest.raises(ServiceValidationError) as refused:
            await self.hass.services.async_call(DOMAIN, action, about, blocking=True, return_response=True)
        await self.done()
        assert refused.value.translation_domain == DOMAIN
        return str(refused.value.translation_key)

    async def type_in(self, kwh: float) -> None:
        """Submit a reading by the number."""
        entity_id = self.entity_id("reading", Platform.NUMBER)
        await self.hass.services.async_call(
            "number", "set_value", {"entity_id": entity_id, "value": kwh}, blocking=True
        )
        await self.done()

    # What a person sees.

    def entity_id(self, key: str, platform: Platform = Platform.SENSOR) -> str:
        """Return the id of an entity."""
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, f"{ENTRY_ID}_{key}")
        assert entity_id is not None, key
        return entity_id

    def state(self, key: str, platform: Platform = Platform.SENSOR) -> State:
        """Return the state of an entity."""
        state = self.hass.states.get(self.entity_id(key, platform))
        assert state is not None, key
        return state

    def shown(self, key: str) -> float:
        """Return what a sensor shows."""
        return float(self.state(key).state)

    def issues(self) -> set[str]:
        """Return the keys of the issues that there are."""
        return {
            str(issue.translation_key)
            for (domain, _), issue in ir.async_get(self.hass).issues.items()
            if domain == DOMAIN
        }

    async def rows(self, period: Period = "hour") -> list[Row]:
        """Return the statistics of the meter reading as the frontend asks for them."""
        statistic_id = self.entity_id("meter_reading")
        found = await self.hass.data[DATA_INSTANCE].async_add_executor_job(
            statistics_during_period,
            self.hass,
            datetime(2020, 1, 1, tzinfo=UTC),
            None,
            {statistic_id},
            period,
            {"energy": "Wh"},
            {"state", "sum", "change"},
        )
        return [
            Row(dt_util.utc_from_timestamp(one["start"]), one["state"] or 0, one["sum"] or 0, one["change"] or 0)
            for one in found.get(statistic_id, [])
        ]

    async def check(self) -> list[Row]:
        """See that all hours from the first reading to the last full hour are there and right; return their rows."""
        rows = await self.rows()
        meter = self.home.meter
        first = meter.readings[0].at.replace(minute=0, second=0)
        now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
        assert [row.start for row in rows] == [first + number * HOUR for number in range((now - first) // HOUR)]
        total = 0.0
        for row, hour in zip(rows, meter.hours(first, now), strict=True):
            total += hour.imported or 0
            assert row.state == pytest.approx(hour.import_register, abs=0.01), row.start
            assert row.change == pytest.approx(hour.imported, abs=0.01), row.start
            assert row.sum == pytest.approx(total, abs=0.01), row.start
        five = await self.rows("5minute")
        assert {round(row.state - row.sum) for row in five} <= {meter.readings[0].register}
        return rows


@asynccontextmanager
async def home(
    house: House, freezer: FrozenDateTimeFactory, start_recorder: RecorderStarter, at: datetime | None = None
) -> AsyncGenerator[Home]:
    """Start Home Assistant at a time, stop it in the end."""
    asyncio.get_running_loop().slow_callback_duration = math.inf  # virtual time makes every step look slow
    if at is not None:
        freezer.move_to(at)
    async with AsyncExitStack() as stack:
        hass = await stack.enter_async_context(
            async_test_home_assistant(initial_state=CoreState.not_running, config_dir=str(house.folder))
        )
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        await hass.config.async_set_time_zone("Europe/Oslo")
        rs.async_get(hass).last_states = {one.state.entity_id: one for one in house.kept}
        await stack.enter_async_context(start_recorder(hass, {"commit_interval": 300, **house.recorder}))
        running = Home(hass, house, freezer)
        running.entry.add_to_hass(hass)
        registry = er.async_get(hass)
        for platform, unique_id, entity_id in house.entities:
            registry.async_get_or_create(
                platform, DOMAIN, unique_id, config_entry=running.entry, suggested_object_id=entity_id.partition(".")[2]
            )
        await hass.config_entries.async_setup(running.entry.entry_id)
        await hass.async_start()
        await running.done()
        try:
            yield running
        finally:
            house.kept = rs.async_get(hass).async_get_stored_states()
            house.entities = [
                (one.domain, one.unique_id, one.entity_id)
                for one in er.async_entries_for_config_entry(registry, ENTRY_ID)
            ]
            await hass.async_stop(force=True)
