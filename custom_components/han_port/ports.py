"""Who is who among the serial ports of this computer: where a known adapter is plugged in now.

What belongs here: comparing what USB devices say of themselves, and who else has a port. What is done about it is in
`adapter`.

An adapter is known for certain by a serial number of its own. Many cheap ones have none (CH340), or all have the same
(CP2102: 0001); those are told apart by nothing at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from homeassistant.components import usb
from homeassistant.components.usb import USBDevice
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant

from .const import CONF_ADAPTER

_COUNTING: Final = "01234567890ABCDEF"
"""No serial number: what vendors put in its place is part of this, or made of very few characters."""
_SHORTEST: Final = 6
_FEWEST: Final = 4


class Adapter(NamedTuple):
    """What a USB adapter says of itself."""

    vid: str
    """The vendor, four hexadecimal digits."""
    pid: str
    """The vendor's product, likewise."""
    interface_num: int | None
    """Which of the ports of one adapter."""
    serial_number: str | None
    """None if others of the same product may have the same."""
    description: str


class Present(NamedTuple):
    """The adapter is where it was, as far as can be told."""


class Absent(NamedTuple):
    """It is not plugged in, or cannot be told from others."""


class Moved(NamedTuple):
    """It is, without doubt, at another port."""

    port: str


class Likely(NamedTuple):
    """One of the same make is at another port, and nothing says that it is another one."""

    port: str
    description: str


type Place = Present | Absent | Moved | Likely


def known_adapter(entry: ConfigEntry) -> Adapter | None:
    """Return the adapter that an entry's meter was last heard through, if it was at the port that the entry has now."""
    stored = entry.data.get(CONF_ADAPTER)
    if not isinstance(stored, Mapping) or stored.get(CONF_PORT) != entry.data[CONF_PORT]:
        return None
    vid, pid = stored.get("vid"), stored.get("pid")
    if not isinstance(vid, str) or not isinstance(pid, str):
        return None
    number, description = stored.get("serial_number"), stored.get("description")
    return Adapter(
        vid,
        pid,
        stored.get("interface_num"),
        number if isinstance(number, str) else None,
        description if isinstance(description, str) else "",
    )


async def adapter_at(hass: HomeAssistant, port: str) -> Adapter | None:
    """Return the USB adapter at a port; None if there is none, or it is no device of this computer."""
    if "://" in port:
        return None
    at, _ = await _look(hass, port)
    return at


async def find_adapter(hass: HomeAssistant, entry: ConfigEntry) -> Place:
    """Look where the adapter of an entry is plugged in."""
    port: str = entry.data[CONF_PORT]
    is_there = "://" not in port and await hass.async_add_executor_job(Path(port).exists)
    known = known_adapter(entry)
    if is_there and known is None:
        return Present()
    at, others = await _look(hass, port)
    if is_there and (at is None or known is None or at._replace(description="") == known._replace(description="")):
        return Present()
    moved = None if is_there else _moved(hass, port)
    if moved is not None and await _is_free(hass, entry, moved, others):
        return Moved(moved)
    if known is not None:
        alike = [device.device for device, adapter in others if adapter[:4] == known[:4]]
        if len(alike) == 1 and await _is_free(hass, entry, alike[0], others):
            return Likely(alike[0], known.description) if known.serial_number is None else Moved(alike[0])
    return Present() if is_there else Absent()


def _moved(hass: HomeAssistant, port: str) -> str | None:
    """Ask Home Assistant, from 2026.11 on. It also knows adapters that have moved to an ESPHome device."""
    find = getattr(usb, "async_find_moved_serial_port", None)
    moved = find(hass, port) if find is not None else None
    return moved if isinstance(moved, str) else None


async def _look(hass: HomeAssistant, port: str) -> tuple[Adapter | None, list[tuple[USBDevice, Adapter]]]:
    """Return the adapter at a port, and all others with their ports."""
    try:
        devices = [device for device in await usb.async_scan_serial_ports(hass) if isinstance(device, USBDevice)]
    except OSError:  # a device went meanwhile, which is told of once more
        devices = []
    here, *places = await hass.async_add_executor_job(_resolved, [port, *(device.device for device in devices)])
    at, others = None, []
    for device, place in zip(devices, places, strict=True):
        adapter = Adapter(
            device.vid, device.pid, device.interface_num, _serial_number(device), device.description or ""
        )
        if place == here:
            at = adapter
        else:
            others.append((device, adapter))
    return at, others


def _serial_number(device: USBDevice) -> str | None:
    """Return the serial number, if it tells the device from others of its make. Home Assistant 2026.11 knows."""
    number = (device.serial_number or "").strip()
    if (is_unique := getattr(usb, "has_unique_serial_number", None)) is not None:
        return number if is_unique(device) else None
    is_made_up = len(number) < _SHORTEST or len(set(number)) < _FEWEST or number.upper() in _COUNTING
    return None if is_made_up else number


async def _is_free(
    hass: HomeAssistant, entry: ConfigEntry, port: str, plugged_in: Sequence[tuple[USBDevice, Adapter]]
) -> bool:
    """Return whether no other entry of any integration has a port, even if it is disabled, and no app."""
    texts = [
        text
        for other in hass.config_entries.async_entries(include_ignore=False)
        if other.entry_id != entry.entry_id
        for text in _texts((other.data, other.options))
        if text.startswith("/") or "://" in text
    ]
    wanted, *others = await hass.async_add_executor_job(_resolved, [port, *texts])
    if wanted in others:
        return False
    if (ask := getattr(usb, "async_get_serial_port_consumers", None)) is None:  # it came with 2026.10
        return True
    consumers = (await ask(hass, [device for device, _ in plugged_in])).get(port, ())
    return all(consumer.config_entry_id == entry.entry_id for consumer in consumers)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _resolved(ports: Iterable[str]) -> list[str]:
    """Return ports in a form that is equal for equal ports: links are followed. Blocks."""
    return [port if "://" in port else str(Path(port).resolve()) for port in ports]
