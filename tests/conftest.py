"""What tests of the integration in Home Assistant have in common: a bridge on TCP with a meter, and the entry for it.

The bridge is a real one (`serving.TcpServer`); what it sends is encoded by the simulated meters' encoders, list by
list, when a test says so.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN

from .meters import Aidon, Kaifa, Kamstrup, Maker
from .serving import Client, TcpServer

ENOUGH = 10.0  # s; more than anything here takes

VALUES: Mapping[str, float] = {
    "power_import": 2526,
    "power_export": 0,
    "reactive_power_import": 0,
    "reactive_power_export": 214,
    "current_l1": 7.4,
    "current_l2": 8.1,
    "current_l3": 9.2,
    "voltage_l1": 231.4,
    "voltage_l2": 230.9,
    "voltage_l3": 232.1,
    "energy_import": 12_345_670,
    "energy_export": 890,
    "reactive_energy_import": 4_560,
    "reactive_energy_export": 1_234_560,
}
CLOCK = datetime(2026, 11, 24, 13)  # noqa: DTZ001 - a meter's clock

AIDON = Aidon("6525", "7359992000000116")
OTHER_AIDON = Aidon("6525", "7359992000000222")
SINGLE_PHASE = Aidon("6515", "7359992000000116")
KAIFA = Kaifa("MA304H4", "6970631000000338")
KAMSTRUP = Kamstrup("6841131BN243101040", "5706567000000444")


def power(maker: Maker = AIDON, watts: float = 2526) -> bytes:
    """Return the frame of a power list."""
    return maker.encode("power", {"power_import": watts}, CLOCK)


def full(maker: Maker = AIDON, **values: float) -> bytes:
    """Return the frame of a full list."""
    return maker.encode("full", {**VALUES, **values}, CLOCK)


def hourly(maker: Maker = AIDON, clock: datetime = CLOCK, **values: float) -> bytes:
    """Return the frame of an hourly list."""
    return maker.encode("hourly", {**VALUES, **values}, clock)


def registers(maker: Maker, **values: float) -> bytes:
    """Return the list of a maker that sends nothing but lists with registers."""
    return maker.encode("hourly", {**dict.fromkeys(maker.quantities("hourly"), 1.0), **VALUES, **values}, CLOCK)


class Bridge(TcpServer):
    """A TCP bridge: every client gets the bytes of `greeting` at once, and what is sent later."""

    greeting = b""

    def __init__(self) -> None:
        super().__init__(self._greet)

    def _greet(self, client: Client) -> None:
        client.send(self.greeting)
        if self._server is None or not self._server.is_serving():
            client.close()  # it came through the door while that was being closed

    def send(self, *frames: bytes) -> None:
        """Send frames to all clients, in one piece."""
        for client in self.clients:
            client.send(b"".join(frames))


@pytest.fixture
async def bridge(socket_enabled: None) -> AsyncGenerator[Bridge]:  # noqa: ARG001 - a real socket
    """Return a bridge that says nothing yet."""
    async with Bridge() as running:
        yield running


@pytest.fixture
def everything_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have entities on that are off by default."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


class Time:
    """The event loop's clock, which a test may put forward: whatever was due meanwhile happens at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        real = loop.time
        monkeypatch.setattr(loop, "time", lambda: real() + self._ahead)

    def passes(self, seconds: float) -> None:
        """Put the clock forward."""
        self._ahead += seconds


@pytest.fixture
def time(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Time:
    """Return the clock of Home Assistant's event loop."""
    return Time(hass.loop, monkeypatch)


def entry_for(url: str, maker: Maker = AIDON, *, sent: tuple[str, ...] = (), **options: Any) -> MockConfigEntry:
    """Return the entry that the config flow would make for a meter."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=f"{maker.name} {maker.model}",
        unique_id=maker.id,
        data={
            "port": url,
            "baudrate": 2400,
            "parity": "E",
            "meter": {
                "maker": maker.name,
                "model": maker.model,
                "id": maker.id,
                "list_id": maker.list_id,
                "grid": str(maker.grid),
            },
            "quantities": sorted(sent or maker.quantities("full")),
        },
        options=options,
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Add an entry and set it up, whatever comes of it."""
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def entity(hass: HomeAssistant, quantity: str, maker: Maker = AIDON) -> str:
    """Return the id of the entity of a quantity."""
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{maker.id}_{quantity}")
    assert entity_id is not None, quantity
    return entity_id


def enable(hass: HomeAssistant, *quantities: str, maker: Maker = AIDON) -> None:
    """Register entities that are off by default as ones that the user has enabled, before the entry is set up."""
    for quantity in quantities:
        er.async_get(hass).async_get_or_create("sensor", DOMAIN, f"{maker.id}_{quantity}", disabled_by=None)


def shown(hass: HomeAssistant, quantity: str, maker: Maker = AIDON) -> str:
    """Return the state of a quantity's entity."""
    state = hass.states.get(entity(hass, quantity, maker))
    assert state is not None, quantity
    return state.state


async def until(hass: HomeAssistant, entity_id: str, is_so: Callable[[State], bool] | str) -> None:
    """Wait until the state of an entity, as text or as told by a function, is so."""
    done = asyncio.Event()

    def look(state: State | None) -> None:
        if state is not None and (state.state == is_so if isinstance(is_so, str) else is_so(state)):
            done.set()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == entity_id:
            look(event.data["new_state"])

    end = hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    try:
        look(hass.states.get(entity_id))
        async with asyncio.timeout(ENOUGH):
            await done.wait()
    finally:
        end()


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings and errors that name the integration, its standing notice and asyncio's remarks apart."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelname in {"WARNING", "ERROR", "CRITICAL"}
        and (DOMAIN in record.name or DOMAIN in record.getMessage())
        and "has not been tested by Home Assistant" not in record.getMessage()
        and not record.getMessage().startswith("Executing ")  # asyncio's remark on a busy machine
    ]
