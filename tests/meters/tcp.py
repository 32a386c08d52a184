"""A simulated meter behind a TCP port, as a serial server gives it: raw bytes, to every client alike."""

import asyncio
from typing import Any, override

from .meter import Meter
from .serve import BACKLOG, Line


class TcpLine(Line):
    """A meter on `host:port`; port 0 takes a free one, and keeps it. The arguments besides are those of `Line`."""

    def __init__(self, meter: Meter, host: str = "127.0.0.1", port: int = 0, **options: Any) -> None:
        super().__init__(meter, **options)
        self.host = host
        self.port = port
        self._server: asyncio.Server | None = None
        self._served: set[asyncio.Transport] = set()
        self._forgotten: set[asyncio.Transport] = set()

    @property
    @override
    def url(self) -> str:
        return f"socket://{self.host}:{self.port}"

    @property
    @override
    def clients(self) -> int:
        return len(self._served)

    @override
    def drop(self) -> None:
        for transport in self._served | self._forgotten:
            transport.abort()
        self._served.clear()
        self._forgotten.clear()

    @override
    def half_open(self) -> None:
        self._forgotten |= self._served
        self._served.clear()

    @override
    def refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()

    @override
    async def _open(self) -> None:
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: _Client(self), self.host, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    @override
    def _write(self, data: bytes, client: object | None) -> None:
        for transport in self._served:
            if client in {None, transport} and transport.get_write_buffer_size() < BACKLOG:
                transport.write(data)

    def join(self, transport: asyncio.Transport) -> None:
        """Serve a new client, unless the door was closed while it came in."""
        if self._server is None:
            transport.abort()
            return
        self._served.add(transport)
        self._joined(transport)

    def leave(self, transport: asyncio.Transport) -> None:
        """Forget a client that is gone."""
        self._served.discard(transport)
        self._forgotten.discard(transport)


class _Client(asyncio.Protocol):
    """One client; a HAN port only speaks, so what it says is not heard."""

    def __init__(self, line: TcpLine) -> None:
        self._line = line
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self._line.join(transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._line.leave(self._transport)
