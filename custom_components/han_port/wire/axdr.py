"""A-XDR data (IEC 61334-6) as plain Python values that know where they stood.

IEC 62056-6-2 (DLMS Blue Book, 4.1.5) for the data types. An array becomes a list, a structure a tuple, anything else a
Leaf with a value:

    null-data           None                        octet-string            bytes
    boolean             bool                        visible-, utf8-string   str
    (u)int8 … (u)int64  int                         bit-string              str of 0 and 1
    enum, bcd           int                         date-time, date, time   bytes
    float32, float64    float                       compact-array           refused
"""

from collections.abc import Callable
from struct import calcsize, unpack_from
from typing import NamedTuple

ARRAY = 1
STRUCTURE = 2
OCTET_STRING = 9
ENUM = 22
"""Tags of data types (Blue Book, table 2)."""

_DEEPEST = 8
"""Nesting of arrays and structures. The deepest known list has three levels."""


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


def data(octets: bytes, at: int, depth: int = 0) -> tuple[Data, int]:
    """Read the value whose tag stands at `at`; return it and where it ends, which may lie beyond the octets.

    Raises CosemError, or IndexError where the octets end too early.
    """
    reader = _READERS.get(octets[at])
    if reader is None:
        raise CosemError(f"data type {octets[at]} cannot be read")
    return reader(octets, at + 1, depth)


def length(octets: bytes, at: int) -> tuple[int, int]:
    """Read a length or a count (A-XDR: one octet below 80, else 80 + the number of octets that follow)."""
    first = octets[at]
    if first < 0x80:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    if end - at > 3:
        raise CosemError("a length beyond 65535")
    return int.from_bytes(octets[at + 1 : end], "big"), end


type _Reader = Callable[[bytes, int, int], tuple[Data, int]]
"""Takes the octets, where the value begins (after its tag) and its depth; returns the value and where it ends."""


def _array(octets: bytes, at: int, depth: int) -> tuple[list[Data], int]:
    count, at = length(octets, at)
    if depth == _DEEPEST:
        raise CosemError("nested too deeply")
    if count > len(octets) - at:
        raise CosemError("ends too early")
    elements = []
    for _ in range(count):
        element, at = data(octets, at, depth + 1)
        elements.append(element)
    return elements, at


def _structure(octets: bytes, at: int, depth: int) -> tuple[tuple[Data, ...], int]:
    elements, at = _array(octets, at, depth)
    return tuple(elements), at


def _null(_octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
    return Leaf(None, at, 0, ""), at


def _octet_string(octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
    size, at = length(octets, at)
    return Leaf(octets[at : at + size], at, size, ""), at + size


def _text(octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
    size, at = length(octets, at)
    return Leaf(octets[at : at + size].decode("utf-8", "replace"), at, size, ""), at + size


def _bits(octets: bytes, at: int, _depth: int) -> tuple[Leaf, int]:
    count, at = length(octets, at)
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
