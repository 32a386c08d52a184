"""The bridge on TCP between the meter and Home Assistant, with every fault that a line has."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Self

from tests.meters import Kind as ListKind, Meter, Sent
from tests.meters.faults import flip
from tests.serving import Client, TcpServer

from .clock import Clock
from .plan import Fault, Kind

_FLOOD = 262_144
"""Bytes in each second of a flood."""
_FLIPPED = 1 / 300
"""The share of the bytes of which a bit is flipped."""


class Bridge:
    """Sends a meter's lists to whoever is connected."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self.lists = 0
        """Lists that were sent, whole or not."""
        self.hours: set[datetime] = set()
        """The full hours whose list went out whole to somebody."""
        self.due: float | None = None
        """The event loop's time when the last list was due, if it went out as it is."""
        self.late = 0.0
        """By how much the latest of all lists went out too late, s."""
        self.mute = False
        """Whether no list goes out."""
        self.flipping = False
        self._cut: asyncio.Event | None = None
        self._clock = clock
        self._random = random
        self._server = TcpServer()
        self._deaf: list[Client] = []
        self._noise = random.randbytes(_FLOOD)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        self._draining = asyncio.create_task(self._drain())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._draining.cancel()
        await self._server.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.url

    async def until(self, at: float) -> None:
        """Wait until the loop's time is so late."""
        await asyncio.sleep(max(0.0, at - self._clock.time()))

    async def play(self, meter: Meter, start: datetime, hours: Mapping[datetime, Fault]) -> None:
        """Send all lists, for ever; with some hourly ones, by their full hour, something happens."""
        held: list[tuple[float, Sent]] = []
        for at, kind in meter.schedule(start):
            due = self._clock.loop_time(at)
            await self.until(due)
            while held and held[0][0] <= due:
                late = held.pop(0)[1]
                if self.send(late.frame):
                    self.hours.add(meter.hour_of(late.at))
            sent = meter.send(kind, at)
            fault = hours.get(meter.hour_of(at)) if kind == "hourly" else None
            if fault is None or fault.kind is Kind.DOUBLED:
                self.late = max(self.late, self._clock.time() - due)
                whole = self.send(sent.frame)
                if whole and kind == "hourly":
                    self.hours.add(meter.hour_of(at))
                self.due = None if self.mute else due
            if fault is not None:
                if fault.kind is Kind.DOUBLED:
                    self.send(sent.frame)
                elif fault.kind is Kind.LATE:
                    held.append((due + (fault.end - fault.start).total_seconds(), sent))
                fault.ended = self._clock.time()

    async def stranger(self, meter: Meter) -> None:
        """Mix in another meter's lists, for ever."""
        for at, kind in meter.schedule(self._clock.now()):
            await self.until(self._clock.loop_time(at) + 1.1)
            self._write(meter.send(kind, at).frame)

    def send(self, frame: bytes) -> bool:
        """Send a list, or what is left of it; return whether it went out as it is to somebody."""
        self.lists += 1
        if self.mute:
            return False
        whole = frame
        if self.flipping:
            for at in range(len(frame)):
                if self._random.random() < _FLIPPED:
                    frame = flip(frame, at, 1 << self._random.randrange(8))
        if self._cut is not None:
            self._write(frame[: len(frame) // 2])
            for client in self._clients():
                client.close()
            self._cut.set()
            self._cut = None
            return False
        self._write(frame)
        return frame == whole and bool(self._clients())

    async def cut(self) -> None:
        """Close the connection in the middle of the next frame."""
        self._cut = asyncio.Event()
        await self._cut.wait()

    async def refuse(self) -> None:
        """Close all connections and take no others."""
        await self._server.stop()

    async def admit(self) -> None:
        """Take connections again, at the same port."""
        self._server.clients.clear()
        await self._server.__aenter__()

    def forget_clients(self) -> None:
        """Forward nothing more to those who are connected, and do not tell them."""
        self._deaf = [*(client for client in self._deaf if not client.gone.is_set()), *self._clients()]

    async def noise(self) -> None:
        """Send bytes that mean nothing, for ever."""
        while True:
            self._write(self._random.randbytes(self._random.randint(20, 300)))
            await asyncio.sleep(1)

    async def flood(self) -> None:
        """Send far too much, for ever."""
        while True:
            self._write(self._noise)
            await asyncio.sleep(1)

    async def trickle(self, meter: Meter) -> None:
        """Send lists at one byte a second, for ever."""
        kind: ListKind = "power" if meter.maker.power_every else "full"
        while True:
            for octet in meter.send(kind, self._clock.now()).frame:
                self._write(bytes((octet,)))
                await asyncio.sleep(1)

    async def _drain(self) -> None:
        """Let the server's queue of clients keep none of them."""
        while True:
            await self._server.client()

    def _clients(self) -> list[Client]:
        clients = [client for client in self._server.clients if not client.gone.is_set()]
        self._server.clients[:] = clients
        self._server.times.clear()
        return [client for client in clients if client not in self._deaf]

    def _write(self, data: bytes) -> None:
        for client in self._clients():
            client.send(data)
