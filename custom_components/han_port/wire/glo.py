"""An APDU general-glo-ciphering (DLMS Green Book) that stands on the line with nothing around it.

So the P1 ports of Luxembourg and of parts of Austria send: tag DB, the system title after its length 08 (three letters
of the maker, five octets), the length, then security control, frame counter, ciphertext and authentication tag, which
the length counts. Nothing checks it: whoever has the key finds out. So such an APDU is only looked for while no header
of HDLC or M-Bus has held on the connection: inside their frames an APDU is theirs, and a damaged one is not to be read.

No end is marked either. An APDU in which another one of the same meter begins, or a frame with an LLC header, or one of
M-Bus, has a wrong length. One that has lost an octet ends upon the tag of the next one: what may be the beginning of
another one is left to it.
"""

import re
from typing import Final

from .frame import Frame, Framing
from .record import Record

FIRST: Final = 0xDB
"""The tag."""
BEGINS: Final = rb"\xdb(?=\Z|\x08(?:\Z|[A-Za-z](?:\Z|[A-Za-z](?:\Z|[A-Za-z]))))"
"""Tag, length of the title and the maker's letters, or as much of them as has come."""
LONGEST: Final = 2048
"""Octets of the longest APDU that is waited for."""

_HEAD: Final = 5
"""Octets that BEGINS wants."""
_TITLED: Final = 10
"""Tag, length and title."""
_ENOUGH: Final = 14
"""Octets that hold the length of any kind and the security control. No APDU is shorter."""
_LEAST: Final = 5
"""Security control and frame counter."""
_SECURITY_CONTROLS: Final = (0x20, 0x21, 0x30, 0x31)
"""Enciphered, without and with authentication, in security suites 0 and 1."""
_SHORT: Final = 0x80
"""A length below it is an octet; else its low bits say how many octets of length follow."""
_MOST_LENGTHS: Final = 2

_other: Final = re.compile(rb"(?s)~[\xa0-\xaf].{6,11}?\xe6\xe7\0|h(.)\1h[Ss]\xff[\0-\x1f]").search
"""Finds where a frame of another framing begins."""


class Judge:
    """Judges what begins like a ciphered APDU."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._barred = 0
        """Up to where, in octets of the stream, an APDU cannot reach, for another frame begins there."""

    def judge(self, buffer: bytes, at: int) -> Frame | int | None:
        """Judge the candidate that begins there.

        Returns the frame, None where it is none, or how many octets the buffer must hold from there to tell.
        """
        held = len(buffer) - at
        record = self._record
        if record.is_delimited or record.passed + at < self._barred:
            return None
        if held < _ENOUGH:
            return _ENOUGH if held >= _HEAD else held + 1
        end = _end(buffer, at)
        if end is None:
            return None
        if end > len(buffer):
            return end - at
        begins = buffer.find(buffer[at : at + _TITLED], at + _TITLED, end)
        if begins < 0 and (other := _other(buffer, at + _TITLED, end)) is not None:
            begins = other.start()
            self._barred = record.passed + begins
        if begins >= 0:
            record.note_damaged(buffer, at, begins)
            return None
        apdu = buffer[at:end]
        return Frame(Framing.GLO, apdu, len(apdu) - _left(apdu))


def _left(apdu: bytes) -> int:
    """Return how many octets at the end may be the first ones of another APDU of the same meter."""
    if FIRST not in apdu[1 - _TITLED :]:
        return 0
    return next((count for count in range(_TITLED - 1, 0, -1) if apdu.endswith(apdu[:count])), 0)


def _end(buffer: bytes, at: int) -> int | None:
    """Return where the APDU ends, None where it is none that is known."""
    start = at + _TITLED + 1
    length = buffer[start - 1]
    if length >= _SHORT:
        if not 0 < (size := length - _SHORT) <= _MOST_LENGTHS:
            return None
        length = int.from_bytes(buffer[start : start + size])
        start += size
    if length < _LEAST or buffer[start] not in _SECURITY_CONTROLS or start + length > at + LONGEST:
        return None
    return start + length
