"""What automations and people may ask of a meter, and what they are told where that cannot be done."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import service
from homeassistant.helpers.icon import async_get_icons
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.han_port.const import DOMAIN

from .conftest import (
    AIDON,
    OTHER_AIDON,
    Bridge,
    Time,
    complaints,
    entity,
    entry_for,
    set_up,
    shown,
    until,
)
from .hour_by_hour import CAPACITY, HOUR, Hours, hours as hours  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

LANGUAGES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parent.parent / "custom_components/han_port/translations").glob("*.json")
}
NINE = datetime(2026, 11, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)


async def ask(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    """Have an action done, and return its response."""
    response = await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)
    assert isinstance(response, dict)
    assert json.loads(json.dumps(response)) == response
    return response


async def refusal(hass: HomeAssistant, action: str, **data: Any) -> str:
    """Ask for what cannot be done; return the key of what is said, which can be read in every language."""
    with pytest.raises(ServiceValidationError) as refused:
        await ask(hass, action, **data)
    error = refused.value
    assert error.translation_domain == DOMAIN
    assert error.translation_key is not None
    about = error.translation_placeholders or {}
    said = {language: texts["exceptions"][error.translation_key]["message"] for language, texts in LANGUAGES.items()}
    assert len({text.format(**about) for text in said.values()}) == len(LANGUAGES) == 5
    assert all(f"{{{name}}}" in text for name in about for text in said.values())
    return error.translation_key


@pytest.fixture
async def meter(hass: HomeAssistant, bridge: Bridge, hours: Hours) -> MockConfigEntry:
    """Return the entry of a meter with a capacity tariff that has had a peak of 4 kWh on each of three days."""
    await hass.config.async_set_time_zone("Europe/Oslo")
    entry = await set_up(hass, entry_for(bridge.url, capacity=CAPACITY))
    for day in range(3):
        await hours.use(entry, NINE + day * DAY, 4000)
    return entry


# What there is.


async def test_they_are_described(hass: HomeAssistant) -> None:
    """As the developer tools and the automation editor show them."""
    assert await async_setup_component(hass, DOMAIN, {})
    actions = (await service.async_get_all_descriptions(hass))[DOMAIN]
    assert sorted(actions) == [
        "compare_hours",
        "correct_peak",
        "get_hours",
        "import_hours",
        "submit_reading",
        "undo_import",
    ]
    assert actions["correct_peak"]["response"] == {"optional": True}
    assert actions["get_hours"]["response"] == {"optional": False}
    for texts in LANGUAGES.values():
        assert texts["services"].keys() == actions.keys()
        for name, action in actions.items():
            told = texts["services"][name]
            assert told["name"]
            assert told["description"]
            assert told["fields"].keys() == action["fields"].keys()
            assert all(field["name"] and field["description"] for field in told["fields"].values())
        select = actions["correct_peak"]["fields"]["correction"]["selector"]["select"]
        assert list(texts["selector"][select["translation_key"]]["options"]) == select["options"]
    needed = {
        name: {key for key, field in action["fields"].items() if field.get("required")}
        for name, action in actions.items()
    }
    assert {name: keys for name, keys in needed.items() if keys} == {
        "compare_hours": {"path"},
        "correct_peak": {"day"},
        "get_hours": {"start", "end"},
        "import_hours": {"path"},
    }
    assert (await async_get_icons(hass, "services", [DOMAIN]))[DOMAIN].keys() == actions.keys()


async def test_they_are_there_without_a_meter(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert await refusal(hass, "correct_peak", day="2026-11-10", energy=1) == "no_meter_yet"
    assert await refusal(hass, "get_hours", start="2026-11-10 00:00:00", end="2026-11-11 00:00:00") == "no_meter_yet"


# Which meter.


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("correct_peak", {"day": "2026-11-10", "correction": "drop"}),
        ("get_hours", {"start": "2026-11-10 00:00:00", "end": "2026-11-11 00:00:00"}),
    ],
)
async def test_which_meter(
    hass: HomeAssistant, bridge: Bridge, meter: MockConfigEntry, action: str, data: dict[str, Any]
) -> None:
    """The only one need not be named; one that is disabled does not make two."""
    await ask(hass, action, **data)
    answer = await ask(hass, action, **data)
    assert await ask(hass, action, **data, config_entry=meter.entry_id) == answer
    other = await set_up(hass, entry_for(bridge.url, OTHER_AIDON, capacity=CAPACITY))
    assert await refusal(hass, action, **data) == "which_meter"
    assert (await ask(hass, action, **data, config_entry=other.entry_id)).keys() == answer.keys()
    assert await refusal(hass, action, **data, config_entry="none") == "no_such_meter"
    stranger = MockConfigEntry(domain="other")
    stranger.add_to_hass(hass)
    assert await refusal(hass, action, **data, config_entry=stranger.entry_id) == "no_such_meter"

    await hass.config_entries.async_set_disabled_by(other.entry_id, ConfigEntryDisabler.USER)
    assert await refusal(hass, action, **data, config_entry=other.entry_id) == "meter_not_loaded"
    await ask(hass, action, **data)


async def test_the_port_cannot_be_opened(hass: HomeAssistant, bridge: Bridge) -> None:
    await bridge.stop()
    entry = await set_up(hass, entry_for(bridge.url, capacity=CAPACITY))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert await refusal(hass, "correct_peak", day="2026-11-10", energy=1) == "meter_not_loaded"


# A day's peak.


def peak(day: int, energy: float, status: str = "measured") -> dict[str, Any]:
    """Return a peak of November, as responses have it."""
    start = None if status == "corrected" else f"2026-11-{day:02}T10:00:00+01:00"
    return {"day": f"2026-11-{day:02}", "start": start, "energy": energy, "status": status}


async def test_a_peak_is_set(hass: HomeAssistant, meter: MockConfigEntry) -> None:
    """It outlives a restart, and what was measured is known when it is taken back."""
    answer = await ask(hass, "correct_peak", day="2026-11-11", energy=8.5)
    assert answer == {
        "day": "2026-11-11",
        "before": peak(11, 4.0),
        "after": peak(11, 8.5, "corrected"),
        "peaks": [peak(11, 8.5, "corrected"), peak(10, 4.0), peak(12, 4.0)],
        "mean": 5.5,
        "step": answer["step"],
        "price": 420.0,
    }
    assert "5" in answer["step"]
    assert await hass.config_entries.async_reload(meter.entry_id)
    answer = await ask(hass, "correct_peak", day="2026-11-11", correction="take_back")
    assert answer["before"] == peak(11, 8.5, "corrected")
    assert answer["after"] == peak(11, 4.0)
    assert (answer["mean"], answer["price"]) == (4.0, 250.0)
    assert await refusal(hass, "correct_peak", day="2026-11-11", correction="take_back") == "nothing_to_take_back"


async def test_a_day_is_dropped(hass: HomeAssistant, meter: MockConfigEntry) -> None:
    assert meter.state is ConfigEntryState.LOADED
    answer = await ask(hass, "correct_peak", day="2026-11-10", correction="drop")
    assert (answer["before"], answer["after"]) == (peak(10, 4.0), None)
    assert answer["peaks"] == [peak(11, 4.0), peak(12, 4.0)]
    answer = await ask(hass, "correct_peak", day="2026-11-10", correction="set", energy=0)
    assert (answer["before"], answer["after"]) == (None, peak(10, 0, "corrected"))
    answer = await ask(hass, "correct_peak", day="2026-11-10", correction="take_back")
    assert answer["after"] == peak(10, 4.0)


async def test_a_day_of_another_month(hass: HomeAssistant, meter: MockConfigEntry) -> None:
    """Its own month is shown, of which nothing but this is known."""
    assert meter.state is ConfigEntryState.LOADED
    answer = await ask(hass, "correct_peak", day="2026-10-31", energy=1.234)
    assert answer["peaks"] == [{"day": "2026-10-31", "start": None, "energy": 1.234, "status": "corrected"}]
    assert (answer["mean"], answer["price"]) == (1.234, 150.0)
    answer = await ask(hass, "correct_peak", day="2026-10-31", correction="take_back")
    assert (answer["peaks"], answer["mean"], answer["step"], answer["price"]) == ([], None, None, None)


async def test_it_is_seen_at_once(hass: HomeAssistant, meter: MockConfigEntry) -> None:
    assert meter.state is ConfigEntryState.LOADED
    assert float(shown(hass, "month_peak_1")) == 4
    await hass.services.async_call(DOMAIN, "correct_peak", {"day": "2026-11-11", "energy": 8.5}, blocking=True)
    await hass.async_block_till_done()
    assert float(shown(hass, "month_peak_1")) == 8.5


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"day": "2026-11-13"}, "day_in_future"),
        ({"day": "9999-12-31", "energy": 1}, "day_in_future"),
        ({"day": "2025-10-07", "energy": 1}, "day_too_old"),
        ({"day": "0001-01-01", "correction": "drop"}, "day_too_old"),
        ({"day": "2026-11-12"}, "energy_missing"),
        ({"day": "2026-11-12", "correction": "set"}, "energy_missing"),
        ({"day": "2026-11-12", "energy": -0.001}, "energy_out_of_range"),
        ({"day": "2026-11-12", "energy": 1000.5}, "energy_out_of_range"),
        ({"day": "2026-11-12", "energy": "nan"}, "energy_out_of_range"),
        ({"day": "2026-11-12", "energy": "inf"}, "energy_out_of_range"),
        ({"day": "2026-11-12", "correction": "take_back"}, "nothing_to_take_back"),
    ],
)
async def test_a_peak_that_cannot_be_corrected(
    hass: HomeAssistant, meter: MockConfigEntry, data: dict[str, Any], key: str
) -> None:
    assert await refusal(hass, "correct_peak", **data) == key
    assert not meter.runtime_data.capacity.corrections


async def test_the_day_is_by_the_norwegian_clock(hass: HomeAssistant, meter: MockConfigEntry, hours: Hours) -> None:
    """At 23:30 in London it is tomorrow."""
    assert meter.state is ConfigEntryState.LOADED
    await hass.config.async_set_time_zone("Europe/London")
    hours.go_to(datetime(2026, 11, 12, 23, 30, tzinfo=UTC))
    answer = await ask(hass, "correct_peak", day="2026-11-13", energy=1)
    assert answer["peaks"][0]["start"] == "2026-11-10T09:00:00+00:00"
    assert await refusal(hass, "correct_peak", day="2026-11-14", energy=1) == "day_in_future"


async def test_no_capacity_tariff(hass: HomeAssistant, bridge: Bridge) -> None:
    await set_up(hass, entry_for(bridge.url))
    assert await refusal(hass, "correct_peak", day="2026-11-10", energy=1) == "capacity_off"


@pytest.mark.parametrize("data", [{"day": "yesterday"}, {}, {"day": "2026-11-10", "correction": "forget"}])
async def test_a_correction_that_is_none(hass: HomeAssistant, meter: MockConfigEntry, data: dict[str, Any]) -> None:
    assert meter.state is ConfigEntryState.LOADED
    with pytest.raises(vol.Invalid):
        await ask(hass, "correct_peak", **data)


# Hours.


async def test_hours(hass: HomeAssistant, meter: MockConfigEntry, hours: Hours) -> None:
    """A time without a zone is by Home Assistant's clock; the hour that is running is not over."""
    hours.registers[AIDON.id] += 600
    await hours.tell(meter, NINE + 2 * DAY + 3 * HOUR)
    hours.go_to(NINE + 2 * DAY + 5 * HOUR - timedelta(seconds=1))
    answer = await ask(hass, "get_hours", start="2026-11-12 09:30:00", end="2026-11-13 00:00:00")
    rows = answer.pop("hours")
    assert answer == {"import": 4.6, "export": 0.0, "measured": 2, "estimated": 2, "missing": 1}
    assert [row["status"] for row in rows] == ["measured", "measured", "estimated", "estimated", "missing"]
    assert rows[1] == {
        "start": "2026-11-12T10:00:00+01:00",
        "end": "2026-11-12T11:00:00+01:00",
        "import": 4.0,
        "export": 0.0,
        "status": "measured",
    }
    assert rows[2]["import"] + rows[3]["import"] == 0.6
    assert (rows[4]["start"], rows[4]["import"], rows[4]["export"]) == ("2026-11-12T13:00:00+01:00", None, None)
    same = await ask(hass, "get_hours", start="2026-11-12T08:30:00+00:00", end="2026-11-12T12:00:01Z")
    assert same["hours"] == rows


async def test_the_whole_of_what_may_be_asked_for(hass: HomeAssistant, meter: MockConfigEntry) -> None:
    assert meter.state is ConfigEntryState.LOADED
    answer = await ask(hass, "get_hours", start="2025-10-09T10:00:00Z", end="2026-11-13T10:00:00Z")
    assert len(answer["hours"]) == 400 * 24 - 24
    assert answer["import"] == 12.0
    assert answer["measured"] == 49
    assert answer["measured"] + answer["estimated"] + answer["missing"] == len(answer["hours"])


@pytest.mark.parametrize(("day", "count"), [("2026-03-29", 23), ("2026-10-25", 25)])
async def test_a_day_on_which_clocks_are_changed(
    hass: HomeAssistant, meter: MockConfigEntry, day: str, count: int
) -> None:
    """Its hours meet, though the wall clock does not tell them apart."""
    assert meter.state is ConfigEntryState.LOADED
    after = (datetime.fromisoformat(day) + DAY).date()
    hours = (await ask(hass, "get_hours", start=f"{day} 00:00:00", end=f"{after} 00:00:00"))["hours"]
    assert len(hours) == count
    assert [hour["start"] for hour in hours[1:]] == [hour["end"] for hour in hours[:-1]]
    assert (hours[0]["start"][:16], hours[-1]["end"][:16]) == (f"{day}T00:00", f"{after}T00:00")


async def test_hours_that_are_to_come(hass: HomeAssistant, meter: MockConfigEntry) -> None:
    assert meter.state is ConfigEntryState.LOADED
    answer = await ask(hass, "get_hours", start="2026-12-24 00:00:00", end="2026-12-25 00:00:00")
    assert answer == {"hours": [], "import": 0.0, "export": 0.0, "measured": 0, "estimated": 0, "missing": 0}


async def test_the_meter_is_silent(hass: HomeAssistant, meter: MockConfigEntry, time: Time) -> None:
    before = await ask(hass, "get_hours", start="2026-11-10 00:00:00", end="2026-11-12 00:00:00")
    time.passes(600)
    await until(hass, entity(hass, "power_import"), "unavailable")
    assert meter.state is ConfigEntryState.LOADED
    assert await ask(hass, "get_hours", start="2026-11-10 00:00:00", end="2026-11-12 00:00:00") == before
    assert before["import"] == 8.0


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [
        ("2026-11-10 00:00:00", "2026-11-10 00:00:00", "end_not_after_start"),
        ("2026-11-10 00:00:00", "2026-11-09 00:00:00", "end_not_after_start"),
        ("2026-11-10T12:00:00+01:00", "2026-11-10T11:00:00Z", "end_not_after_start"),
        ("2025-10-01 00:00:00", "2026-11-10 00:00:00", "span_too_long"),
        ("1000-01-01 00:00:00", "9000-01-01 00:00:00", "span_too_long"),
    ],
)
async def test_a_span_that_is_none(hass: HomeAssistant, meter: MockConfigEntry, start: str, end: str, key: str) -> None:
    assert meter.state is ConfigEntryState.LOADED
    assert await refusal(hass, "get_hours", start=start, end=end) == key


@pytest.mark.parametrize("start", ["soon", "0001-01-01 00:00:00", None])
async def test_a_time_that_is_none(hass: HomeAssistant, meter: MockConfigEntry, start: str | None) -> None:
    assert meter.state is ConfigEntryState.LOADED
    with pytest.raises(vol.Invalid):
        await ask(hass, "get_hours", start=start, end="2026-11-10 00:00:00")


async def test_in_the_browser(
    hass: HomeAssistant, meter: MockConfigEntry, hass_ws_client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The developer tools get the response, or a sentence; the log gets nothing."""
    client = await hass_ws_client(hass)

    async def call(data: dict[str, Any]) -> dict[str, Any]:
        await client.send_json_auto_id(
            {
                "type": "call_service",
                "domain": DOMAIN,
                "service": "correct_peak",
                "service_data": data,
                "return_response": True,
            }
        )
        told: dict[str, Any] = await client.receive_json()
        return told

    told = await call({"day": "2026-11-11", "energy": 8.5, "config_entry": meter.entry_id})
    assert told["result"]["response"]["mean"] == 5.5
    told = await call({"day": "2026-11-11", "energy": -1})
    assert told["error"]["translation_key"] == "energy_out_of_range"
    assert told["error"]["message"] == "Validation error: The energy of an hour lies between 0 and 1000 kWh"
    assert complaints(caplog) == []
