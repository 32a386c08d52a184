"""DLMS APDUs and their A-XDR data, as plain Python values that know where they stood.

IEC 62056-5-3 (DLMS Green Book, 9.4 and 9.5) for the data-notification, IEC 62056-6-2 (Blue Book, 4.1.5) for the data
types, IEC 61334-6 for A-XDR. An array becomes a list, a structure a tuple, anything else a Leaf with a value:

    null-data           None                        octet-string            bytes
    boolean             bool                        visible-, utf8-string   str
    (u)int8 … (u)int64  int                         bit-string              str of 0 and 1
    enum, bcd           int                         date-time, date, time   bytes
    float32, float64    float                       compact-array           refused
"""

from collections.abc import Callable
from datetime import datetime
from struct import calcsize, unpack_from
from typing import NamedTuple

LLC = b"\xe6\xe7\x00"
"""The LLC header of a push (IEC 62056-46, 6.3): destination E6, source E7, quality 0."""

DATA_NOTIFICATION = 0x0F
GENERAL_GLO_CIPHERING = 0xDB

_OCTET_STRING = 9
_DEEPEST = 8
"""Nesting of arrays and structures. The deepest known list has three levels."""
_YEARS = range(1970, 2106)
"""What POSIX time of 32 bits tells. A clock that shows another year is not set, and breaks reckoning with time."""
_DEVIATIONS = range(-720, 841)
"""Minutes (Blue Book, 4.1.6.1). 8000 means that the meter does not say."""


class CosemError(ValueError):
    """Octets that are not what IEC 62056-5-3 says they should be. The message says how, without their content."""


type Scalar = int | float | str | bytes | None


class Leaf(NamedTuple):
    """A value that holds no other, and where it stood."""

    value: Scalar
    at: int
    """Where its octets begin, after tag and length, counted from the beginning of what was read."""
    size: int
    """How many octets it has."""
    form: str
    """How the struct module writes a number of this type, without byte order; empty for what is no number."""


type Data = Leaf | list[Data] | tuple[Data, ...]


class DateTime(NamedTuple):
    """A date-time (Blue Book, 4.1.6.1): the meter's wall clock and what it says of its time zone."""

    local: datetime
    """Without a time zone, to the second."""
    deviation: int | None
    """Minutes to add to get UTC; None where the meter does not say."""


class Notification(NamedTuple):
    """A data-notification."""

    body: Data
    varying: tuple[slice, slice]
    """Where the invoke id and the time of sending stand, which say nothing of the body."""


def notification(octets: bytes, at: int = 0) -> Notification:
    """Read a data-notification APDU whose tag (0F) stands at `at`. Raises CosemError."""
    try:
        if octets[at] != DATA_NOTIFICATION:
            raise CosemError("not a data-notification")
        invoke_id = slice(at + 1, at + 5)
        at = invoke_id.stop
        if octets[at] == _OCTET_STRING:  # Kaifa, and Kamstrup before 2018, put a tag before the time's length
            at += 1
        length, at = _length(octets, at)
        time = slice(at, at + length)
        body, at = _data(octets, time.stop, 0)
    except IndexError:
        raise CosemError("ends too early") from None
    if at > len(octets):
        raise CosemError("ends too early")
    return Notification(body, (invoke_id, time))


def date_time(octets: bytes) -> DateTime | None:
    """Read the twelve octets of a date-time. None where they are no point in time (unspecified fields included)."""
    year = octets[0] << 8 | octets[1]
    if year not in _YEARS:
        return None
    try:
        local = datetime(  # noqa: DTZ001 - the wall clock as sent; its zone is the dialect's affair
            year, octets[2], octets[3], octets[5], octets[6], octets[7]
        )
    except ValueError:
        return None
    deviation = int.from_bytes(octets[9:11], "big", signed=True)
    return DateTime(local, deviation if deviation in _DEVIATIONS else None)


def _length(octets: bytes, at: int) -> tuple[int, int]:
    """Read a length or a count (A-XDR: one octet below 80, else 80 + the number of octets that follow)."""
    length = octets[at]
    if length < 0x80:
        return length, at + 1
    end = at + 1 + (length & 0x7F)
    if end - at > 3:
        raise CosemError("a length beyond 65535")
    return int.from_bytes(octets[at + 1 : end], "big"), end


type _Reader = Callable[[bytes, int, int], tuple[Data, int]]
"""Takes the octets, where the value begins (after its tag) and its depth; returns the value and where it ends."""


def _data(octets: bytes, at: int, depth: int) -> tuple[Data, int]:
    """Read a value with its tag."""
    reader = _READERS.get(octets[at])
    if reader is None:
        raise CosemError(f"data type {octets[at]} cannot be read")
    return reader(octets, at + 1, depth)


def _array(octets: bytes, at: int, depth: int) -> tuple[list[Data], int]:
    count, at = _length(octets, at)
    if depth == _DEEPEST:
        raise CosemError("nested too deeply")
    if count > len(octets) - at:
        raise CosemError("ends too early")
    elements = []
    for _ in range(count):
        element, at = _data(octets, at, depth + 1)
        elements.append(element)
    return elements, at


def _structure(octets: bytes, at: int, depth: int) -> tuple[tuple[Data, ...], int]:
    elements, at = _array(octets, at, depth)
    return tuple(elements), at


def _null(_octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
    return Leaf(None, at, 0, ""), at


def _octet_string(octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
    size, at = _length(octets, at)
    return Leaf(octets[at : at + size], at, size, ""), at + size


def _text(octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
    size, at = _length(octets, at)
    return Leaf(octets[at : at + size].decode("utf-8", "replace"), at, size, ""), at + size


def _bits(octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
    count, at = _length(octets, at)
    size = (count + 7) // 8
    bits = "".join(f"{octet:08b}" for octet in octets[at : at + size])
    return Leaf(bits[:count], at, size, ""), at + size


def _number(form: str) -> _Reader:
    size = calcsize(f">{form}")

    def read(octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
        if at + size > len(octets):
            raise CosemError("ends too early")
        return Leaf(unpack_from(f">{form}", octets, at)[0], at, size, form), at + size

    return read


def _octets(size: int) -> _Reader:
    def read(octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
        return Leaf(octets[at : at + size], at, size, ""), at + size

    return read


# Blue Book, table 2. Compact-array (19) is missing on purpose: no meter is known to push one.
_READERS: dict[int, _Reader] = {
    0: _null,
    1: _array,
    2: _structure,
    3: _number("?"),
    4: _bits,
    5: _number("i"),
    6: _number("I"),
    9: _octet_string,
    10: _text,
    12: _text,
    13: _number("B"),
    15: _number("b"),
    16: _number("h"),
    17: _number("B"),
    18: _number("H"),
    20: _number("q"),
    21: _number("Q"),
    22: _number("B"),
    23: _number("f"),
    24: _number("d"),
    25: _octets(12),
    26: _octets(5),
    27: _octets(4),
}
