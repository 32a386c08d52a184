"""Another factor for energy: the sensor jumps to the new scale, and the energy dashboard shows no bar of the jump."""

from collections.abc import Generator
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
import pytest

from custom_components.han_port.const import DOMAIN

from .conftest import Bridge, entity
from .rescale_home import BEGIN, FIVE_MINUTES, HOUR, MINUTE, MOST, START, Home, House, Period, RecorderStarter, home

SECOND: Final = timedelta(seconds=1)
CHANGED: Final = START + 4 * HOUR + 22 * MINUTE - 7 * SECOND
PERIODS: Final[tuple[Period, ...]] = ("hour", "5minute")


@pytest.fixture
def persistent_database() -> bool:
    """Have the database in a file, and keep it over a restart."""
    return True


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, hass_storage: dict[str, Any]) -> Generator[None]:
    """See that nobody warns of anything, and keep what is stored in memory."""
    del hass_storage
    for name in ("", "homeassistant", "sqlalchemy.engine", "custom_components"):
        caplog.set_level("WARNING", name)
    yield
    records = [record for record in caplog.get_records("call") if "components" in record.name]
    assert [text for record in records if "shutdown cleanly" not in (text := record.getMessage())] == []


async def check(running: Home, *, wrong_until: int, history: bool) -> None:
    """See that each hour has what was used: those before the change too with history, else as the meter told it."""
    house = running.house
    volumes = await running.volumes()
    assert list(volumes) == [START + number * HOUR for number in range(len(volumes))]
    for number, volume in enumerate(volumes.values()):
        if number == 0:
            continue  # begins when the sensor does
        hour = START + number * HOUR
        scale = house.scale if number < wrong_until and not history else 1
        assert volume == pytest.approx(scale * house.watts(hour), abs=2), hour
    for period in PERIODS:
        sums = await running.sums(period)
        assert all(after > before - 1e-6 for before, after in pairwise(sums)), period
    if history:
        for start, row in (await running.statistics()).items():
            assert row["state"] == pytest.approx(house.register(start + HOUR), abs=2)
    five = await running.statistics("5minute")
    changes = [row["change"] or 0 for start, row in five.items() if start >= START + wrong_until * HOUR + FIVE_MINUTES]
    assert max(changes) <= MOST  # a register may correct what power has said


@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize("scale", [10, 0.1])
@pytest.mark.parametrize("minute", [22, 57, 60])
async def test_no_bar_of_the_jump(
    freezer: FrozenDateTimeFactory,
    async_test_recorder: RecorderStarter,
    bridge: Bridge,
    *,
    scale: float,
    history: bool,
    minute: int,
) -> None:
    """Wherever in the hour the change is made: nothing of before is touched, or all of it is exactly right."""
    house = House(scale)
    changed = START + 4 * HOUR + minute * MINUTE - 7 * SECOND
    async with home(house, freezer, bridge, async_test_recorder) as running:
        await running.live(changed)
        before = await running.statistics()
        assert running.shown() == pytest.approx(scale * BEGIN, rel=0.05)
        await running.set_factor(1 / scale, history=history)
        assert running.shown() == pytest.approx(house.register(changed), abs=MOST)
        await running.live(START + 6 * HOUR + MINUTE)
        after = await running.statistics()
        if not history:
            assert {start: after[start] for start in before} == before
        assert len(after) == 6
        await check(running, wrong_until=4, history=history)


@pytest.mark.parametrize(
    ("scale", "history", "down"),
    [(10, False, MINUTE), (10, True, 17 * MINUTE), (0.1, False, 17 * MINUTE), (0.1, True, MINUTE)],
)
async def test_restart_before_the_recorder_has_come_so_far(
    freezer: FrozenDateTimeFactory,
    async_test_recorder: RecorderStarter,
    bridge: Bridge,
    *,
    scale: float,
    history: bool,
    down: timedelta,
) -> None:
    house = House(scale)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        await running.live(CHANGED)
        await running.set_factor(1 / scale, history=history)
    freezer.tick(down)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        assert running.shown() == pytest.approx(house.register(CHANGED), abs=MOST)
        await running.live(START + 6 * HOUR + MINUTE)
        await check(running, wrong_until=4, history=history)


async def test_killed_before_what_the_sensors_show_was_kept(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, bridge: Bridge
) -> None:
    """Home Assistant keeps it every 15 minutes, so what comes back may be on the old scale: the time tells."""
    house = House(10)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        await running.live(CHANGED)
        kept = running.kept()
        await running.set_factor(0.1)
        await running.live(CHANGED + 7 * MINUTE)
    house.kept = kept
    async with home(house, freezer, bridge, async_test_recorder) as running:
        assert running.shown() == pytest.approx(house.register(CHANGED), abs=MOST)
        await running.live(START + 6 * HOUR + MINUTE)
        await check(running, wrong_until=4, history=False)


@pytest.mark.parametrize("history", [False, True])
async def test_killed_before_it_was_noted_as_done(
    freezer: FrozenDateTimeFactory,
    async_test_recorder: RecorderStarter,
    bridge: Bridge,
    hass_storage: dict[str, Any],
    history: bool,
) -> None:
    """Doing it again changes nothing."""
    house = House(10)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        kept = f"{DOMAIN}.{running.entry.entry_id}"
        await running.live(CHANGED)
        await running.set_factor(0.1, history=history)
        waiting = hass_storage[kept]["data"]["waiting"]
        await running.live(CHANGED + 7 * MINUTE)
        before = [await running.statistics(period) for period in PERIODS]
        assert "energy_import" not in hass_storage[kept]["data"]["waiting"]
    hass_storage[kept]["data"]["waiting"] = waiting
    del hass_storage[kept]["data"]["check"]
    async with home(house, freezer, bridge, async_test_recorder) as running:
        assert [await running.statistics(period) for period in PERIODS] == before
        await running.live(CHANGED + 14 * MINUTE)
        assert "energy_import" not in hass_storage[kept]["data"]["waiting"]
        await running.live(START + 6 * HOUR + MINUTE)
        await check(running, wrong_until=4, history=history)


@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize("pause", [20 * SECOND, 4 * MINUTE])
async def test_factor_that_is_changed_twice(
    freezer: FrozenDateTimeFactory,
    async_test_recorder: RecorderStarter,
    bridge: Bridge,
    history: bool,
    pause: timedelta,
) -> None:
    """The wrong way first: what lies between is on a third scale."""
    house = House(10)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        await running.live(CHANGED)
        await running.set_factor(10, history=history)
        await running.live(CHANGED + pause)
        assert running.shown() == pytest.approx(100 * BEGIN, rel=0.05)
        await running.set_factor(0.1, history=history)
        await running.live(START + 6 * HOUR + MINUTE)
        await check(running, wrong_until=4, history=history)


async def test_factor_that_is_set_in_the_first_five_minutes(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, bridge: Bridge
) -> None:
    """There is no row of before yet."""
    house = House(10)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        await running.live(START + 2 * MINUTE)
        await running.set_factor(0.1)
        await running.live(START + 3 * HOUR + MINUTE)
        await check(running, wrong_until=0, history=False)
        sums = await running.sums()
        assert sums[0] <= MOST


@pytest.mark.parametrize("history", [False, True])
async def test_port_that_is_gone_meanwhile(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, bridge: Bridge, history: bool
) -> None:
    """The sensor comes back on the new scale some rows later."""
    house = House(10)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        await running.live(CHANGED)
        await bridge.stop()
        await running.set_factor(0.1, history=history)
        assert running.entry.state is ConfigEntryState.SETUP_RETRY
        await running.live(CHANGED + 13 * MINUTE)
        async with bridge:
            await running.reload()
            await running.live(START + 6 * HOUR + MINUTE)
            await check(running, wrong_until=4, history=history)


@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize("unit", ["Wh", "MWh"])
async def test_unit_that_the_user_chose(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, bridge: Bridge, unit: str, history: bool
) -> None:
    house = House(10)
    async with home(house, freezer, bridge, async_test_recorder, unit=unit) as running:
        await running.live(CHANGED)
        await running.set_factor(0.1, history=history)
        await running.live(START + 6 * HOUR + MINUTE)
        await check(running, wrong_until=4, history=history)


@pytest.mark.parametrize("scale", [10, 0.1])
async def test_costs_go_on_too(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, bridge: Bridge, scale: float
) -> None:
    """The cost sensor of Home Assistant counts the jump as energy: its statistics lose it."""
    house = House(scale)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        assert await async_setup_component(running.hass, "energy", {})
        grid = {
            "type": "grid",
            "stat_energy_from": running.entity_id,
            "stat_energy_to": None,
            "stat_cost": None,
            "entity_energy_price": None,
            "number_energy_price": 2.0,
            "cost_adjustment_day": 0.0,
            "entity_energy_price_export": None,
            "number_energy_price_export": None,
            "stat_compensation": None,
        }
        preferences: Any = {"energy_sources": [grid]}
        await (await async_get_manager(running.hass)).async_update(preferences)
        await running.live(CHANGED)
        await running.set_factor(1 / scale)
        await running.live(START + 6 * HOUR + MINUTE)
        costs = await running.statistics(statistic_id=f"{running.entity_id}_cost")
        assert len(costs) == 6
        # When the change came, the hour had begun with what the register of the hour before made of power's word.
        assert 0 <= (costs[START + 4 * HOUR]["change"] or 0) <= 2 * 1800 / 1000 * scale + 2 * MOST / 1000
        for start, row in list(costs.items())[5:]:
            assert row["change"] == pytest.approx(2 * house.watts(start) / 1000, abs=2 * MOST / 1000)


async def test_reactive_energy_goes_on_too(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, bridge: Bridge
) -> None:
    house = House(10)
    async with home(house, freezer, bridge, async_test_recorder, enabled=["reactive_energy_import"]) as running:
        await running.live(CHANGED)
        await running.set_factor(0.1)
        await running.live(START + 6 * HOUR + MINUTE)
        rows = await running.statistics(statistic_id=entity(running.hass, "reactive_energy_import"))
        assert [row["state"] for row in rows.values()][-1] == pytest.approx(0.456)
        assert [row["sum"] for row in rows.values()] == pytest.approx([0] * 6)


async def test_entity_that_is_not_recorded(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, bridge: Bridge
) -> None:
    house = House(10)
    config = {"include": {"entities": ["sensor.nothing"]}}
    async with home(house, freezer, bridge, async_test_recorder, config=config) as running:
        await running.live(START + HOUR + MINUTE)
        await running.set_factor(0.1)
        await running.live(START + 3 * HOUR + MINUTE)
        assert running.shown() == pytest.approx(house.register(START + 3 * HOUR + MINUTE), abs=100)


async def test_history_from_elsewhere_stays(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, bridge: Bridge
) -> None:
    """What was imported has its own scale; what the sensor counted before a reset is multiplied."""
    house = House(10)
    async with home(house, freezer, bridge, async_test_recorder) as running:
        await running.live(CHANGED)
        imported: list[StatisticData] = [
            {"start": START - 6 * HOUR, "sum": 1.0},
            {"start": START - 5 * HOUR, "sum": 2.0},
            {"start": START - 4 * HOUR, "state": 99.0, "sum": 3.0},
            {"start": START - 3 * HOUR, "state": 100.0, "sum": 4.0},
        ]
        metadata: StatisticMetaData = {
            "mean_type": StatisticMeanType.NONE,
            "has_sum": True,
            "name": None,
            "source": "recorder",
            "statistic_id": running.entity_id,
            "unit_class": "energy",
            "unit_of_measurement": "kWh",
        }
        async_import_statistics(running.hass, metadata, imported)
        get_instance(running.hass).async_adjust_statistics(running.entity_id, START, 4, "kWh")
        await running.done()
        before = await running.statistics()
        await running.set_factor(0.1, history=True)
        await running.live(START + 6 * HOUR + MINUTE)
        after = await running.statistics()
        for start in (START - 6 * HOUR, START - 5 * HOUR):
            assert after[start] == before[start]
        for start in (START - 4 * HOUR, START - 3 * HOUR):
            assert after[start]["change"] == pytest.approx(100)
            assert after[start]["state"] == pytest.approx((before[start]["state"] or 0) / 10)
        for number in range(1, 6):
            hour = START + number * HOUR
            assert after[hour]["change"] == pytest.approx(house.watts(hour), abs=2)
