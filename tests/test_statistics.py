"""The recorder's hourly rows tell the registers, whatever happens to it, to the meter, or to Home Assistant."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import threading
from typing import Any, NamedTuple, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType
from homeassistant.components.recorder.statistics import (
    async_change_statistics_unit,
    async_import_statistics,
    list_statistic_ids,
)
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.config_entries import RELOAD_AFTER_UPDATE_DELAY
from homeassistant.const import (
    EVENT_RECORDER_5MIN_STATISTICS_GENERATED,
    EVENT_RECORDER_HOURLY_STATISTICS_GENERATED,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import session_scope
from homeassistant.util import dt as dt_util
import pytest
from sqlalchemy import event, text

from custom_components.han_port.const import DOMAIN

from .recorder_home import EXPORT, FIVE_MINUTES, HOUR, IMPORT, QUANTITIES, Home, House, RecorderStarter, home, unique_id

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
ENOUGH = 10.0  # s; more than anything here takes


@pytest.fixture(autouse=True)
def no_complaints(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """See that nobody warns of anything, the recorder included. Spare what else is logged, of every statement."""
    for name in ("", "homeassistant", "sqlalchemy.engine"):
        caplog.set_level("WARNING", name)
    yield
    complaints = [record.getMessage() for record in caplog.get_records("call")]
    assert [text for text in complaints if "was shutdown cleanly" not in text] == []  # it says so after 10 min


@pytest.fixture
def persistent_database() -> bool:
    """Have the database in a file, and keep it over a restart."""
    return True


@pytest.fixture
def house(freezer: FrozenDateTimeFactory) -> House:
    """Return a house into which the meter's Home Assistant moves in the middle of an hour."""
    freezer.move_to(START + timedelta(minutes=20))
    return House(START)


async def check(running: Home, *, within: float = 0) -> None:
    """See that all hourly rows are as the ledger has them, and the 5-minute ones as the sensors showed."""
    house = running.house
    for quantity in QUANTITIES:
        rows = await running.rows(quantity)
        ledger = house.ledger[quantity]
        assert [row.start for row in rows] == [rows[0].start + n * HOUR for n in range(len(rows))]
        for row in rows:
            assert row.state == pytest.approx(ledger[row.start], abs=within), row.start
            if row.start not in house.estimated:
                assert row.state == pytest.approx(house.truth(quantity, row.start + HOUR), abs=within), row.start
        assert [row.sum for row in rows] == sorted(row.sum for row in rows)
        bases = {round(row.state - row.sum) for row in rows}
        assert len(bases) == 1  # so a row's sum rises by what its state rises

        five = await running.rows(quantity, "5minute")
        for row in five:
            if (showed := running.five_minutes[quantity].get(row.start)) is not None:
                assert row.state == pytest.approx(showed, abs=within), row.start
        assert {round(row.state - row.sum) for row in five} == bases


async def row_of(running: Home, quantity: str, start: datetime) -> tuple[float, float]:
    """Return the state and sum of an hour."""
    ((state, total),) = [(row.state, row.sum) for row in await running.rows(quantity) if row.start == start]
    return state, total


@contextmanager
def writes(recorder: Recorder) -> Generator[list[str]]:
    """Give the statements that change statistics meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("UPDATE statistics", "INSERT INTO statistics", "DELETE FROM statistics")):
            statements.append(statement)

    event.listen(recorder.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(recorder.engine, "before_cursor_execute", note)


@asynccontextmanager
async def held(running: Home, beginning: str) -> AsyncGenerator[threading.Event]:
    """Hold whoever executes a statement that begins so, until the end. Give what is set when it has come so far."""
    reached, go_on = threading.Event(), threading.Event()

    def hold(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(beginning) and not go_on.is_set():
            reached.set()
            assert go_on.wait(ENOUGH)

    event.listen(running.recorder.engine, "before_cursor_execute", hold)
    try:
        yield reached
    finally:
        go_on.set()
        await running.done()
        event.remove(running.recorder.engine, "before_cursor_execute", hold)


# The hours of a house.


class Days(NamedTuple):
    """Three days around a change of the clock, and a meter."""

    midnight: datetime
    hours: list[int]
    list_after: int
    optimism: float


AUTUMN = Days(datetime(2026, 10, 23, 22, tzinfo=UTC), [24, 25, 24], 20, 0.97)
SPRING = Days(datetime(2027, 3, 26, 23, tzinfo=UTC), [24, 23, 24], 5, 1.04)


@pytest.mark.parametrize("days", [AUTUMN, SPRING], ids=["autumn", "spring"])
async def test_days_around_a_change_of_the_clock(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, days: Days
) -> None:
    start = days.midnight - 3 * HOUR
    freezer.move_to(start + timedelta(minutes=20))
    house = House(start, timedelta(seconds=days.list_after), days.optimism)
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(days.midnight + sum(days.hours) * HOUR)
        await check(running)

        # It is not the recorder that knew.
        ends = [
            (row.state, running.five_minutes[IMPORT][row.start + HOUR - FIVE_MINUTES])
            for row in await running.rows(IMPORT)
        ]
        assert sum(abs(exact - showed) > 5 for exact, showed in ends) > 40

        for quantity in QUANTITIES:
            at = days.midnight
            changes = {row["start"]: row["change"] for row in await running.statistics(quantity, "day")}
            for length in days.hours:
                used = house.truth(quantity, at + length * HOUR) - house.truth(quantity, at)
                assert changes[at.timestamp()] == pytest.approx(used, abs=0.001)
                at += length * HOUR

        with writes(running.recorder) as statements:
            await running.settle(start)
        assert statements == []


async def test_first_hours(freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House) -> None:
    house.ledger[IMPORT][START - HOUR] = house.truth(IMPORT, START) - 500  # known, from before there was a sensor
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR)
        await check(running)
        rows = await running.rows(IMPORT)
        assert [row.start for row in rows] == [START + n * HOUR for n in (1, 2, 3)]
        # The sensor first showed the register of the full hour, so even the first row is a whole hour's.
        assert rows[0].sum == house.truth(IMPORT, START + 2 * HOUR) - house.truth(IMPORT, START + HOUR)


async def test_list_that_does_not_come(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR)
        running.lists = False
        await running.live(START + 5 * HOUR)
        before, _ = await row_of(running, IMPORT, START + 4 * HOUR)
        assert before == running.five_minutes[IMPORT][START + 5 * HOUR - FIVE_MINUTES]  # the recorder's own
        running.lists = True
        await running.live(START + 6 * HOUR)
        assert house.estimated == {START + n * HOUR for n in (3, 4, 5)}
        await check(running)


async def test_hour_that_is_never_known(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR)
        running.lists = False
        await running.live(START + 5 * HOUR)
        unknown, known = START + 3 * HOUR, START + 4 * HOUR
        own = await row_of(running, IMPORT, unknown)
        # The sensor had shown a little too much at its end: more than the register an hour later.
        for ledger in house.ledger.values():
            ledger.clear()
        house.ledger[IMPORT][known] = round(own[0]) - 2
        await running.settle(known)
        assert await row_of(running, IMPORT, unknown) == own
        assert await row_of(running, IMPORT, known) == own  # nothing falls
        with writes(running.recorder) as statements:
            await running.settle(known)
        assert statements == []


async def test_hour_that_is_never_known_before_an_outage(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR - FIVE_MINUTES)
        running.connected = False
        running.show()
        await running.live(START + 6 * HOUR)
        own = await row_of(running, IMPORT, START + 3 * HOUR)
        running.connected = True
        running.lists = False
        house.wake(dt_util.utcnow())
        await running.live(START + 7 * HOUR)
        assert [row.start for row in await running.rows(IMPORT)] == [START + n * HOUR for n in (1, 2, 3, 6)]
        house.ledger[IMPORT][START + 4 * HOUR] = round(own[0]) - 2
        await running.settle(START + 4 * HOUR)
        assert await row_of(running, IMPORT, START + 4 * HOUR) == own


async def test_hour_that_is_settled_again_much_later(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR)
        freezer.move_to(START + 100 * HOUR)
        hour = START + 2 * HOUR
        state, total = await row_of(running, IMPORT, hour)
        house.ledger[IMPORT][hour] -= 1
        await running.settle(hour)
        assert await row_of(running, IMPORT, hour) == (state - 1, total - 1)


async def test_hour_that_is_settled_while_others_are_corrected(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR)
        freezer.move_to(START + 100 * HOUR)
        hour = START + 2 * HOUR
        state, _ = await row_of(running, IMPORT, hour)
        assert running.exact is not None
        async with held(running, "SELECT statistics.") as reached:
            running.exact.settled(START + 99 * HOUR)
            assert await running.hass.async_add_executor_job(reached.wait, ENOUGH)
            house.ledger[IMPORT][hour] -= 1
            running.exact.settled(hour)
        assert (await row_of(running, IMPORT, hour))[0] == state - 1


# Outages.


@pytest.mark.parametrize("enable_missing_statistics", [True])
@pytest.mark.parametrize("list_after", [5, 40])
async def test_restart_and_five_hours_down(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House, list_after: int
) -> None:
    house.list_after = timedelta(seconds=list_after)
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR + timedelta(minutes=20))
    freezer.move_to(START + 4 * HOUR + timedelta(minutes=28))
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 7 * HOUR + timedelta(minutes=35))
        await check_settled(running)
    freezer.move_to(START + 12 * HOUR + timedelta(minutes=37))
    async with home(house, freezer, async_test_recorder) as running:
        # The recorder has made rows of the hours in which it was not there, as if nothing had been used.
        flat = {(await row_of(running, IMPORT, START + n * HOUR))[0] for n in (7, 8, 9, 10, 11)}
        assert flat == {house.shown[IMPORT]}
        await running.live(START + 15 * HOUR)
        assert house.estimated == {START + n * HOUR for n in (7, 8, 9, 10, 11, 12)}
        await check(running)
        used = [row["change"] or 0 for row in await running.statistics(IMPORT)]
        share = (house.truth(IMPORT, START + 13 * HOUR) - house.truth(IMPORT, START + 7 * HOUR)) / 6
        assert used[6:12] == pytest.approx([share] * 6, abs=1)


@pytest.mark.parametrize("enable_missing_statistics", [True])
async def test_hour_that_is_settled_just_before_a_restart(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR)
        running.lists = False
        await running.live(START + 4 * HOUR)
        house.read(START + 4 * HOUR)
    freezer.move_to(START + 4 * HOUR + timedelta(minutes=3))
    async with home(house, freezer, async_test_recorder) as running:
        await check(running)


async def check_settled(running: Home) -> None:
    """See that the settled hours are right, before a restart has them all settled."""
    for quantity in QUANTITIES:
        for row in await running.rows(quantity):
            assert row.state == running.house.truth(quantity, row.start + HOUR)


@pytest.mark.parametrize("lists", [True, False])
async def test_meter_that_is_not_heard_for_so_long_that_the_recorder_begins_anew(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House, lists: bool
) -> None:
    """It has thrown away the rows that it would go on from: no bar of all energy ever counted comes of that."""
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR + timedelta(minutes=20))
        await silent_and_purged(running, START + 303 * HOUR + timedelta(minutes=20))
        if not lists:
            running.lists = False
            await running.live(START + 306 * HOUR)
            assert (await row_of(running, IMPORT, START + 305 * HOUR))[1] < 10_000  # the recorder's own
            running.lists = True
        await running.live(START + 308 * HOUR)
        assert len(await running.rows(IMPORT)) == 307
        await check(running)
        with writes(running.recorder) as statements:
            await running.settle(START)
        assert statements == []


async def silent_and_purged(running: Home, until: datetime) -> None:
    """Have the meter be unheard until then, and the recorder throw away old rows in the meantime."""
    running.connected = False
    running.show()
    await running.done()
    running.freezer.move_to(until)
    await running.hass.services.async_call("recorder", "purge", {"keep_days": 10}, blocking=True)
    await running.done()
    assert await running.rows(IMPORT, "5minute") == []
    running.connected = True
    running.house.wake(dt_util.utcnow())
    running.show()


@pytest.mark.parametrize("hour", [150, 302])
async def test_sums_that_begin_anew_where_an_hour_is_not_known(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House, hour: int
) -> None:
    """Another count may have begun meanwhile: the sums stay as the recorder has them."""
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR + timedelta(minutes=20))
        await silent_and_purged(running, START + 303 * HOUR + timedelta(minutes=20))
        await running.live(START + 303 * HOUR + timedelta(minutes=50))
        house.read(START + 304 * HOUR)
        for ledger in house.ledger.values():
            del ledger[START + hour * HOUR]
        await running.live(START + 306 * HOUR)
        rows = await running.rows(IMPORT)
        assert [row.start for row in rows] == [START + n * HOUR for n in (1, 2, 303, 304, 305)]
        assert len({round(row.state - row.sum) for row in rows}) == 2


@pytest.mark.parametrize("hours", [3, 60])
async def test_meter_that_is_not_heard(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House, hours: int
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR + timedelta(minutes=20))
        running.connected = False
        running.show()
        await running.live(START + 4 * HOUR)
        freezer.move_to(START + (3 + hours) * HOUR)  # an unavailable sensor gives the recorder nothing to do
        await running.live(START + (3 + hours) * HOUR + timedelta(minutes=20))
        assert [row.start for row in await running.rows(IMPORT)] == [START + n * HOUR for n in (1, 2, 3)]
        running.connected = True
        house.wake(dt_util.utcnow())
        await running.live(START + (5 + hours) * HOUR)
        assert len(house.estimated) == hours + 1
        assert len(await running.rows(IMPORT)) == hours + 4
        await check(running)


async def test_row_is_never_there_before_the_recorders(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    house.list_after = timedelta(seconds=5)
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR - FIVE_MINUTES)
        hour = START + 3 * HOUR
        freezer.move_to(hour + timedelta(seconds=5))
        house.see(hour)
        first = house.read(hour)
        assert first is not None
        await running.settle(first)
        await running.settle(START)
        assert [row.start for row in await running.rows(IMPORT)] == [START + HOUR]
        freezer.move_to(hour + timedelta(seconds=10))
        running.compile()
        await running.done()
        await running.live(START + 4 * HOUR)
        await check(running)


# What the user does.


@pytest.mark.parametrize("unit", ["Wh", "MWh", "GJ"])
async def test_unit_that_the_user_chose_first(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House, unit: str
) -> None:
    def prepare(hass: HomeAssistant) -> None:
        registry = er.async_get(hass)
        for quantity in QUANTITIES:
            one = registry.async_get_or_create("sensor", DOMAIN, unique_id(quantity))
            registry.async_update_entity_options(one.entity_id, "sensor", {"unit_of_measurement": unit})

    async with home(house, freezer, async_test_recorder, prepare=prepare) as running:
        await running.live(START + 6 * HOUR)
        assert await metadata(running) == {
            running.entity_id(quantity): (unit, "energy", StatisticMeanType.NONE, True) for quantity in QUANTITIES
        }
        await check(running, within=1)


async def metadata(running: Home) -> dict[str, tuple[Any, ...]]:
    """Return what the recorder knows of the statistics."""
    found = await running.recorder.async_add_executor_job(list_statistic_ids, running.hass)
    return {
        one["statistic_id"]: (
            one["statistics_unit_of_measurement"],
            one["unit_class"],
            one["mean_type"],
            one["has_sum"],
        )
        for one in found
    }


async def test_unit_that_the_user_changes(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR)
        # The sensor's.
        er.async_get(running.hass).async_update_entity_options(
            running.entity_id(IMPORT), "sensor", {"unit_of_measurement": "MWh"}
        )
        await running.live(START + 5 * HOUR)
        await check(running)
        # The statistics'.
        await async_change_statistics_unit(
            running.hass,
            running.entity_id(IMPORT),
            new_unit_of_measurement="GJ",
            old_unit_of_measurement="kWh",
        )
        await running.live(START + 7 * HOUR)
        assert (await metadata(running))[running.entity_id(IMPORT)] == ("GJ", "energy", StatisticMeanType.NONE, True)
        await check(running, within=0.01)


async def test_unit_that_is_none_of_energy(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR)
        entity_id = running.entity_id(IMPORT)
        running.recorder.async_update_statistics_metadata(entity_id, new_unit_class=None, new_unit_of_measurement="EUR")
        house.ledger[IMPORT][START + 2 * HOUR] -= 1
        with writes(running.recorder) as statements:
            await running.settle(START + 2 * HOUR)
        assert [statement for statement in statements if "statistics_meta" not in statement] == []


async def test_entity_that_is_renamed(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR - FIVE_MINUTES)
        er.async_get(running.hass).async_update_entity(running.entity_id(IMPORT), new_entity_id="sensor.from_the_grid")
        await running.live(START + 5 * HOUR)
        assert set(await metadata(running)) == {"sensor.from_the_grid", running.entity_id(EXPORT)}
        await check(running)


async def test_entity_that_is_renamed_while_it_is_corrected(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR)
        hour = START + 2 * HOUR
        freezer.move_to(START + 100 * HOUR)
        state, _ = await row_of(running, IMPORT, hour)
        house.ledger[IMPORT][hour] -= 1
        async with held(running, "SELECT statistics.") as reached:
            assert running.exact is not None
            running.exact.settled(hour)
            assert await running.hass.async_add_executor_job(reached.wait, ENOUGH)
            er.async_get(running.hass).async_update_entity(running.entity_id(IMPORT), new_entity_id="sensor.renamed")
        assert set(await metadata(running)) == {"sensor.renamed", running.entity_id(EXPORT)}
        await running.settle(START + 5 * HOUR)
        assert (await row_of(running, IMPORT, hour))[0] == state - 1


async def test_entity_that_is_disabled_for_days(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR + timedelta(minutes=20))
        registry = er.async_get(running.hass)
        registry.async_update_entity(running.entity_id(IMPORT), disabled_by=er.RegistryEntryDisabler.USER)
        for hour in range(4, 57):
            await running.live(START + hour * HOUR)
            # There is nothing to see in the long run of it but that the meter goes on.
            freezer.move_to(START + hour * HOUR + timedelta(minutes=55))
        assert [row.start for row in await running.rows(IMPORT)] == [START + n * HOUR for n in (1, 2, 3)]
        registry.async_update_entity(running.entity_id(IMPORT), disabled_by=None)
        freezer.tick(RELOAD_AFTER_UPDATE_DELAY + 1)
        await running.done()
        await running.live(START + 59 * HOUR)
        assert len(await running.rows(IMPORT)) == 58
        await check(running)


async def test_sums_that_the_user_adjusts(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR)
        _, before = await row_of(running, IMPORT, START + 2 * HOUR)
        running.recorder.async_adjust_statistics(running.entity_id(IMPORT), START + 3 * HOUR, 100, "kWh")
        await running.live(START + 6 * HOUR)
        _, after = await row_of(running, IMPORT, START + 5 * HOUR)
        used = house.truth(IMPORT, START + 6 * HOUR) - house.truth(IMPORT, START + 3 * HOUR)
        assert after - before == used + 100_000
        for row in await running.rows(IMPORT):
            assert row.state == house.truth(IMPORT, row.start + HOUR)


async def test_sums_that_the_user_adjusts_after_an_outage(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR + timedelta(minutes=20))
        running.connected = False
        running.show()
        await running.live(START + 6 * HOUR + timedelta(minutes=20))
        running.connected = True
        house.wake(dt_util.utcnow())
        running.lists = False
        await running.live(START + 7 * HOUR)
        running.recorder.async_adjust_statistics(running.entity_id(IMPORT), START + 6 * HOUR, -1, "kWh")
        running.lists = True
        await running.live(START + 8 * HOUR)
        # What the sums were adjusted for may be just what is missing.
        rows = await running.rows(IMPORT)
        assert [row.start for row in rows] == [START + n * HOUR for n in (1, 2, 3, 6, 7)]
        assert [row.state for row in rows] == [house.ledger[IMPORT][row.start] for row in rows]


async def test_history_from_elsewhere_is_not_touched(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR + timedelta(minutes=20))
        running.connected = False
        running.show()
        await running.live(START + 6 * HOUR + timedelta(minutes=20))
        imported = {START + n * HOUR: float(n) for n in (-6, -5, -3, 4)}
        async_import_statistics(
            running.hass,
            {
                "mean_type": StatisticMeanType.NONE,
                "has_sum": True,
                "name": None,
                "source": "recorder",
                "statistic_id": running.entity_id(IMPORT),
                "unit_class": "energy",
                "unit_of_measurement": "kWh",
            },
            [StatisticData(start=start, sum=total) for start, total in imported.items()],
        )
        for n in range(-6, 1):
            house.ledger[IMPORT][START + n * HOUR] = house.truth(IMPORT, START) + 1000 * n
        running.connected = True
        house.wake(dt_util.utcnow())
        await running.live(START + 8 * HOUR)
        await running.settle(START - 6 * HOUR)
        found = {dt_util.utc_from_timestamp(row["start"]): row for row in await running.statistics(IMPORT)}
        stateless = {start: row["sum"] for start, row in found.items() if row["state"] is None}
        assert stateless == {start: total * 1000 for start, total in imported.items()}
        assert found.keys() - imported.keys() == {START + n * HOUR for n in (1, 2, 3, 6, 7)}


# The recorder.


async def test_no_recorder(freezer: FrozenDateTimeFactory, house: House) -> None:
    async with home(house, freezer, None) as running:
        await running.live(START + 3 * HOUR)
        assert running.exact is not None
        await running.exact.correct()


async def test_entity_that_is_not_recorded(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    exclude = {"exclude": {"entities": ["sensor.energy_import"]}}
    async with home(house, freezer, async_test_recorder, config=exclude) as running:
        await running.live(START + 4 * HOUR)
        assert await running.statistics(IMPORT) == []
        assert [row.state for row in await running.rows(EXPORT)] == [
            house.truth(EXPORT, START + n * HOUR) for n in (2, 3, 4)
        ]


async def test_entity_that_is_not_there_yet(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR)
        registry = er.async_get(running.hass)
        for quantity in QUANTITIES:
            registry.async_remove(running.entity_id(quantity))
        with writes(running.recorder) as statements:
            await running.settle(START)
        assert statements == []


@dataclass(slots=True)
class Hold(RecorderTask):
    """Keeps the recorder busy."""

    until: threading.Event = field(default_factory=threading.Event)

    @override
    def run(self, instance: Recorder) -> None:
        """Wait."""
        assert self.until.wait(ENOUGH)


async def test_slow_recorder(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR - FIVE_MINUTES)
        hold = Hold()
        running.recorder.queue_task(hold)
        running.waits = False
        await running.live(START + 6 * HOUR)
        assert [row.start for row in await running.rows(IMPORT)] == [START + HOUR]
        hold.until.set()
        running.waits = True
        await running.done()
        await check(running)


async def test_recorder_that_is_still_busy_when_the_integration_goes(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR)
        hold = Hold()
        running.recorder.queue_task(hold)
        assert running.exact is not None
        running.exact.settled(START)
        assert await running.hass.config_entries.async_unload(running.entry.entry_id)
        await running.hass.async_block_till_done(wait_background_tasks=True)
        hold.until.set()
        await running.done()


async def test_rows_that_are_told_of_before_they_are_there(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    # Were these events recorded, they would be in the recorder's queue themselves, and it not seem to be idle.
    events = [EVENT_RECORDER_5MIN_STATISTICS_GENERATED, EVENT_RECORDER_HOURLY_STATISTICS_GENERATED]
    config = {"exclude": {"event_types": events}}
    async with home(house, freezer, async_test_recorder, config=config) as running:
        hour = START + 4 * HOUR
        await running.live(hour - FIVE_MINUTES)
        house.see(hour)
        house.read(hour)
        freezer.move_to(hour + timedelta(seconds=10))
        async with held(running, "INSERT INTO statistics ") as reached:
            running.compile()
            assert await running.hass.async_add_executor_job(reached.wait, ENOUGH)
            # Who reads as soon as he is told sees nothing yet.
            await running.hass.async_block_till_done()
            assert len(await running.rows(IMPORT)) == 2
            await running.hass.async_block_till_done()
        assert (await row_of(running, IMPORT, START + 3 * HOUR))[0] == house.truth(IMPORT, START + 4 * HOUR)


async def test_database_that_cannot_be_read_for_a_while(
    freezer: FrozenDateTimeFactory,
    async_test_recorder: RecorderStarter,
    house: House,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 4 * HOUR)
        hour = START + 2 * HOUR
        state, _ = await row_of(running, IMPORT, hour)
        freezer.move_to(START + 100 * HOUR)

        def rename(old: str, new: str) -> None:
            with session_scope(hass=running.hass) as session:
                session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

        await running.recorder.async_add_executor_job(rename, "statistics", "elsewhere")
        house.ledger[IMPORT][hour] -= 1
        await running.settle(hour)
        own = {"homeassistant.helpers.recorder", "homeassistant.components.recorder.util"}
        assert {record.name for record in caplog.records} == own  # the recorder's reports
        caplog.clear()
        await running.recorder.async_add_executor_job(rename, "elsewhere", "statistics")
        await running.settle(START + 5 * HOUR)
        assert (await row_of(running, IMPORT, hour))[0] == state - 1


async def test_five_minute_rows_are_the_recorders_alone(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    async with home(house, freezer, async_test_recorder) as running:
        await running.live(START + 3 * HOUR - FIVE_MINUTES)
        running.lists = False
        await running.live(START + 3 * HOUR)
        before = await running.stored(StatisticsShortTerm)
        hourly = await running.stored(Statistics)
        first = house.read(START + 3 * HOUR)
        assert first is not None
        await running.settle(first)
        assert await running.stored(StatisticsShortTerm) == before
        assert await running.stored(Statistics) != hourly
