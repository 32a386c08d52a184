"""Telegrams of text (DSMR P1 companion standard 5.0.2, 6.2; Sweden's branschrekommendation v2.0; IEC 62056-21, mode D).

"/", three letters of the maker, an identification, an empty line, lines of data, "!", and CRC-16/ARC over all of that
as four hexadecimal digits (some write fewer, without the leading noughts).

A telegram ends with the first line that begins with "!". An octet that is no text, or a line that begins with "/", ends
what is none. The checksum decides. Meters of before DSMR 4 send none: a telegram without is taken as long as none with
one has come on the connection, if each of its lines has the form of a line of data.
"""

import re
from typing import Final

from .frame import LONGEST, Frame, Framing
from .record import Record

FIRST: Final = 0x2F
""" "/"."""
BEGINS: Final = rb"/(?=\Z|[A-Za-z](?:\Z|[A-Za-z](?:\Z|[A-Za-z](?:\Z|[ -~]))))"
"""What begins an identification, or as much of it as has come."""

_HEAD: Final = 5
"""Octets that BEGINS wants."""
_LEAST: Final = 24
"""Octets of the shortest telegram: an identification, an empty line, a line without a value, the end."""
_TRIES: Final = 8
"""Candidates that are checked in vain up to the same end. A telegram that is cut and followed by another makes two."""
_SEEN: Final = 3
"""Octets from an end on that must have come before it is seen."""
_DIGITS: Final = 4
_END: Final = 2 + _DIGITS
"""Octets from an end on with which a telegram with a checksum is whole."""
_HEXADECIMAL: Final = b"0123456789ABCDEFabcdef"
_AFTER: Final = frozenset(b"\r\n/\0")
"""What may come after "!" where there is no checksum."""
_CRLF: Final = b"\r\n"
_LF: Final = b"\n"
_CR: Final = b"\r"

_TEXT: Final = b"\n\r" + bytes(range(0x20, 0x7F))
_MANY: Final = 32
_any_end: Final = re.compile(rb"[^\n\r -~]|\n[!/]").search
"""Finds what ends a telegram, or what was to be one."""
_no_text: Final = re.compile(rb"[^\n\r -~]").search
"""Finds an octet that is no text."""
_introduces: Final = re.compile(rb"/[^\r\n]{4,63}\r?\n\r?\n").match
"""Tells whether it has shown itself to be one: an identification and an empty line."""
_lines: Final = re.compile(rb"/[^\r\n/]{4,63}+\r?\n(?:\r?\n)?+(?:[\d:.*-]*+(?:\([^()\r\n/]*+\))++\r?\n)++(?=!)").match
"""Tells whether all of it is lines of data (IEC 62056-21, 6.6). A line may go on in the next one."""

_REVERSED: Final = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))

_FOLDS: Final = tuple((1 << n, 15 << n, (1 << (15 << n)) - 1) for n in range(LONGEST.bit_length(), -1, -1))
"""Powers of two, greatest first, each with 15 times as much, and a mask of so many bits."""


def checks(octets: bytes) -> bool:
    """Whether the CRC-16/ARC that ends these octets, low octet first, holds.

    The polynomial, x**16 + x**15 + x**2 + 1, is x + 1 times x**15 + x + 1, and octets with a good checksum are a
    multiple of both. Of the first one they are if an even number of bits is set. As to the second one, x**15 is as good
    as x + 1, so x**(15 * n) as x**n + 1 for each n that is a power of two: that folds a long number in few steps.
    """
    number = int.from_bytes(octets.translate(_REVERSED))
    if number.bit_count() & 1:
        return False
    for fold, most, mask in _FOLDS[-(number.bit_length() // 15).bit_length() :]:
        while high := number >> most:
            number = number & mask ^ high ^ high << fold
    return number == 0


def sound_text(telegram: bytes) -> bytes | None:
    """Return a telegram's text up to before its "!"; None where the checksum after that, if there is one, fails."""
    text, end, after = telegram.partition(b"!")
    digits = after[:_DIGITS]
    if (
        len(digits) == _DIGITS
        and not digits.strip(_HEXADECIMAL)
        and not checks(text + end + bytes.fromhex(digits.decode())[::-1])
    ):
        return None
    return text


class Judge:
    """Judges what begins like a telegram."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._has_checksums = False
        """Whether a telegram with a checksum has come on this connection."""
        self._read = 0
        """Where, in octets of the stream, the end was seen, or where the next one may be at the earliest."""
        self._is_end = False
        """Whether one was seen."""
        self._tried = 0
        """How many candidates before it have failed by their checksum."""

    def reset(self) -> None:
        """Forget whether the telegrams have checksums: another connection begins."""
        self._has_checksums = False
        self._is_end = False

    def judge(self, buffer: bytes, at: int) -> Frame | int | None:
        """Judge the candidate that begins there.

        Returns the frame, None where it is none, or how many octets the buffer must hold from there to tell.
        """
        held = len(buffer) - at
        if held < _LEAST:
            return held + 1 if held < _HEAD else _LEAST
        end = self._end(buffer, at)
        if not self._is_end and held < LONGEST:
            return min(end + (_END if self._has_checksums else _SEEN) - at, LONGEST)
        if end + 2 + _DIGITS > at + LONGEST or buffer[end : end + 2] != b"\n!":
            self._refuse(buffer, at, end)
            return None
        digits = end + 2
        follows = buffer[digits : digits + _DIGITS]
        after = digits + len(follows) - len(follows.lstrip(_HEXADECIMAL))
        if after < digits + _DIGITS and after == len(buffer):
            return held + 1
        if after == digits:
            is_good = not self._has_checksums and buffer[after] in _AFTER and _lines(buffer, at) is not None
        else:
            is_good = self._checks(buffer, at, digits, int(buffer[digits:after], 16))
        if not is_good:
            self._refuse(buffer, at, after)
            return None
        return Frame(Framing.P1, buffer[at : end + 1], after - at)

    def _end(self, buffer: bytes, at: int) -> int:
        """Find what ends the candidate, or where it might end next.

        What was looked through for an earlier candidate is not looked through again. An end is seen when it and two
        octets after it have come: so most octets of a telegram that come one by one need no look.
        """
        begins = self._record.passed
        if self._is_end and begins + at < self._read:
            return self._read - begins
        since = at if self._is_end else max(at, self._read - begins)
        end = _ends(buffer, since)
        if end < 0:
            end = len(buffer) - buffer.endswith(_LF)
        self._is_end = end + _SEEN <= len(buffer)
        self._read = begins + end
        self._tried = 0
        return end

    def _checks(self, buffer: bytes, at: int, end: int, checksum: int) -> bool:
        """Check a telegram; CR LF is what counts, also where something on the way has made LF of it."""
        if self._tried >= _TRIES:
            return False
        text = buffer[at:end]
        follows = checksum.to_bytes(2, "little")
        if checks(text + follows) or (_CR not in text and checks(text.replace(_LF, _CRLF) + follows)):
            self._has_checksums = True
            return True
        self._tried += 1
        return False

    def _refuse(self, buffer: bytes, at: int, end: int) -> None:
        """Count a candidate that had shown itself to be a telegram before its end."""
        if _introduces(buffer, at, end) is not None:
            self._record.note_damaged(buffer, at, end)


def _ends(buffer: bytes, since: int) -> int:
    """Find what ends a telegram, or what was to be one; -1 where nothing does.

    One expression finds all three, which pays where a few octets are looked through; for many it takes ten times as
    long as to look for one after the other.
    """
    if len(buffer) - since < _MANY:
        found = _any_end(buffer, since)
        return -1 if found is None else found.start()
    end = buffer.find(b"\n!", since)
    other = buffer.find(b"\n/", since, end) if end >= 0 else buffer.find(b"\n/", since)
    if other >= 0:
        end = other
    text = buffer[since:end] if end >= 0 else buffer[since:]
    if text.translate(None, _TEXT) and (found := _no_text(buffer, since)) is not None:
        return found.start()
    return end
