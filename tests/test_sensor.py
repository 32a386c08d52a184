"""What a person sees of each meter, and when it changes."""

from datetime import datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.sensor import ATTR_STATE_CLASS
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events, mock_restore_cache_with_extra_data
from syrupy.assertion import SnapshotAssertion

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.sensor import QUANTITIES

from .conftest import (
    AIDON,
    KAIFA,
    KAMSTRUP,
    SINGLE_PHASE,
    Bridge,
    Time,
    enable,
    entity,
    entry_for,
    full,
    hourly,
    power,
    set_up,
    shown,
    until,
)
from .meters import Embriq, Kaifa, Kamstrup, Maker

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

OFF_BY_DEFAULT = (
    *("reactive_power_import", "reactive_power_export", "reactive_energy_import", "reactive_energy_export"),
    *("meter_clock", "lists_received", "damaged_frames", "reconnects", "last_list"),
)


def seen(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Return what Home Assistant has of every entity of an entry, the changing times apart."""
    rows = {}
    for one in er.async_entries_for_config_entry(er.async_get(hass), entry_id):
        state = hass.states.get(one.entity_id)
        rows[one.entity_id] = {
            "unique_id": one.unique_id,
            "name": one.original_name,
            "category": one.entity_category and str(one.entity_category),
            "precision": dict(one.options.get("sensor") or {}).get("suggested_display_precision"),
            "state": state and ("a time" if state.attributes.get(ATTR_DEVICE_CLASS) == "timestamp" else state.state),
            **{
                name: state and str(state.attributes.get(name, ""))
                for name in (ATTR_UNIT_OF_MEASUREMENT, ATTR_DEVICE_CLASS, ATTR_STATE_CLASS)
            },
        }
    return dict(sorted(rows.items()))


@pytest.mark.usefixtures("everything_on")
@pytest.mark.parametrize("maker", [AIDON, SINGLE_PHASE, KAIFA, KAMSTRUP], ids=lambda maker: maker.model)
async def test_every_entity_of_a_meter(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, maker: Maker, snapshot: SnapshotAssertion
) -> None:
    freezer.move_to("2026-11-24T12:00:10+00:00")
    bridge.greeting = hourly(maker)
    entry = await set_up(hass, entry_for(bridge.url, maker))
    await until(hass, entity(hass, "energy_import", maker), "12345.67")
    await hass.async_block_till_done()
    assert seen(hass, entry.entry_id) == snapshot


async def test_it_meter_shows_no_current_that_it_does_not_have(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("sensor", DOMAIN, f"{AIDON.id}_current_l1") is not None
    assert registry.async_get_entity_id("sensor", DOMAIN, f"{AIDON.id}_current_l2") is None


@pytest.mark.parametrize(
    ("maker", "measured"),
    [
        (Kaifa("MA304H3E", KAIFA.id), {"current_l2"}),
        (Kaifa("MA304T3", KAIFA.id), set()),
        (Embriq("ZMF1", "90000016", it=True), set()),
        (Embriq("ZFF1", "90000016"), set()),
        (Kamstrup("6841121BN243101040", KAMSTRUP.id), {"current_l2", "voltage_l2"}),
        (KAIFA, {"current_l2", "voltage_l2"}),
    ],
    ids=lambda value: getattr(value, "model", None),
)
async def test_nothing_is_shown_of_a_phase_that_is_not_measured(
    hass: HomeAssistant, bridge: Bridge, maker: Maker, measured: set[str]
) -> None:
    bridge.greeting = full(maker)
    entry = await set_up(hass, entry_for(bridge.url, maker, sent=("power_import",)))
    await until(hass, entity(hass, "power_import", maker), "2526")
    bridge.send(full(maker, power_import=1))
    await until(hass, entity(hass, "power_import", maker), "1")
    await hass.async_block_till_done()
    registry = er.async_get(hass)
    assert {
        quantity
        for quantity in ("current_l2", "voltage_l2")
        if registry.async_get_entity_id("sensor", DOMAIN, f"{maker.id}_{quantity}")
    } == measured
    assert measured <= set(entry.data["quantities"])
    assert registry.async_get_entity_id("sensor", DOMAIN, f"{maker.id}_voltage_l1")


async def test_no_load_on_a_phase_that_is_measured(hass: HomeAssistant, bridge: Bridge) -> None:
    maker = Kamstrup("6841121BN243101040", KAMSTRUP.id)
    bridge.greeting = full(maker)
    await set_up(hass, entry_for(bridge.url, maker, sent=("power_import",), interval=0))
    await until(hass, entity(hass, "power_import", maker), "2526")
    await hass.async_block_till_done()
    assert shown(hass, "current_l2", maker) == "8.1"
    bridge.send(full(maker, current_l2=0))
    await until(hass, entity(hass, "current_l2", maker), "0.0")


async def test_device(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert (device.manufacturer, device.model, device.serial_number) == ("Aidon", "6525", AIDON.id)
    assert device.name == "Aidon 6525"


async def test_long_order_number_is_no_name(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url, KAMSTRUP))
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert (device.name, device.model) == ("Kamstrup", "6841131BN243101040")


async def test_off_by_default(hass: HomeAssistant, bridge: Bridge) -> None:
    await set_up(hass, entry_for(bridge.url))
    registry = er.async_get(hass)
    for key in OFF_BY_DEFAULT:
        one = registry.async_get(entity(hass, key))
        assert one is not None
        assert one.disabled_by is er.RegistryEntryDisabler.INTEGRATION, key


async def test_energy_is_there_before_the_first_hourly_list(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    assert shown(hass, "energy_import") == "unknown"
    assert shown(hass, "energy_export") == "unknown"
    bridge.send(hourly())
    await until(hass, entity(hass, "energy_import"), "12345.67")
    assert shown(hass, "energy_export") == "0.89"


async def test_energy_outlives_a_restart(hass: HomeAssistant, bridge: Bridge) -> None:
    entity_id = "sensor.aidon_6525_energy_import"
    mock_restore_cache_with_extra_data(
        hass,
        [
            (
                State(entity_id, "12345.678", {}),
                {"native_value": 12345.678, "native_unit_of_measurement": "kWh"},
            )
        ],
    )
    await set_up(hass, entry_for(bridge.url))
    assert entity(hass, "energy_import") == entity_id
    assert shown(hass, "energy_import") == "12345.678"
    (await bridge.client()).send(full())
    await until(hass, entity(hass, "power_import"), "2526")
    assert shown(hass, "energy_import") == "12345.678"
    bridge.send(hourly(energy_import=12_346_000))
    await until(hass, entity_id, "12346.0")


async def test_energy_outlives_a_reload(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = hourly()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "energy_import"), "12345.67")
    bridge.greeting = b""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "energy_import") == "12345.67"
    assert shown(hass, "power_import") == "unknown"


async def test_a_quantity_that_comes_later_gets_an_entity_and_stays(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url, KAIFA, sent=("power_import",)))
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("sensor", DOMAIN, f"{KAIFA.id}_voltage_l2") is None
    (await bridge.client()).send(full(KAIFA))
    await until(hass, "sensor.kaifa_ma304h4_voltage_l2", "230.9")
    assert "voltage_l2" in entry.data["quantities"]

    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "voltage_l2", KAIFA) == "unknown"


async def test_a_list_touches_only_what_it_carries(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = hourly()
    await set_up(hass, entry_for(bridge.url, interval=0))
    await until(hass, entity(hass, "energy_import"), "12345.67")
    events = async_capture_events(hass, "state_changed")
    reported = {state.entity_id: state.last_reported for state in hass.states.async_all("sensor")}
    bridge.send(power(watts=3000))
    await until(hass, entity(hass, "power_import"), "3000")
    assert [event.data["entity_id"] for event in events] == [entity(hass, "power_import")]
    for state in hass.states.async_all("sensor"):
        touched = state.last_reported != reported[state.entity_id]
        assert touched == (state.entity_id == entity(hass, "power_import"))


async def test_what_is_not_power_has_half_a_minute(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "voltage_l1"), "231.4")
    time.passes(20)
    bridge.send(full(power_import=1, voltage_l1=240), hourly(power_import=2, voltage_l1=241))
    await until(hass, entity(hass, "power_import"), "2")
    assert shown(hass, "voltage_l1") == "231.4"
    assert shown(hass, "energy_import") == "12345.67"  # never waits
    time.passes(9.9)  # the third list comes a little early, as lists do
    bridge.send(full(voltage_l1=242))
    await until(hass, entity(hass, "voltage_l1"), "242.0")


async def test_power_interval(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url, power_interval=5, interval=0))
    await until(hass, entity(hass, "power_import"), "2526")
    bridge.send(power(watts=1), full(power_import=2, voltage_l1=240))
    await until(hass, entity(hass, "voltage_l1"), "240.0")
    assert shown(hass, "power_import") == "2526"
    time.passes(4.9)
    bridge.send(power(watts=3))
    await until(hass, entity(hass, "power_import"), "3")


async def test_factors(hass: HomeAssistant, bridge: Bridge) -> None:
    enable(hass, "reactive_power_export", "reactive_energy_export")
    bridge.greeting = hourly(energy_import=12_345_670)
    await set_up(
        hass, entry_for(bridge.url, power_factor=60.0, energy_factor=0.1, current_factor=60.0, voltage_factor=0.01)
    )
    await until(hass, entity(hass, "energy_import"), "1234.567")
    assert shown(hass, "power_import") == "151560"
    assert shown(hass, "reactive_power_export") == "12840"
    assert shown(hass, "reactive_energy_export") == "123.456"
    assert shown(hass, "current_l1") == "444.0"
    assert shown(hass, "voltage_l1") == "2.314"


async def test_current_is_shown_without_direction(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full(current_l1=-7.4)
    await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "current_l1"), "7.4")


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("2026-07-01T14:00:10", "2026-07-01T12:00:10+00:00"),
        # the hour that comes twice: the time of arrival tells which one it is
        ("2026-10-25T02:30:10", "2026-10-25T00:30:10+00:00"),
        ("2026-10-25T02:30:10", "2026-10-25T01:30:10+00:00"),
    ],
)
async def test_meter_clock(
    hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory, wall: str, utc: str
) -> None:
    enable(hass, "meter_clock", maker=KAIFA)
    await set_up(hass, entry_for(bridge.url, KAIFA))
    assert shown(hass, "meter_clock", KAIFA) == "unknown"
    freezer.move_to(datetime.fromisoformat(utc))
    (await bridge.client()).send(hourly(KAIFA, datetime.fromisoformat(wall)))
    await until(hass, entity(hass, "meter_clock", KAIFA), utc)


async def test_link_diagnostics(hass: HomeAssistant, bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.han_port.coordinator.LINK_INTERVAL", 0.0)
    enable(hass, "lists_received", "damaged_frames", "reconnects", "last_list")
    await set_up(hass, entry_for(bridge.url))
    assert shown(hass, "lists_received") == "0"
    assert shown(hass, "last_list") == "unknown"
    client = await bridge.client()
    damaged = bytearray(full())
    damaged[100] ^= 1
    client.send(bytes(damaged) + full())
    await until(hass, entity(hass, "lists_received"), "1")
    assert shown(hass, "damaged_frames") == "1"
    assert shown(hass, "reconnects") == "0"
    assert shown(hass, "last_list") != "unknown"
    client.close()
    (await bridge.client()).send(power())
    await until(hass, entity(hass, "reconnects"), "1")


async def test_link_diagnostics_are_not_written_with_every_list(hass: HomeAssistant, bridge: Bridge) -> None:
    enable(hass, "lists_received")
    await set_up(hass, entry_for(bridge.url))
    client = await bridge.client()
    client.send(power(watts=1))
    await until(hass, entity(hass, "lists_received"), "1")
    client.send(power(watts=2))
    await until(hass, entity(hass, "power_import"), "2")
    assert shown(hass, "lists_received") == "1"


def test_every_quantity_has_a_sensor_that_fits_it() -> None:
    for quantity, description in QUANTITIES.items():
        assert description.key == quantity
        assert description.translation_key
        assert description.device_class is not None
        assert description.state_class is not None


@pytest.mark.parametrize("language", ["nb", "nn", "sv", "da"])
async def test_names_are_in_the_language_of_the_house(hass: HomeAssistant, bridge: Bridge, language: str) -> None:
    hass.config.language = language
    await set_up(hass, entry_for(bridge.url))
    one = er.async_get(hass).async_get(entity(hass, "voltage_l1"))
    assert one is not None
    assert one.original_name == {"sv": "Spänning L1", "da": "Spænding L1"}.get(language, "Spenning L1")
