"""The USB adapter of a meter: which one it is, and following it when it is plugged in under another name.

What belongs here: an entry's adapter from when the entry is set up until it is unloaded, also while its port does not
open; the issue that offers an adapter that is probably it. Who is who among the ports is in `ports`.

Home Assistant's USB integration says when ports came or went, five seconds afterwards (it waits for udev).
"""

import asyncio
from collections.abc import Callable
import logging
from typing import Any, Final

from homeassistant.components import usb
from homeassistant.components.usb import USBDevice
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.service_info.usb import UsbServiceInfo
from homeassistant.util.hass_dict import HassKey

from .const import CONF_ADAPTER, DOMAIN
from .coordinator import HanPortConfigEntry, HanPortCoordinator
from .explain import plain
from .link import shown
from .ports import Absent, Adapter, Likely, Moved, Place, Present, adapter_at, find_adapter, known_adapter
from .waiting import leave_port

_LOGGER = logging.getLogger(__name__)

ADAPTER_MOVED: Final = "adapter_moved"
"""What the ids of the issues begin with."""
_FOLLOWED: Final = (ConfigEntryState.SETUP_IN_PROGRESS, ConfigEntryState.SETUP_RETRY, ConfigEntryState.LOADED)


class _Adapter:
    """The adapter of one entry, from when the entry is set up until it is unloaded."""

    def __init__(self, hass: HomeAssistant, entry: HanPortConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._stop_hearing: Callable[[], None] | None = None
        self._is_over = False
        self._lock = asyncio.Lock()
        self._stop_ports = usb.async_register_port_event_callback(hass, self._ports_changed)
        self._stop_states = entry.async_on_state_change(self._state_changed)

    @property
    def _coordinator(self) -> HanPortCoordinator | None:
        return self._entry.runtime_data if self._entry.state is ConfigEntryState.LOADED else None

    @callback
    def _state_changed(self) -> None:
        if self._entry.state is ConfigEntryState.LOADED:
            self._stop_hearing = None
            self._hear()
        elif self._entry.state not in _FOLLOWED and not self._is_over:
            self._is_over = True
            self._stop_ports()
            self._hass.loop.call_soon(self._stop_states)  # not now: Home Assistant goes through those who listen
            self._hass.data[_ADAPTERS].pop(self._entry.entry_id, None)
            if self._entry.disabled_by is not None:
                forget_adapter(self._hass, self._entry.entry_id)

    @callback
    def _ports_changed(self, added: set[USBDevice], _removed: set[USBDevice]) -> None:
        if added and (coordinator := self._coordinator) is not None:
            coordinator.link.retry_now()
        self._hass.async_create_task(self._follow(is_new=bool(added)), f"{DOMAIN} looking for an adapter")

    async def _follow(self, *, is_new: bool) -> None:
        """Look where the adapter is now, and set the entry up there."""
        found = await self.look()
        is_back = is_new and isinstance(found, Present) and self._entry.state is ConfigEntryState.SETUP_RETRY
        if is_back or isinstance(found, Moved):
            await leave_port(self._hass, self._entry.entry_id)
            if self._hass.config_entries.async_get_entry(self._entry.entry_id) is not None:
                self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    async def look(self) -> Place | None:
        """Look where the adapter is now, and act on it. Return None if the entry was changed meanwhile."""
        async with self._lock:
            port: str = self._entry.data[CONF_PORT]
            found = await find_adapter(self._hass, self._entry)
            if self._entry.data[CONF_PORT] != port or self._entry.state not in _FOLLOWED:
                return None  # somebody else was faster
            match found:
                case Present() | Absent():
                    forget_adapter(self._hass, self._entry.entry_id)
                case Likely():
                    self._offer(found)
                case Moved():
                    self._move(found)
            return found

    @callback
    def _move(self, found: Moved) -> None:
        entry = self._entry
        _LOGGER.info(
            "%s: the adapter has moved from %s to %s", entry.title, shown(entry.data[CONF_PORT]), shown(found.port)
        )
        data = {**entry.data, CONF_PORT: found.port}
        if (known := known_adapter(entry)) is not None:
            data[CONF_ADAPTER] = _as_stored(known, found.port)
        self._hass.config_entries.async_update_entry(entry, data=data)
        forget_adapter(self._hass, entry.entry_id)
        flows = self._hass.config_entries.flow
        for flow in flows.async_progress_by_init_data_type(UsbServiceInfo, lambda info: info.device == found.port):
            if flow["handler"] == DOMAIN:  # it was discovered as a new one
                flows.async_abort(flow["flow_id"])

    @callback
    def _offer(self, found: Likely) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            _issue_id(self._entry.entry_id),
            data={"entry_id": self._entry.entry_id, "port": found.port},
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ADAPTER_MOVED,
            translation_placeholders={
                "name": self._entry.title,
                "port": self._entry.data[CONF_PORT],
                "new_port": found.port,
                "adapter": plain(found.description) or "USB",
            },
        )
        self._hear()

    # The meter's own list shows that it is the right one.

    @callback
    def _hear(self) -> None:
        """Wait for the next list of the meter."""
        if self._stop_hearing is None and (coordinator := self._coordinator) is not None:
            self._stop_hearing = coordinator.follow_hour(self._heard)

    @callback
    def _heard(self) -> None:
        if (stop := self._stop_hearing) is not None:
            self._stop_hearing = None
            self._hass.loop.call_soon(stop)  # not now: the coordinator goes through those who follow
            forget_adapter(self._hass, self._entry.entry_id)
            self._hass.async_create_task(self._remember(), f"{DOMAIN} remembering an adapter")

    async def _remember(self) -> None:
        """Keep which adapter it is that our meter was heard through."""
        entry = self._entry
        port: str = entry.data[CONF_PORT]
        adapter = await adapter_at(self._hass, port)
        if adapter is None or entry.data[CONF_PORT] != port or adapter == known_adapter(entry):
            return
        data = {**entry.data, CONF_ADAPTER: _as_stored(adapter, port)}
        self._hass.config_entries.async_update_entry(entry, data=data)


def _as_stored(adapter: Adapter, port: str) -> dict[str, Any]:
    """Return an adapter as entry data holds it, with the port that it was at."""
    return {CONF_PORT: port, **adapter._asdict()}


_ADAPTERS: Final[HassKey[dict[str, _Adapter]]] = HassKey(f"{DOMAIN}_adapters")


async def follow_adapter(hass: HomeAssistant, entry: HanPortConfigEntry) -> None:
    """Follow the adapter of an entry that is about to be set up; put its new port into the entry, if it has moved."""
    if "://" in entry.data[CONF_PORT] and not entry.data[CONF_PORT].startswith("esphome"):
        forget_adapter(hass, entry.entry_id)
        return
    adapters = hass.data.setdefault(_ADAPTERS, {})
    if (adapter := adapters.get(entry.entry_id)) is None:
        adapter = adapters[entry.entry_id] = _Adapter(hass, entry)
    await adapter.look()


@callback
def forget_adapter(hass: HomeAssistant, entry_id: str) -> None:
    """Delete the issue of an entry's adapter."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry_id))


def _issue_id(entry_id: str) -> str:
    return f"{ADAPTER_MOVED}_{entry_id}"
