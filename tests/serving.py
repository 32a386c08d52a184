"""Other ends of a connection for tests: a TCP server, an RFC 2217 server and a pseudo-terminal, all real.

What belongs here: peers that do what a test tells them, byte by byte. Simulated meters are in `tests/meters/`.
"""

import asyncio
from collections.abc import Callable, Iterable
import fcntl
import logging
import os
from pathlib import Path
import termios
import tty
from typing import BinaryIO, Self, cast, override

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
COM_PORT_OPTION = 44
SET_BAUDRATE, SET_PARITY = 1, 3


class Client(asyncio.Protocol):
    """One client of a `TcpServer`."""

    def __init__(self, server: TcpServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self.gone = asyncio.Event()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.came(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()

    def send(self, data: bytes) -> None:
        """Send bytes to the client, if it is still there."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


class TcpServer:
    """Listens on a free port of this machine. `clients` grows with each connection that was accepted."""

    scheme = "socket"

    def __init__(self, on_client: Callable[[Client], None] = lambda _: None) -> None:
        self.clients: list[Client] = []
        self.times: list[float] = []
        self._on_client = on_client
        self._new: asyncio.Queue[Client] = asyncio.Queue()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._client, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop listening and drop every client."""
        if self._server is not None:
            self._server.close()
            for client in self.clients:
                client.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def client(self) -> Client:
        """Return the next client that connects."""
        return await self._new.get()

    def came(self, client: Client) -> None:
        """Take note of a client that connected."""
        self.clients.append(client)
        self.times.append(asyncio.get_running_loop().time())
        self._new.put_nowait(client)
        self._on_client(client)

    def _client(self) -> Client:
        return Client(self)


class SerialClient(Client):
    """One client of an `Rfc2217Server`: agrees to everything and remembers the line settings."""

    def __init__(self, server: Rfc2217Server) -> None:
        super().__init__(server)
        self._server_of_lines = server
        self._pending = bytearray()
        self._agreed: set[bytes] = set()
        self.baudrate = 0
        self.parity = ""

    @override
    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (taken := self._command()) > 0:
            del self._pending[:taken]

    def _command(self) -> int:
        """Answer the first command, and return how many bytes it took (0: not all of it is here)."""
        pending = self._pending
        if len(pending) < 3:
            return 0
        if pending[1] in (WILL, DO):
            wish = bytes(pending[1:3])
            if wish not in self._agreed:  # Telnet: what is agreed on is not acknowledged again, or there is no end
                self._agreed.add(wish)
                super().send(bytes((IAC, DO if wish[0] == WILL else WILL, wish[1])))
            return 3
        end = pending.find(bytes((IAC, SE)))
        if pending[1] != SB or end < 0:
            return 0
        code, value = pending[3], bytes(pending[4:end])
        super().send(bytes((IAC, SB, COM_PORT_OPTION, code + 100)) + value + bytes((IAC, SE)))
        if code == SET_BAUDRATE:
            self.baudrate = int.from_bytes(value)
        elif code == SET_PARITY:
            self.parity = " N.E"[value[0]]
            self._server_of_lines.set_up(self)
        return end + 2

    @override
    def send(self, data: bytes) -> None:
        super().send(data.replace(bytes((IAC,)), bytes((IAC, IAC))))


class Rfc2217Server(TcpServer):
    """A serial port shared over the network, as ser2net does; `on_line` is called with the settings a client wants."""

    scheme = "rfc2217"

    def __init__(self, on_line: Callable[[SerialClient], None] = lambda _: None) -> None:
        super().__init__()
        self.lines: list[tuple[int, str]] = []
        self._on_line = on_line

    def set_up(self, client: SerialClient) -> None:
        """Take note of the settings that a client wants."""
        self.lines.append((client.baudrate, client.parity))
        self._on_line(client)

    @override
    def _client(self) -> Client:
        return SerialClient(self)


class Pty:
    """A pseudo-terminal whose far end the test holds; `path` is opened like a serial device."""

    def __init__(self) -> None:
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        self.path = os.ttyname(self._near)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def send(self, data: bytes) -> None:
        """Send bytes to the program at the near end."""
        os.write(self._far, data)

    @property
    def baudrate(self) -> int:
        """The speed that the program at the near end has set."""
        speed = termios.tcgetattr(self._far)[5]
        return next(rate for rate in (2400, 9600, 38400, 115200) if getattr(termios, f"B{rate}") == speed)

    def unplug(self) -> None:
        """Take the device away. May be done once or more."""
        for end in (self._near, self._far):
            if end >= 0:
                os.close(end)
        self._near = self._far = -1


def locked(path: str) -> BinaryIO:
    """Open a device as another program would, for itself alone. Raises `BlockingIOError` when it is taken."""
    device = Path(path).open("rb", buffering=0)  # noqa: SIM115 - the caller closes it
    try:
        fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        device.close()
        raise
    return device


def grievances(records: Iterable[logging.LogRecord]) -> list[str]:
    """Return what was logged as a warning or worse, but for the remarks that asyncio makes on a busy machine."""
    return [
        record.getMessage()
        for record in records
        if record.levelno > logging.INFO and not record.getMessage().startswith("Executing ")
    ]


def open_files() -> int:
    """How many files, sockets and devices this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
