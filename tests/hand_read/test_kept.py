"""The file of the readings, whatever has happened to it: set-up goes on, it is said once, no history is rewritten."""

from datetime import timedelta
import json

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import entity_registry as er
import pytest

from .hand_home import BEGIN, HOUR, START, House, RecorderStarter, entry_data, home, oslo


@pytest.mark.parametrize("damage", [b"", b"no JSON", b"[]", b'{"version": 1, "data": {"meter": {}, "since": 1}}'])
async def test_a_damaged_file(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House, damage: bytes
) -> None:
    """It is set aside; the meter goes on from the last reading that is remembered, and the history stays."""
    async with home(house, freezer, async_test_recorder, START + HOUR) as running:
        await running.go_to(oslo(2026, 2, 1, 9))
        await running.submit(reading=BEGIN + 1000, at=oslo(2026, 1, 31, 18).isoformat())
        await running.live(oslo(2026, 2, 1, 11))
        before = await running.check()
        shown = running.shown("meter_reading")
    house.file.write_bytes(damage)
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 1, 11, 2)) as running:
        assert running.entry.state is ConfigEntryState.LOADED
        assert running.issues() >= {"readings_damaged"}
        aside = [path for path in house.file.parent.iterdir() if ".damaged." in path.name]
        assert [path.read_bytes() for path in aside] == [damage]
        assert [reading.register for reading in running.home.meter.readings] == [13_345_000]
        assert running.shown("meter_reading") >= shown
        await running.live(oslo(2026, 2, 1, 13, 10))
        after = await running.rows()
        assert [(row.start, round(row.change, 1)) for row in after[: len(before)]] == [
            (row.start, round(row.change, 1)) for row in before
        ]
        assert min(row.change for row in after) >= 0
        await running.submit(reading=BEGIN + 1100)
        assert (await running.rows())[-1].sum == pytest.approx(
            after[-1].sum + (await running.rows())[-1].state - after[-1].state, abs=0.1
        )
        aside[0].unlink()
        await running.reload()
        assert "readings_damaged" not in running.issues()


async def test_a_file_of_a_later_version(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """It is set aside under a name that says so."""
    async with home(house, freezer, async_test_recorder, START + HOUR):
        pass
    content = json.loads(house.file.read_text())
    content["data"]["meter"]["version"] = 99
    del content["data"]["check"]
    house.file.write_text(json.dumps(content))
    async with home(house, freezer, async_test_recorder, START + timedelta(days=1)) as running:
        assert running.entry.state is ConfigEntryState.LOADED
        assert [path.name for path in house.file.parent.iterdir() if ".later_version." in path.name]


async def test_another_number_of_digits(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """It is taken from the entry, as long as no reading has more."""
    found = []
    for number, digits in enumerate((5, 6, 4)):
        house.data = entry_data(digits=digits)
        async with home(house, freezer, async_test_recorder, START + (number + 1) * HOUR) as running:
            found.append(running.home.meter.digits)
    assert found == [5, 6, 5]


async def test_without_a_recorder_of_the_sensor(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """A sensor that is not to be recorded is not."""
    house.recorder = {"exclude": {"domains": ["sensor"]}}
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 1, 9)) as running:
        await running.compile()
        assert await running.rows() == []
        assert running.shown("meter_reading") > BEGIN


async def test_a_file_that_cannot_be_written(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """It is said as long as it is so; the reading counts all the same."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 1, 9)) as running:
        house.file.unlink()
        house.file.mkdir()
        await running.submit(reading=BEGIN + 1200)
        assert "readings_not_saved" in running.issues()
        assert running.shown("last_reading") == BEGIN + 1200
        house.file.rmdir()
        await running.go_to(oslo(2026, 2, 1, 10))
        await running.submit(reading=BEGIN + 1201)
        assert "readings_not_saved" not in running.issues()
        assert house.file.is_file()


async def test_another_unit_and_another_name(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """The user may have the sensor in MWh, and under another name: the hours go on."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 10, 9, 2)) as running:
        await running.live(oslo(2026, 1, 10, 10, 10))
        registry = er.async_get(running.hass)
        entity_id = running.entity_id("meter_reading")
        registry.async_update_entity_options(entity_id, "sensor", {"unit_of_measurement": "MWh"})
        await running.live(oslo(2026, 1, 10, 11, 10))
        assert running.shown("meter_reading") < 20
        await running.check()
        registry.async_update_entity(entity_id, new_entity_id="sensor.cottage")
        await running.live(oslo(2026, 1, 10, 12, 10))
        await running.submit(reading=BEGIN + 400)
        await running.check()


async def test_history_of_before(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """Rows that were there before the first reading stay, and the sum goes on from theirs."""
    start = START.replace(minute=0)
    earlier = start - 3 * HOUR
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 10, 9, 2)) as running:
        await running.live(oslo(2026, 1, 10, 10, 10))
        metadata: StatisticMetaData = {
            "mean_type": StatisticMeanType.NONE,
            "has_sum": True,
            "name": None,
            "source": "recorder",
            "statistic_id": running.entity_id("meter_reading"),
            "unit_class": "energy",
            "unit_of_measurement": "kWh",
        }
        other = [StatisticData(start=earlier + hour * HOUR, sum=100.0 + hour) for hour in range(3)]
        async_import_statistics(running.hass, metadata, other)
        await running.live(oslo(2026, 1, 10, 11, 10))
        rows = await running.rows()
        assert [row.sum for row in rows[:3]] == [100_000, 101_000, 102_000]
        used = running.home.hours(START, oslo(2026, 1, 10, 11))
        assert [row.change for row in rows[3:]] == pytest.approx([hour.imported for hour in used], abs=0.01)
        assert rows[-1].sum == pytest.approx(102_000 + sum(hour.imported or 0 for hour in used))
