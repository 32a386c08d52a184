"""A USB adapter that is unplugged and plugged in again, also under another name, and never mixed up with another.

The devices are real pseudo-terminals, and their names are links as udev makes them (`/dev/ttyUSB0`, and the name in
`/dev/serial/by-id` that leads there), in a directory of the test. Only the list of what is plugged in stands in for the
one that Home Assistant gets from the kernel.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager, suppress
from datetime import timedelta
import logging
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiousbwatcher import InotifyNotAvailableError
from homeassistant.components import usb
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.components.usb import USBDevice
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.detect import Patience, detect

from .conftest import AIDON, ENOUGH, OTHER_AIDON, Bridge, complaints, entity, entry_for, full, set_up, shown, until
from .meters import Maker
from .serving import Pty
from .speed import FastTime

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled", "quick")

QUICK = Patience(silence=1, pause=0.05, burst=0.3, naming=1.5, enough=2, tick=0.02)
EVERY = 0.1
"""Seconds between the lists of the meters here."""
FTDI = {"vid": "0403", "pid": "6001", "serial_number": "AB0CDEF1", "description": "FT232R USB UART"}
OTHER_FTDI = {**FTDI, "serial_number": "AB0CDEF2"}
CH340 = {"vid": "1A86", "pid": "7523", "serial_number": None, "description": "USB Serial"}
CP2102 = {"vid": "10C4", "pid": "EA60", "serial_number": "0001", "description": "CP2102 USB to UART Bridge Controller"}
BY_ID = "usb-FTDI_FT232R_USB_UART_AB0CDEF1-if00-port0"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have listening give up after fractions of a second."""
    assert detect.__kwdefaults__ is not None
    monkeypatch.setitem(detect.__kwdefaults__, "patience", QUICK)


class Stick:
    """An adapter with a meter on it that sends a list now and then."""

    def __init__(self, maker: Maker | None, watts: float) -> None:
        self._pty = Pty()
        os.set_blocking(self._pty._far, False)
        self.path = self._pty.path
        self._frame = b"" if maker is None else full(maker, power_import=watts)
        self._timer: asyncio.TimerHandle | None = None
        self._speak()

    def _speak(self) -> None:
        with suppress(BlockingIOError):  # nobody reads it
            self._pty.send(self._frame)
        self._timer = asyncio.get_running_loop().call_later(EVERY, self._speak)

    def unplug(self) -> None:
        """Take it away."""
        if self._timer is not None:
            self._timer.cancel()
        self._pty.unplug()


class Computer:
    """The serial ports of the computer, and what Home Assistant has noticed of them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ports: dict[str, tuple[Stick, list[Path], USBDevice]] = {}
        self._noticed: set[USBDevice] = set()
        self._changed = asyncio.Event()
        self.is_broken = False
        """Whether to list the ports fails."""
        (root / "by-id").mkdir()

    def path(self, name: str) -> str:
        """Return the path of a port: `ttyUSB0`, or a name in `by-id`."""
        return f"{self._root}/{'' if name.startswith('tty') else 'by-id/'}{name}"

    def plug(
        self, tty: str, about: dict[str, Any], by_id: str = "", *, maker: Maker | None = AIDON, watts: float = 2526
    ) -> str:
        """Plug an adapter in; return the path that Home Assistant will know it by."""
        stick = Stick(maker, watts)
        links = [Path(self.path(tty))]
        links[0].symlink_to(stick.path)
        if by_id:
            links.append(Path(self.path(by_id)))
            links[1].symlink_to(links[0])
        device = USBDevice(device=str(links[-1]), manufacturer=None, **about)
        self._ports[tty] = stick, links, device
        return device.device

    def unplug(self, tty: str) -> None:
        """Take an adapter away, and its names with it."""
        stick, links, _ = self._ports.pop(tty)
        for link in links:
            link.unlink()
        stick.unplug()

    def scan(self) -> list[USBDevice]:
        """Return what is plugged in. May be called in any thread."""
        if self.is_broken:
            raise OSError("a device went meanwhile")
        return [device for _, _, device in list(self._ports.values())]

    @callback
    def notice(self, added: set[USBDevice], removed: set[USBDevice]) -> None:
        """Take note of what Home Assistant has noticed."""
        self._noticed = (self._noticed | added) - removed
        self._changed.set()

    async def noticed(self, hass: HomeAssistant) -> None:
        """Wait until Home Assistant has noticed what is plugged in, and has done what it does then."""
        async with asyncio.timeout(ENOUGH):
            while self._noticed != set(self.scan()):
                self._changed.clear()
                await self._changed.wait()
        await hass.async_block_till_done()

    def shut_down(self) -> None:
        """Unplug everything."""
        for tty in list(self._ports):
            self.unplug(tty)


@contextmanager
def _looking(computer: Computer) -> Generator[None]:
    """Have Home Assistant look for ports itself, every few seconds: there may be no USB here to tell it."""
    with (
        patch("homeassistant.components.usb.AIOUSBWatcher.async_start", side_effect=InotifyNotAvailableError),
        patch("homeassistant.components.usb.scan_serial_ports", computer.scan),
    ):
        yield


@pytest.fixture
async def slow_computer(hass: HomeAssistant, tmp_path: Path) -> AsyncGenerator[Computer]:
    """Return a computer whose ports Home Assistant looks at as often as it does, which is every 5 s."""
    computer = Computer(tmp_path)
    with _looking(computer):
        yield computer
        for entry in hass.config_entries.async_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()
        assert not hass.data.get(f"{DOMAIN}_adapters")
        computer.shut_down()


@pytest.fixture
async def computer(slow_computer: Computer, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Computer:
    """Return a computer whose ports Home Assistant looks at all the time."""
    monkeypatch.setattr(usb, "POLLING_MONITOR_SCAN_PERIOD", timedelta(seconds=0.05))
    await watch(hass, slow_computer)
    return slow_computer


async def watch(hass: HomeAssistant, computer: Computer) -> None:
    assert await async_setup_component(hass, "usb", {})
    usb.async_register_port_event_callback(hass, computer.notice)


async def until_entry(hass: HomeAssistant, entry: MockConfigEntry, is_so: Callable[[], bool]) -> None:
    """Wait until something is so with an entry."""
    changed = asyncio.Event()

    @callback
    def look(*_: object) -> None:
        if is_so():
            changed.set()

    stop = async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, look)
    try:
        look()
        async with asyncio.timeout(ENOUGH):
            await changed.wait()
    finally:
        stop()
    assert entry.entry_id


async def remembered(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait until it is remembered which adapter is at the entry's port."""
    await until_entry(hass, entry, lambda: entry.data.get("adapter", {}).get("port") == entry.data["port"])


async def at_port(hass: HomeAssistant, entry: MockConfigEntry, port: str) -> None:
    """Wait until an entry reads a port."""
    await until_entry(hass, entry, lambda: entry.data["port"] == port and entry.state is ConfigEntryState.LOADED)


async def read(hass: HomeAssistant, watts: float, maker: Maker = AIDON) -> None:
    """Wait until lists that tell of so much power come."""
    await until(hass, entity(hass, "power_import", maker), str(watts))


async def known(hass: HomeAssistant, port: str, maker: Maker = AIDON, watts: float = 2526) -> MockConfigEntry:
    """Return the entry of a meter whose adapter is known."""
    entry = await set_up(hass, entry_for(port, maker))
    await read(hass, watts, maker)
    await remembered(hass, entry)
    return entry


def told(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return what is told of an entry's adapter."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"adapter_moved_{entry.entry_id}")


def news(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the integration has said above DEBUG."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno > logging.DEBUG and record.name.startswith(f"custom_components.{DOMAIN}")
    ]


def grievances(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the complaints, but for the remarks that asyncio makes when time is fast."""
    return [complaint for complaint in complaints(caplog) if not complaint.startswith("Executing ")]


# Which adapter it is.


async def test_the_adapter_is_remembered(hass: HomeAssistant, computer: Computer) -> None:
    port = computer.plug("ttyUSB0", FTDI, BY_ID)
    computer.plug("ttyUSB1", OTHER_FTDI, maker=None)
    entry = await known(hass, port)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["adapter"] == {**FTDI, "port": port, "interface_num": None}
    assert entry.runtime_data.link.reconnects == 0


async def test_a_common_serial_number_is_none(hass: HomeAssistant, computer: Computer) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", CP2102))
    assert entry.data["adapter"]["serial_number"] is None


async def test_an_adapter_without_its_meter_is_not_remembered(hass: HomeAssistant, computer: Computer) -> None:
    entry = await set_up(hass, entry_for(computer.plug("ttyUSB0", FTDI, maker=OTHER_AIDON)))
    await until_strange(hass, entry)
    assert "adapter" not in entry.data


async def until_strange(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait until another meter's lists were heard."""
    heard = asyncio.Event()
    coordinator = entry.runtime_data

    @callback
    def look() -> None:
        if coordinator.whose.stranger_since is not None:
            heard.set()
            return
        hass.loop.call_later(EVERY, look)

    look()
    async with asyncio.timeout(ENOUGH):
        await heard.wait()


async def test_an_adapter_in_its_place_is_the_new_one(hass: HomeAssistant, computer: Computer) -> None:
    port = computer.plug("ttyUSB0", FTDI)
    entry = await known(hass, port)
    assert await hass.config_entries.async_unload(entry.entry_id)
    computer.unplug("ttyUSB0")
    assert computer.plug("ttyUSB0", OTHER_FTDI, watts=7) == port
    assert await hass.config_entries.async_setup(entry.entry_id)
    await read(hass, 7)
    await until_entry(hass, entry, lambda: entry.data["adapter"]["serial_number"] == OTHER_FTDI["serial_number"])
    assert entry.data["port"] == port


@pytest.mark.parametrize("garbage", [None, "FTDI", {}, {"port": "{port}", "vid": 1027}, {"port": "{port}"}])
async def test_what_was_kept_of_it_is_garbage(hass: HomeAssistant, computer: Computer, garbage: Any) -> None:
    port = computer.plug("ttyUSB0", FTDI)
    if isinstance(garbage, dict) and "port" in garbage:
        garbage["port"] = port
    entry = entry_for(port)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "adapter": garbage})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await read(hass, 2526)
    await until_entry(hass, entry, lambda: entry.data["adapter"] == {**FTDI, "port": port, "interface_num": None})


# The same name.


async def test_the_same_name(hass: HomeAssistant, slow_computer: Computer, caplog: pytest.LogCaptureFixture) -> None:
    """After more than a minute the next attempt would be most of another minute away."""
    computer = slow_computer
    with FastTime(20):
        await watch(hass, computer)
        port = computer.plug("ttyUSB0", FTDI, BY_ID)
        entry = await known(hass, port)
        await computer.noticed(hass)
        computer.unplug("ttyUSB0")
        await asyncio.sleep(66)
        assert shown(hass, "power_import") == "unavailable"
        back = hass.loop.time()
        assert computer.plug("ttyUSB1", FTDI, BY_ID, watts=7) == port
        await read(hass, 7)
        assert hass.loop.time() - back < 20
        assert entry.runtime_data.link.reconnects == 1
        assert await hass.config_entries.async_unload(entry.entry_id)
    assert len(news(caplog)) == 2, news(caplog)
    assert grievances(caplog) == []


# Another name.


async def test_another_name(hass: HomeAssistant, slow_computer: Computer, caplog: pytest.LogCaptureFixture) -> None:
    computer = slow_computer
    with FastTime(5):
        await watch(hass, computer)
        entry = await known(hass, computer.plug("ttyUSB0", FTDI))
        await computer.noticed(hass)
        computer.unplug("ttyUSB0")
        moved = hass.loop.time()
        port = computer.plug("ttyUSB1", FTDI, watts=7)
        await at_port(hass, entry, port)
        await read(hass, 7)
        assert hass.loop.time() - moved < 15
        assert await hass.config_entries.async_unload(entry.entry_id)
    (line,) = news(caplog)
    assert line == f"Aidon 6525: the adapter has moved from {computer.path('ttyUSB0')} to {port}"
    assert grievances(caplog) == []


async def test_another_by_id_for_the_same_adapter(hass: HomeAssistant, computer: Computer) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", FTDI, BY_ID))
    await computer.noticed(hass)
    for number in range(3):  # and again
        computer.unplug(f"ttyUSB{number}")
        watts = 10 + number
        port = computer.plug(f"ttyUSB{number + 1}", FTDI, f"{BY_ID}-{number}", watts=watts)
        await at_port(hass, entry, port)
        await read(hass, watts)
        await remembered(hass, entry)
    assert told(hass, entry) is None


async def test_moved_while_home_assistant_was_off(
    hass: HomeAssistant, computer: Computer, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", FTDI))
    assert await hass.config_entries.async_unload(entry.entry_id)
    computer.unplug("ttyUSB0")
    port = computer.plug("ttyUSB3", FTDI, watts=7)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state.value == "loaded"
    assert entry.data["port"] == port
    await read(hass, 7)
    assert len(news(caplog)) == 1
    assert grievances(caplog) == []


async def test_two_names_swapped_while_home_assistant_was_off(hass: HomeAssistant, computer: Computer) -> None:
    """The old name is there, and leads to another adapter that is nobody's."""
    entry = await known(hass, computer.plug("ttyUSB0", FTDI))
    assert await hass.config_entries.async_unload(entry.entry_id)
    computer.unplug("ttyUSB0")
    computer.plug("ttyUSB0", OTHER_FTDI, maker=OTHER_AIDON)
    port = computer.plug("ttyUSB1", FTDI, watts=7)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.data["port"] == port
    await read(hass, 7)


@pytest.mark.skipif(not hasattr(usb, "async_find_moved_serial_port"), reason="Home Assistant 2026.11 came with it")
async def test_moved_from_an_esphome_device(
    hass: HomeAssistant, computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant knows it by the name that udev gives it."""
    monkeypatch.setattr(f"{usb.__name__}.utils.SERIAL_BY_ID_DIR", computer.path(""))
    entry = await set_up(hass, entry_for(f"esphome-hass://esphome/abc?port_name=usb&port_udev_id={BY_ID}"))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    port = computer.plug("ttyUSB0", FTDI, BY_ID, watts=7)
    await at_port(hass, entry, port)
    await read(hass, 7)
    await remembered(hass, entry)


@pytest.mark.parametrize("tty", ["ttyUSB0", "ttyUSB1"])
async def test_plugged_in_after_home_assistant_started(hass: HomeAssistant, computer: Computer, tty: str) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", FTDI))
    await computer.noticed(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    computer.unplug("ttyUSB0")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state.value == "setup_retry"
    await computer.noticed(hass)
    port = computer.plug(tty, FTDI, watts=7)
    await at_port(hass, entry, port)
    await read(hass, 7)


async def test_the_other_port_of_the_same_adapter_is_not_taken(hass: HomeAssistant, computer: Computer) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", {**FTDI, "interface_num": 0}))
    computer.plug("ttyUSB1", {**FTDI, "interface_num": 1}, maker=OTHER_AIDON)
    computer.unplug("ttyUSB0")
    await computer.noticed(hass)
    assert entry.data["port"] == computer.path("ttyUSB0")
    port = computer.plug("ttyUSB2", {**FTDI, "interface_num": 0}, watts=7)
    await at_port(hass, entry, port)
    await read(hass, 7)


async def test_moved_before_the_meter_was_heard_again(hass: HomeAssistant, computer: Computer) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", FTDI))
    computer.unplug("ttyUSB0")
    await at_port(hass, entry, computer.plug("ttyUSB1", FTDI, maker=None))
    computer.unplug("ttyUSB1")
    await at_port(hass, entry, computer.plug("ttyUSB2", FTDI, watts=7))
    await read(hass, 7)


async def test_one_that_moved_is_not_offered_as_a_new_one(hass: HomeAssistant, computer: Computer) -> None:
    """By its name Home Assistant discovers it, while its entry is not set up."""
    about = {**FTDI, "description": "M-Bus adapter"}
    entry = await known(hass, computer.plug("ttyUSB0", about))
    await computer.noticed(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    computer.unplug("ttyUSB0")
    port = computer.plug("ttyUSB1", about, watts=7)
    await computer.noticed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [flow["step_id"] for flow in hass.config_entries.flow.async_progress()] == ["usb_confirm"]
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert hass.config_entries.flow.async_progress() == []
    assert entry.data["port"] == port
    await read(hass, 7)


async def test_the_ports_cannot_be_listed(
    hass: HomeAssistant, slow_computer: Computer, caplog: pytest.LogCaptureFixture
) -> None:
    computer = slow_computer
    await watch(hass, computer)
    entry = await known(hass, computer.plug("ttyUSB0", FTDI))
    assert await hass.config_entries.async_unload(entry.entry_id)
    computer.unplug("ttyUSB0")
    port = computer.plug("ttyUSB1", FTDI, watts=7)
    computer.is_broken = True
    assert not await hass.config_entries.async_setup(entry.entry_id)
    computer.is_broken = False
    assert entry.data["port"] == computer.path("ttyUSB0")
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.data["port"] == port
    await read(hass, 7)
    assert grievances(caplog) == []


# Two that are alike.


async def test_two_adapters_with_the_same_serial_number(hass: HomeAssistant, computer: Computer) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", FTDI))
    computer.unplug("ttyUSB0")
    computer.plug("ttyUSB1", FTDI, maker=OTHER_AIDON)
    computer.plug("ttyUSB2", FTDI, watts=7)
    await computer.noticed(hass)
    assert entry.data["port"] == computer.path("ttyUSB0")
    assert told(hass, entry) is None


@pytest.mark.parametrize("about", [CH340, CP2102])
async def test_two_adapters_without_serial_numbers(
    hass: HomeAssistant, computer: Computer, about: dict[str, Any]
) -> None:
    """Two candidates: nothing is done, and nothing is offered."""
    entry = await known(hass, computer.plug("ttyUSB0", about))
    computer.unplug("ttyUSB0")
    computer.plug("ttyUSB1", about, maker=OTHER_AIDON)
    computer.plug("ttyUSB2", about, watts=7)
    await computer.noticed(hass)
    assert entry.data["port"] == computer.path("ttyUSB0")
    assert told(hass, entry) is None


@pytest.mark.parametrize("is_disabled", [False, True])
async def test_the_only_one_that_is_alike_is_another_meters(
    hass: HomeAssistant, computer: Computer, is_disabled: bool
) -> None:
    ours, theirs = computer.plug("ttyUSB0", CH340), computer.plug("ttyUSB1", CH340, maker=OTHER_AIDON, watts=5)
    entry = await known(hass, ours)
    other = await known(hass, theirs, OTHER_AIDON, 5)
    if is_disabled:
        await hass.config_entries.async_set_disabled_by(other.entry_id, ConfigEntryDisabler.USER)
    computer.unplug("ttyUSB0")
    await computer.noticed(hass)
    assert (entry.data["port"], other.data["port"]) == (ours, theirs)
    assert told(hass, entry) is None


async def test_it_is_a_radio_stick_of_another_integration(hass: HomeAssistant, computer: Computer) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", CP2102))
    radio = computer.plug("ttyUSB1", CP2102, "usb-Silicon_Labs_CP2102-if00", maker=None)
    MockConfigEntry(domain="zha", data={"device": {"path": radio}}).add_to_hass(hass)
    computer.unplug("ttyUSB0")
    await computer.noticed(hass)
    assert told(hass, entry) is None


async def test_one_of_another_make(hass: HomeAssistant, computer: Computer) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", CH340))
    computer.unplug("ttyUSB0")
    computer.plug("ttyUSB1", CP2102)
    computer.plug("ttyUSB2", {**CH340, "serial_number": "AB0CDEF1"})
    await computer.noticed(hass)
    assert entry.data["port"] == computer.path("ttyUSB0")
    assert told(hass, entry) is None


# One that is probably it is offered.


async def offered(hass: HomeAssistant, computer: Computer, **about: Any) -> MockConfigEntry:
    """Return an entry whose adapter has no serial number, and was plugged in under another name."""
    entry = await known(hass, computer.plug("ttyUSB0", CH340))
    computer.unplug("ttyUSB0")
    computer.plug("ttyUSB1", CH340, **about)
    await computer.noticed(hass)
    return entry


async def fixed(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Go through the dialog; return how it ended."""
    assert await async_setup_component(hass, "repairs", {})
    manager: Any = repairs_flow_manager(hass)
    result = await manager.async_init(DOMAIN, data={"issue_id": f"adapter_moved_{entry.entry_id}"})
    assert (result["type"], result["step_id"]) == ("form", "confirm")
    assert result["description_placeholders"]["name"] == entry.title
    result = await manager.async_configure(result["flow_id"], {})
    assert result["type"] == "progress"
    assert "ttyUSB1" in result["description_placeholders"]["port"]
    async with asyncio.timeout(ENOUGH):
        await hass.async_block_till_done()
    return dict(await manager.async_configure(result["flow_id"]))


async def test_one_of_the_same_make_is_offered(
    hass: HomeAssistant, computer: Computer, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await offered(hass, computer, watts=7)
    assert entry.data["port"] == computer.path("ttyUSB0")
    issue = told(hass, entry)
    assert issue is not None
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "name": "Aidon 6525",
        "port": computer.path("ttyUSB0"),
        "new_port": computer.path("ttyUSB1"),
        "adapter": "USB Serial",
    }
    assert news(caplog) == []
    await fixed(hass, entry)
    await at_port(hass, entry, computer.path("ttyUSB1"))
    await read(hass, 7)
    assert told(hass, entry) is None
    await remembered(hass, entry)


async def test_offered_after_a_restart(hass: HomeAssistant, computer: Computer) -> None:
    entry = await known(hass, computer.plug("ttyUSB0", CH340))
    assert await hass.config_entries.async_unload(entry.entry_id)
    computer.unplug("ttyUSB0")
    computer.plug("ttyUSB1", CH340, watts=7)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert told(hass, entry) is not None
    await fixed(hass, entry)
    await at_port(hass, entry, computer.path("ttyUSB1"))
    await read(hass, 7)
    assert told(hass, entry) is None


@pytest.mark.parametrize(("maker", "reason"), [(OTHER_AIDON, "another_meter"), (None, "no_meter")])
async def test_the_meter_is_not_behind_it(
    hass: HomeAssistant, computer: Computer, maker: Maker | None, reason: str
) -> None:
    entry = await offered(hass, computer, maker=maker)
    result = await fixed(hass, entry)
    assert (result["type"], result["reason"]) == ("abort", reason)
    await hass.async_block_till_done()
    assert entry.data["port"] == computer.path("ttyUSB0")


async def test_the_old_name_is_back(hass: HomeAssistant, computer: Computer) -> None:
    entry = await offered(hass, computer)
    assert told(hass, entry) is not None
    computer.plug("ttyUSB0", CH340, watts=8)
    await read(hass, 8)
    await computer.noticed(hass)
    assert told(hass, entry) is None


async def test_the_other_is_gone(hass: HomeAssistant, computer: Computer) -> None:
    entry = await offered(hass, computer)
    computer.unplug("ttyUSB1")
    await computer.noticed(hass)
    assert told(hass, entry) is None


async def test_another_port_was_chosen(hass: HomeAssistant, computer: Computer, bridge: Bridge) -> None:
    entry = await offered(hass, computer)
    bridge.greeting = full(power_import=9)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "port": bridge.url})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await read(hass, 9)
    assert told(hass, entry) is None
    computer.plug("ttyUSB0", CH340, watts=8)  # its adapter is no longer ours
    await computer.noticed(hass)
    assert entry.data["port"] == bridge.url


@pytest.mark.parametrize("is_up", [True, False])
async def test_the_entry_is_removed(hass: HomeAssistant, computer: Computer, is_up: bool) -> None:
    entry = await offered(hass, computer)
    if not is_up:
        assert not await hass.config_entries.async_reload(entry.entry_id)
        assert told(hass, entry) is not None
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert told(hass, entry) is None
    computer.unplug("ttyUSB1")
    await computer.noticed(hass)


@pytest.mark.parametrize("is_up", [True, False])
async def test_the_entry_is_disabled(hass: HomeAssistant, computer: Computer, is_up: bool) -> None:
    entry = await offered(hass, computer)
    if not is_up:
        assert not await hass.config_entries.async_reload(entry.entry_id)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done()
    assert told(hass, entry) is None
    computer.plug("ttyUSB2", CH340)
    await computer.noticed(hass)
    assert told(hass, entry) is None
