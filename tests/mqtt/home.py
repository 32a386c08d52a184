"""Home Assistant with its own MQTT integration, connected to a real broker.

What belongs here: setting that integration up as its own config flow would, and waiting for what it does. `mqtt_mock`
is not used: it has no broker, and so none that goes away.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from homeassistant.components import mqtt
from homeassistant.components.mqtt import client
from homeassistant.components.mqtt.const import CONFIG_ENTRY_MINOR_VERSION, CONFIG_ENTRY_VERSION
from homeassistant.core import HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ..conftest import ENOUGH
from .broker import HOST, Broker

TOPIC = "house/meter"
URL = f"mqtt://{TOPIC}"
_WAITS = ("RECONNECT_INTERVAL_SECONDS", "INITIAL_SUBSCRIBE_COOLDOWN", "SUBSCRIBE_COOLDOWN", "UNSUBSCRIBE_COOLDOWN")


def prepare(hass: HomeAssistant, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Home Assistant an empty configuration.yaml, which MQTT reads, and have MQTT's waits take a hundredth."""
    config.joinpath("configuration.yaml").touch()
    monkeypatch.setattr(hass.config, "config_dir", str(config))
    for name in _WAITS:
        monkeypatch.setattr(client, name, getattr(client, name) / 100)


def mqtt_entry(broker: Broker, **more: Any) -> MockConfigEntry:
    """Return the entry of the MQTT integration. The broker speaks version 3.1.1."""
    return MockConfigEntry(
        domain=mqtt.DOMAIN,
        version=CONFIG_ENTRY_VERSION,
        minor_version=CONFIG_ENTRY_MINOR_VERSION,
        data={"broker": HOST, "port": broker.port, "protocol": "3.1.1", "discovery": False, **more},
    )


async def set_up_mqtt(hass: HomeAssistant, broker: Broker) -> MockConfigEntry:
    """Set the MQTT integration up; return when it is connected."""
    entry = mqtt_entry(broker)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await connection(hass, is_there=True)
    return entry


async def connection(hass: HomeAssistant, *, is_there: bool) -> None:
    """Wait until the broker is there, or is not."""
    changed = asyncio.Event()

    @callback
    def told(_is_connected: bool) -> None:
        changed.set()

    stop = mqtt.async_subscribe_connection_status(hass, told)
    try:
        async with asyncio.timeout(ENOUGH):
            while mqtt.is_connected(hass) is not is_there:
                changed.clear()
                await changed.wait()
    finally:
        stop()


async def subscribed(hass: HomeAssistant, topic: str = TOPIC) -> None:
    """Wait until the broker has taken Home Assistant's subscription to a topic."""
    done = asyncio.Event()
    stop: Callable[[], None] = client.async_on_subscribe_done(hass, topic, 0, done.set)
    try:
        async with asyncio.timeout(ENOUGH):
            await done.wait()
    finally:
        stop()
