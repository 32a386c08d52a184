"""Entries whose port did not open when they were set up: each is set up as soon as its port opens.

Home Assistant tries again by itself, but ten minutes apart in the end. What belongs here: the task that waits for the
port meanwhile, and the issue that tells of it. It ends when the entry is set up, unloaded, disabled or removed.
"""

import asyncio
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .coordinator import HanPortConfigEntry, line_of
from .link import LinkError, opens
from .mqtt_topic import opener
from .trouble_issues import forget_troubles, show_unreachable
from .troubles import LONG

_LET_GO: Final = 1.0
"""Seconds that a serial server may need after a connection, before it takes the next."""


class _Waiting:
    """One entry that waits for its port."""

    def __init__(self, hass: HomeAssistant, entry: HanPortConfigEntry, error: LinkError) -> None:
        self.error = error
        self.ended = False
        self._hass = hass
        self._entry = entry
        self._since = hass.loop.time()
        self._task: asyncio.Task[None]
        self._stop_listening = entry.async_on_state_change(self._state_changed)

    def go_on(self) -> None:
        """Wait for the port."""
        name = f"{DOMAIN} waiting for a port"
        self._task = self._hass.async_create_background_task(self._wait(), name, eager_start=False)

    async def pause(self) -> None:
        """Leave the port alone; return when it is free."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _wait(self) -> None:
        port, line = self._entry.data[CONF_PORT], line_of(self._entry)
        open_port = opener(self._hass)
        try:
            async with asyncio.timeout_at(self._since + LONG):
                await opens(port, line, opener=open_port)
        except TimeoutError:
            show_unreachable(self._hass, self._entry, self.error)
            await opens(port, line, opener=open_port)
        await asyncio.sleep(_LET_GO)
        self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    @callback
    def _state_changed(self) -> None:
        state = self._entry.state
        if state is ConfigEntryState.SETUP_RETRY:
            return
        self._task.cancel()
        if state is ConfigEntryState.SETUP_IN_PROGRESS:  # it may come back
            return
        self._hass.loop.call_soon(self._stop_listening)  # not now: Home Assistant goes through those who listen
        self.ended = True
        self._task.add_done_callback(self._forget)  # until then `leave_port` must find it
        if self._entry.disabled_by is not None:
            forget_troubles(self._hass, self._entry.entry_id)

    @callback
    def _forget(self, _task: asyncio.Task[None]) -> None:
        waiting = _all(self._hass)
        if waiting.get(self._entry.entry_id) is self:
            del waiting[self._entry.entry_id]


_WAITING: Final[HassKey[dict[str, _Waiting]]] = HassKey(f"{DOMAIN}_waiting")


def _all(hass: HomeAssistant) -> dict[str, _Waiting]:
    return hass.data.setdefault(_WAITING, {})


async def leave_port(hass: HomeAssistant, entry_id: str) -> None:
    """Have nobody wait for the port of an entry; return when it is free. `wait_for_port` begins again."""
    if (waiting := _all(hass).get(entry_id)) is not None:
        await waiting.pause()


@callback
def wait_for_port(hass: HomeAssistant, entry: HanPortConfigEntry, error: LinkError) -> None:
    """Set an entry up again as soon as its port opens, which it did not just now."""
    if (waiting := _all(hass).get(entry.entry_id)) is None or waiting.ended:
        waiting = _all(hass)[entry.entry_id] = _Waiting(hass, entry, error)
    waiting.error = error
    waiting.go_on()
