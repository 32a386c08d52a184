"""What a person does to a sensor while numbers come: each number after it is shown as the person wants it."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_FRIENDLY_NAME, ATTR_ICON, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from .conftest import (
    KAMSTRUP,
    Bridge,
    Time,
    complaints,
    entity,
    entry_for,
    full,
    power,
    set_up,
    until,
)

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


async def watts(hass: HomeAssistant, bridge: Bridge, entity_id: str, *numbers: int, shown: str | None = None) -> State:
    """Have the meter send powers one after the other; return the state that the last one made."""
    for number in numbers:
        bridge.send(power(watts=number))
        await until(hass, entity_id, shown or str(number))
    state = hass.states.get(entity_id)
    assert state is not None
    return state


@pytest.fixture
async def power_import(hass: HomeAssistant, bridge: Bridge) -> str:
    """Return the sensor of a meter that has sent some powers already."""
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url))
    entity_id = entity(hass, "power_import")
    await until(hass, entity_id, "2526")
    await watts(hass, bridge, entity_id, 1, 2, 3)
    return entity_id


async def test_the_unit_is_changed(hass: HomeAssistant, bridge: Bridge, power_import: str) -> None:
    registry = er.async_get(hass)
    registry.async_update_entity_options(power_import, "sensor", {"unit_of_measurement": "kW"})
    await until(hass, power_import, "0.003")
    state = await watts(hass, bridge, power_import, 4200, shown="4.2")
    assert state.attributes[ATTR_UNIT_OF_MEASUREMENT] == "kW"
    await watts(hass, bridge, power_import, 4300, shown="4.3")

    registry.async_update_entity_options(power_import, "sensor", None)
    await until(hass, power_import, "4300")
    state = await watts(hass, bridge, power_import, 4400, 4500)
    assert state.attributes[ATTR_UNIT_OF_MEASUREMENT] == "W"


async def test_nought_in_another_unit(hass: HomeAssistant, bridge: Bridge) -> None:
    """0.0 A and 0.0 mA are the same text, and what comes after is not."""
    bridge.greeting = full(KAMSTRUP)
    await set_up(hass, entry_for(bridge.url, KAMSTRUP, interval=0))
    entity_id = entity(hass, "current_l1", KAMSTRUP)
    await until(hass, entity_id, "7.4")
    er.async_get(hass).async_update_entity_options(entity_id, "sensor", {"unit_of_measurement": "mA"})
    for amperes, shown in ((0, "0.0"), (0.29, "290.0"), (0, "0.0")):
        bridge.send(full(KAMSTRUP, current_l1=amperes))
        await until(hass, entity_id, shown)


@pytest.mark.parametrize(
    ("change", "attributes"),
    [
        ({"name": "Huset"}, {ATTR_FRIENDLY_NAME: "Huset"}),
        ({"icon": "mdi:flash"}, {ATTR_ICON: "mdi:flash"}),
        ({"device_class": "energy"}, {ATTR_DEVICE_CLASS: "energy"}),
    ],
)
async def test_it_is_given_another_look(
    hass: HomeAssistant, bridge: Bridge, power_import: str, change: Mapping[str, Any], attributes: Mapping[str, Any]
) -> None:
    er.async_get(hass).async_update_entity(power_import, **change)
    for number in (4, 5):
        state = await watts(hass, bridge, power_import, number)
        assert {name: state.attributes[name] for name in attributes} == dict(attributes)


async def test_the_device_is_renamed(hass: HomeAssistant, bridge: Bridge, power_import: str) -> None:
    registered = er.async_get(hass).async_get(power_import)
    assert registered is not None
    assert registered.device_id is not None
    dr.async_get(hass).async_update_device(registered.device_id, name_by_user="Kjeller")
    state = await watts(hass, bridge, power_import, 4, 5)
    assert state.attributes[ATTR_FRIENDLY_NAME] == "Kjeller Power import"


async def test_it_gets_another_id(hass: HomeAssistant, bridge: Bridge, power_import: str) -> None:
    er.async_get(hass).async_update_entity(power_import, new_entity_id="sensor.huset")
    await until(hass, "sensor.huset", "3")
    await watts(hass, bridge, "sensor.huset", 4, 5)
    assert hass.states.get(power_import) is None


async def test_it_is_switched_off(
    hass: HomeAssistant, bridge: Bridge, power_import: str, caplog: pytest.LogCaptureFixture
) -> None:
    er.async_get(hass).async_update_entity(power_import, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    bridge.send(power(watts=4), full(power_import=5, power_export=6))
    await until(hass, entity(hass, "power_export"), "6")
    assert hass.states.get(power_import) is None
    assert complaints(caplog) == []


async def test_somebody_else_writes_the_state(hass: HomeAssistant, bridge: Bridge, power_import: str) -> None:
    attributes = hass.states.get(power_import)
    assert attributes is not None
    hass.states.async_set(power_import, "77", {"by": "developer tools"})
    state = await watts(hass, bridge, power_import, 4)
    assert state.attributes == attributes.attributes

    hass.states.async_remove(power_import)
    state = await watts(hass, bridge, power_import, 5, 6)
    assert state.attributes == attributes.attributes


async def test_attributes_of_the_users_own(hass: HomeAssistant, bridge: Bridge, power_import: str) -> None:
    """`customize:` in configuration.yaml, read anew while lists come."""
    await async_process_ha_core_config(hass, {"customize": {power_import: {"room": "cellar"}}})
    state = await watts(hass, bridge, power_import, 4)
    assert state.attributes["room"] == "cellar"
    await watts(hass, bridge, power_import, 5, 6)
    await async_process_ha_core_config(hass, {"customize": {}})
    assert "room" not in (await watts(hass, bridge, power_import, 7)).attributes


async def test_it_falls_silent_and_comes_back(
    hass: HomeAssistant, bridge: Bridge, power_import: str, time: Time
) -> None:
    time.passes(12)
    await until(hass, power_import, "unavailable")
    bridge.send(full(power_import=3))
    await until(hass, power_import, "3")
    state = await watts(hass, bridge, power_import, 4, 5)
    assert state.attributes[ATTR_UNIT_OF_MEASUREMENT] == "W"


async def test_the_same_number_again(hass: HomeAssistant, bridge: Bridge, power_import: str) -> None:
    before = await watts(hass, bridge, power_import, 4)
    changed, reported = before.last_changed, before.last_reported
    bridge.send(power(watts=4), full(power_import=4, power_export=9))
    await until(hass, entity(hass, "power_export"), "9")
    after = hass.states.get(power_import)
    assert after is before
    assert after.last_changed == changed
    assert after.last_reported > reported


async def test_what_is_recorded_of_it(hass: HomeAssistant, bridge: Bridge, power_import: str) -> None:
    """The recorder is told which attributes it need not keep."""
    er.async_get(hass).async_update_entity(power_import, name="Huset")
    await until(hass, power_import, lambda state: state.attributes[ATTR_FRIENDLY_NAME] == "Huset")
    ordinary = hass.states.get(power_import)
    assert ordinary is not None
    assert ordinary.state_info
    assert (await watts(hass, bridge, power_import, 4, 5)).state_info == ordinary.state_info


async def test_numbers_with_decimals(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full(KAMSTRUP)
    await set_up(hass, entry_for(bridge.url, KAMSTRUP, interval=0))
    entity_id = entity(hass, "current_l1", KAMSTRUP)
    for amperes in (7.4, 0.1, 0.29, 100.01, 0.0):
        bridge.send(full(KAMSTRUP, current_l1=amperes))
        await until(hass, entity_id, str(amperes))


async def test_the_numbers_of_a_list_belong_together(hass: HomeAssistant, bridge: Bridge, power_import: str) -> None:
    """What comes of one cause has one context, by which automations and the activity tell it from what does not."""
    contexts = []
    for number in (4, 5, 6):
        bridge.send(full(power_import=number, power_export=number))
        await until(hass, entity(hass, "power_export"), str(number))
        states = [hass.states.get(one) for one in (power_import, entity(hass, "power_export"))]
        contexts.append([state.context for state in states if state])
    first, second = contexts[1:]
    assert first[0] is first[1]
    assert second[0] is second[1]
    assert first[0].id != second[0].id
