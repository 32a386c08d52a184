"""A port that an entry reads, lent for listening: a port has one reader at a time.

What belongs here: taking the port from its entry, and having the entry take it again.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .waiting import leave_port

if TYPE_CHECKING:
    from .coordinator import HanPortConfigEntry


class PortLoan:
    """The port of one entry, for as long as a dialog listens to it."""

    def __init__(self) -> None:
        self._entry: HanPortConfigEntry | None = None

    async def take(self, hass: HomeAssistant, entry: HanPortConfigEntry) -> None:
        """Unload an entry; return when its port is free."""
        if entry.state.recoverable:
            await leave_port(hass, entry.entry_id)
            await hass.config_entries.async_unload(entry.entry_id)
            self._entry = entry

    @callback
    def give_back(self, hass: HomeAssistant, listening: asyncio.Task[Any] | None = None) -> None:
        """Set the entry up again, if it is still there and was unloaded; but not before the listening has ended."""
        if listening is None or listening.done():
            self._give_back(hass)
        else:
            hass.async_create_task(self._give_back_after(hass, listening))

    async def _give_back_after(self, hass: HomeAssistant, listening: asyncio.Task[Any]) -> None:
        await asyncio.wait({listening})
        self._give_back(hass)

    @callback
    def _give_back(self, hass: HomeAssistant) -> None:
        entry, self._entry = self._entry, None
        if (
            entry is not None
            and hass.config_entries.async_get_entry(entry.entry_id) is not None
            and entry.state is ConfigEntryState.NOT_LOADED
        ):
            # Not a reload: that would end a dialog that asks for new keys.
            hass.async_create_task(hass.config_entries.async_setup(entry.entry_id), f"{entry.title} has its port")

    @callback
    def end(self) -> None:
        """Take note that the entry is set up again by someone else."""
        self._entry = None
