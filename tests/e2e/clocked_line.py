"""A meter on TCP that sends by a shared clock, however fast that passes."""

import asyncio
from datetime import timedelta
from typing import Self

from tests.meters import Meter
from tests.serving import TcpServer

from .shared_clock import SharedClock

LOOK_SECONDS = 0.1  # at most so long after the clock's pace has changed


class ClockedLine:
    """Sends all lists of a meter to whoever is connected, from `async with` to its end."""

    def __init__(self, meter: Meter, clock: SharedClock, port: int) -> None:
        self._meter = meter
        self._clock = clock
        self._server = TcpServer()
        self._server.port = port
        self._sending: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        self._sending = asyncio.create_task(self._send())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)
        await self._server.stop()

    async def _send(self) -> None:
        for at, kind in self._meter.schedule(self._clock.now()):
            while (left := (at - self._clock.now()) / timedelta(seconds=1)) > 0:
                soon = min(left / self._clock.speed, LOOK_SECONDS)
                await asyncio.sleep(soon)
            frame = self._meter.send(kind, at).frame  # not before: what is drawn then depends on switches
            for client in self._server.clients:
                client.send(frame)
