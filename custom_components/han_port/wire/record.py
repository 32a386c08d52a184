"""What the judges of one stream share: the counts, the damaged candidates, and how much may be checked in vain.

Who makes input on purpose can write a thousand beginnings that look right, each with a length that reaches over all the
others: thousands of checks over the same octets. So no more octets are checked in vain than CHECKS times those that
have come, by the judges of HDLC and M-Bus together. Chance gets nowhere near: an HDLC header holds by chance once in
65 536 candidates.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

CHECKS: Final = 32
"""How often an octet can be part of a check that fails, on an average. Beyond it candidates fail without a check."""

_AHEAD: Final = 0x7FF
"""Octets that are allowed for before they have come: the longest HDLC frame."""
_KEPT: Final = 5
"""Damaged frames kept for diagnostics, and"""
_KEPT_BYTES: Final = 640
"""how much of each: the longest known list has 581 bytes."""


@dataclass(slots=True)
class FramingCounters:
    """What became of the bytes."""

    frames: int = 0
    """Frames whose checks hold."""
    translated: int = 0
    """Those of them in which LF had become CR LF."""
    damaged: int = 0
    """Candidates whose length or checksum does not hold."""
    noise: int = 0
    """Bytes, flags and line ends apart, that belong to no good frame."""


class Record:
    """Of one stream. Places are told as the judges see them: as octets of the buffer."""

    __slots__ = ("checked", "counters", "damaged", "is_delimited", "passed")

    def __init__(self) -> None:
        self.counters = FramingCounters()
        self.damaged: deque[bytes] = deque(maxlen=_KEPT)
        """The last damaged candidates, from their first octet on."""
        self.passed = 0
        """Octets that came before the buffer."""
        self.checked = 0
        """Octets that were checked in vain, or would have been if all that was allowed had been checked so."""
        self.is_delimited = False
        """Whether a header of HDLC or M-Bus has held on this connection."""

    def may_check(self, at: int) -> bool:
        """Tell whether a candidate may be checked."""
        return self.checked <= CHECKS * (self.passed + at + _AHEAD)

    def note_checked(self, at: int, octets: int) -> None:
        """Take note of a check in vain. What was not used of what was allowed lasts no longer than a frame."""
        self.checked = max(self.checked, CHECKS * (self.passed + at)) + octets

    def note_damaged(self, buffer: bytes, at: int, end: int) -> None:
        """Take note of a candidate that failed; its end is -1 where it is not known."""
        self.counters.damaged += 1
        longest = at + _KEPT_BYTES
        self.damaged.append(buffer[at : end if 0 <= end < longest else longest])
