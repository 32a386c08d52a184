"""A year of readings in a real recorder: the hours of each period sum up to the difference of its readings."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.statistics import async_list_statistic_ids
import pytest

from custom_components.han_port.ledger.capacity import OSLO

from .hand_home import BEGIN, HOUR, START, Home, House, RecorderStarter, Row, entry_data, home, oslo


def sum_of(rows: list[Row], start: datetime, end: datetime) -> float:
    """Return what the hours between two full hours have, in Wh."""
    return sum(row.change for row in rows if start <= row.start < end)


def by_start(rows: list[Row]) -> dict[datetime, float]:
    """Return what each hour has, in Wh."""
    return {row.start: round(row.change, 2) for row in rows}


async def a_year(running: Home) -> list[tuple[datetime, float]]:
    """Read the meter on the first of each month at midnight, and once more; return the readings."""
    random = Random(1)
    readings = [(START, BEGIN)]
    register = BEGIN
    for number in range(1, 13):
        at = oslo(2026 + number // 12, number % 12 + 1, 1)
        register += random.randrange(700_000, 1_900_000) / 1000
        await running.go_to(at + timedelta(hours=9, minutes=3))
        response = await running.submit(reading=register, at=at.isoformat())
        assert response["use"] == pytest.approx(register - readings[-1][1])
        readings.append((at, register))
    return readings


@pytest.mark.parametrize("profile", ["flat", "monthly"])
async def test_each_period_has_the_difference_of_its_readings(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House, profile: str
) -> None:
    """To the Wh, over both changes of the clock, and the energy dashboard's days are those of the Norwegian clock."""
    house.data = entry_data(profile=profile)
    async with home(house, freezer, async_test_recorder, START + HOUR) as running:
        readings = await a_year(running)
        rows = await running.check()
        for (start, before), (end, after) in pairwise(readings):
            first = start.replace(minute=0)
            assert sum_of(rows, first, end) == pytest.approx((after - before) * 1000, abs=0.01)
        days: dict[str, int] = {}
        for row in rows:
            day = row.start.astimezone(OSLO).date().isoformat()
            days[day] = days.get(day, 0) + 1
        assert (days["2026-03-29"], days["2026-10-25"], days["2026-06-01"]) == (23, 25, 24)
        assert len(await running.rows("day")) == len(days)
        assert min(row.change for row in rows) >= 0
        assert running.shown("expected_use") == pytest.approx(readings[-1][1] - BEGIN, rel=0.02)
        assert running.state("expected_use").attributes["learned"] is True


async def test_late_and_corrected_readings_rewrite_their_periods_alone(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """All other hours stay as they are, and all sums fit."""
    async with home(house, freezer, async_test_recorder, START + HOUR) as running:
        readings = await a_year(running)
        before = by_start(await running.check())

        late = oslo(2026, 5, 10, 8)
        reading = readings[4][1] + 0.2 * (readings[5][1] - readings[4][1])
        response = await running.submit(reading=reading, at=late.isoformat())
        after = by_start(await running.check())
        changed = [start for start in before if before[start] != after[start]]
        assert readings[4][0] <= changed[0] < changed[-1] < readings[5][0]
        assert response["hours_rewritten"] == (readings[5][0] - readings[4][0]) // HOUR

        response = await running.submit(what="correct", reading=readings[8][1] - 100, at=readings[8][0].isoformat())
        again = by_start(await running.check())
        changed = [start for start in before if after[start] != again[start]]
        assert readings[7][0] <= changed[0] < changed[-1] < readings[9][0]
        assert response["hours_rewritten"] == (readings[9][0] - readings[7][0]) // HOUR

        await running.submit(what="correct", reading=readings[8][1], at=readings[8][0].isoformat())
        await running.submit(what="remove", at=late.isoformat())
        assert by_start(await running.check()) == before


async def test_hours_of_months_are_there_at_once(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """A first reading of half a year ago, and the energy dashboard has it all with the recorder's next row."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 7, 1, 10, 2)) as running:
        rows = await running.check()
        assert len(rows) > 4300
        assert rows[0].start == START.replace(minute=0)
        statistic_id = running.entity_id("meter_reading")
        found = await async_list_statistic_ids(
            running.hass, statistic_type="sum"
        )  # of which the dashboard's are chosen
        assert [one["statistics_unit_of_measurement"] for one in found if one["statistic_id"] == statistic_id] == [
            "kWh"
        ]
        await running.live(oslo(2026, 7, 1, 12, 10))
        await running.check()


async def test_a_restart_keeps_all(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """Readings, rows and what is shown; and the hours of a time without Home Assistant are there afterwards."""
    async with home(house, freezer, async_test_recorder, START + HOUR) as running:
        await running.go_to(oslo(2026, 2, 1, 9))
        await running.submit(reading=BEGIN + 1300)
        await running.live(oslo(2026, 2, 1, 11))
        shown = running.shown("meter_reading")
        before = by_start(await running.check())
        readings = running.home.meter.readings
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 1, 11, 1)) as running:
        assert running.home.meter.readings == readings
        assert running.shown("meter_reading") == pytest.approx(shown, abs=0.1)
        assert running.shown("meter_reading") >= shown
        assert by_start(await running.rows()) == before
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 20, 11, 1)) as running:
        await running.compile()
        after = by_start(await running.check())
        assert {start: after[start] for start in before} == before


async def test_the_first_reading_may_be_moved(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """An earlier one puts hours before it, and with a later one those before it are gone. Sums begin at nought."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 1, 9)) as running:
        await running.compile()
        before = by_start(await running.check())
        earlier = oslo(2025, 12, 1)
        await running.submit(reading=BEGIN - 1500, at=earlier.isoformat())
        rows = await running.check()
        assert rows[0].start == earlier
        await running.submit(what="remove", at=earlier.isoformat())
        assert by_start(await running.check()) == before
        await running.submit(
            what="correct", reading=BEGIN + 30, at=START.isoformat(), new_at=oslo(2026, 1, 3, 7).isoformat()
        )
        rows = await running.check()
        assert rows[0].start == oslo(2026, 1, 3, 7)
        await running.live(oslo(2026, 2, 1, 10, 5))
        await running.check()
