"""An entry comes up, goes down, and leaves nothing behind."""

import asyncio

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from .conftest import AIDON, ENOUGH, KAMSTRUP, Bridge, Time, complaints, entity, entry_for, full, set_up, shown, until
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


async def test_it_is_set_up_as_soon_as_the_port_opens(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    """Home Assistant itself would wait for up to ten minutes between two attempts."""
    bridge.greeting = full()
    await bridge.stop()
    entry = await set_up(hass, entry_for(bridge.url))
    for _ in range(3):  # the failures of hours
        await hass.config_entries.async_reload(entry.entry_id)
    async with bridge:
        entry.async_cancel_retry_setup()  # so that it is not Home Assistant who does it
        loaded = asyncio.Event()

        def look() -> None:
            if entry.state is ConfigEntryState.LOADED:
                loaded.set()

        entry.async_on_state_change(look)
        time.passes(1)
        await bridge.client()
        async with asyncio.timeout(ENOUGH):
            await loaded.wait()
        await until(hass, entity(hass, "power_import"), "2526")


@pytest.mark.parametrize("end", ["unload", "remove", "disable"])
async def test_nobody_waits_for_the_port_of_an_entry_that_is_out_of_use(
    hass: HomeAssistant, bridge: Bridge, time: Time, end: str
) -> None:
    await bridge.stop()
    entry = await set_up(hass, entry_for(bridge.url))
    if end == "unload":
        assert await hass.config_entries.async_unload(entry.entry_id)
    elif end == "remove":
        await hass.config_entries.async_remove(entry.entry_id)
    else:
        await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    async with bridge:
        for _ in range(100):
            time.passes(10)
            await asyncio.sleep(0)
        assert bridge.clients == []
    assert not [task for task in asyncio.all_tasks() if "waiting for a port" in task.get_name()]
    assert ir.async_get(hass).issues == {}


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
