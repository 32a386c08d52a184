"""The entry of a meter that is heard by MQTT."""

import asyncio
import logging

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..conftest import (
    CLOCK,
    ENOUGH,
    Time,
    complaints,
    entity,
    entry_for,
    full,
    hourly,
    power,
    set_up,
    shown,
    until,
)
from ..meters.p1 import P1
from ..pulse import pulse
from .broker import Broker, Publisher
from .home import TOPIC, URL, connection, mqtt_entry, set_up_mqtt, subscribed

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

STATUS = b'{"status":{"hwmodel":"TLC01","rssi":-67,"ssid":"7EA0","mdb_zlib":1}}'


def news(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the integration has said to people."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.han_port") and record.levelno > logging.DEBUG
    ]


async def loaded(entry: MockConfigEntry) -> None:
    """Wait until an entry is set up."""
    done = asyncio.Event()

    def look() -> None:
        if entry.state is ConfigEntryState.LOADED:
            done.set()

    end = entry.async_on_state_change(look)
    look()
    async with asyncio.timeout(ENOUGH):
        await done.wait()
    end()


def bare(frame: bytes) -> bytes:
    """Return what is in a frame."""
    return frame[frame.index(b"\xe6\xe7\x00") : -3]


WRAPPED = {
    "frame": full(power_import=1),
    "frames": power(watts=9) + full(power_import=1),
    "text": full(power_import=1).hex(" ").upper().encode(),
    "bare": bare(full(power_import=1)),
    "Pulse": pulse(full(power_import=9), full(power_import=1)),
    "Pulse, compressed": pulse(full(power_import=9), full(power_import=1), compressed=True),
}


@pytest.mark.parametrize("payload", WRAPPED.values(), ids=WRAPPED)
async def test_lists_become_states(hass: HomeAssistant, broker: Broker, reader: Publisher, payload: bytes) -> None:
    await set_up_mqtt(hass, broker)
    await set_up(hass, entry_for(URL))
    await subscribed(hass)
    await reader.send(TOPIC, full())
    await until(hass, entity(hass, "power_import"), "2526")
    await reader.send(TOPIC, payload)
    await until(hass, entity(hass, "power_import"), "1")


@pytest.mark.parametrize("ends", [b"\r\n", b"\n"], ids=["CR LF", "LF"])
async def test_telegrams_become_states(hass: HomeAssistant, broker: Broker, reader: Publisher, ends: bytes) -> None:
    meter = P1("ISk5\\2MT382-1000", "K8EG003046395507", dutch=True)
    values = {**dict.fromkeys(meter.quantities("hourly"), 1), "power_import": 417}
    telegram = meter.encode("hourly", values, CLOCK)
    await set_up_mqtt(hass, broker)
    await set_up(hass, entry_for(URL, meter, sent=("power_import",)))
    await subscribed(hass)
    await reader.send(TOPIC, telegram.replace(b"\r\n", ends).rstrip())
    await until(hass, entity(hass, "power_import", meter), "417")


async def test_what_is_no_list_is_not_spoken_of(
    hass: HomeAssistant, broker: Broker, reader: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    await reader.send(TOPIC, full(power_import=7), retain=True)
    await set_up_mqtt(hass, broker)
    entry = await set_up(hass, entry_for(URL))
    await subscribed(hass)
    for status in (b"online", STATUS, b"", b"21.5", b"x" * 3000):
        await reader.send(TOPIC, status, power(watts=2))
        await until(hass, entity(hass, "power_import"), "2")
        assert shown(hass, "voltage_l1") == "unknown"  # the kept message was not taken
    counters = entry.runtime_data.decoder.counters
    assert (counters.damaged, counters.not_understood, counters.noise) == (0, 0, 0)
    assert news(caplog) == []


async def test_the_broker_goes_and_comes_back(
    hass: HomeAssistant, broker: Broker, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    await set_up_mqtt(hass, broker)
    await set_up(hass, entry_for(URL))
    await subscribed(hass)
    async with Publisher(broker.port) as reader:
        await reader.send(TOPIC, hourly())
        await until(hass, entity(hass, "energy_import"), "12345.67")
    await broker.stop()
    await connection(hass, is_there=False)
    await hass.async_block_till_done()
    assert shown(hass, "power_import") == "2526"
    time.passes(41)
    await until(hass, entity(hass, "power_import"), "unavailable")
    assert shown(hass, "energy_import") == "unavailable"
    time.passes(120)
    await hass.async_block_till_done()
    (line,) = news(caplog)
    assert line.startswith("Aidon 6525: no list from the meter for 4")
    assert line.endswith(f"s: {URL} cannot be heard: the MQTT broker is away")
    caplog.clear()

    await broker.start()
    await connection(hass, is_there=True)
    await hass.async_block_till_done()
    await subscribed(hass)
    async with Publisher(broker.port) as reader:
        await reader.send(TOPIC, full(power_import=1))
        await until(hass, entity(hass, "power_import"), "1")
    assert len(news(caplog)) == 1
    assert "lists come again" in news(caplog)[0]
    assert complaints(caplog) == []


async def test_the_mqtt_integration_is_set_up_later(
    hass: HomeAssistant, broker: Broker, reader: Publisher, time: Time
) -> None:
    entry = await set_up(hass, entry_for(URL))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert (
        entry.reason == f"The port cannot be opened: {URL} needs Home Assistant's MQTT integration, which is not set up"
    )
    entry.async_cancel_retry_setup()  # so that it is not Home Assistant who does it
    await set_up_mqtt(hass, broker)
    time.passes(60)
    await asyncio.sleep(0)
    time.passes(2)
    await loaded(entry)
    await subscribed(hass)
    await reader.send(TOPIC, full())
    await until(hass, entity(hass, "power_import"), "2526")


async def test_the_broker_comes_later(hass: HomeAssistant, broker: Broker, time: Time) -> None:
    await broker.stop()
    mqtt = mqtt_entry(broker)
    mqtt.add_to_hass(hass)
    assert await hass.config_entries.async_setup(mqtt.entry_id)
    entry = entry_for(URL)
    entry.add_to_hass(hass)
    setting_up = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    await asyncio.sleep(0)
    time.passes(11)
    await setting_up
    assert entry.state is ConfigEntryState.SETUP_RETRY
    entry.async_cancel_retry_setup()
    await broker.start()
    await connection(hass, is_there=True)
    time.passes(60)
    await asyncio.sleep(0)
    time.passes(2)
    await loaded(entry)
    await subscribed(hass)
    async with Publisher(broker.port) as reader:
        await reader.send(TOPIC, full())
        await until(hass, entity(hass, "power_import"), "2526")


async def test_a_message_of_a_megabyte(
    hass: HomeAssistant, broker: Broker, reader: Publisher, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    await set_up_mqtt(hass, broker)
    entry = await set_up(hass, entry_for(URL))
    await subscribed(hass)
    await reader.send(TOPIC, full(), full() * 3000)
    await until(hass, entity(hass, "power_import"), "2526")
    link = entry.runtime_data.link
    async with asyncio.timeout(ENOUGH):
        while link.connected:
            await hass.async_add_executor_job(int)
    assert str(link.error) == f"{URL} sent far more than a meter can"
    assert entry.runtime_data.decoder.held <= 1  # the flag that closed the list may open another
    time.passes(35)
    async with asyncio.timeout(ENOUGH):
        while not link.connected:
            await hass.async_add_executor_job(int)
    await subscribed(hass)
    await reader.send(TOPIC, full(power_import=3))
    await until(hass, entity(hass, "power_import"), "3")
    assert complaints(caplog) == []


async def test_the_entry_is_unloaded_with_or_without_a_broker(
    hass: HomeAssistant, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    await set_up_mqtt(hass, broker)
    entry = await set_up(hass, entry_for(URL))
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await broker.stop()
    await connection(hass, is_there=False)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert complaints(caplog) == []
