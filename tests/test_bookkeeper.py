"""The book in Home Assistant: what people see of their hours, and what survives restarts and bad files."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, issue_registry as ir, restore_state
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    mock_restore_cache_with_extra_data,
)

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.diagnostics import async_get_config_entry_diagnostics

from .conftest import AIDON, Bridge, entity, entry_for, full, hourly, set_up, shown

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
REGISTER = 12_345_670


def on_the_wall(hour: datetime) -> datetime:
    """Return what an Aidon's clock shows."""
    return (hour + HOUR).replace(tzinfo=None)


async def hear(hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, at: datetime, frame: bytes) -> None:
    """Have a list come at an instant, and wait until it has been taken."""
    freezer.move_to(at)
    coordinator = hass.config_entries.async_entries(DOMAIN)[0].runtime_data
    before = coordinator.decoder.counters.readings
    bridge.send(frame)
    while coordinator.decoder.counters.readings == before:
        await hass.async_block_till_done()
    await hass.async_block_till_done()


async def hear_hour(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, hour: datetime, register: int
) -> None:
    """Have the hourly list come that tells the register at a full hour."""
    frame = hourly(clock=on_the_wall(hour), energy_import=register)
    await hear(hass, bridge, freezer, hour + timedelta(seconds=10), frame)


@pytest.fixture
async def meter(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> MockConfigEntry:
    """Return the entry of an Aidon that has told its register at nine."""
    del hass_storage  # what is kept stays in memory
    freezer.move_to(NINE - timedelta(minutes=10))
    entry = await set_up(hass, entry_for(bridge.url))
    await hear_hour(hass, bridge, freezer, NINE, REGISTER)
    return entry


async def test_an_hour_is_settled(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, meter: MockConfigEntry
) -> None:
    """The event and the sensor tell the hour by its start, with what the registers rose by."""
    event = er.async_get(hass).async_get_entity_id("event", DOMAIN, f"{AIDON.id}_hour_settled")
    assert event
    await hear_hour(hass, bridge, freezer, NINE + HOUR, REGISTER + 1230)
    for entity_id in (event, entity(hass, "last_settled_hour")):
        state = hass.states.get(entity_id)
        assert state
        assert state.attributes["start"] == NINE.isoformat()
        assert state.attributes["end"] == (NINE + HOUR).isoformat()
        assert state.attributes["import"] == 1.23
        assert state.attributes["export"] == 0
        assert state.attributes["status"] == "measured"
    assert shown(hass, "last_settled_hour") == "1.23"
    told = await async_get_config_entry_diagnostics(hass, meter)
    assert [hour for hour in told["hours"] if hour["status"] != "missing"] == [
        {
            "start": NINE.isoformat(),
            "end": (NINE + HOUR).isoformat(),
            "import": 1.23,
            "export": 0,
            "status": "measured",
        }
    ]


async def test_energy_rises_between_two_registers(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, meter: MockConfigEntry
) -> None:
    """3.6 kW for a minute are 60 Wh; the next register says that it was 70."""
    del meter
    at = NINE + timedelta(seconds=20)
    while at <= NINE + timedelta(seconds=80):
        await hear(hass, bridge, freezer, at, full(power_import=3600))
        at += timedelta(seconds=10)
    rise = float(shown(hass, "energy_import")) - REGISTER / 1000
    assert rise == pytest.approx(0.075, abs=0.008)
    assert float(shown(hass, "energy_this_hour_import")) == pytest.approx(rise, abs=0.002)
    await hear_hour(hass, bridge, freezer, NINE + HOUR, REGISTER + 5000)
    assert float(shown(hass, "energy_import")) == REGISTER / 1000 + 5
    assert float(shown(hass, "energy_this_hour_import")) == pytest.approx(0, abs=0.01)


async def test_energy_never_falls(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, meter: MockConfigEntry
) -> None:
    """Where power has promised too much, the sensor stands still until the register has come so far."""
    del meter
    for second in range(20, 3600, 10):
        await hear(hass, bridge, freezer, NINE + timedelta(seconds=second), full(power_import=4000))
    promised = float(shown(hass, "energy_import"))
    await hear_hour(hass, bridge, freezer, NINE + HOUR, REGISTER + 3900)
    assert float(shown(hass, "energy_import")) == promised
    hour = hass.states.get(entity(hass, "last_settled_hour"))
    assert hour
    assert hour.state == "3.9"


async def test_a_restart_in_the_middle_of_an_hour(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, meter: MockConfigEntry
) -> None:
    """The hour that was begun before is settled after, by both registers; the energy sensor shows its value at once."""
    await hear(hass, bridge, freezer, NINE + timedelta(minutes=20), full())
    before = shown(hass, "energy_import")
    await hass.config_entries.async_unload(meter.entry_id)
    mock_restore_cache_with_extra_data(
        hass,
        [
            (
                State(entity(hass, "energy_import"), before),
                {"native_value": float(before), "native_unit_of_measurement": "kWh"},
            )
        ],
    )
    freezer.move_to(NINE + timedelta(minutes=40))
    await hass.config_entries.async_setup(meter.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "energy_import") == before
    await hear_hour(hass, bridge, freezer, NINE + HOUR, REGISTER + 2000)
    assert shown(hass, "last_settled_hour") == "2.0"
    state = hass.states.get(entity(hass, "last_settled_hour"))
    assert state
    assert state.attributes["status"] == "measured"


async def test_hours_that_were_missed_are_estimated_and_sum_up(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, meter: MockConfigEntry
) -> None:
    """After an outage of five hours each gets its share, once, in order."""
    events = async_capture_events(hass, "state_changed")
    await hass.config_entries.async_unload(meter.entry_id)
    freezer.move_to(NINE + 5 * HOUR - timedelta(minutes=5))
    await hass.config_entries.async_setup(meter.entry_id)
    await hass.async_block_till_done()
    await hear_hour(hass, bridge, freezer, NINE + 5 * HOUR, REGISTER + 5030)
    settled = [
        event.data["new_state"].attributes
        for event in events
        if event.data["entity_id"].startswith("event.") and event.data["new_state"].attributes.get("start")
    ]
    assert [one["start"] for one in settled] == [(NINE + number * HOUR).isoformat() for number in range(5)]
    assert {one["status"] for one in settled} == {"estimated"}
    assert round(sum(one["import"] for one in settled), 3) == 5.03


async def test_a_register_that_falls_is_said(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, meter: MockConfigEntry
) -> None:
    """A new count begins once the next list confirms it, and nothing negative is shown."""
    for number, register in ((1, REGISTER + 1000), (2, 100), (3, 1100), (4, 2100)):
        await hear_hour(hass, bridge, freezer, NINE + number * HOUR, register)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"register_fell_{meter.entry_id}")
    assert shown(hass, "energy_import") == "2.1"
    told = await async_get_config_entry_diagnostics(hass, meter)
    assert all(hour["import"] is None or hour["import"] >= 0 for hour in told["hours"])


async def test_the_book_goes_with_its_entry(
    hass: HomeAssistant, hass_storage: dict[str, Any], meter: MockConfigEntry
) -> None:
    assert f"{DOMAIN}.{meter.entry_id}" in hass_storage
    await hass.config_entries.async_remove(meter.entry_id)
    await hass.async_block_till_done()
    assert f"{DOMAIN}.{meter.entry_id}" not in hass_storage


async def test_another_factor(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, meter: MockConfigEntry
) -> None:
    """No hour is lost, and none gets the difference of two scales."""
    freezer.tick(1)
    hass.config_entries.async_update_entry(meter, options={"energy_factor": 0.1})
    await hass.config_entries.async_reload(meter.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "energy_import") == "1234.567"
    await hear_hour(hass, bridge, freezer, NINE + HOUR, REGISTER + 1000)
    assert shown(hass, "last_settled_hour") == "0.1"
    await hear_hour(hass, bridge, freezer, NINE + 2 * HOUR, REGISTER + 3000)
    assert shown(hass, "energy_import") == "1234.867"
    assert shown(hass, "last_settled_hour") == "0.2"


async def test_an_hour_whose_beginning_nobody_saw_is_not_told(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory
) -> None:
    """Set up in the middle of an hour: what there is of it is unknown, not 0."""
    freezer.move_to(NINE + timedelta(minutes=30))
    await set_up(hass, entry_for(bridge.url))
    await hear(hass, bridge, freezer, NINE + timedelta(minutes=31), full())
    assert shown(hass, "energy_this_hour_import") == "unknown"
    await hear_hour(hass, bridge, freezer, NINE + HOUR, REGISTER)
    assert float(shown(hass, "energy_this_hour_import")) == 0


async def test_energy_is_known_at_once_from_the_book(
    hass: HomeAssistant, bridge: Bridge, meter: MockConfigEntry
) -> None:
    """After a power cut Home Assistant may have kept no states: the book has the register all the same."""
    del bridge
    await hass.config_entries.async_unload(meter.entry_id)
    restore_state.async_get(hass).last_states.clear()
    await hass.config_entries.async_setup(meter.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "energy_import") == str(REGISTER / 1000)
