"""Many simulated meters as a process of their own: each listens on a port and sends its lists in real time.

    python -m scripts.benchmarks.senders METERS

It prints its ports as JSON on one line and reads one line: the meters' time at which sending begins (ISO 8601 UTC), in
how many seconds that is, and for how many it lasts. Until then each line gets a power list now and then, as one that
brings nothing would be taken for dead. It prints as JSON what it has sent. All meters are Aidon's and have the same
house; each sends at a time of its own, so that the lists of all come evenly.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
import json
import resource
import sys
from typing import Any, Final, cast, override

from tests.meters import Household, Maker, Meter, make_maker, meter_id
from tests.meters.maker import Kind

EVERY: Final = timedelta(seconds=2.5)
"""Between two lists of a meter."""
WAKE: Final = 10.0
"""Seconds between two lists before the word is given."""
FILES_PER_METER: Final = 2
SPARE_FILES: Final = 100
BACKLOG: Final = 1 << 20
"""Bytes that may wait for the reader: whoever is so far behind has not kept pace."""


def makers(count: int) -> list[Maker]:
    """Return so many meters, each with its own number."""
    return [make_maker("aidon", number=meter_id("aidon", serial)) for serial in range(1, count + 1)]


def kind_at(at: datetime) -> Kind:
    """Return which list a meter sends at an instant of its clock."""
    if at.second % 10 or at.microsecond:
        return "power"
    return "hourly" if at.minute == 0 and at.second == 10 else "full"


class Sender(asyncio.Protocol):
    """One meter's line."""

    def __init__(self, lines: dict[int, Sender], number: int) -> None:
        self._lines = lines
        self._number = number
        self.sent = 0
        self._transport: asyncio.WriteTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)
        self._lines[self._number] = self

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def send(self, frame: bytes) -> bool:
        """Send a frame; return whether there was somebody to take it."""
        if self._transport is None or self._transport.get_write_buffer_size() > BACKLOG:
            return False
        self._transport.write(frame)
        self.sent += 1
        return True


class Lists:
    """The lists of all meters, encoded when they are due."""

    def __init__(self, meters: list[Maker], begin: datetime) -> None:
        self._meters = meters
        self._house = Meter(meters[0], Household(start=begin - timedelta(days=1)), registers=(31_415_926, 0, 0, 0))
        self._shared = lru_cache(maxsize=64)(self._values)
        self._power = lru_cache(maxsize=64)(self._power_frame)

    def frame(self, number: int, at: datetime) -> bytes:
        """Return what a meter sends at an instant of its clock. A power list names no meter."""
        kind = kind_at(at)
        if kind == "power":
            return self._power(at)
        maker = self._meters[number]
        shown = at.replace(second=0) if kind == "hourly" else at
        return maker.encode(kind, self._shared(kind, at), maker.wall(shown))

    def _values(self, kind: Kind, at: datetime) -> dict[str, float]:
        return self._house.values(kind, at)

    def _power_frame(self, at: datetime) -> bytes:
        return self._meters[0].encode("power", self._shared("power", at), self._meters[0].wall(at))


async def main(count: int) -> None:
    """Listen, wait for the word, send, and tell."""
    files = FILES_PER_METER * count + SPARE_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, max(files, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    loop = asyncio.get_running_loop()
    lines: dict[int, Sender] = {}
    servers = [await loop.create_server(partial(Sender, lines, number), "127.0.0.1") for number in range(count)]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    heard = loop.run_in_executor(None, sys.stdin.readline)
    waking = loop.create_task(wake(lines))
    begin, wait, seconds = (await heard).split()
    waking.cancel()
    await asyncio.sleep(float(wait))
    woken = sum(line.sent for line in lines.values())
    sent = await send(Lists(makers(count), datetime.fromisoformat(begin)), lines, count, begin, float(seconds))
    print(json.dumps({**sent, "sent before": woken}), flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)  # the lines stay open until the reader has counted


async def wake(lines: dict[int, Sender]) -> None:
    """Send each line a power list every few seconds."""
    maker = make_maker("aidon")
    frame = maker.encode("power", {"power_import": 1000}, maker.wall(datetime.now(UTC)))
    while True:
        for line in lines.values():
            line.send(frame)
        await asyncio.sleep(WAKE)


async def send(lists: Lists, lines: dict[int, Sender], count: int, begin: str, seconds: float) -> dict[str, Any]:
    """Send for so many seconds; return how many lists were sent, how many nobody took, and by how much it was late."""
    loop = asyncio.get_running_loop()
    first = datetime.fromisoformat(begin)
    started = loop.time()
    step = EVERY.total_seconds() / count
    latest = 0.0
    taken = 0
    due = round(seconds / step)
    for number in range(due):
        wait = started + number * step - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        else:
            latest = max(latest, -wait)
            if number % 64 == 0:
                await asyncio.sleep(0)  # so that what could not be written at once is
        turn, meter = divmod(number, count)
        taken += meter in lines and lines[meter].send(lists.frame(meter, first + turn * EVERY))
    return {"sent": taken, "nobody took": due - taken, "late": latest}


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
