"""An entry comes up, goes down, and leaves nothing behind."""

import asyncio

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
import pytest

from .conftest import AIDON, ENOUGH, KAMSTRUP, Bridge, complaints, entity, entry_for, full, set_up, shown, until
from .serving import Pty, open_files

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


async def test_life(hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    assert entry.state is ConfigEntryState.LOADED
    await until(hass, entity(hass, "power_import"), "2526")
    client = await bridge.client()

    assert await hass.config_entries.async_unload(entry.entry_id)
    assert shown(hass, "power_import") == "unavailable"
    async with asyncio.timeout(ENOUGH):
        await client.gone.wait()
    assert entry.state.value == "not_loaded"

    assert await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.async_all("sensor") == []
    assert complaints(caplog) == []


@pytest.mark.usefixtures("socket_enabled")
async def test_a_serial_device(hass: HomeAssistant) -> None:
    with Pty() as pty:
        entry = await set_up(hass, entry_for(pty.path))
        assert entry.state is ConfigEntryState.LOADED
        pty.send(full())
        await until(hass, entity(hass, "power_import"), "2526")
        assert pty.baudrate == 2400
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_two_meters(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url))
    with Pty() as pty:
        second = await set_up(hass, entry_for(pty.path, KAMSTRUP))
        pty.send(full(KAMSTRUP, power_import=7))
        await until(hass, entity(hass, "power_import"), "2526")
        await until(hass, entity(hass, "power_import", KAMSTRUP), "7")
        assert await hass.config_entries.async_unload(second.entry_id)
    bridge.send(full(power_import=8))
    await until(hass, entity(hass, "power_import"), "8")


async def test_entities_are_there_at_once_after_a_restart(hass: HomeAssistant, bridge: Bridge) -> None:
    await set_up(hass, entry_for(bridge.url))
    assert shown(hass, "power_import") == "unknown"
    assert shown(hass, "voltage_l3") == "unknown"
    assert shown(hass, "energy_export") == "unknown"


@pytest.mark.parametrize("gone", ["/dev/serial/by-id/usb-not-there", "socket://127.0.0.1:{free}", "socket://127.0.0.1"])
async def test_a_port_that_does_not_open_is_tried_again(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, gone: str
) -> None:
    free = bridge.port
    await bridge.stop()
    entry = await set_up(hass, entry_for(gone.format(free=free)))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_open"
    assert entry.error_reason_translation_placeholders is not None
    assert entry.error_reason_translation_placeholders["error"]
    assert complaints(caplog) == []
    assert "Traceback" not in "".join(r.getMessage() for r in caplog.records if r.levelname != "DEBUG")


async def test_a_port_that_comes_later(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    await bridge.stop()
    entry = await set_up(hass, entry_for(bridge.url))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    async with bridge:
        assert await hass.config_entries.async_reload(entry.entry_id)
        await until(hass, entity(hass, "power_import"), "2526")


async def test_home_assistant_stops(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    client = await bridge.client()
    await until(hass, entity(hass, "power_import"), "2526")
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    async with asyncio.timeout(ENOUGH):
        await client.gone.wait()
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_home_assistant_stops_while_a_port_is_being_opened(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    entry = entry_for(bridge.url.replace("socket", "rfc2217"))  # never answered
    entry.add_to_hass(hass)
    setting_up = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    await bridge.client()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    async with asyncio.timeout(ENOUGH / 2):  # sooner than the opening would give up
        assert not await setting_up
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert complaints(caplog) == []


async def test_no_file_stays_open(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    before = open_files()
    for _ in range(5):
        assert await hass.config_entries.async_reload(entry.entry_id)
        await bridge.client()
    for client in bridge.clients[:-1]:
        async with asyncio.timeout(ENOUGH):
            await client.gone.wait()
    assert open_files() == before


async def test_unique_ids_are_the_meters_number(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    assert entry.unique_id == AIDON.id
    assert entity(hass, "power_import").startswith("sensor.")
