"""Faults of devices: unplugged, taken by another program, or behind an ESPHome that is not ready."""

from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from aiousbwatcher import InotifyNotAvailableError
from homeassistant.components import usb
from homeassistant.components.usb import USBDevice
import pytest
from serialx import register_uri_handler
from serialx.platforms.serial_socket import SocketSerial, SocketSerialTransport

from ..meters import PtyLine
from ..serving import Pty, locked
from .conftest import NOW
from .harness import Home
from .peers import Bridge, Counting
from .test_connections import COMES_BACK, SHOWS

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled", "everything_on")

STARTS = 95.0
"""Seconds within which an entry is set up once it can be: Home Assistant tries again every 80 s, at the longest."""
PROXY = "esphome-hass://esphome/0123?port_name=HAN"


@pytest.fixture
async def device(home: Home, tmp_path: Path) -> AsyncGenerator[PtyLine]:
    """Return a device that goes by a lasting name, as those in /dev/serial/by-id do."""
    async with PtyLine(Counting(home.maker, NOW), tmp_path / "usb-HAN-port0", start=NOW) as device:
        yield device


@contextmanager
def holding(name: str) -> Generator[None]:
    """Have another device by a name that has become free: the next one gets another."""
    with ExitStack() as devices:
        while devices.enter_context(Pty()).path != name:
            pass
        yield


async def test_unplugged(home: Home, device: PtyLine) -> None:
    await home.moves_in(device.url)
    first = str(device.path.readlink())
    async with home.fault("adapter unplugged, and plugged in again under another name with the same by-id") as fault:
        device.refuse()
        await fault.noticed(within=SHOWS)
        with holding(first):
            await fault.lasts()
            await device.resume()
            assert str(device.path.readlink()) != first
            await fault.healed(within=COMES_BACK)


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[USBDevice]:
    """Return what is plugged in. Home Assistant looks every 5 s, as where the kernel does not tell it."""
    devices: list[USBDevice] = []
    monkeypatch.setattr(usb, "scan_serial_ports", lambda: list(devices))
    watching = "homeassistant.components.usb.AIOUSBWatcher.async_start"
    monkeypatch.setattr(watching, Mock(side_effect=InotifyNotAvailableError))
    return devices


async def test_moved(plugged: list[USBDevice], home: Home, tmp_path: Path) -> None:
    """The names are links to real devices; only the list of what is plugged in stands in for the kernel's."""
    meter = Counting(home.maker, NOW)
    paths = [tmp_path / f"usb-FTDI_FT232R_USB_UART_AB0CDEF1-if00-port{number}" for number in range(2)]
    adapters = [
        USBDevice(
            device=str(path),
            vid="0403",
            pid="6001",
            serial_number="AB0CDEF1",
            manufacturer="FTDI",
            description="FT232R USB UART",
        )
        for path in paths
    ]
    async with PtyLine(meter, paths[0], start=NOW) as before, PtyLine(meter, paths[1], start=NOW) as after:
        after.refuse()
        plugged.append(adapters[0])
        await home.moves_in(before.url)
        await home.until(lambda: "adapter" in home.entry.data, 20, "memory of the adapter")
        async with home.fault("adapter unplugged, and plugged in again with another by-id") as fault:
            before.refuse()
            plugged.clear()
            await fault.noticed(within=SHOWS)
            await fault.lasts()
            await after.resume()
            plugged.append(adapters[1])
            await fault.healed(within=30)
        assert home.entry.data["port"] == after.url


async def test_taken_by_another_program_while_unplugged(home: Home, device: PtyLine) -> None:
    await home.moves_in(device.url)
    async with home.fault("another program takes the port") as fault:
        device.drop()
        with locked(device.url):
            await fault.noticed(within=SHOWS)
            await fault.lasts()
        await fault.healed(within=COMES_BACK)


async def test_held_by_another_program(home: Home, device: PtyLine) -> None:
    async with home.fault("port held by another program at start-up") as fault:
        with locked(device.url):
            reason = await fault.keeps_from_starting(device.url)
            assert "in use by another program" in reason
            await fault.lasts()
        await fault.healed(within=STARTS)


async def test_esphome_proxy_is_not_ready(home: Home, bridge: Bridge) -> None:
    """Until ESPHome has loaded, Home Assistant's own stand-in answers; then ours, which carries a real socket."""
    pytest.importorskip("homeassistant.components.usb.serial_proxy_stub", exc_type=ImportError)

    class Ready(SocketSerialTransport):
        """Does what ESPHome's transport does: finds where the proxy is from the URL, and opens that."""

        async def _connect(self, **options: Any) -> None:
            assert options["path"] == PROXY
            await super()._connect(**{**options, "path": bridge.url})

    async with home.fault("ESPHome proxy not ready at start-up") as fault:
        reason = await fault.keeps_from_starting(PROXY)
        assert "ESPHome has not loaded yet" in reason
        await fault.lasts()
        unregister = register_uri_handler(
            scheme="esphome-hass://",
            unique_scheme="esphome-hass-test://",
            sync_cls=SocketSerial,
            async_transport_cls=Ready,
        )
        try:
            await fault.healed(within=STARTS)
        finally:
            unregister()
