"""What the garbage of wrong line settings tells of the right ones.

Facts: a UART waits for a falling edge, then looks at the line in the middle of each bit, by its own speed.
- At the right speed with the wrong parity the first octet after a pause is read well: the one that opens a frame.
- Of a line that is four times slower, or more, every octet begins with a start bit that is as long as four of its own:
  the three lowest bits are 0. So they are but for what is read askew after a stop bit that was none.
- Of a faster line it reads one octet where many were sent: how many it got says how long the burst was, and a list of
  the fastest line is short.
"""

from collections.abc import Iterable
from typing import Final

from .link import Line

_OPENINGS: Final = b"\x7e\x68/\xdb"
"""How a frame begins: HDLC, M-Bus, a P1 telegram, general-glo-ciphering."""
_LOWEST: Final = 0b111
_SLOWER: Final = 0.75
"""The part of the octets whose lowest bits are 0. By chance it would be an eighth."""
_SHORT: Final = 0.12
"""s: as long as a P1 telegram of 1 400 octets takes at 115200 baud, or a list of 115 at 9600."""
_BITS: Final = 10


class Garbage:
    """What came in one burst."""

    def __init__(self) -> None:
        self.octets = 0
        self.lasted = 0.0
        """s."""
        self._first: int | None = None
        self._low = 0

    def add(self, data: bytes, since: float) -> None:
        """Add what came so many seconds after the burst began."""
        if self._first is None and data:
            self._first = data[0]
        self.octets += len(data)
        self._low += sum(not octet & _LOWEST for octet in data)
        self.lasted = since

    def speaks_against(self, baudrate: int, read: int) -> bool:
        """Return whether it makes a speed unlikely, having been read at another."""
        if self._first is not None and self._first in _OPENINGS:
            return baudrate != read
        if self._low >= self.octets * _SLOWER:
            return baudrate >= read
        return baudrate <= read


class Clues:
    """What all bursts tell that were read with wrong settings."""

    def __init__(self) -> None:
        self._heard: list[tuple[Garbage, int]] = []

    def add(self, garbage: Garbage, line: Line) -> None:
        """Add a burst, and the settings that it was read with."""
        self._heard.append((garbage, line.baudrate))

    def likeliest_first(self, lines: Iterable[Line]) -> list[Line]:
        """Return settings in the order in which to try them, after at least one burst."""
        last, read = self._heard[-1]
        is_short = max(last.lasted, last.octets * _BITS / read) < _SHORT

        def doubts(line: Line) -> tuple[int, int]:
            against = sum(garbage.speaks_against(line.baudrate, read) for garbage, read in self._heard)
            return against, -line.baudrate if is_short else line.baudrate

        return sorted(lines, key=doubts)
