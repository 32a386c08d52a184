"""HDLC frames (ISO/IEC 13239, frame format type 3) out of a noisy stream of bytes.

Operations
    feed(octets)    takes any bytes, returns the frames that they complete, in order
    reset()         forgets what is buffered (a new connection begins)

Goals
    A byte that is lost, doubled or flipped costs the frame that it hits and no other. How the stream is cut into
    chunks changes nothing. No more than LIMIT bytes are ever held. A frame costs a few microseconds.

Plan
    The meters do no octet stuffing, so 7E and 7D occur inside frames: a frame ends where its length field says.
    A candidate is a flag (7E) followed by format type 3 (Ax). Its header must pass the header check sequence (HCS)
    before its length is believed; then the closing flag must stand where the length puts it, and the frame check
    sequence (FCS) must hold. A candidate that fails is left behind by one byte, no more, so that a good frame that
    begins inside it is found. The closing flag of one frame may be the opening flag of the next.

    Some readers (OSS Norge) translate each LF (0A) on the line into CR LF (0D 0A). A candidate that fails as it stands
    is tried once more with that undone: the checksums decide, so no option is needed.
"""

from binascii import crc_hqx
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

LIMIT = 4096
"""Bytes that are held at most."""

_BLOCK = 1024
"""A chunk is worked off in blocks of this size, so that a large one is never held whole."""
_FLAG = b"~"
_FLAG_OCTET = 0x7E
_FORMAT_TYPE = 0xF0
_FORMAT_TYPE_3 = 0xA0
_SEGMENTATION = 0x08
_LONGEST_HEADER = 13
"""Format (2), destination and source (up to 4 each), control (1), HCS (2)."""
_ENOUGH = 2 * _LONGEST_HEADER + 1
"""Bytes from the flag on in which the header lies, even if all of it were translated. No meter's frame is shorter."""
_KEPT = 5
"""Damaged frames kept for diagnostics, and"""
_KEPT_BYTES = 640
"""how much of each: the longest known list has 581 bytes."""

_LF = b"\n"
_TRANSLATED = b"\r\n"

# CRC-16/X-25 takes each octet's low bit first, binascii's CRC-16 the high bit. Over octets with their bits reversed the
# two agree, and over data followed by its own check sequence the remainder is always the same.
_REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
_INITIAL = 0xFFFF
_GOOD = 0x1D0F


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


class _Incomplete(Exception):  # noqa: N818 - not an error
    """A candidate cannot be judged before so many bytes from its flag on are there."""

    def __init__(self, needed: int) -> None:
        self.needed = needed


class FrameReader:
    """Takes a stream of bytes apart into frames."""

    def __init__(self) -> None:
        self.counters = FramingCounters()
        self.damaged: deque[bytes] = deque(maxlen=_KEPT)
        """The last damaged candidates, from their opening flag on."""
        self._buffer = b""
        self._needed = 0
        """Bytes that the buffer must hold before another look at it is worth while."""

    @property
    def held(self) -> int:
        """Bytes that are buffered now."""
        return len(self._buffer)

    def reset(self) -> None:
        """Forget what is buffered."""
        self._buffer = b""
        self._needed = 0

    def feed(self, octets: bytes) -> list[Frame]:
        """Take any bytes; return the frames that are complete with them."""
        if len(octets) <= _BLOCK:
            return self._take(octets)
        blocks = (octets[start : start + _BLOCK] for start in range(0, len(octets), _BLOCK))
        return [frame for block in blocks for frame in self._take(block)]

    def _take(self, octets: bytes) -> list[Frame]:
        """Judge all that can be judged with these octets and keep the rest."""
        frames: list[Frame] = []
        buffer = self._buffer + octets
        if len(buffer) < self._needed:
            self._buffer = buffer
            return frames
        at = 0
        noise = 0
        self._needed = 0
        while (flag := buffer.find(_FLAG, at)) >= 0:
            noise += flag - at
            at = flag
            try:
                frame = self._frame_at(buffer, flag)
            except _Incomplete as incomplete:
                if len(buffer) - flag <= LIMIT - _BLOCK:
                    self._needed = incomplete.needed
                    break
                frame = None
            if frame is None:
                at += 1
            else:
                frames.append(frame)
                at += 1 + frame.wire_length
        else:
            noise += len(buffer) - at
            at = len(buffer)
        self.counters.frames += len(frames)
        self.counters.noise += noise
        self._buffer = buffer[at:]
        return frames

    def _frame_at(self, buffer: bytes, flag: int) -> Frame | None:
        """Judge the candidate that begins at a flag. Raises _Incomplete while it cannot be judged."""
        available = len(buffer) - flag
        if available > 1 and buffer[flag + 1] & _FORMAT_TYPE != _FORMAT_TYPE_3:
            return None
        if available < _ENOUGH:
            raise _Incomplete(_ENOUGH)
        header = _header(buffer[flag + 1 : flag + 1 + _LONGEST_HEADER])
        if header is None:
            start = buffer[flag + 1 : flag + _ENOUGH].replace(_TRANSLATED, _LF)
            header = _header(start[:_LONGEST_HEADER])
        if header is None:
            self._note_damaged(buffer, flag, buffer.find(_FLAG, flag + 1))
            return None
        length, header_length = header
        closing = flag + 1 + length
        if closing >= len(buffer):
            raise _Incomplete(length + 2)
        octets = buffer[flag + 1 : closing]
        if buffer[closing] == _FLAG_OCTET and _checks(octets):
            return Frame(octets[header_length:-2], octets[0] & _SEGMENTATION != 0, length)
        if _TRANSLATED in octets:
            raw = buffer[flag + 1 :]
            restored = raw.replace(_TRANSLATED, _LF)
            if len(restored) <= length:
                raise _Incomplete(2 + len(raw) + length - len(restored))
            octets = restored[:length]
            if restored[length] == _FLAG_OCTET and _checks(octets):
                self.counters.translated += 1
                return Frame(octets[header_length:-2], octets[0] & _SEGMENTATION != 0, _translated_length(raw, length))
        self._note_damaged(buffer, flag, closing + 1)
        return None

    def _note_damaged(self, buffer: bytes, flag: int, end: int) -> None:
        self.counters.damaged += 1
        longest = flag + _KEPT_BYTES
        self.damaged.append(buffer[flag : min(end, longest) if end >= 0 else longest])


@lru_cache(maxsize=64)  # a meter's lists have a header each, always the same
def _header(octets: bytes) -> tuple[int, int] | None:
    """Return the frame's length and its header's, in octets, or None where the header check fails."""
    at = 2
    for _address in range(2):  # each ends with the first octet whose low bit is set (ISO/IEC 13239, 4.7.1)
        last = at + 3
        while not octets[at] & 1:
            if at == last:
                return None
            at += 1
        at += 1
    header_length = at + 3
    length = (octets[0] & 0x07) << 8 | octets[1]
    if length < header_length + 2 or not _checks(octets[:header_length]):
        return None
    return length, header_length


def _translated_length(raw: bytes, length: int) -> int:
    """Return how many raw bytes become `length` octets when each CR LF in them becomes LF."""
    end = length
    while (now := length + raw.count(_TRANSLATED, 0, end + 1)) != end:
        end = now
    return end
