"""What a person sees of the main fuse, on each kind of net, when lists come and when they do not."""

from typing import Any

from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_UNIT_OF_MEASUREMENT, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN

from .conftest import (
    AIDON,
    KAIFA,
    KAMSTRUP,
    SINGLE_PHASE,
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
from .meters import Aidon, Embriq, Kaifa, Kamstrup, Maker

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

TN = Aidon("6534", AIDON.id)
SECONDS = 30
UNAVAILABLE = "unavailable"


def overload(hass: HomeAssistant, maker: Maker = TN) -> str:
    """Return the id of the binary sensor."""
    entity_id = er.async_get(hass).async_get_entity_id(Platform.BINARY_SENSOR, DOMAIN, f"{maker.id}_overload")
    assert entity_id is not None
    return entity_id


def made(hass: HomeAssistant, maker: Maker = TN) -> set[str]:
    """Return which of the two entities there are."""
    known = {one.unique_id for one in er.async_get(hass).entities.values()}
    return {key for key in ("fuse_load", "overload") if f"{maker.id}_{key}" in known}


def is_on(hass: HomeAssistant, maker: Maker = TN) -> str:
    """Return the state of the binary sensor."""
    state = hass.states.get(overload(hass, maker))
    assert state is not None
    return state.state


def entry(bridge: Bridge, maker: Maker = TN, **options: Any) -> MockConfigEntry:
    """Return the entry of a meter behind a fuse of 25 A."""
    return entry_for(bridge.url, maker, sent=("power_import",), fuse={"amperes": 25, "delay": SECONDS}, **options)


async def load(hass: HomeAssistant, percent: str, maker: Maker = TN) -> State:
    """Wait until the sensor shows a load; return its state."""
    entity_id = entity(hass, "fuse_load", maker)
    await until(hass, entity_id, percent)
    state = hass.states.get(entity_id)
    assert state is not None
    return state


async def begin(hass: HomeAssistant, bridge: Bridge, maker: Maker = TN, **currents: float) -> MockConfigEntry:
    """Set up a meter whose first list has these currents, and the others of 1 A."""
    bridge.greeting = full(maker, **{f"current_l{phase}": 1 for phase in (1, 2, 3)} | currents)
    made_of = await set_up(hass, entry(bridge, maker))
    await until(hass, entity(hass, "power_import", maker), "2526")
    await hass.async_block_till_done()
    return made_of


async def amperes(hass: HomeAssistant, bridge: Bridge, current: float) -> str:
    """Have the meter send a current of L1; return whether there is an overload then."""
    bridge.send(full(TN, current_l1=current, current_l2=0, current_l3=0))
    await load(hass, f"{current * 4:.1f}")
    await hass.async_block_till_done()
    return is_on(hass)


async def test_the_most_loaded_phase_is_shown_with_every_list(hass: HomeAssistant, bridge: Bridge) -> None:
    await begin(hass, bridge, current_l2=10)
    state = await load(hass, "40.0")
    assert state.attributes[ATTR_UNIT_OF_MEASUREMENT] == "%"
    assert state.attributes["phase"] == "L2"
    assert state.attributes["not_seen"] == []
    for currents, percent, phase in (
        ({"current_l1": 12.5}, "50.0", "L1"),
        ({"current_l1": 13}, "52.0", "L1"),
        ({"current_l3": 25.1}, "100.4", "L3"),
        ({"current_l1": 0, "current_l2": 0, "current_l3": 0}, "0.0", "L1"),
    ):
        bridge.send(full(TN, **{"current_l1": 0.5, "current_l2": 2, "current_l3": 1, **currents}))
        assert (await load(hass, percent)).attributes["phase"] == phase


async def test_the_phase_is_right_when_another_has_the_same_load(hass: HomeAssistant, bridge: Bridge) -> None:
    await begin(hass, bridge, current_l2=10)
    entity_id = entity(hass, "fuse_load", TN)
    bridge.send(full(TN, current_l1=1, current_l2=1, current_l3=10))
    await until(hass, entity_id, lambda state: state.attributes.get("phase") == "L3" and state.state == "40.0")


@pytest.mark.parametrize(
    ("maker", "expected"),
    [
        (SINGLE_PHASE, ("40.0", "L1", [])),
        (AIDON, ("40.0", "L1", ["L2"])),
        (Embriq("ZMF1", "90000016", it=True), ("40.0", "L1", ["L2"])),
        (Kaifa("MA304T3", KAIFA.id), ("40.0", "L1", ["L2"])),
        (Kaifa("MA304H3E", KAIFA.id), ("60.0", "L2", [])),
        (Kamstrup("6841121BN243101040", KAMSTRUP.id), ("60.0", "L2", [])),
        (Embriq("ZMF1", "90000016"), ("60.0", "L2", [])),
        (KAIFA, ("60.0", "L2", [])),
    ],
    ids=lambda value: getattr(value, "model", None),
)
async def test_it_says_what_it_cannot_see(
    hass: HomeAssistant, bridge: Bridge, maker: Maker, expected: tuple[str, str, list[str]]
) -> None:
    percent, phase, not_seen = expected
    await begin(hass, bridge, maker, current_l1=10, current_l2=15)
    state = await load(hass, percent, maker)
    assert state.attributes["phase"] == phase
    assert state.attributes["not_seen"] == not_seen
    warning = hass.states.get(overload(hass, maker))
    assert warning is not None
    assert warning.state == "off"
    assert warning.attributes[ATTR_DEVICE_CLASS] == "problem"
    assert warning.attributes["not_seen"] == not_seen


async def test_power_that_flows_out_loads_the_fuse_too(hass: HomeAssistant, bridge: Bridge) -> None:
    await begin(hass, bridge, current_l3=-20)
    assert (await load(hass, "80.0")).attributes["phase"] == "L3"


async def test_behind_current_transformers(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full(TN, current_l1=1, current_l2=0, current_l3=0)
    await set_up(hass, entry(bridge, current_factor=20))
    await until(hass, entity(hass, "power_import", TN), "2526")
    await hass.async_block_till_done()
    await load(hass, "80.0")


async def test_an_overload_comes_after_its_delay_and_goes_when_the_load_is_clearly_lower(
    hass: HomeAssistant, bridge: Bridge, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    await begin(hass, bridge)
    assert await amperes(hass, bridge, 30) == "off"
    for current in (29, 30, 31):
        assert is_on(hass) == "off"
        time.passes(10)
        await amperes(hass, bridge, current)
    assert is_on(hass) == "on"
    state = hass.states.get(overload(hass))
    assert state is not None
    assert state.attributes["phase"] == "L1"
    time.passes(10)
    assert await amperes(hass, bridge, 24.5) == "on"
    for current in (20, 21, 22):
        assert is_on(hass) == "on"
        time.passes(10)
        await amperes(hass, bridge, current)
    assert is_on(hass) == "off"
    state = hass.states.get(overload(hass))
    assert state is not None
    assert state.attributes["phase"] is None
    assert complaints(caplog) == []


async def test_one_list_at_the_limit_begins_the_delay_anew(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    await begin(hass, bridge)
    for current in (30, 29, 25, 30, 29, 28):
        time.passes(10)
        assert await amperes(hass, bridge, current) == "off"
    time.passes(10)
    assert await amperes(hass, bridge, 30) == "on"


async def test_a_lost_list_does_not_hide_an_overload(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    await begin(hass, bridge)
    await amperes(hass, bridge, 30)
    time.passes(SECONDS)
    assert await amperes(hass, bridge, 31) == "on"


async def test_nobody_knows_what_was_while_no_current_came(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    """Power lists keep the meter available, and say nothing of currents."""
    await begin(hass, bridge)
    await amperes(hass, bridge, 30)
    for watts in range(1, 7):
        time.passes(8)
        bridge.send(power(TN, watts))
        await until(hass, entity(hass, "power_import", TN), str(watts))
    assert await amperes(hass, bridge, 31) == "off"
    for current in (30, 29, 28):
        assert is_on(hass) == "off"
        time.passes(10)
        bridge.send(power(TN, current))
        await amperes(hass, bridge, current)
    assert is_on(hass) == "on"


async def test_silence_makes_both_unavailable_and_ends_an_overload(
    hass: HomeAssistant, bridge: Bridge, time: Time
) -> None:
    await begin(hass, bridge)
    await amperes(hass, bridge, 30)
    time.passes(SECONDS)
    assert await amperes(hass, bridge, 31) == "on"
    bridge.send(power(TN, 1))
    await until(hass, entity(hass, "power_import", TN), "1")
    time.passes(11)
    await until(hass, entity(hass, "fuse_load", TN), UNAVAILABLE)
    await until(hass, overload(hass), UNAVAILABLE)
    for current in (32, 33, 34):
        assert await amperes(hass, bridge, current) == "off"
        time.passes(9)
        bridge.send(power(TN, current))
        await until(hass, entity(hass, "power_import", TN), str(current))
    time.passes(2)
    assert await amperes(hass, bridge, 35) == "on"


async def test_there_is_nothing_without_a_fuse(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full(TN)
    await set_up(hass, entry_for(bridge.url, TN))
    await until(hass, entity(hass, "power_import", TN), "2526")
    assert made(hass) == set()


async def test_there_is_nothing_until_a_current_has_come(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = power(TN)
    await set_up(hass, entry(bridge))
    await until(hass, entity(hass, "power_import", TN), lambda state: state.state != UNAVAILABLE)
    assert made(hass) == set()
    bridge.send(full(TN, power_import=1, current_l1=5, current_l2=5, current_l3=10))
    await until(hass, entity(hass, "power_import", TN), "1")
    await hass.async_block_till_done()
    assert made(hass) == {"fuse_load", "overload"}
    await load(hass, "40.0")
    assert is_on(hass) == "off"
