"""A meter that never tells a number, as Swedish Aidons do: its entry's id takes the place of that, everywhere.

Real sockets. Its lists are an Aidon's without list id, number and model: every ten seconds with clock and registers.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
from typing import Any, cast

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.diagnostics import async_get_config_entry_diagnostics
from custom_components.han_port.troubles import Kind

from .conftest import AIDON, KAMSTRUP, VALUES, Bridge, entity, entry_for, full, set_up, until
from .meters.aidon_sweden import AidonSweden
from .meters.maker import PHASED_POWERS
from .test_repairs_port import (
    Dialog,
    Minutes,
    dialog as dialog,  # noqa: PLC0414 - a fixture
    minutes as minutes,  # noqa: PLC0414 - a fixture
    told,
)

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

REGISTER = 12_345_678
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SWEDISH = AidonSweden()


def nameless(power: int = 2000, register: int = REGISTER, at: datetime = NINE) -> bytes:
    """Return the frame of its list."""
    values = {**VALUES, **dict.fromkeys(PHASED_POWERS, 0), "power_import": power, "energy_import": register}
    return SWEDISH.encode("hourly", values, SWEDISH.wall(at))


def entry_of(url: str, **options: Any) -> MockConfigEntry:
    """Return the entry that the config flow would make for it."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Aidon",
        unique_id=None,
        data={
            "port": url,
            "baudrate": 2400,
            "parity": "E",
            "meter": {"maker": "Aidon", "model": "", "id": "", "list_id": "", "grid": None},
            "quantities": ["energy_import", "power_import"],
        },
        options=options,
    )


def sensor(hass: HomeAssistant, entry: MockConfigEntry, quantity: str) -> str:
    """Return the id of the entity of a quantity."""
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{entry.entry_id}_{quantity}")
    assert entity_id is not None
    return entity_id


async def test_its_entry_is_its_identity(hass: HomeAssistant, bridge: Bridge, hass_storage: dict[str, Any]) -> None:
    bridge.greeting = nameless(2468)
    entry = await set_up(hass, entry_of(bridge.url))
    await until(hass, sensor(hass, entry, "power_import"), "2468")
    await until(hass, sensor(hass, entry, "energy_import"), f"{REGISTER / 1000}")
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.identifiers == {(DOMAIN, entry.entry_id)}
    assert device.serial_number is None
    for known in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        assert known.unique_id.startswith(f"{entry.entry_id}_")
    assert entry.data["meter"]["id"] == ""
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(hass, sensor(hass, entry, "power_import"), "2468")
    assert hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["book"]["meter"] == entry.entry_id
    assert len(dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)) == 1
    json.dumps(await async_get_config_entry_diagnostics(hass, entry))


async def test_it_is_not_expected_to_send_what_it_does_not(hass: HomeAssistant, bridge: Bridge) -> None:
    """All its registers come with its first list: there are no sensors of others."""
    entry = await set_up(hass, entry_of(bridge.url))
    sensor(hass, entry, "energy_import")
    unique_id = f"{entry.entry_id}_reactive_energy_import"
    assert er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id) is None
    bridge.greeting = nameless(1)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(hass, sensor(hass, entry, "power_import"), "1")
    assert er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id) is not None


async def test_two_of_them_in_one_house(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = nameless(1)
    first = await set_up(hass, entry_of(bridge.url))
    async with Bridge() as elsewhere:
        elsewhere.greeting = nameless(2)
        second = await set_up(hass, entry_of(elsewhere.url))
        await until(hass, sensor(hass, first, "power_import"), "1")
        await until(hass, sensor(hass, second, "power_import"), "2")
        assert await hass.config_entries.async_unload(second.entry_id)


async def test_lists_with_a_number_are_another_meters(hass: HomeAssistant, bridge: Bridge, minutes: Minutes) -> None:
    bridge.greeting = nameless(1)
    entry = await set_up(hass, entry_of(bridge.url))
    await until(hass, sensor(hass, entry, "power_import"), "1")
    await minutes(6, lambda: bridge.send(full(power_import=9)))
    assert told(hass) == ["another_meter"]
    bridge.send(nameless(3))
    await until(hass, sensor(hass, entry, "power_import"), "3")
    await minutes(0.5)
    assert told(hass) == []


type Adopt = Callable[[MockConfigEntry, bytes], Awaitable[MockConfigEntry]]


@pytest.fixture
def adopt(hass: HomeAssistant, bridge: Bridge, minutes: Minutes, dialog: Dialog) -> Adopt:
    """Return what has a meter come in the place of another one, and adopts it; that returns its entry."""

    async def adopt(old: MockConfigEntry, lists: bytes) -> MockConfigEntry:
        bridge.greeting = lists
        await minutes(6, lambda: bridge.send(lists))
        await dialog.open(old, Kind.ANOTHER_METER)
        step = await dialog.heard()
        assert (step["type"], step["step_id"]) == ("form", "adopt")
        assert (await dialog.submit())["type"] == "create_entry"
        await hass.async_block_till_done()
        assert old.disabled_by is ConfigEntryDisabler.USER
        (new,) = (one for one in hass.config_entries.async_entries(DOMAIN) if one.disabled_by is None)
        assert new.state is ConfigEntryState.LOADED
        return cast("MockConfigEntry", new)

    return adopt


async def test_it_is_replaced_and_comes_back(hass: HomeAssistant, bridge: Bridge, adopt: Adopt) -> None:
    """One with a number comes in its place, one without in that one's, and the first again. Each has its own entry."""
    bridge.greeting = nameless(1)
    first = await set_up(hass, entry_of(bridge.url))
    await until(hass, sensor(hass, first, "power_import"), "1")

    second = await adopt(first, full(power_import=2))
    assert second.unique_id == AIDON.id
    await until(hass, entity(hass, "power_import"), "2")

    again = await adopt(second, nameless(3))
    assert again is first
    await until(hass, sensor(hass, first, "power_import"), "3")


async def test_it_comes_in_the_place_of_one_with_a_number(hass: HomeAssistant, bridge: Bridge, adopt: Adopt) -> None:
    bridge.greeting = full(KAMSTRUP, power_import=1)
    first = await set_up(hass, entry_for(bridge.url, KAMSTRUP))
    await until(hass, entity(hass, "power_import", KAMSTRUP), "1")
    second = await adopt(first, nameless(2))
    assert second.unique_id is None
    assert second.data["meter"]["id"] == ""
    await until(hass, sensor(hass, second, "power_import"), "2")
