"""On a real serial line a meter is found within 40 s, whatever its speed and parity, with lists every 10 s only.

Time is virtual: it passes when nobody has anything to do. The line is emulated bit by bit (`uart`); an adapter hands on
what it has heard every 16 ms, as FTDI's do.
"""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count, groupby
from operator import itemgetter
import selectors
from typing import Any, override

import pytest

from custom_components.han_port.detect import LINES, Found, Unreadable, detect
from custom_components.han_port.link import Line, LinkError, Parity

from .ciphered import KEYS, ciphered
from .conftest import AIDON, KAIFA, KAMSTRUP, full, hourly, power, registers
from .meters.aidon_sweden import AidonSweden
from .meters.p1 import P1
from .uart import duration, heard

pytestmark = pytest.mark.usefixtures("socket_enabled")  # an event loop wakes itself by a socket

EVERY = 10.0
"""s between two lists."""
WITHIN = 40.0
"""s in which a meter is found."""
LATENCY = 0.016
"""s: FTDI's latency timer, if it is left alone."""
OPENING = 0.3
"""s that an adapter takes to open."""
URL = "/dev/ttyUSB0"
OFFSETS = (0.0, 0.2, 0.9, 1.1, 2.5, 5.0, 7.5, 9.0, 9.9)
"""s after the beginning at which a list begins. Those of 7.5 and more at 2400 baud are under way at the beginning."""


class Jumping(selectors.DefaultSelector):
    """Does not wait: puts the clock forward instead."""

    now = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "everybody waits for nothing"
            self.now += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which time passes at once."""

    def __init__(self) -> None:
        self._jumping = Jumping()
        super().__init__(self._jumping)

    @override
    def time(self) -> float:
        return self._jumping.now


def in_virtual_time[T](work: Coroutine[Any, Any, T]) -> T:
    """Run something to its end."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


class Adapter:
    """A serial port on a line on which a meter sends a list every 10 s."""

    def __init__(self, octets: bytes, line: Line, first: float, *, is_hasty: bool) -> None:
        self.tried: list[Line] = []
        self.opened: list[float] = []
        self._octets = octets
        self._line = line
        self._first = first
        self._is_hasty = is_hasty
        self._hearing: asyncio.Task[None] | None = None

    async def open(
        self, _url: str, line: Line, on_data: Callable[[bytes], None], _on_lost: Callable[[LinkError], None]
    ) -> Adapter:
        """Open the port with line settings."""
        assert self._hearing is None, "a port has one reader at a time"
        self.tried.append(line)
        await asyncio.sleep(OPENING)
        self.opened.append(asyncio.get_running_loop().time())
        self._hearing = asyncio.create_task(self._hear(line, on_data))
        return self

    async def close(self) -> None:
        """Close it."""
        assert self._hearing is not None
        self._hearing.cancel()
        self._hearing = None

    async def _hear(self, line: Line, on_data: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        since = loop.time()
        lasts = duration(self._octets, self._line)
        for number in count(-1):
            begins = self._first + number * EVERY
            if begins + lasts < since:
                continue
            found = heard(self._octets, self._line, line, since=max(since - begins, 0.0), is_hasty=self._is_hasty)
            timed = [(int((begins + octet.at) / LATENCY) + 1, octet.value) for octet in found]
            for part, octets in groupby(timed, itemgetter(0)):
                await asyncio.sleep(part * LATENCY - loop.time())
                on_data(bytes(value for _, value in octets))


LISTS = {
    "Aidon full": full(AIDON),
    "Aidon hourly": hourly(AIDON),
    "Kaifa full": full(KAIFA),
    "Kamstrup full": full(KAMSTRUP),
    "Kamstrup ciphered": ciphered(full(KAMSTRUP)),
    "Aidon Sweden": registers(AidonSweden()),
    "P1 telegram": registers(P1("LGF5E360", "")),
}


def find(octets: bytes, line: Line, first: float, *, is_hasty: bool) -> tuple[Found, float, list[Line]]:
    """Return what is found on a line, after how many seconds, and which settings were tried for it."""
    adapter = Adapter(octets, line, first, is_hasty=is_hasty)

    async def timed() -> tuple[Found, float]:
        found = await detect(URL, opener=adapter.open, keys=KEYS)
        return found, asyncio.get_running_loop().time()

    return *in_virtual_time(timed()), adapter.tried


@pytest.mark.parametrize("is_hasty", [False, True], ids=["patient receiver", "hasty receiver"])
@pytest.mark.parametrize("line", LINES, ids=str)
@pytest.mark.parametrize("kind", LISTS)
def test_a_meter_is_found_in_time(
    kind: str, line: Line, is_hasty: bool, record_property: Callable[[str, object], None]
) -> None:
    worst = 0.0
    for first in OFFSETS:
        found, took, tried = find(LISTS[kind], line, first, is_hasty=is_hasty)
        assert found.line.baudrate == line.baudrate
        assert took < WITHIN, first
        assert len(tried) <= len(LINES) - 1, tried
        worst = max(worst, took)
    record_property("worst", round(worst, 1))


@pytest.mark.parametrize("line", LINES, ids=str)
def test_short_lists_between_do_no_harm(line: Line) -> None:
    """A power list at 115200 baud is a single octet of garbage at 2400, and comes before the full one."""
    for first in OFFSETS:
        pause = bytes((0xFF,))  # an octet that a line carries as one bit and eight idle ones
        found, took, _ = find(power(AIDON) + pause + full(AIDON), line, first, is_hasty=False)
        assert found.line == line
        assert took < WITHIN, first


def test_settings_that_are_known_are_tried_first() -> None:
    for line in LINES:
        adapter = Adapter(full(KAMSTRUP), line, 5.0, is_hasty=False)
        found = in_virtual_time(detect(URL, opener=adapter.open, first=line))
        assert found.line == line
        assert adapter.tried == [line]


@pytest.mark.parametrize("first", LINES, ids=str)
@pytest.mark.parametrize("line", LINES, ids=str)
def test_settings_that_were_right_once(first: Line, line: Line) -> None:
    """The adapter has been set otherwise since, or is another one."""
    adapter = Adapter(full(KAMSTRUP), line, 5.0, is_hasty=False)
    found = in_virtual_time(detect(URL, opener=adapter.open, first=first))
    assert found.line.baudrate == line.baudrate
    assert len(adapter.tried) <= len(LINES) - 1


def test_a_line_that_no_setting_makes_sense_of() -> None:
    """An adapter that turns every bit over: it is told, and not much later."""
    adapter = Adapter(bytes(octet ^ 0xFF for octet in full(AIDON)), Line(2400, Parity.EVEN), 3.0, is_hasty=False)

    async def timed() -> float:
        with pytest.raises(Unreadable):
            await detect(URL, opener=adapter.open)
        return asyncio.get_running_loop().time()

    assert in_virtual_time(timed()) < WITHIN + EVERY
