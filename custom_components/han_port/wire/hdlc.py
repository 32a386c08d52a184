"""HDLC frames (ISO/IEC 13239, frame format type 3).

Goals
    A byte that is lost, doubled or flipped costs the frame that it hits and no other. A frame costs a few microseconds,
    and so does an octet of whatever else comes, though it be made to cost much.

Plan
    The meters do no octet stuffing, so 7E and 7D occur inside frames: a frame ends where its length field says.
    A candidate is a flag (7E) followed by format type 3 (Ax). Its header must pass the header check sequence (HCS)
    before its length is believed; then the closing flag must stand where the length puts it, and the frame check
    sequence (FCS) must hold. The closing flag of one frame may be the opening flag of the next.

    Some readers (OSS Norge) translate each LF (0A) on the line into CR LF (0D 0A). A candidate that fails as it stands
    is tried once more with that undone: the checksums decide, so no option is needed.
"""

from binascii import crc_hqx
from functools import lru_cache
import re
from typing import Final, NamedTuple

from .frame import LONGEST, Frame, Framing
from .record import Record

FIRST: Final = 0x7E
"""The flag."""
BEGINS: Final = rb"~(?=[\xa0-\xaf]|\Z)"
"""A flag that is followed by format type 3, or by nothing yet."""

_HDLC: Final = Framing.HDLC
_FLAG: Final = b"~"
_SEGMENTATION: Final = 0x08
_UNNUMBERED: Final = 0x01
"""Set in the control octet of whatever is no I frame: that one counts the frames (ISO/IEC 13239, 5.3)."""
_POLL_FINAL: Final = 0x10
_LONGEST_HEADER: Final = 13
"""Format (2), destination and source (up to 4 each), control (1), HCS (2)."""
_ENOUGH: Final = 2 * _LONGEST_HEADER + 1
"""Bytes from the flag on in which the header lies, even if all of it were translated. No meter's frame is shorter."""

_LF: Final = b"\n"
_TRANSLATED: Final = b"\r\n"

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


class _Header(NamedTuple):
    """What a header tells (ISO/IEC 13239, 4.9)."""

    length: int
    """Octets between the flags."""
    size: int
    """Octets of the header itself."""
    is_segment: bool
    """The segmentation bit of the frame format field: whether the information goes on in the next frame."""
    origin: bytes
    """Addresses, and control without what differs between the segments of a message: numbers, and the P/F bit."""


class Judge:
    """Judges what begins with a flag."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._counted: tuple[int, int] | None = None
        """Set where the candidate that begins the buffer has failed as it stands, and waits to be tried as translated:
        up to where CR LFs are counted in it, and where it ends by these.
        """

    def reset(self) -> None:
        """Forget the candidate that begins the buffer."""
        self._counted = None

    def judge(self, buffer: bytes, at: int) -> Frame | int | None:
        """Judge the candidate that begins there.

        Returns the frame, None where it is none, or how many octets the buffer must hold from there to tell.
        """
        start = at + 1
        if len(buffer) - at < _ENOUGH:
            return _ENOUGH if len(buffer) > start else 2
        header = _header(buffer[start : start + _LONGEST_HEADER]) or _translated_header(buffer, start)
        record = self._record
        if header is None:
            record.note_damaged(buffer, at, buffer.find(_FLAG, start))
            return None
        length, size, is_segment, origin = header
        record.is_delimited = True
        closing = start + length
        if closing >= len(buffer):
            return length + 2
        if buffer[closing] == FIRST and self._counted is None and (record.checked == 0 or record.may_check(at)):
            octets = buffer[start:closing]
            if _checks(octets):
                # What Frame(…) does, in half the time.
                return tuple.__new__(
                    Frame, (_HDLC, octets[size:-2], length + 1, is_segment, None, origin, record.counters.noise)
                )
            record.note_checked(at, length)
        frame = self._translated_at(buffer, at, header)
        if frame is None:
            record.note_damaged(buffer, at, closing + 1)
        return frame

    def _translated_at(self, buffer: bytes, at: int, header: _Header) -> Frame | int | None:
        """Judge a candidate by what it is if each CR LF in it was LF."""
        start = at + 1
        counted, end = _closing(buffer, *(self._counted or (start, start + header.length)))
        self._counted = None
        if not start + header.length < end <= at + LONGEST:
            return None
        if end >= len(buffer):
            self._counted = counted - at, end - at
            return end + 1 - at
        if buffer[end] != FIRST or not self._record.may_check(at):
            return None
        octets = buffer[start:end].replace(_TRANSLATED, _LF)
        if not _checks(octets):
            self._record.note_checked(at, end - start)
            return None
        counters = self._record.counters
        counters.translated += 1
        return Frame(_HDLC, octets[header.size : -2], end - at, header.is_segment, None, header.origin, counters.noise)


@lru_cache(maxsize=64)  # a meter's lists have a header each, always the same
def _header(octets: bytes) -> _Header | None:
    """Return what the header tells, or None where the header check fails."""
    if (addressed := _addresses(octets)) is None:
        return None
    size = addressed.end() + 3
    length = (octets[0] & 0x07) << 8 | octets[1]
    if length < size + 2 or not _checks(octets[:size]):
        return None
    control = octets[size - 3]
    kind = control & ~_POLL_FINAL if control & _UNNUMBERED else 0
    return _Header(length, size, octets[0] & _SEGMENTATION != 0, octets[2 : size - 3] + bytes((kind,)))


def _translated_header(buffer: bytes, start: int) -> _Header | None:
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
