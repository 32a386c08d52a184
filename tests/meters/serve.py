"""A simulated meter in real time: its lists on a line that a test opens, cuts and mends. TCP and pty derive from it."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from .faults import LISTS, Fault, Translated, apply
from .meter import Meter, Sent

BACKLOG = 65_536
"""Bytes that may wait for a slow reader; what comes on top is lost, as on a serial line."""
PIECE = 16
"""Bytes that a paced line hands over at a time."""


class Line(ABC):
    """A line with a meter at its other end, and control over both.

    `speed` is how many seconds of the meter pass in one real second; `start` its time at the beginning, now if not
    given. With `first_hourly` each reader gets the last hourly list half a second after it connected. `baudrate`
    sends frames piece by piece at the pace of a serial line (11 bits an octet).
    """

    def __init__(
        self,
        meter: Meter,
        *,
        faults: Sequence[Fault] = (),
        speed: float = 1,
        start: datetime | None = None,
        first_hourly: bool = False,
        baudrate: int | None = None,
    ) -> None:
        self.meter = meter
        self.sent: dict[str, Sent] = {}
        """The last list of each kind that was sent."""
        self.count = 0
        """Lists sent since the start, whether anybody heard them or not."""
        self._faults = faults
        self._speed = speed
        self._first_hourly = first_hourly
        self._baudrate = baudrate
        self._paused = False
        self._virtual = start or datetime.now(UTC)
        self._real: float | None = None
        self._writing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed = asyncio.Event()
        self._errors: list[BaseException] = []

    @property
    @abstractmethod
    def url(self) -> str:
        """What a reader opens."""

    @property
    @abstractmethod
    def clients(self) -> int:
        """How many readers are connected and served."""

    @abstractmethod
    def drop(self) -> None:
        """Close all connections; new ones are accepted."""

    @abstractmethod
    def half_open(self) -> None:
        """Leave the present connections open for ever without a byte; new ones are served."""

    @abstractmethod
    def refuse(self) -> None:
        """Close all connections and accept none, until `resume`."""

    @abstractmethod
    async def _open(self) -> None:
        """Accept readers, at the same address as before."""

    @abstractmethod
    def _write(self, data: bytes, client: object | None) -> None:
        """Send bytes to one reader, or to all that are served."""

    def pause(self) -> None:
        """Fall silent, with all connections open."""
        self._paused = True

    async def resume(self) -> None:
        """Send again, and accept readers again at the same address."""
        self._paused = False
        await self._open()

    def now(self) -> datetime:
        """Return the meter's true time, UTC."""
        if self._real is None:
            return self._virtual
        elapsed = asyncio.get_running_loop().time() - self._real
        return self._virtual + timedelta(seconds=elapsed * self._speed)

    async def start(self) -> None:
        """Open the address and begin to send."""
        await self._open()
        self._real = asyncio.get_running_loop().time()
        self._run(self._play())

    async def until(self, over: asyncio.Event) -> None:
        """Return when the event is set, or when sending has failed: `stop` then says how."""
        loop = asyncio.get_running_loop()
        waiting = {loop.create_task(over.wait()), loop.create_task(self._failed.wait())}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def stop(self) -> None:
        """Close everything. Raises what went wrong while sending, if anything did."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.refuse()
        if self._errors:
            raise self._errors[0]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.append(error)
            self._failed.set()

    def _joined(self, client: object) -> None:
        """Take note of a new reader."""
        if self._first_hourly:
            self._run(self._greet(client))

    async def _greet(self, client: object) -> None:
        await asyncio.sleep(0.5)
        latest = self.meter.latest_hourly(self.now())
        # Of the faults, only what a reader's own translation does to every frame concerns this one.
        for sent in apply([latest], *(fault for fault in self._faults if isinstance(fault, Translated))):
            await self._send(sent, client)

    async def _play(self) -> None:
        for sent in apply(self.meter.lists(self.now()), *self._faults):
            await asyncio.sleep(max((sent.at - self.now()).total_seconds() / self._speed, 0))
            match sent.kind:
                case "closed":
                    self.refuse()
                case "half_open":
                    self.half_open()
                case "opened":
                    await self._open()
                case _:
                    await self._send(sent, None)

    async def _send(self, sent: Sent, client: object | None) -> None:
        if self._paused:
            return
        async with self._writing:
            if sent.kind in LISTS:
                self.sent[sent.kind] = sent
                self.count += 1
            if self._baudrate is None:
                self._write(sent.frame, client)
                return
            for at in range(0, len(sent.frame), PIECE):
                piece = sent.frame[at : at + PIECE]
                await asyncio.sleep(len(piece) * 11 / self._baudrate / self._speed)
                self._write(piece, client)
