"""One serialx connection kept alive: open, watch, close, reopen.

What belongs here: everything about the way the bytes come, whichever it is (a serial device, `socket://host:port`,
`rfc2217://host:port`, an ESPHome serial proxy), and nothing about what they mean. This is the only file that imports
serialx. It logs nothing above DEBUG: the owner of a link decides what a person should read.

`Connection` is one open port. `Link` opens one, hands its bytes on, and opens it again whenever it is lost or starved,
for ever, until it is stopped. What else than a `Connection` it may open is told by its `Opener`: a topic (`mqtt://…`)
has one of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
import errno
from itertools import count
import logging
import os
from pathlib import Path
import random
import re
import socket
import stat
from typing import Any, Protocol, Self, cast, override

import serialx
from serialx.common import UnknownUriScheme

_LOGGER = logging.getLogger(__name__)

OPEN_LIMIT = 10.0
"""Seconds for opening: a bridge on the house's own network answers within one, or not at all."""

CLOSE_LIMIT = 5.0
"""Seconds that closing waits for the port to be let go: a kernel may hold on to a stuck adapter."""

PATIENCE = 60.0
"""Seconds without a list before a connection counts as dead, unless the owner knows the meter's cadence."""

FLOOD = 65_536
"""Bytes, in `FLOOD_TIME`, that no meter sends: the fastest line (115200 baud) brings less than 58 kB in that time."""

FLOOD_TIME = 5.0
"""Seconds."""

TOPIC = "mqtt://"
"""How the URL of a topic begins; the topic follows as it is."""

_KEEP_ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""Seconds, seconds, times: a bridge that lost its power is noticed after a minute although we never send."""

_PSEUDO_TERMINALS = range(136, 144)
"""Device numbers (major) of Unix98 pseudo-terminals: the kernel's admin-guide/devices.txt."""


class Parity(StrEnum):
    """The parity bit of a serial line."""

    NONE = "N"
    EVEN = "E"


@dataclass(frozen=True, slots=True)
class Line:
    """The settings of a serial line, which always has 8 data bits and 1 stop bit. Sockets have none and ignore it."""

    baudrate: int = 2400
    """Bits in a second."""
    parity: Parity = Parity.EVEN

    @override
    def __str__(self) -> str:
        return f"{self.baudrate} 8{self.parity}1"


class Cause(StrEnum):
    """Why a connection could not be opened, or ended."""

    NOT_FOUND = "not_found"
    """There is no such device: a wrong path, or the adapter is not plugged in."""
    NO_PERMISSION = "no_permission"
    BUSY = "busy"
    """Another program has the port."""
    REFUSED = "refused"
    """The host is there, and nothing listens at that port of it."""
    HOST_UNKNOWN = "host_unknown"
    TIMEOUT = "timeout"
    """The host does not answer."""
    BAD_ADDRESS = "bad_address"
    """Not a port at all: a malformed URL, or the path of something else than a serial device."""
    NO_MQTT = "no_mqtt"
    """A topic, and Home Assistant's MQTT integration is not set up."""
    NO_BROKER = "no_broker"
    """A topic, and Home Assistant has no connection to its MQTT broker."""
    LOST = "lost"
    """It was open, and is no longer: closed by the other side, unplugged, or silent for too long."""
    FLOOD = "flood"
    """It was open, and sent far more than a meter can."""
    FAILED = "failed"
    """Anything else; the message says what."""


class LinkError(Exception):
    """A connection could not be opened, or ended. `str()` is one line for people and logs."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class SettingsError(LinkError):
    """The port is there, and refuses the line settings it was asked for (cause `FAILED`)."""


_CAUSES = {
    errno.ENOENT: Cause.NOT_FOUND,
    errno.ENOTDIR: Cause.NOT_FOUND,
    errno.ENODEV: Cause.NOT_FOUND,
    errno.ENXIO: Cause.NOT_FOUND,
    errno.EACCES: Cause.NO_PERMISSION,
    errno.EPERM: Cause.NO_PERMISSION,
    errno.EBUSY: Cause.BUSY,
    errno.ECONNREFUSED: Cause.REFUSED,
    errno.ETIMEDOUT: Cause.TIMEOUT,
    errno.EHOSTDOWN: Cause.TIMEOUT,
    errno.EHOSTUNREACH: Cause.TIMEOUT,
    errno.ENETUNREACH: Cause.TIMEOUT,
    errno.EISDIR: Cause.BAD_ADDRESS,
    errno.ELOOP: Cause.BAD_ADDRESS,
    errno.ENAMETOOLONG: Cause.BAD_ADDRESS,
    errno.ENOTTY: Cause.BAD_ADDRESS,
    errno.EIO: Cause.LOST,
    errno.EPIPE: Cause.LOST,
    errno.ECONNRESET: Cause.LOST,
    errno.ECONNABORTED: Cause.LOST,
}

_MESSAGES = {
    Cause.NOT_FOUND: "there is no device {url}",
    Cause.NO_PERMISSION: "no permission to open {url}",
    Cause.BUSY: "{url} is in use by another program",
    Cause.REFUSED: "{url} refused the connection: nothing listens there",
    Cause.HOST_UNKNOWN: "the host of {url} is not known",
    Cause.TIMEOUT: "{url} does not answer",
    Cause.BAD_ADDRESS: "{url} is not a serial port or an address of one",
    Cause.NO_MQTT: "{url} needs Home Assistant's MQTT integration, which is not set up",
    Cause.NO_BROKER: "{url} cannot be heard: the MQTT broker is away",
    Cause.LOST: "{url} closed the connection",
    Cause.FLOOD: "{url} sent far more than a meter can",
    Cause.FAILED: "{url}: {detail}",
}


def has_line_settings(url: str) -> bool:
    """Whether the line settings mean something for this port; for a raw TCP socket and for a topic they do not."""
    return not url.lower().startswith(("socket://", "tcp://", TOPIC))


def is_topic(url: str) -> bool:
    """Whether the port is a topic of an MQTT broker: each piece of what comes from it is a message, whole in itself."""
    return url.lower().startswith(TOPIC)


def link_error(cause: Cause, url: str, detail: str = "") -> LinkError:
    """Return the error of a cause, with its usual words."""
    return LinkError(cause, _MESSAGES[cause].format(url=shown(url), detail=detail))


class OpenPort(Protocol):
    """A port that is open."""

    async def close(self) -> None:
        """Close it, for good. May be called at any time, more than once."""


type Opener = Callable[[str, Line, Callable[[bytes], None], Callable[[LinkError], None]], Awaitable[OpenPort]]
"""Opens a port as `Connection.open` does: URL, line, `on_data`, `on_lost`."""


class Connection(asyncio.Protocol):
    """One open port. Make it with `open`."""

    def __init__(self, on_data: Callable[[bytes], None], on_lost: Callable[[LinkError], None]) -> None:
        self._on_data = on_data
        self._on_lost: Callable[[LinkError], None] = _ignore
        self._on_lost_when_made = on_lost
        self._url = ""
        self._transport: asyncio.WriteTransport | None = None
        self._closed = False
        self._gone = asyncio.Event()

    @classmethod
    async def open(
        cls,
        url: str,
        line: Line,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[LinkError], None],
        *,
        limit: float = OPEN_LIMIT,
    ) -> Self:
        """Open a port; `on_data` gets its bytes as they come, in the event loop.

        `on_lost` is called once when the connection ends by itself, never after `close`. Raises `LinkError`; after
        `limit` seconds one of cause `TIMEOUT`. Nothing stays open when it raises or is cancelled.
        """
        connection = cls(on_data, on_lost)
        connection._url = shown(url)
        try:
            async with asyncio.timeout(limit):
                await connection._connect(url, line)
        except BaseException as error:
            await connection.close()
            if isinstance(error, Exception):
                raise _explained(connection._url, error) from error
            raise
        return connection

    async def _connect(self, url: str, line: Line) -> None:
        loop = asyncio.get_running_loop()
        is_device = "://" not in url
        if is_device and await loop.run_in_executor(None, _is_pseudo_terminal, url):
            line = Line(line.baudrate, Parity.NONE)  # it has no line, and keeps no parity: glibc reports that as EINVAL
        opening = serialx.create_serial_connection(
            loop, lambda: self, url, baudrate=line.baudrate, parity=serialx.Parity(line.parity.value)
        )
        await (_finished(opening) if is_device else opening)

    async def close(self) -> None:
        """Close the port and wait until the operating system has it back. May be called at any time, more than once."""
        self._closed = True
        self._on_data = self._on_lost = _ignore
        if self._transport is not None and not self._gone.is_set():
            self._transport.abort()  # nothing was ever written: there is nothing to wait for
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_LIMIT):
                    await self._gone.wait()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        if self._closed:  # nobody waits for it any more
            self._transport.abort()
        else:
            self._on_lost = self._on_lost_when_made
            _keep_alive(transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._on_data(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        # Some versions of serialx call this for a connection that was never made, or twice.
        on_lost, self._on_lost = self._on_lost, _ignore
        self._gone.set()
        on_lost(_lost(self._url, exc))


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before each new attempt: twice as long each time. Seconds."""

    first: float = 1.0
    longest: float = 60.0
    """A bridge that is back is found within a minute; one that stays away costs next to nothing."""
    jitter: float = 0.25
    """The part of the wait that chance decides: after a power cut not every link comes at the same instant."""

    def wait(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (0: the first)."""
        wait = min(self.longest, self.first * 2.0 ** min(failures, 32))
        return wait * random.uniform(1 - self.jitter, 1)  # noqa: S311 - nothing is kept secret by it


BACKOFF = Backoff()

_FLOOD_FAILURES = 5
"""A flood is followed by the wait that comes after so many failures, about half a minute, whatever came before it."""


class Link:
    """Keeps one connection alive from `start` to `stop`.

    `on_up` is called when a connection has been opened. `on_down` is called once an outage, with its first cause: when
    an open connection ended, or when the very first attempt failed; later attempts that fail only change `error`.
    A peer that accepts every connection and closes it at once brings up and down in turn: "up" is no promise of data.
    The callbacks run in the event loop and must not raise.

    The owner calls `heard` for every list that could be read. That winds the watchdog and shows that the link works:
    only then does the next outage begin with short waits again.
    """

    def __init__(
        self,
        url: str,
        line: Line,
        *,
        on_data: Callable[[bytes], None],
        on_up: Callable[[], None],
        on_down: Callable[[LinkError], None],
        patience: float = PATIENCE,
        backoff: Backoff = BACKOFF,
        opener: Opener = Connection.open,
    ) -> None:
        self.reconnects = 0
        """How many times it was opened again after the first."""
        self.connected = False
        self.error: LinkError | None = None
        """Why the last connection or attempt failed. Stays when it is connected again."""
        self._url = url
        self._line = line
        self._on_data = on_data
        self._on_up = on_up
        self._on_down = on_down
        self._patience = patience
        self._backoff = backoff
        self._opener = opener
        self._failures = 0
        self._opened_before = False
        self._task: asyncio.Task[None] | None = None
        self._connection: OpenPort | None = None
        self._end: Callable[[LinkError], None] = _ignore
        self._watchdog: asyncio.TimerHandle | None = None
        self._wound_at = 0.0
        self._stopping = False
        self._hurry = asyncio.Event()
        self._counted = 0
        self._counted_since = 0.0

    @property
    def patience(self) -> float:
        """Seconds without `heard` before the connection is closed and opened again. May be set at any time.

        It is how a half-open TCP connection shows itself: the other side is gone and nobody told us.
        """
        return self._patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._patience = seconds
        self._set_watchdog()

    def start(self) -> None:
        """Begin, in the running event loop. Does nothing if it runs already."""
        if self._task is None:
            self._stopping = False
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._run(), name=f"han_port link {shown(self._url)}")

    async def stop(self) -> None:
        """End, at whichever moment. Afterwards there is no task, no open port and no callback."""
        if (task := self._task) is None:
            return
        if not self._stopping:  # a second cancel would cut short the closing that the first one began
            self._stopping = True
            task.cancel()
        await asyncio.wait({task})
        if self._connection is not None:  # it was cancelled in the middle of closing
            await self._connection.close()
            self._connection = None
        self._task = None

    def heard(self) -> None:
        """Say that a list came that could be read."""
        self._failures = 0
        self._wound_at = self._loop.time()

    def retry_now(self) -> None:
        """Cut short the wait for the next attempt: something has changed that may help, a device was plugged in."""
        self._failures = 0
        self._hurry.set()

    async def _run(self) -> None:
        told = False
        while True:
            opened, error = await self._live()
            self.error = error
            if opened or not told:
                self._on_down(error)
                told = True
            if error.cause is Cause.FLOOD:
                self._failures = max(self._failures, _FLOOD_FAILURES)
            wait = self._backoff.wait(self._failures)
            self._failures += 1
            _LOGGER.debug("%s; trying again in %.1f s", error, wait)
            await _set_or_after(self._hurry, wait)

    async def _live(self) -> tuple[bool, LinkError]:
        """Open a connection and stay until it ends. Returns whether it was opened, and why it ended."""
        ended: asyncio.Future[LinkError] = self._loop.create_future()

        def end(error: LinkError) -> None:
            if not ended.done():
                ended.set_result(error)

        try:
            self._counted = 0
            self._counted_since = self._loop.time()
            self._connection = await self._opener(self._url, self._line, self._take, end)
        except LinkError as error:
            return False, error
        try:
            self.connected = True
            self.reconnects += self._opened_before
            self._opened_before = True
            self._end = end
            self._wound_at = self._loop.time()
            self._set_watchdog()
            self._on_up()
            return True, await ended
        finally:
            self.connected = False
            self._set_watchdog()
            await self._connection.close()
            self._connection = None

    def _take(self, data: bytes) -> None:
        """Hand on what came, unless it is more than a meter can send: whoever floods gets no more of our time."""
        self._counted += len(data)
        if self._counted > FLOOD:
            if (now := self._loop.time()) - self._counted_since < FLOOD_TIME:
                self._end(link_error(Cause.FLOOD, self._url))
                return
            self._counted = len(data)
            self._counted_since = now
        self._on_data(data)

    def _set_watchdog(self) -> None:
        """Look again when the patience will have ended; `heard` only takes note of the time, for it is called often."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            self._watchdog = None
        if self.connected:
            self._watchdog = self._loop.call_at(self._wound_at + self._patience, self._look)

    def _look(self) -> None:
        self._watchdog = None
        if self._loop.time() < self._wound_at + self._patience:
            self._set_watchdog()
        else:
            message = f"{shown(self._url)} sent nothing that could be read for {self._patience:g} s"
            self._end(LinkError(Cause.LOST, message))


async def opens(url: str, line: Line, *, backoff: Backoff = BACKOFF, opener: Opener = Connection.open) -> None:
    """Wait until a port can be opened, and leave it closed. Tries for ever, as a `Link` does."""
    for failures in count():
        await asyncio.sleep(backoff.wait(failures))
        with suppress(LinkError):
            connection = await opener(url, line, _ignore, _ignore)
            await connection.close()
            return


async def _set_or_after(event: asyncio.Event, seconds: float) -> None:
    """Wait until an event is set, but no longer than so many seconds; clear it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()


def _ignore(_: object) -> None:
    """Take what comes after the end."""


async def _finished[T](opening: Coroutine[Any, Any, T]) -> T:
    """Await to the end, even when cancelled.

    A device opens in milliseconds or fails, and the serialx of Home Assistant 2026.5 (1.7.3) leaks the descriptor
    that a cancelled opening was about to get.
    """
    task = asyncio.create_task(opening)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # so that nobody has to ask for it
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
    return task.result()


def _is_pseudo_terminal(path: str) -> bool:
    """Whether the path leads to a pseudo-terminal (socat makes such ports). Blocks."""
    try:
        device = Path(path).stat()
    except OSError, ValueError:
        return False  # opening it will say why
    return stat.S_ISCHR(device.st_mode) and os.major(device.st_rdev) in _PSEUDO_TERMINALS


def _keep_alive(transport: asyncio.BaseTransport) -> None:
    """Let the operating system ask now and then whether the other side still exists."""
    # serialx has no public way to the socket of its transports; without one the watchdog is on its own.
    tcp = getattr(transport, "_tcp_transport", None)
    if not isinstance(tcp, asyncio.BaseTransport):
        return
    with suppress(OSError, AttributeError):  # not every system has every option
        peer = tcp.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEP_ALIVE.items():
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def shown(url: str) -> str:
    """Return the URL as people may see it: without the passwords and keys that it may carry."""
    if "://" not in url or is_topic(url):
        return url
    base = url.partition("?")[0].partition("#")[0]
    scheme, _, rest = base.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _explained(url: str, error: Exception) -> LinkError:
    """Say in a person's words why opening failed."""
    detail = " ".join(str(error).split()) or type(error).__name__
    number = _error_number(error)
    if isinstance(error, serialx.UnsupportedSetting) or (number == errno.EINVAL and has_line_settings(url)):
        return SettingsError(Cause.FAILED, f"{url} refuses these line settings: {detail}")
    if isinstance(error, UnknownUriScheme | ValueError):
        cause = Cause.BAD_ADDRESS
    elif isinstance(error, socket.gaierror):
        cause = Cause.HOST_UNKNOWN
    elif isinstance(error, TimeoutError):
        cause = Cause.TIMEOUT
    else:
        cause = _CAUSES.get(number, Cause.FAILED)
    return LinkError(cause, _MESSAGES[cause].format(url=url, detail=detail))


def _lost(url: str, error: Exception | None) -> LinkError:
    """Say that an open connection ended by itself."""
    what = "closed the connection" if "://" in url else "is gone: unplugged, or taken by another program"
    lost = LinkError(Cause.LOST, f"{url} {what}")
    lost.__cause__ = error
    return lost


def _error_number(error: Exception) -> int:
    """Return the operating system's number of an error, 0 without one."""
    if isinstance(error, OSError) and error.errno is None:
        # asyncio joins the errors of a host with several addresses into one text
        numbers = map(int, re.findall(r"\[Errno (\d+)\]", str(error)))
        return next((number for number in numbers if number in _CAUSES), 0)
    number = error.args[0] if error.args else 0  # termios.error is no OSError
    return number if isinstance(number, int) else 0
