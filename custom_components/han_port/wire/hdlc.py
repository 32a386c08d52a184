"""HDLC frames (ISO/IEC 13239, frame format type 3) out of a noisy stream of bytes.

Operations
    feed(octets)    takes any bytes, returns the frames that they complete, in order
    reset()         forgets what is buffered (a new connection begins)

Goals
    A byte that is lost, doubled or flipped costs the frame that it hits and no other. How the stream is cut into
    chunks changes nothing. No more than LIMIT bytes are ever held. A frame costs a few microseconds, and so does an
    octet of whatever else comes, though it be made to cost much.

Plan
    The meters do no octet stuffing, so 7E and 7D occur inside frames: a frame ends where its length field says.
    A candidate is a flag (7E) followed by format type 3 (Ax). Its header must pass the header check sequence (HCS)
    before its length is believed; then the closing flag must stand where the length puts it, and the frame check
    sequence (FCS) must hold. A candidate that fails is left behind by one byte, no more, so that a good frame that
    begins inside it is found. The closing flag of one frame may be the opening flag of the next.

    Some readers (OSS Norge) translate each LF (0A) on the line into CR LF (0D 0A). A candidate that fails as it stands
    is tried once more with that undone: the checksums decide, so no option is needed.

    Who makes input on purpose can write a thousand headers that hold, each with a length that reaches over all the
    others to a flag: thousands of checks over the same octets. So no more octets are checked in vain than CHECKS times
    those that have come. Chance gets nowhere near: a header holds by chance once in 65 536 candidates.
"""

from binascii import crc_hqx
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
import re
from typing import Final, NamedTuple

LIMIT: Final = 4096
"""Bytes that are held at most."""
CHECKS: Final = 32
"""How often an octet can be part of a check that fails, on an average. Beyond it candidates fail without a check."""

_BLOCK: Final = 1024
"""A chunk is worked off in blocks of this size, so that a large one is never held whole."""
_FLAG: Final = b"~"
_FLAG_OCTET: Final = 0x7E
_SEGMENTATION: Final = 0x08
_LONGEST: Final = 0x7FF
"""What the length field can tell."""
_LONGEST_ON_WIRE: Final = LIMIT - _BLOCK
"""Bytes between the flags of a frame in which LF had become CR LF: more could not be held."""
_LONGEST_HEADER: Final = 13
"""Format (2), destination and source (up to 4 each), control (1), HCS (2)."""
_ENOUGH: Final = 2 * _LONGEST_HEADER + 1
"""Bytes from the flag on in which the header lies, even if all of it were translated. No meter's frame is shorter."""
_KEPT: Final = 5
"""Damaged frames kept for diagnostics, and"""
_KEPT_BYTES: Final = 640
"""how much of each: the longest known list has 581 bytes."""

_LF: Final = b"\n"
_TRANSLATED: Final = b"\r\n"

_candidate: Final = re.compile(rb"~(?=[\xa0-\xaf]|\Z)").search
"""Finds a flag that is followed by format type 3, or by nothing yet."""
_EVEN: Final = re.escape(bytes(range(0, 256, 2)))
_addresses: Final = re.compile(rb"(?s)..(?:[%b]{0,3}+[^%b]){2}" % (_EVEN, _EVEN)).match
"""Finds where the addresses end: each with the first octet whose low bit is set (ISO/IEC 13239, 4.7.1)."""

# CRC-16/X-25 takes each octet's low bit first, binascii's CRC-16 the high bit. Over octets with their bits reversed the
# two agree, and over data followed by its own check sequence the remainder is always the same.
_REVERSED: Final = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
_INITIAL: Final = 0xFFFF
_GOOD: Final = 0x1D0F


def _checks(octets: bytes) -> bool:
    """Whether the check sequence that ends these octets holds."""
    return crc_hqx(octets.translate(_REVERSED), _INITIAL) == _GOOD


class Frame(NamedTuple):
    """A frame whose checksums hold, with what ISO/IEC 13239, 4.9 calls its fields."""

    information: bytes
    """The information field: what the frame carries."""
    segmented: bool
    """The segmentation bit of the frame format field: whether the information goes on in the next frame."""
    wire_length: int
    """Bytes between the flags on the wire: more than the frame's length where LF had become CR LF."""


@dataclass(slots=True)
class FramingCounters:
    """What became of the bytes."""

    frames: int = 0
    """Frames whose checksums hold."""
    translated: int = 0
    """Those of them in which LF had become CR LF."""
    damaged: int = 0
    """Candidates whose length or checksum does not hold."""
    noise: int = 0
    """Bytes, flags apart, that belong to no good frame."""


class FrameReader:
    """Takes a stream of bytes apart into frames."""

    def __init__(self) -> None:
        self.counters = FramingCounters()
        self.damaged: deque[bytes] = deque(maxlen=_KEPT)
        """The last damaged candidates, from their opening flag on."""
        self._buffer = b""
        self._needed = 0
        """Bytes that the buffer must hold before another look at it is worth while."""
        self._counted: tuple[int, int] | None = None
        """Set where the candidate that begins the buffer has failed as it stands, and waits to be tried as translated:
        up to where CR LFs are counted in it, and where it ends by these.
        """
        self._passed = 0
        """Bytes that came before the buffer."""
        self._checked = 0
        """Octets that were checked in vain, or would have been if all that was allowed had been checked so."""

    @property
    def held(self) -> int:
        """Bytes that are buffered now."""
        return len(self._buffer)

    def reset(self) -> None:
        """Forget what is buffered."""
        self._passed += len(self._buffer)
        self._buffer = b""
        self._needed = 0
        self._counted = None

    def feed(self, octets: bytes) -> list[Frame]:
        """Take any bytes; return the frames that are complete with them."""
        if len(octets) <= _BLOCK:
            return self._take(octets)
        blocks = (octets[start : start + _BLOCK] for start in range(0, len(octets), _BLOCK))
        return [frame for block in blocks for frame in self._take(block)]

    def _take(self, octets: bytes) -> list[Frame]:
        """Judge all that can be judged with these octets and keep the rest."""
        frames: list[Frame] = []
        self._buffer = buffer = self._buffer + octets
        if len(buffer) < self._needed:
            return frames
        at = 0
        self._needed = 0
        while (found := _candidate(buffer, at)) is not None:
            flag = found.start()
            if flag > at:
                self.counters.noise += flag - at - buffer.count(_FLAG, at, flag)
                at = flag
            frame = self._frame_at(buffer, flag)
            if frame is not None:
                frames.append(frame)
                at += 1 + frame.wire_length
            elif self._needed:
                break
            else:
                at += 1
        else:
            self.counters.noise += len(buffer) - at - buffer.count(_FLAG, at)
            at = len(buffer)
        self.counters.frames += len(frames)
        self._passed += at
        self._buffer = buffer[at:]
        return frames

    def _frame_at(self, buffer: bytes, flag: int) -> Frame | None:
        """Judge the candidate that begins at a flag. Sets `_needed` while it cannot be judged."""
        start = flag + 1
        if len(buffer) - flag < _ENOUGH:
            self._needed = _ENOUGH if len(buffer) > start else 2
            return None
        header = _header(buffer[start : start + _LONGEST_HEADER]) or _translated_header(buffer, start)
        if header is None:
            self._note_damaged(buffer, flag, buffer.find(_FLAG, start))
            return None
        length, header_length = header
        closing = start + length
        if closing >= len(buffer):
            self._needed = length + 2
            return None
        if buffer[closing] == _FLAG_OCTET and self._counted is None and self._may_check(flag):
            octets = buffer[start:closing]
            if _checks(octets):
                return Frame(octets[header_length:-2], octets[0] & _SEGMENTATION != 0, length)
            self._note_checked(flag, length)
        frame = self._translated_at(buffer, flag, length, header_length)
        if frame is None and not self._needed:
            self._note_damaged(buffer, flag, closing + 1)
        return frame

    def _translated_at(self, buffer: bytes, flag: int, length: int, header_length: int) -> Frame | None:
        """Judge a candidate by what it is if each CR LF in it was LF."""
        start = flag + 1
        counted, end = _closing(buffer, *(self._counted or (start, start + length)))
        self._counted = None
        if not start + length < end <= flag + _LONGEST_ON_WIRE:
            return None
        if end >= len(buffer):
            self._needed = end + 1 - flag
            self._counted = counted - flag, end - flag
            return None
        if buffer[end] != _FLAG_OCTET or not self._may_check(flag):
            return None
        octets = buffer[start:end].replace(_TRANSLATED, _LF)
        if not _checks(octets):
            self._note_checked(flag, end - start)
            return None
        self.counters.translated += 1
        return Frame(octets[header_length:-2], octets[0] & _SEGMENTATION != 0, end - start)

    def _may_check(self, flag: int) -> bool:
        return self._checked <= CHECKS * (self._passed + flag + _LONGEST)

    def _note_checked(self, flag: int, octets: int) -> None:
        """Take note of a check in vain. What was not used of what was allowed lasts no longer than a frame."""
        self._checked = max(self._checked, CHECKS * (self._passed + flag)) + octets

    def _note_damaged(self, buffer: bytes, flag: int, end: int) -> None:
        self.counters.damaged += 1
        longest = flag + _KEPT_BYTES
        self.damaged.append(buffer[flag : end if 0 <= end < longest else longest])


@lru_cache(maxsize=64)  # a meter's lists have a header each, always the same
def _header(octets: bytes) -> tuple[int, int] | None:
    """Return the frame's length and its header's, in octets, or None where the header check fails."""
    if (addressed := _addresses(octets)) is None:
        return None
    header_length = addressed.end() + 3
    length = (octets[0] & 0x07) << 8 | octets[1]
    if length < header_length + 2 or not _checks(octets[:header_length]):
        return None
    return length, header_length


def _translated_header(buffer: bytes, start: int) -> tuple[int, int] | None:
    """Return what `_header` does of a header in which LF had become CR LF."""
    octets = buffer[start : start + 2 * _LONGEST_HEADER]
    return _header(octets.replace(_TRANSLATED, _LF)[:_LONGEST_HEADER]) if _TRANSLATED in octets else None


def _closing(buffer: bytes, since: int, end: int) -> tuple[int, int]:
    """Return up to where CR LFs are counted, and where the closing flag stands if each is one octet.

    `since` and `end` are the same of what was counted before. Where the buffer does not reach as far as the end, it is
    there or further on.
    """
    while found := buffer.count(_TRANSLATED, since, end + 1):
        since, end = min(end, len(buffer) - 1), end + found
    return since, end
