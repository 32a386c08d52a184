"""A Home Assistant that lives in the simulated house: its meter on a TCP socket, and switches that the loads obey."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
import json
from pathlib import Path
import shutil
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.coordinator import HanPortConfigEntry, HanPortCoordinator
from scripts.benchmarks.home import entry_of, home_in, keep_address
from scripts.soaking.clock import Clock
from tests.meters import Kind, Meter, SwitchedLoad
from tests.serving import TcpServer

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
NOTE = "input_text.note"
EVERY = timedelta(seconds=10)


class Bridge:
    """Sends a meter's lists over TCP to whoever is connected."""

    def __init__(self, meter: Meter, clock: Clock) -> None:
        self.meter = meter
        self.lists = 0
        self.silent = False
        self._clock = clock
        self._server = TcpServer()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.url

    @asynccontextmanager
    async def playing(self, start: datetime, kinds: Sequence[Kind]) -> AsyncGenerator[None]:
        """Send all lists of some kinds, in the meantime."""
        async with self._server:
            task = asyncio.create_task(self._play(start, kinds))
            try:
                yield
            finally:
                task.cancel()

    async def _play(self, start: datetime, kinds: Sequence[Kind]) -> None:
        for at, kind in self.meter.schedule(start, kinds=kinds, full_every=EVERY):
            await asyncio.sleep(max(0.0, self._clock.loop_time(at) - self._clock.time()))
            frame = self.meter.send(kind, at).frame
            if self.silent:
                continue
            self.lists += 1
            for client in self._server.clients:
                client.send(frame)


class Living:
    """A house and its Home Assistant, which keeps its configuration in a folder and may be started more than once."""

    def __init__(
        self, folder: Path, clock: Clock, meter: Meter, loads: Mapping[str, SwitchedLoad], options: Mapping[str, Any]
    ) -> None:
        """Begin.

        Args:
            folder: of Home Assistant's configuration.
            clock: of the event loop.
            meter: of the house.
            loads: by the name of the switch that they obey, as it is in entity ids.
            options: of the meter's entry.

        """
        self.clock = clock
        self.bridge = Bridge(meter, clock)
        self.switched: list[tuple[datetime, str, bool]] = []
        """What was done to the switches, and when."""
        self.note_length = 255
        """Of the text helper."""
        self._folder = folder
        self._loads = {f"switch.{name}": load for name, load in loads.items()}
        self._options = options
        self._hass: HomeAssistant | None = None
        shutil.copytree(BLUEPRINTS, folder / "blueprints")

    @property
    def hass(self) -> HomeAssistant:
        """The Home Assistant that runs now."""
        assert self._hass is not None  # noqa: S101 - within `started`
        return self._hass

    @property
    def coordinator(self) -> HanPortCoordinator:
        """The meter in the Home Assistant that runs now."""
        entry: HanPortConfigEntry = self.hass.config_entries.async_entries(DOMAIN)[0]
        return entry.runtime_data

    @asynccontextmanager
    async def started(self, automations: Sequence[Mapping[str, Any]] = ()) -> AsyncGenerator[HomeAssistant]:
        """Start Home Assistant, with the automations in its configuration."""
        async with home_in(str(self._folder), {**self._configuration(), "automation": list(automations)}) as hass:
            self._hass = hass
            hass.bus.async_listen(EVENT_STATE_CHANGED, self._obey)
            if not hass.config_entries.async_entries(DOMAIN):
                await keep_address(hass)
                entry: ConfigEntry = entry_of(self.bridge.meter.maker, self.bridge.url, self._options)
                await hass.config_entries.async_add(entry)
                await self._switch_on()
            await hass.async_block_till_done()
            yield hass
        self._hass = None

    async def automate(self, *automations: Mapping[str, Any]) -> None:
        """Have these automations, as if they had been saved in the editor."""
        (self._folder / "configuration.yaml").write_text(json.dumps({"automation": automations}), encoding="utf-8")
        await self.hass.services.async_call("automation", "reload", blocking=True)
        await self.hass.async_block_till_done()

    async def until(self, at: datetime) -> None:
        """Let time pass."""
        await asyncio.sleep(max(0.0, self.clock.loop_time(at) - self.clock.time()))

    def entity(self, platform: str, key: str) -> str:
        """Return the id of an entity of the meter."""
        unique_id = f"{self.bridge.meter.maker.id}_{key}"
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, unique_id)
        assert entity_id is not None, key  # noqa: S101 - it tells which one
        return entity_id

    def shown(self, entity_id: str) -> str:
        """Return the state of an entity."""
        state = self.hass.states.get(entity_id)
        return "" if state is None else state.state

    async def call(self, domain: str, action: str, entity_id: str, **data: object) -> None:
        """Perform an action on an entity."""
        await self.hass.services.async_call(domain, action, {"entity_id": entity_id, **data}, blocking=True)

    def _configuration(self) -> dict[str, Any]:
        names = [entity_id.partition(".")[2] for entity_id in self._loads]
        # A relay keeps its position over a restart of Home Assistant, as the helper does that stands behind it here.
        switches = [
            {
                "name": name,
                "default_entity_id": f"switch.{name}",
                "state": f"{{{{ is_state('input_boolean.{name}', 'on') }}}}",
                "turn_on": [{"action": "input_boolean.turn_on", "target": {"entity_id": f"input_boolean.{name}"}}],
                "turn_off": [{"action": "input_boolean.turn_off", "target": {"entity_id": f"input_boolean.{name}"}}],
            }
            for name in names
        ]
        return {
            "input_boolean": {name: {} for name in names},
            "input_text": {NOTE.partition(".")[2]: {"max": self.note_length}},
            "template": [{"switch": switches}],
        }

    async def _switch_on(self) -> None:
        for entity_id in self._loads:
            await self.call("switch", "turn_on", entity_id)
        await self.hass.async_block_till_done()
        self.switched.clear()

    @callback
    def _obey(self, event: Event[EventStateChangedData]) -> None:
        """Have a load do what its switch says."""
        state = event.data["new_state"]
        if state is None or state.state not in ("on", "off") or (load := self._loads.get(state.entity_id)) is None:
            return
        on = state.state == "on"
        if on != load.on:
            now = self.clock.now()
            load.switch(now, on=on)
            self.switched.append((now, state.entity_id, on))


def keep_step(living: Living, loads: Mapping[str, float], **inputs: object) -> dict[str, Any]:
    """Return the automation of the blueprint that keeps the step: switches in order and what they draw, in W."""
    return automation(
        "keep_capacity_step",
        over_target=living.entity("binary_sensor", "over_target"),
        available_power=living.entity("sensor", "available_power"),
        loads=[{"switch": f"switch.{name}", "power": power} for name, power in loads.items()],
        note=NOTE,
        **inputs,
    )


def automation(blueprint: str, **inputs: object) -> dict[str, Any]:
    """Return an automation of one of the blueprints, with its name as id."""
    return {
        "id": blueprint,
        "alias": blueprint,
        "use_blueprint": {"path": f"{DOMAIN}/{blueprint}.yaml", "input": inputs},
    }
