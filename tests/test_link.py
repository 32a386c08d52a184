"""A link is opened, lost, starved and stopped in every way that a house has to offer."""

import _socket
import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial
import gc
import logging
import os
from pathlib import Path
import socket
import time
from typing import Any, Self

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event
import pytest

from custom_components.han_port.link import (
    FLOOD,
    Backoff,
    Cause,
    Connection,
    Line,
    Link,
    LinkError,
    Parity,
    SettingsError,
    has_line_settings,
    opens,
)

from .conftest import Time
from .serving import Client, Pty, Rfc2217Server, TcpServer, grievances, locked, open_files

pytestmark = pytest.mark.usefixtures("socket_enabled")

LINE = Line()
QUICK = Backoff(first=0.005, longest=0.02)
ENOUGH = 20.0  # s; more than anything here takes


@pytest.fixture(autouse=True)
async def nothing_left(caplog: pytest.LogCaptureFixture) -> AsyncGenerator[None]:
    """No test leaves a file, a task, a live object or a line in the log."""
    tasks, files = asyncio.all_tasks(), open_files()
    with caplog.at_level(logging.DEBUG, "custom_components.han_port.link"):
        yield
    assert asyncio.all_tasks() - {asyncio.current_task()} <= tasks
    assert open_files() == files
    gc.collect()  # now asyncio complains of what nobody asked for
    records = caplog.get_records("call") + caplog.records
    assert grievances(records) == []
    assert [record for record in records if "han_port" in record.name and record.levelno > logging.DEBUG] == []


class SlowDevices:
    """What it takes to know about devices that open slowly."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.over = asyncio.Event()


@pytest.fixture
async def slow_devices(monkeypatch: pytest.MonkeyPatch) -> SlowDevices:
    """Make opening a device take a while, as an adapter on USB does."""
    loop, slow, really_open = asyncio.get_running_loop(), SlowDevices(), os.open

    def slowly(path: str, flags: int, *options: Any, **more: Any) -> int:
        if not str(path).startswith("/dev/"):
            return really_open(path, flags, *options, **more)
        loop.call_soon_threadsafe(slow.begun.set)
        time.sleep(0.05)
        try:
            return really_open(path, flags, *options, **more)
        finally:
            loop.call_soon_threadsafe(slow.over.set)

    monkeypatch.setattr(os, "open", slowly)
    return slow


class Owner:
    """Has a link and remembers what it was told."""

    def __init__(self, url: str, *, line: Line = LINE, patience: float = 60.0, backoff: Backoff = QUICK) -> None:
        self.data = bytearray()
        self.news: list[str] = []
        self._came = asyncio.Condition()
        self._stir = asyncio.Event()
        self.on_data: Callable[[bytes], None] = lambda _: None
        self.link = Link(
            url,
            line,
            on_data=self._data,
            on_up=lambda: self._tell("up"),
            on_down=lambda error: self._tell(error.cause),
            patience=patience,
            backoff=backoff,
        )

    async def __aenter__(self) -> Self:
        self.link.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.link.stop()

    def _data(self, data: bytes) -> None:
        self.data += data
        self.on_data(data)
        self._stir.set()

    def _tell(self, news: str) -> None:
        self.news.append(news)
        self._stir.set()

    async def until(self, true: Callable[[Owner], bool]) -> None:
        """Wait for what the link brings until something is true of it."""
        async with asyncio.timeout(ENOUGH):
            while not true(self):
                self._stir.clear()
                await self._stir.wait()

    async def hears(self, count: int) -> None:
        """Wait for so many pieces of news."""
        await self.until(lambda owner: len(owner.news) >= count)


async def fails(url: str, line: Line = LINE, limit: float = ENOUGH) -> LinkError:
    """Return the error with which a connection cannot be opened."""
    with pytest.raises(LinkError) as caught:
        await Connection.open(url, line, lambda _: None, lambda _: None, limit=limit)
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return caught.value


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


# What an address can be


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("socket://10.0.0.5:5000", False),
        ("SOCKET://10.0.0.5:5000", False),
        ("tcp://10.0.0.5:5000", False),
        ("rfc2217://10.0.0.5:5000", True),
        ("esphome-hass://esphome/0123?port_name=HAN", True),
        ("/dev/serial/by-id/usb-FTDI_FT232R-if00-port0", True),
    ],
)
def test_only_a_raw_socket_has_no_line_settings(url: str, expected: bool) -> None:
    assert has_line_settings(url) is expected


def test_a_line_is_written_as_people_write_it() -> None:
    assert str(Line()) == "2400 8E1"
    assert str(Line(115200, Parity.NONE)) == "115200 8N1"


# What can be wrong with a port


@pytest.mark.parametrize(
    "url",
    [
        "socket://10.0.0.5",
        "socket://:5000",
        "socket://10.0.0.5:high",
        "socket://10.0.0.5:70000",
        "socket://[::1:5000",
        "rfc2217://10.0.0.5",
        "http://10.0.0.5:80/",
        "/dev/tty\0USB0",
        "/dev",
        "/dev/null",
        __file__,
        "/" + "a" * 300,
    ],
)
async def test_what_is_no_port_is_a_bad_address(url: str) -> None:
    assert (await fails(url)).cause is Cause.BAD_ADDRESS


@pytest.mark.parametrize("path", ["", "/dev/serial/by-id/usb-gone-port0", f"{__file__}/port0"])
async def test_a_path_that_leads_nowhere_is_not_found(path: str) -> None:
    error = await fails(path)
    assert error.cause is Cause.NOT_FOUND
    assert path in str(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
async def test_a_port_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.touch(mode=0o000)
    assert (await fails(str(path))).cause is Cause.NO_PERMISSION


async def test_a_port_that_another_program_has() -> None:
    with Pty() as pty, locked(pty.path):
        error = await fails(pty.path)
    assert error.cause is Cause.BUSY
    assert str(error) == f"{pty.path} is in use by another program"


async def test_a_port_that_is_open_is_busy_and_free_when_closed() -> None:
    with Pty() as pty:
        first = await Connection.open(pty.path, LINE, lambda _: None, lambda _: None)
        assert (await fails(pty.path)).cause is Cause.BUSY
        await first.close()
        second = await Connection.open(pty.path, LINE, lambda _: None, lambda _: None)
        await second.close()


async def test_a_host_that_refuses() -> None:
    url = f"socket://127.0.0.1:{free_port()}"
    error = await fails(url)
    assert error.cause is Cause.REFUSED
    assert str(error) == f"{url} refused the connection: nothing listens there"


@pytest.mark.parametrize(("ports", "cause"), [((0, 0), Cause.REFUSED), ((0, -1), Cause.REFUSED)])
async def test_a_host_with_several_addresses_that_refuses(
    monkeypatch: pytest.MonkeyPatch, ports: tuple[int, int], cause: Cause
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", free_port() + port)) for port in ports]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert (await fails("socket://bridge.lan:5000")).cause is cause


async def test_a_host_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests of Home Assistant resolve no names. The system refuses this one without asking anybody.
    monkeypatch.setattr(socket, "getaddrinfo", _socket.getaddrinfo)
    error = await fails("socket://-meter-.invalid:5000")
    assert error.cause is Cause.HOST_UNKNOWN
    assert str(error) == "the host of socket://-meter-.invalid:5000 is not known"


async def test_a_host_that_cannot_be_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _socket.getaddrinfo)
    assert (await fails(f"socket://{'a' * 70}:5000")).cause is Cause.BAD_ADDRESS


async def test_an_esphome_proxy_before_esphome_has_loaded() -> None:
    stub = pytest.importorskip("homeassistant.components.usb.serial_proxy_stub", exc_type=ImportError)
    unregister = stub.register_serialx_transport()
    try:
        error = await fails("esphome-hass://esphome/0123?port_name=HAN")
    finally:
        unregister(Event(EVENT_HOMEASSISTANT_STOP))
    assert error.cause is Cause.FAILED
    assert str(error) == "esphome-hass://esphome/0123: ESPHome has not loaded yet"


async def test_a_host_that_accepts_and_says_nothing_times_out() -> None:
    async with TcpServer() as server:
        error = await fails(server.url.replace("socket", "rfc2217"), limit=0.05)
        assert error.cause is Cause.TIMEOUT


async def test_a_host_that_is_not_reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _socket.socket.connect)
    # this system has no way to the addresses kept for documentation, or it has and nobody answers there
    assert (await fails("socket://[2001:db8::1]:5000", limit=0.05)).cause is Cause.TIMEOUT


async def test_a_host_whose_address_needs_to_say_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _socket.socket.connect)
    error = await fails("socket://[fe80::1]:5000", limit=0.05)  # on which network?
    assert error.cause is Cause.FAILED
    assert not isinstance(error, SettingsError)


async def test_a_bridge_that_drops_the_client_in_the_middle_of_opening() -> None:
    async with TcpServer(Client.close) as server:
        error = await fails(server.url.replace("socket", "rfc2217"))
    assert error.cause is Cause.LOST


async def test_a_port_that_refuses_the_settings() -> None:
    with Pty() as pty:  # a pseudo-terminal refuses parity, when asked for nothing else that is new
        url = f"posix://{pty.path}"
        first = await Connection.open(url, LINE, lambda _: None, lambda _: None)
        await first.close()
        error = await fails(url)
    assert isinstance(error, SettingsError)
    assert error.cause is Cause.FAILED


async def test_passwords_and_keys_are_not_shown() -> None:
    error = await fails(f"socket://me:secret@127.0.0.1:{free_port()}?key=secret#secret")
    assert "secret" not in str(error)
    assert "127.0.0.1" in str(error)


# One connection


async def test_a_pseudo_terminal_opens_with_parity_every_time() -> None:
    received = asyncio.Queue[bytes]()
    with Pty() as pty:
        for rate in (2400, 2400, 9600):
            connection = await Connection.open(pty.path, Line(rate, Parity.EVEN), received.put_nowait, lambda _: None)
            assert pty.baudrate == rate
            pty.send(b"\x7e\x00\xff")
            assert await received.get() == b"\x7e\x00\xff"
            await connection.close()


async def test_a_shared_port_is_set_to_the_line() -> None:
    received = asyncio.Queue[bytes]()
    async with Rfc2217Server(lambda client: client.send(b"\x7e\xff\x7e")) as server:
        connection = await Connection.open(server.url, Line(9600, Parity.NONE), received.put_nowait, lambda _: None)
        assert server.lines == [(9600, "N")]
        server.clients[0].send(b"\x01\xff\x02")
        assert await received.get() == b"\x01\xff\x02"
        await connection.close()


async def test_a_closed_connection_says_no_more() -> None:
    said: list[object] = []
    async with TcpServer() as server:
        connection = await Connection.open(server.url, LINE, said.append, said.append)
        client = await server.client()
        client.send(b"late")
        client.close()
        await connection.close()
        await connection.close()
        await client.gone.wait()
    assert said == []


async def test_the_system_watches_over_an_idle_connection() -> None:
    """Keep-alive finds out about a bridge that lost its power."""
    async with TcpServer() as server:
        connection = await Connection.open(server.url, LINE, lambda _: None, lambda _: None)
        peer = f"0100007F:{server.port:04X}"
        (timer,) = [fields[5] for fields in tcp_sockets() if fields[2] == peer and fields[3] == "01"]
        await connection.close()
    kind, ticks = timer.split(":")
    assert kind == "02"  # keep-alive: Documentation/networking/proc_net_tcp.rst of the kernel
    assert int(ticks, 16) <= 30 * os.sysconf("SC_CLK_TCK")


def tasks() -> list[str]:
    """Return the tasks there are, but for the test's own and those of its servers."""
    names = [str(task.get_coro()) for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    return [name for name in names if "_accept_connection2" not in name]


def tcp_sockets() -> list[list[str]]:
    return [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]


@pytest.mark.parametrize("cancels", [1, 2])
async def test_opening_can_be_cancelled_at_every_moment(cancels: int) -> None:
    async with TcpServer() as server, Rfc2217Server() as shared:
        for step in range(60):
            with Pty() as pty:
                for url in (server.url, shared.url, pty.path, "/dev/nowhere"):
                    files = open_files()
                    opening = asyncio.create_task(Connection.open(url, LINE, lambda _: None, lambda _: None))
                    await moments(step)
                    for _ in range(cancels):
                        opening.cancel()
                        await asyncio.sleep(0)
                    await asyncio.wait({opening})
                    if not opening.cancelled() and opening.exception() is None:
                        await opening.result().close()
                    elif not opening.cancelled():
                        assert url == "/dev/nowhere"
                    if cancels == 1:
                        assert tasks() == []
                    await becomes(lambda: tasks() == [])
                    # the other end lets go a moment later
                    await becomes(partial(lambda before: open_files() == before, files))


async def becomes(true: Callable[[], bool], every: float = 0.001) -> None:
    """Wait for something that tells nobody when it happens."""
    async with asyncio.timeout(ENOUGH):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(every)


async def moments(step: int) -> None:
    """Wait a little longer for every step: first turns of the event loop, then milliseconds."""
    for _ in range(min(step, 30)):
        await asyncio.sleep(0)
    if step > 30:
        await asyncio.sleep((step - 30) / 1000)


# A link for ever


async def test_bytes_come_as_they_are() -> None:
    async with TcpServer() as server, Owner(server.url) as owner:
        client = await server.client()
        await owner.hears(1)
        assert owner.link.connected
        everything = bytes(range(256)) * 200
        client.send(everything)
        await owner.until(lambda owner: len(owner.data) == len(everything))
        assert owner.data == everything
        assert owner.news == ["up"]
        assert owner.link.reconnects == 0
        assert owner.link.error is None


async def test_closed_by_the_other_side_is_opened_again() -> None:
    async with TcpServer() as server, Owner(server.url) as owner:
        for _ in range(3):
            (await server.client()).close()
        client = await server.client()
        client.send(b"again")
        await owner.until(lambda owner: owner.data == b"again")
        assert owner.news == ["up", "lost", "up", "lost", "up", "lost", "up"]
        assert owner.link.reconnects == 3
        assert owner.link.connected
        assert str(owner.link.error) == f"{server.url} closed the connection"


async def test_a_bridge_that_comes_later_is_found() -> None:
    server = TcpServer()
    server.port = free_port()
    async with Owner(server.url) as owner:
        await owner.hears(1)
        assert owner.news == ["refused"]
        assert not owner.link.connected
        async with server:
            await owner.hears(2)
            assert owner.news == ["refused", "up"]
            assert owner.link.reconnects == 0


async def test_an_outage_is_told_once_and_its_latest_cause_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "port"
    with Pty() as pty:
        path.symlink_to(pty.path)
        async with Owner(str(path)) as owner:
            await owner.hears(1)
            pty.unplug()
            await owner.hears(2)
            assert str(owner.link.error) == f"{path} is gone: unplugged, or taken by another program"
            await becomes(lambda: owner.link.error is not None and owner.link.error.cause is Cause.NOT_FOUND)
            with Pty() as other:
                path.unlink()
                path.symlink_to(other.path)
                await owner.hears(3)
                other.send(b"back")
                await owner.until(lambda owner: owner.data == b"back")
            assert owner.news == ["up", "lost", "up"]


async def test_a_connection_that_brings_nothing_is_opened_again() -> None:
    """A half-open connection: the other end never sends, and never closes."""
    async with TcpServer() as server, Owner(server.url, patience=0.05) as owner:
        await owner.hears(3)
        assert owner.news[:3] == ["up", "lost", "up"]
        assert owner.link.reconnects >= 1
        await server.clients[0].gone.wait()
        assert str(owner.link.error) == f"{server.url} sent nothing that could be read for 0.05 s"


async def test_noise_does_not_wind_the_watchdog() -> None:
    async with TcpServer() as server, Owner(server.url, patience=0.1) as owner:
        client = await server.client()
        while not client.gone.is_set():
            client.send(b"noise")
            await asyncio.sleep(0.005)
        await owner.hears(2)
        assert owner.data
        assert owner.news[:2] == ["up", "lost"]


async def test_lists_wind_the_watchdog() -> None:
    async with TcpServer() as server, Owner(server.url, patience=0.2) as owner:
        owner.on_data = lambda _: owner.link.heard()
        client = await server.client()
        for _ in range(8):
            client.send(b"list")
            await asyncio.sleep(0.05)
        assert owner.news == ["up"]
        await client.gone.wait()


async def test_a_flood_is_cut_off_and_left_alone_for_a_while() -> None:
    async with TcpServer() as server, Owner(server.url, backoff=Backoff(0.001, 60, jitter=0)) as owner:
        client = await server.client()
        for _ in range(4 * FLOOD // 8192):
            client.send(bytes(8192))
        await owner.hears(2)
        await client.gone.wait()
        assert owner.news == ["up", "flood"]
        assert len(owner.data) <= FLOOD
        began = asyncio.get_running_loop().time()
        await owner.hears(3)
        assert asyncio.get_running_loop().time() - began > 0.03  # as after six attempts in vain


async def test_lists_do_not_excuse_a_flood() -> None:
    async with TcpServer() as server, Owner(server.url, backoff=Backoff(60, 60)) as owner:
        owner.on_data = lambda _: owner.link.heard()
        client = await server.client()
        for _ in range(4 * FLOOD // 8192):
            client.send(bytes(8192))
        await owner.hears(2)
        assert owner.news == ["up", "flood"]


async def test_a_fast_line_is_no_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Time(asyncio.get_running_loop(), monkeypatch)
    async with TcpServer() as server, Owner(server.url) as owner:
        client = await server.client()
        for sent in range(11_520, 31 * 11_520, 11_520):
            clock.passes(1)
            client.send(bytes(11_520))
            await owner.until(lambda owner, sent=sent: len(owner.data) == sent)  # type: ignore[misc]
        assert owner.news == ["up"]


async def test_a_wait_can_be_cut_short() -> None:
    async with TcpServer() as server:
        url = server.url
    async with Owner(url, backoff=Backoff(60, 60)) as owner:
        await owner.hears(1)
        async with server:
            owner.link.retry_now()
            await owner.hears(2)
            assert owner.news == ["refused", "up"]


async def test_waiting_for_a_port_to_open() -> None:
    async with TcpServer() as server:
        url = server.url
    waiting = asyncio.create_task(opens(url, LINE, backoff=QUICK))
    await fails(url)
    assert not waiting.done()
    async with server, asyncio.timeout(ENOUGH):
        await waiting
        await (await server.client()).gone.wait()


async def test_patience_can_change_at_any_time() -> None:
    async with TcpServer() as server, Owner(server.url) as owner:
        assert owner.link.patience == 60
        client = await server.client()
        await owner.hears(1)
        owner.link.patience = 0.05
        assert owner.link.patience == 0.05
        await client.gone.wait()
        await owner.hears(2)
        owner.link.patience = 60
        await owner.hears(3)
        assert owner.news == ["up", "lost", "up"]


async def test_starved_and_closed_in_the_same_instant_is_one_outage() -> None:
    async with TcpServer() as server, Owner(server.url, backoff=Backoff(60, 60)) as owner:
        client = await server.client()
        await owner.hears(1)
        owner.on_data = lambda _: setattr(owner.link, "patience", 0)
        client.send(b"last words")
        client.close()
        await owner.hears(2)
        assert owner.news == ["up", "lost"]


async def test_a_peer_that_accepts_and_closes_for_ever_is_asked_ever_less_often() -> None:
    backoff = Backoff(first=0.02, longest=0.08, jitter=0)
    async with TcpServer(Client.close) as server, Owner(server.url, backoff=backoff) as owner:
        for _ in range(6):
            await server.client()
        gaps = [later - earlier for earlier, later in zip(server.times, server.times[1:], strict=False)]
        for gap, least in zip(gaps, (0.02, 0.04, 0.08, 0.08, 0.08), strict=True):
            assert gap >= least * 0.95
        assert set(owner.news) == {"up", "lost"}


async def test_a_list_makes_the_next_outage_begin_with_short_waits() -> None:
    backoff = Backoff(first=0.02, longest=60, jitter=0)
    async with TcpServer() as server, Owner(server.url, backoff=backoff) as owner:
        owner.on_data = lambda _: owner.link.heard()
        for _ in range(5):
            (await server.client()).close()
        client = await server.client()  # the next wait would be 0.64 s
        client.send(b"list")
        await owner.until(lambda owner: owner.data == b"list")
        before = asyncio.get_running_loop().time()
        client.close()
        await server.client()
        assert asyncio.get_running_loop().time() - before < 0.5


async def test_a_list_after_the_end_changes_nothing() -> None:
    async with TcpServer() as server:
        async with Owner(server.url, patience=0.01) as owner:
            await owner.hears(1)
        told = list(owner.news)
        owner.link.heard()
        owner.link.patience = 0.001
        await asyncio.sleep(0.02)
        assert owner.news == told


def test_waits_double_and_stay_within_bounds() -> None:
    backoff = Backoff()
    for failures, longest in [(0, 1), (1, 2), (5, 32), (6, 60), (10**9, 60)]:
        waits = [backoff.wait(failures) for _ in range(200)]
        assert max(waits) <= longest
        assert min(waits) >= longest * 0.75
        assert len(set(waits)) > 100


async def test_a_hundred_reconnects_leave_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    for kept in ("asyncio", "serialx", "custom_components"):
        caplog.set_level(logging.WARNING, kept)  # a line of the log holds on to what it tells of
    backoff = Backoff(first=0, longest=0)
    with Pty() as pty:
        async with (
            TcpServer(Client.close) as server,
            Owner(server.url, backoff=backoff) as owner,
            Owner(pty.path, patience=0, backoff=backoff) as device,
        ):
            await owner.hears(20)
            await device.hears(20)
            before = open_files(), len(asyncio.all_tasks())
            await owner.hears(200)
            await device.hears(200)
            after = open_files(), len(asyncio.all_tasks())
            assert after[0] <= before[0] + 20  # some opening or closing is always under way
            assert after[1] <= before[1] + 20
        assert owner.link.reconnects >= 99
        gc.collect()
        assert [each for each in gc.get_objects() if isinstance(each, Connection)] == []
        locked(pty.path).close()


# The end of a link


async def test_stop_works_at_every_moment() -> None:
    async with TcpServer() as server, TcpServer(Client.close) as slamming, Rfc2217Server() as shared:
        refusing = f"socket://127.0.0.1:{free_port()}"
        with Pty() as pty:
            for step in range(60):
                for url in (server.url, slamming.url, shared.url, refusing, pty.path):
                    owner = Owner(url, patience=0.004)
                    owner.link.start()
                    await moments(step)
                    await owner.link.stop()
                    assert tasks() == []
                    assert not owner.link.connected
                    locked(pty.path).close()
                    told, data = list(owner.news), bytes(owner.data)
                    pty.send(b"late")
                    await asyncio.sleep(0)
                    assert owner.news == told
                    assert owner.data == data


async def test_stop_while_a_device_takes_its_time_to_open(slow_devices: SlowDevices) -> None:
    with Pty() as pty:
        for path in (pty.path, "/dev/nowhere"):
            for stops in (1, 2):
                files = open_files()
                owner = Owner(path)
                slow_devices.begun.clear()
                owner.link.start()
                await slow_devices.begun.wait()
                stopping = [asyncio.create_task(owner.link.stop()) for _ in range(stops - 1)]
                await moments(5)
                await asyncio.gather(owner.link.stop(), *stopping)
                assert tasks() == []
                assert open_files() == files
                assert owner.news == []


async def test_opening_a_slow_device_can_be_cancelled(slow_devices: SlowDevices) -> None:
    with Pty() as pty:
        for path in (pty.path, "/dev/nowhere"):
            files = open_files()
            slow_devices.begun.clear()
            slow_devices.over.clear()
            opening = asyncio.create_task(Connection.open(path, LINE, lambda _: None, lambda _: None))
            await slow_devices.begun.wait()
            opening.cancel()
            await asyncio.wait({opening})
            assert opening.cancelled()
            await slow_devices.over.wait()
            assert tasks() == []
            assert open_files() == files


async def test_stop_in_the_middle_of_closing_waits_for_the_port() -> None:
    with Pty() as pty:
        owner = Owner(pty.path, backoff=Backoff(60, 60))
        owner.link.start()
        await owner.hears(1)
        owner.link.patience = 0
        await becomes(lambda: not owner.link.connected, every=0)
        assert owner.news == ["up"]  # it is closing: "down" comes after that
        await owner.link.stop()
        locked(pty.path).close()
        assert owner.news == ["up"]


async def test_a_link_can_be_stopped_twice_and_started_again() -> None:
    async with TcpServer() as server:
        owner = Owner(server.url)
        await owner.link.stop()
        owner.link.start()
        owner.link.start()
        await owner.hears(1)
        await asyncio.gather(owner.link.stop(), owner.link.stop())
        assert tasks() == []
        await owner.link.stop()
        assert len(server.clients) == 1
        owner.link.start()
        await owner.hears(2)
        await owner.link.stop()
        assert owner.news == ["up", "up"]
