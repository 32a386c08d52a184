"""What a person sees of a meter that is read by hand, from one reading to the next."""

from datetime import timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
import voluptuous as vol

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.diagnostics import async_get_config_entry_diagnostics
from tests.test_actions import LANGUAGES

from .hand_home import BEGIN, ENTRY_ID, FIVE_MINUTES, HOUR, START, House, RecorderStarter, entry_data, home, oslo


async def test_the_reading_rises_with_time(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """Each five minutes, with the profile; the recorder's own rows get what the hours have."""
    async with home(house, freezer, async_test_recorder, START + FIVE_MINUTES) as running:
        values = []
        for number in range(1, 7):
            await running.live(START + number * HOUR)
            values.append(running.shown("meter_reading"))
            await running.check()
        assert values == sorted(set(values))
        assert running.shown("use_since_reading") == pytest.approx(values[-1] - BEGIN)
        register = running.home.meter.register_at(START + 6 * HOUR)
        assert register is not None
        assert values[-1] * 1000 == pytest.approx(register, abs=1 + 16_000_000 / 8760 / 60)
        assert running.state("meter_reading").attributes["state_class"] == "total_increasing"
        assert running.shown("last_reading") == BEGIN
        assert running.state("last_reading").attributes["at"] == START.isoformat()
        (device,) = dr.async_entries_for_config_entry(dr.async_get(running.hass), ENTRY_ID)
        assert (device.name, device.manufacturer, device.model) == ("Cabin", None, "Meter that is read by hand")


async def test_a_reading_below_the_estimate(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """The sensor stands still until the truth has caught up; the hours have the truth at once, and none is negative."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 20, 10, 2)) as running:
        await running.compile()
        shown = running.shown("meter_reading")
        await running.submit(reading=shown - 5)
        assert running.shown("meter_reading") == shown
        assert running.shown("use_since_reading") == 0
        rows = await running.check()
        assert min(row.change for row in rows) >= 0
        await running.live(oslo(2026, 1, 20, 11, 10))
        assert running.shown("meter_reading") == shown
        await running.check()
        await running.live(oslo(2026, 1, 20, 13, 10))
        assert running.shown("meter_reading") > shown
        rows = await running.check()
        assert rows[-1].change > 0
    # It does not fall over a restart either.
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 20, 13, 12)) as running:
        await running.submit(reading=(before := running.shown("meter_reading")) - 2)
        assert running.shown("meter_reading") == before
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 20, 13, 20)) as running:
        assert running.shown("meter_reading") == before


async def test_a_reading_above_the_estimate(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """The sensor is there at once, and the hours of the period share what was more."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 20, 10, 2)) as running:
        await running.live(oslo(2026, 1, 20, 11, 10))
        await running.type_in(reading := round(running.shown("meter_reading") + 200, 3))
        assert running.shown("meter_reading") == reading
        assert running.shown("last_reading") == reading
        assert float(running.state("reading", Platform.NUMBER).state) == reading
        await running.live(oslo(2026, 1, 20, 12, 10))
        rows = await running.check()
        assert max(row.change for row in rows) < 10_000


async def test_a_first_reading_with_a_digit_too_many_in_front(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """When it is put right the sensor falls, rather than stand still for years; no hour is negative."""
    house.data = entry_data(first_reading=81_234)
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 20, 10, 2)) as running:
        await running.live(oslo(2026, 1, 20, 11, 10))
        await running.submit(what="correct", reading=1_234, at=START.isoformat())
        assert 1_234 < running.shown("meter_reading") < 3_000
        await running.live(oslo(2026, 1, 20, 12, 10))
        rows = await running.check()
        assert min(row.change for row in rows) >= 0


async def test_the_reminder(freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House) -> None:
    """It comes when a reading is due, by itself, and goes with the reading."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 31, 22)) as running:
        assert running.state("next_reading_due").state == oslo(2026, 2, 1).isoformat()
        assert running.state("reading_due", Platform.BINARY_SENSOR).state == "off"
        assert running.issues() == set()
        await running.live(oslo(2026, 2, 1, 0, 10))
        assert running.state("reading_due", Platform.BINARY_SENSOR).state == "on"
        assert running.issues() == {"reading_due"}
        await running.reload()
        assert running.issues() == {"reading_due"}
        await running.submit(reading=BEGIN + 1200)
        assert running.state("reading_due", Platform.BINARY_SENSOR).state == "off"
        assert running.state("next_reading_due").state == oslo(2026, 3, 1).isoformat()
        assert running.issues() == set()
        await running.go_to(oslo(2026, 3, 2, 10))
        assert running.issues() == {"reading_due"}
        await running.hass.config_entries.async_remove(ENTRY_ID)
        await running.done()
        assert running.issues() == set()
        assert not house.file.exists()


async def test_who_uses_little_reads_once_a_year(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """At year end."""
    house.data = entry_data(expected=7_999, every=3)
    async with home(house, freezer, async_test_recorder, oslo(2026, 6, 1)) as running:
        assert running.state("next_reading_due").state == oslo(2027, 1, 1).isoformat()


async def test_the_response(freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House) -> None:
    """What was used, what had been expected, and when to read next."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 1, 10, 2)) as running:
        expected = running.shown("use_since_reading")
        response = await running.submit(reading=BEGIN + 1200.5, at="2026-02-01 10:00:00")
        assert response["use"] == 1200.5
        assert response["expected"] == pytest.approx(expected, abs=1)
        assert response["expected_a_year"] == 16_000
        assert response["next_reading_due"] == "2026-03-01T00:00:00+01:00"
        assert response["hours_rewritten"] == (oslo(2026, 2, 1, 10) - START.replace(minute=0)) // HOUR
        assert running.home.meter.last.at == oslo(2026, 2, 1, 10)


WRONG: list[tuple[dict[str, Any], str | None]] = [
    ({"reading": BEGIN + 1, "at": "2026-02-01 10:03:00"}, "reading_future"),
    ({"reading": BEGIN - 1}, "reading_below"),
    ({"reading": BEGIN + 20_000}, "reading_absurd"),
    ({"reading": -1}, "reading_negative"),
    ({"reading": 100_000}, "reading_digits"),
    ({"reading": BEGIN, "at": START.isoformat()}, None),
    ({"reading": BEGIN + 5, "at": START.isoformat()}, "reading_same_time"),
    ({"reading": 5, "at": "1989-12-31 12:00:00"}, "reading_too_old"),
    ({}, "reading_missing"),
    ({"what": "correct", "reading": BEGIN}, "reading_time_missing"),
    ({"what": "remove"}, "reading_time_missing"),
    ({"what": "correct", "reading": BEGIN, "at": "2026-01-05 10:00:00"}, "reading_unknown"),
    ({"what": "remove", "at": START.isoformat()}, "reading_only_one"),
]


async def test_wrong_readings_change_nothing(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """Each has a message of its own, in every language."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 1, 10, 2)) as running:
        await running.compile()
        rows, readings, kept = await running.check(), running.home.meter.readings, house.file.read_bytes()
        for about, key in WRONG:
            if key is None:
                assert (await running.submit(**about))["hours_rewritten"] == 0
            else:
                assert await running.refusal(**about) == key, about
        with pytest.raises(ServiceValidationError, match="kWh"):
            await running.type_in(BEGIN - 1)
        for number in ("nan", "inf", "a lot"):
            with pytest.raises(vol.Invalid):
                await running.submit(reading=number)
        assert await running.refusal("correct_peak", day="2026-01-31", correction="drop") == "peak_of_estimates"
        assert running.home.meter.readings == readings
        assert house.file.read_bytes() == kept
        assert await running.check() == rows
        response = await running.submit(reading=BEGIN + 20_000, confirmed=True)
        assert response["use"] == 20_000


async def test_digits_that_roll_over(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """The meter shows less, and the sensor goes on."""
    house.data = entry_data(first_reading=99_000)
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 1, 10, 2)) as running:
        response = await running.submit(reading=1100)
        assert response["use"] == 2100
        assert running.shown("meter_reading") == 101_100
        assert running.shown("last_reading") == 1100
        await running.compile()
        await running.check()


async def test_get_hours(freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House) -> None:
    """The estimated hours, by the action that gives those of other meters."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 3, 10, 2)) as running:
        response = await running.hass.services.async_call(
            DOMAIN,
            "get_hours",
            {"start": "2025-12-30 00:00:00", "end": "2026-01-04 00:00:00"},
            blocking=True,
            return_response=True,
        )
        assert isinstance(response, dict)
        assert json.loads(json.dumps(response)) == response
        assert response["estimated"] == (oslo(2026, 1, 3, 10) - START.replace(minute=0)) // HOUR
        assert response["missing"] == 0
        assert response["import"] == pytest.approx(running.shown("meter_reading") - BEGIN, abs=0.2)


async def test_diagnostics(freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House) -> None:
    """All that helps, and no målepunkt-ID."""
    house.data = entry_data(metering_point="707057500012345671")
    async with home(house, freezer, async_test_recorder, oslo(2026, 1, 3, 10, 2)) as running:
        told = await async_get_config_entry_diagnostics(running.hass, running.entry)
        text = json.dumps(told)
        assert "707057500012345671" not in text
        assert told["readings"] == [{"at": START.isoformat(), "register": 12_345_000}]
        assert len(told["hours"]) == 46


async def test_a_profile_of_ones_own(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """Another profile in the entry, and the hours follow it after the next start."""
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 10, 10, 2)) as running:
        await running.submit(reading=BEGIN + 1300, at=oslo(2026, 2, 1).isoformat())
        await running.compile()
        before = await running.check()
    house.data = entry_data(profile="csv", profile_csv="1;1\n2;3\n" + "".join(f"{month};1\n" for month in range(3, 13)))
    async with home(house, freezer, async_test_recorder, oslo(2026, 2, 10, 10, 8)) as running:
        await running.compile()
        after = await running.check()
        assert [row.change for row in after] != [row.change for row in before]
        assert sum(row.change for row in after[: (oslo(2026, 2, 1) - after[0].start) // HOUR]) == pytest.approx(
            1_300_000, abs=0.01
        )


async def test_an_entry_that_tells_nothing(
    freezer: FrozenDateTimeFactory, async_test_recorder: RecorderStarter, house: House
) -> None:
    """It says so."""
    house.data = entry_data(first_reading="twelve")
    async with home(house, freezer, async_test_recorder, START + timedelta(days=1)) as running:
        assert running.entry.state is ConfigEntryState.SETUP_ERROR
        assert running.entry.error_reason_translation_key == "no_reading"


def test_what_is_refused_is_said_in_every_language() -> None:
    """Each of them has its placeholders."""
    keys = {key for _, key in WRONG if key} | {
        "reading_needed",
        "reading_above",
        "reading_below_or_rolled",
        "read_by_hand",
    }
    assert len(LANGUAGES) == 5
    for texts in LANGUAGES.values():
        assert keys <= texts["exceptions"].keys()
