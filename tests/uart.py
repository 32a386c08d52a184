"""What a serial port hears of a line with other settings: the bits of what was sent, sampled by another clock.

What belongs here: a receiver as those of adapters are. It begins an octet at a falling edge, looks in the middle of the
start bit whether it was one, then in the middle of each bit; and hands on what it has, whether parity and stop bit are
right or not, as Linux does unless it is told otherwise (termios(3): IGNPAR and INPCK unset).
"""

from itertools import pairwise
from typing import Final, NamedTuple

from custom_components.han_port.link import Line, Parity

BITS: Final = 8


class Octet(NamedTuple):
    """One octet as a port hands it on."""

    at: float
    """When it is complete, s after the first start bit was sent."""
    value: int


def duration(octets: bytes, line: Line) -> float:
    """Return how long a line is busy with octets, s."""
    return len(octets) * (BITS + 2 + (line.parity is Parity.EVEN)) / line.baudrate


def heard(octets: bytes, sent: Line, read: Line, *, since: float = 0.0, is_hasty: bool = False) -> list[Octet]:
    """Return what a port that is set to one line hears of octets that were sent, without a pause, on another.

    `since`: it listens from so many seconds after the first start bit on.
    `is_hasty`: a stop bit that is none counts as the next start bit, as in the 16550; else the receiver waits for the
    line to be idle again.
    """
    levels = _levels(octets, sent)
    falls = [at for at, (before, after) in enumerate(pairwise([1, *levels])) if before > after]
    step = sent.baudrate / read.baudrate  # in bits of the sender, as all positions here are

    def level(position: float) -> int:
        return levels[int(position)] if position < len(levels) else 1

    found: list[Octet] = []
    position, at = since * sent.baudrate, 0
    while True:
        while at < len(falls) and falls[at] < position:
            at += 1
        if at == len(falls):
            return found
        begin: float | None = falls[at]
        while begin is not None:
            if level(begin + step / 2):  # no start bit
                position, begin = begin + step / 2, None
                continue
            bits = [level(begin + (number + 1.5) * step) for number in range(BITS)]
            position = begin + (BITS + 1.5 + (read.parity is Parity.EVEN)) * step
            found.append(Octet(position / sent.baudrate, sum(bit << number for number, bit in enumerate(bits))))
            is_break = not any(bits)
            begin = position - step / 2 if is_hasty and not level(position) and not is_break else None


def _levels(octets: bytes, line: Line) -> list[int]:
    """Return the line's level in each bit, the idle line after the last one apart."""
    levels: list[int] = []
    for octet in octets:
        bits = [octet >> number & 1 for number in range(BITS)]
        parity = [sum(bits) % 2] if line.parity is Parity.EVEN else []
        levels += [0, *bits, *parity, 1]
    return levels
