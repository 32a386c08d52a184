"""Long frames of the wired M-Bus (EN 13757-2, 5.3), as meters in Austria and Poland push them.

68 L L 68, C, A, CI, user data, checksum, 16: L counts from C to the end of the user data; the checksum is the sum of
these octets modulo 256. CI 00 to 1F is DLMS over M-Bus (EN 13757-3): the low four bits number the parts of a message,
10 says that this is the last one; the user data begin with an octet each for the service access points.

A head is four octets that must agree, and C and CI that fit: it is by chance once in more than 2**26 octets. Then the
stop octet must stand where the length puts it, and the checksum must hold. Sagemcom's T210-D writes a length of 257
modulo 256: one that is too short for any frame has 256 octets more. No other is read so: where frames of 26 and of 256
octets follow each other, as Kaifa's do, the stop octet of the next one is there, and one checksum in 256 holds.
"""

from typing import Final

from .frame import Frame, Framing
from .record import Record

FIRST: Final = 0x68
"""The start octet."""
BEGINS: Final = rb"h(?=\Z|.\Z|(?P<length>.)(?P=length)(?:\Z|h(?:\Z|[Ss](?:\Z|.(?:\Z|[\0-\x1f])))))"
"""A head, or as much of one as has come: C is SND-UD, with either frame count bit."""

_STOP: Final = 0x16
_C, _A, _CI, _DATA = 4, 5, 6, 9
"""Where things stand, from the start octet on."""
_AROUND: Final = 6
"""Octets that the length does not count: 68 L L 68, checksum, stop."""
_LEAST: Final = _DATA - _C + 1
"""The length of a frame with an octet of data."""
_MODULO: Final = 256
_FRAME_COUNT_BIT: Final = 0x20
_FINAL: Final = 0x10
_SEQUENCE: Final = 0x0F


class Judge:
    """Judges what begins like a long frame."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def judge(self, buffer: bytes, at: int) -> Frame | int | None:
        """Judge the candidate that begins there.

        Returns the frame, None where it is none, or how many octets the buffer must hold from there to tell.
        """
        held = len(buffer) - at
        if held <= _CI:
            return held + 1
        record = self._record
        record.is_delimited = True
        length = buffer[at + 1]
        if length < _LEAST:
            length += _MODULO
        if held < length + _AROUND:
            return length + _AROUND
        end = at + _C + length
        if buffer[end + 1] == _STOP and record.may_check(at):
            if sum(buffer[at + _C : end]) & 0xFF == buffer[end]:
                return _frame(buffer, at, end)
            record.note_checked(at, length)
        record.note_damaged(buffer, at, end + 2)
        return None


def _frame(buffer: bytes, at: int, end: int) -> Frame:
    """Return the frame whose checksum stands at the end."""
    control = buffer[at + _CI]
    origin = bytes((buffer[at + _C] & ~_FRAME_COUNT_BIT, buffer[at + _A]))
    is_final = control & _FINAL != 0
    return Frame(Framing.MBUS, buffer[at + _DATA : end], end + 2 - at, not is_final, control & _SEQUENCE, origin)
