"""The other ends of a connection that go wrong: a bridge, a proxy, a flood, a resolver. All real, and told what to do.

What belongs here: how a fault is made, byte by byte and connection by connection; nothing about how it is measured.
"""

import _socket
import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
import socket
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any, Self, override

from ..meters import Household, Maker, Meter, TcpLine
from ..serving import Client, TcpServer

FLOOD = 10_000_000
"""Bytes in a second."""


class Counting(Meter):
    """A meter of which no two lists in a row have the same power: 1000 W to 8999 W, one more with each list."""

    def __init__(self, maker: Maker, start: datetime, watts: int = 1000) -> None:
        super().__init__(maker, Household(start=start - timedelta(days=1)))
        self._start = start
        self._watts = watts

    @override
    def _power(self, at: datetime) -> dict[str, float]:
        count = (at - self._start) // timedelta(milliseconds=500)
        return {**super()._power(at), "power_import": self._watts + count % 8000, "power_export": 0}


class Bridge(TcpLine):
    """A bridge that a meter hangs on, and that can cut its connections in the middle of a frame."""

    cuts = 0
    """How many more frames it cuts in half, and the connection with each of them."""
    greets = False
    """Whether each client gets a full list at once."""

    @override
    def _write(self, data: bytes, client: object | None) -> None:
        if not self.cuts:
            super()._write(data, client)
            return
        for transport in list(self._served):
            self.cuts -= 1
            transport.write(data[: len(data) // 2])
            transport.close()
        self._served.clear()

    @override
    def join(self, transport: asyncio.Transport) -> None:
        super().join(transport)
        if self.greets:
            super()._write(self.meter.send("full", self.now()).frame, transport)

    def say(self, data: bytes) -> None:
        """Send bytes to all clients."""
        super()._write(data, None)

    @asynccontextmanager
    async def saying(self, piece: Callable[[], bytes], every: float) -> AsyncGenerator[None]:
        """Send a piece of something every so many seconds."""

        async def say() -> None:
            while True:
                self.say(piece())
                await asyncio.sleep(every)

        task = asyncio.create_task(say())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class Proxy(TcpServer):
    """Hands on what a bridge says, until it is told to stop: then its connections stay open, and nothing comes."""

    def __init__(self, upstream: int) -> None:
        super().__init__(self._serve)
        self._upstream = upstream
        self._stopped = False
        self._dead: set[Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def stops_forwarding(self) -> None:
        """Hand nothing on, to anybody."""
        self._stopped = True

    def forwards_again(self) -> None:
        """Hand on to those who come from now on; the connections of before stay dead."""
        self._dead.update(self.clients)
        self._stopped = False

    @override
    async def stop(self) -> None:
        await super().stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _serve(self, client: Client) -> None:
        task = asyncio.get_running_loop().create_task(self._hand_on(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_on(self, client: Client) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)

        async def pump() -> None:
            while data := await reader.read(4096):
                if not self._stopped and client not in self._dead:
                    client.send(data)

        pumping = asyncio.create_task(pump())
        try:
            await client.gone.wait()
        finally:
            pumping.cancel()
            writer.close()


class Flood:
    """A thread that sends 10 MB/s to whoever connects to a port, the same bytes over and over."""

    def __init__(self, port: int, data: bytes) -> None:
        self.sent: list[int] = []
        """Bytes that each client got, or that wait in the system's buffers for it."""
        self._piece = data * (FLOOD // 100 // len(data))
        self._over = Event()
        self._door = socket.create_server(("127.0.0.1", port))
        self._door.settimeout(0.05)
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._door.close()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                client = self._door.accept()[0]
            except TimeoutError:
                continue
            self.sent.append(0)
            with client, suppress(OSError):
                client.settimeout(5)
                while not self._over.is_set():
                    began = monotonic()
                    client.sendall(self._piece)
                    self.sent[-1] += len(self._piece)
                    sleep(max(0.0, 0.01 - (monotonic() - began)))


class Lag:
    """A thread that asks the event loop every 5 ms for a sign of life, and measures how long that takes, wall time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._loop = asyncio.get_running_loop()
        self._over = Event()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.005):
            self._loop.call_soon_threadsafe(self._answered, monotonic())

    def _answered(self, asked: float) -> None:
        self.seconds.append(monotonic() - asked)

    def part(self, share: float) -> float:
        """Return the lag that so large a share of the answers did not exceed, s."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Resolver:
    """The system's own resolver, asked through something that may be slow, or may know a name by another."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.names: dict[str, str] = {}
        """The name that the system is asked for instead."""
        self.takes = 0.0
        """Seconds of the event loop's time before it is asked."""
        self.most = 0
        """How many questions waited at once, at most."""
        self._waiting = 0
        self._lock = Lock()
        self._loop = loop
        self._hurry = asyncio.Event()

    def __call__(self, host: str, port: Any, *options: int) -> Any:
        """Answer as `socket.getaddrinfo`, with the IPv4 addresses, in the thread in which asyncio asks."""
        with self._lock:
            self._waiting += 1
            self.most = max(self.most, self._waiting)
        try:
            if self.takes:
                asyncio.run_coroutine_threadsafe(self._wait(), self._loop).result()
            # tests of Home Assistant resolve no names: this is what `socket.getaddrinfo` is otherwise
            return _socket.getaddrinfo(self.names.get(host, host), port, socket.AF_INET, *options[1:])
        finally:
            with self._lock:
                self._waiting -= 1

    def is_quick_again(self) -> None:
        """Answer at once, those who have waited too."""
        self.takes = 0.0
        self._hurry.set()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.takes):
                await self._hurry.wait()
