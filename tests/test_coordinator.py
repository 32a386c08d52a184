"""A meter that falls silent, comes back, or turns out to be another one."""

import asyncio
from collections.abc import Iterator
import logging
from pathlib import Path
from random import Random

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.coordinator import HanPortCoordinator

from .conftest import (
    AIDON,
    ENOUGH,
    KAMSTRUP,
    OTHER_AIDON,
    Bridge,
    Time,
    complaints,
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
from .meters import Aidon, Kamstrup
from .serving import Pty

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


def coordinator_of(entry: MockConfigEntry) -> HanPortCoordinator:
    """Return the coordinator of an entry that is set up."""
    coordinator: HanPortCoordinator = entry.runtime_data
    return coordinator


async def until_link(hass: HomeAssistant, entry: MockConfigEntry, *, connected: bool) -> None:
    """Wait until the link has noticed what became of its connection. It tells nobody: look again and again."""
    async with asyncio.timeout(ENOUGH):
        while coordinator_of(entry).link.connected != connected:
            await hass.async_add_executor_job(int)


def news(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the integration has said to people."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.han_port") and record.levelno > logging.DEBUG
    ]


async def test_a_silent_meter_is_unavailable_and_comes_back(
    hass: HomeAssistant, bridge: Bridge, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = hourly()
    await set_up(hass, entry_for(bridge.url))
    power_import, energy_import = entity(hass, "power_import"), entity(hass, "energy_import")
    await until(hass, energy_import, "12345.67")
    time.passes(39)
    await hass.async_block_till_done()
    assert shown(hass, "power_import") == "2526"
    time.passes(1.5)
    await until(hass, power_import, "unavailable")
    assert shown(hass, "energy_import") == "unavailable"
    assert shown(hass, "voltage_l1") == "unavailable"
    time.passes(10)
    await hass.async_block_till_done()
    (line,) = news(caplog)
    assert line.startswith("Aidon 6525: no list from the meter for 4")
    assert line.endswith("s: the port is open, but nothing comes")
    caplog.clear()

    bridge.send(full(power_import=1, voltage_l1=240))
    await until(hass, power_import, "1")
    assert shown(hass, "voltage_l1") == "240.0"  # does not wait for its half a minute
    assert shown(hass, "energy_import") == "12345.67"
    assert len(news(caplog)) == 1
    assert "lists come again, after 5" in news(caplog)[0]
    assert complaints(caplog) == []


async def test_lists_keep_a_meter_available(
    hass: HomeAssistant, bridge: Bridge, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    await set_up(hass, entry_for(bridge.url))
    client = await bridge.client()
    for watts in range(1, 11):
        client.send(full(power_import=watts))
        await until(hass, entity(hass, "power_import"), str(watts))
        time.passes(30)
        await hass.async_block_till_done()
        assert shown(hass, "power_import") == str(watts)
    assert news(caplog) == []


async def test_a_meter_with_power_lists_is_missed_sooner(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    bridge.greeting = full()
    coordinator = coordinator_of(await set_up(hass, entry_for(bridge.url)))
    await until(hass, entity(hass, "power_import"), "2526")
    assert coordinator.link.patience == 60
    bridge.send(power(watts=1))
    await until(hass, entity(hass, "power_import"), "1")
    assert coordinator.link.patience == 15
    time.passes(9)
    await hass.async_block_till_done()
    assert shown(hass, "power_import") == "1"
    time.passes(1.5)
    await until(hass, entity(hass, "power_import"), "unavailable")


async def test_a_silent_connection_is_opened_anew(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    bridge.greeting = power(watts=1)
    await set_up(hass, entry_for(bridge.url))
    client = await bridge.client()
    await until(hass, entity(hass, "power_import"), "1")
    bridge.greeting = full(power_import=2)
    time.passes(15.5)
    async with asyncio.timeout(ENOUGH):
        await client.gone.wait()
    await until(hass, entity(hass, "power_import"), "2")


async def test_noise_is_told_from_silence(
    hass: HomeAssistant, bridge: Bridge, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = full() + b"not a list"
    await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    bridge.send(b"not a list")
    time.passes(41)
    bridge.send(b"not a list")
    await until(hass, entity(hass, "power_import"), "unavailable")
    (line,) = news(caplog)
    assert "bytes came, and no list in them" in line


async def test_an_unplugged_bridge_is_named_as_the_cause(
    hass: HomeAssistant, bridge: Bridge, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    await bridge.stop()
    await until_link(hass, entry, connected=False)
    time.passes(41)
    await until(hass, entity(hass, "power_import"), "unavailable")
    (line,) = news(caplog)
    assert bridge.url in line
    async with bridge:
        bridge.greeting = full(power_import=7)
        time.passes(60)
        await until(hass, entity(hass, "power_import"), "7")


@pytest.mark.usefixtures("socket_enabled")
async def test_an_adapter_is_unplugged_and_plugged_in_again(
    hass: HomeAssistant, time: Time, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "usb-adapter"
    enable(hass, "reconnects")
    with Pty() as first:
        path.symlink_to(first.path)
        entry = await set_up(hass, entry_for(str(path)))
        first.send(full())
        await until(hass, entity(hass, "power_import"), "2526")
    path.unlink()
    await until_link(hass, entry, connected=False)
    time.passes(41)
    await until(hass, entity(hass, "power_import"), "unavailable")
    assert shown(hass, "reconnects") == "0"
    (line,) = news(caplog)
    assert str(path) in line
    with Pty() as second:
        path.symlink_to(second.path)
        time.passes(60)
        await until_link(hass, entry, connected=True)
        second.send(full(power_import=7))
        await until(hass, entity(hass, "power_import"), "7")
        assert await hass.config_entries.async_unload(entry.entry_id)
    assert complaints(caplog) == []


async def test_a_fault_that_comes_and_goes_is_told_once(
    hass: HomeAssistant, bridge: Bridge, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    await set_up(hass, entry_for(bridge.url))
    client = await bridge.client()
    power_import = entity(hass, "power_import")
    for watts in range(1, 9):
        client.send(full(power_import=watts))
        await until(hass, power_import, str(watts))
        time.passes(41)
        await until(hass, power_import, "unavailable")
    assert ["no list" in line for line in news(caplog)] == [True, False]
    caplog.clear()
    client.send(full(power_import=9))
    await until(hass, power_import, "9")
    for watts in range(10, 31):  # ten minutes and a half
        time.passes(30)
        client.send(full(power_import=watts))
        await until(hass, power_import, str(watts))
    time.passes(41)
    await until(hass, power_import, "unavailable")
    assert ["no list" in line for line in news(caplog)] == [True]


async def test_noise_for_ever(hass: HomeAssistant, bridge: Bridge, time: Time) -> None:
    bridge.greeting = full()
    coordinator = coordinator_of(await set_up(hass, entry_for(bridge.url)))
    await until(hass, entity(hass, "power_import"), "2526")
    bridge.greeting = b""
    noise = Random(1).randbytes(1 << 12)
    for _ in range(10):
        bridge.send(noise)
        await hass.async_block_till_done()
    time.passes(41)
    await until(hass, entity(hass, "power_import"), "unavailable")
    assert coordinator.decoder.held <= 4096
    bridge.send(full(power_import=6), full(power_import=7))  # the first may end what looked like a frame
    await until(hass, entity(hass, "power_import"), "7")


async def test_a_short_break_of_the_connection_is_not_seen(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url))
    client = await bridge.client()
    await until(hass, entity(hass, "power_import"), "2526")
    bridge.greeting = full(power_import=7)
    client.close()
    await until(hass, entity(hass, "power_import"), "7")
    assert news(caplog) == []


async def test_half_a_list_does_not_spoil_the_next_connection(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url))
    client = await bridge.client()
    await until(hass, entity(hass, "power_import"), "2526")
    client.send(full(power_import=1)[:-20])
    bridge.greeting = full(power_import=7)
    client.close()
    await until(hass, entity(hass, "power_import"), "7")


@pytest.fixture
def others_id() -> str:
    """Return the number that must not show."""
    return OTHER_AIDON.id


async def test_nothing_is_taken_from_another_meter(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, others_id: str
) -> None:
    """A few lists of another one say nothing: a cable was moved, and moved back."""
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url, interval=0))
    await until(hass, entity(hass, "power_import"), "2526")
    bridge.send(full(OTHER_AIDON, power_import=1), power(OTHER_AIDON, 2), hourly(OTHER_AIDON, power_import=3))
    bridge.send(power(OTHER_AIDON, 4), full(power_import=5))
    await until(hass, entity(hass, "power_import"), lambda state: state.state != "2526")
    assert shown(hass, "power_import") == "5"
    assert shown(hass, "energy_import") == "unknown"
    bridge.send(power(watts=6))
    await until(hass, entity(hass, "power_import"), "6")
    assert ir.async_get(hass).issues == {}
    assert news(caplog) == []
    assert others_id not in caplog.text


async def test_a_list_without_a_number_is_from_the_meter_named_last(hass: HomeAssistant, bridge: Bridge) -> None:
    nameless = Aidon("6525", "")
    await set_up(hass, entry_for(bridge.url))
    client = await bridge.client()
    client.send(full(nameless, power_import=1))
    await until(hass, entity(hass, "power_import"), "1")
    client.send(full(OTHER_AIDON, power_import=2) + full(nameless, power_import=3) + full(power_import=4))
    await until(hass, entity(hass, "power_import"), lambda state: state.state != "1")
    assert shown(hass, "power_import") == "4"


async def test_another_meter_for_long_makes_ours_unavailable(
    hass: HomeAssistant, bridge: Bridge, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    time.passes(35)
    bridge.send(full(OTHER_AIDON))
    time.passes(6)
    await until(hass, entity(hass, "power_import"), "unavailable")
    assert news(caplog)[-1].endswith("another meter is on the port")
    assert len(news(caplog)) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert ir.async_get(hass).issues == {}


async def test_the_same_meter_may_tell_more_about_itself(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    other_model = Aidon("6534", AIDON.id)
    (await bridge.client()).send(full(other_model))
    await until(hass, entity(hass, "power_import"), "2526")
    await hass.async_block_till_done()
    assert entry.data["meter"] == {
        "maker": "Aidon",
        "model": "6534",
        "id": AIDON.id,
        "list_id": "AIDON_V0001",
        "grid": "tn",
    }
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.model == "6534"
    assert device.serial_number == AIDON.id


async def test_a_meter_that_says_less_of_itself_stays_what_it_is(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url, KAMSTRUP))
    (await bridge.client()).send(full(Kamstrup("", KAMSTRUP.id)))
    await until(hass, entity(hass, "power_import", KAMSTRUP), "2526")
    assert entry.data["meter"]["model"] == KAMSTRUP.model


@pytest.fixture
def all_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Return the log, with everything in it."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


async def test_the_log_is_quiet_about_lists(
    hass: HomeAssistant, bridge: Bridge, all_log: pytest.LogCaptureFixture
) -> None:
    enable(hass, "meter_clock", "lists_received", maker=KAMSTRUP)
    damaged = bytearray(full(KAMSTRUP))
    damaged[100] ^= 1
    bridge.greeting = b"noise" + full(KAMSTRUP) + bytes(damaged) + hourly(KAMSTRUP, power_import=1)
    entry = await set_up(hass, entry_for(bridge.url, KAMSTRUP))
    await until(hass, entity(hass, "power_import", KAMSTRUP), "1")
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert complaints(all_log) == []
    assert news(all_log) == []
    ours = [record for record in all_log.records if "han_port" in record.name and record.levelno > logging.DEBUG]
    assert KAMSTRUP.id not in "".join(record.getMessage() for record in ours)


async def test_after_a_silence_another_meters_power_is_not_shown(
    hass: HomeAssistant, bridge: Bridge, time: Time
) -> None:
    """Its short lists come first, and name nobody."""
    bridge.greeting = full()
    await set_up(hass, entry_for(bridge.url))
    await until(hass, entity(hass, "power_import"), "2526")
    time.passes(41)
    await until(hass, entity(hass, "power_import"), "unavailable")
    bridge.send(power(watts=3929), full(OTHER_AIDON, power_import=3930), power(watts=3931))
    await hass.async_block_till_done()
    assert shown(hass, "power_import") == "unavailable"
    bridge.send(full(power_import=7))
    await until(hass, entity(hass, "power_import"), "7")
