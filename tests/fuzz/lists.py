"""Bytes of a fuzzer as the list of one dialect: its shape holds, and all that stands in it may be odd."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from custom_components.han_port.wire import obis
from tests.meters import axdr

CODES: Final = [
    *obis.QUANTITIES,
    obis.CLOCK,
    obis.LIST_ID,
    *obis.METER_IDS,
    *obis.MODELS,
    obis.SECOND_ID,
    obis.DEVICE_NAME,
]
"""Groups C, D, E of all that is known."""
MOST: Final = 1900
"""Octets of a list."""
SIZES: Final = {
    3: 1,
    5: 4,
    6: 4,
    13: 1,
    15: 1,
    16: 2,
    17: 1,
    18: 2,
    20: 8,
    21: 8,
    22: 1,
    23: 4,
    24: 8,
    25: 12,
    26: 5,
    27: 4,
}
"""Octets of the types that have a fixed length."""
TYPES: Final = (*SIZES, 0, 1, 2, 4, 9, 10, 12)


class Octets:
    """The fuzzer's bytes, taken one after another; noughts when they are used up."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    @property
    def has_more(self) -> bool:
        """Whether they are not used up."""
        return self._at < len(self._octets)

    def take(self, count: int) -> bytes:
        """Return the next ones."""
        taken = self._octets[self._at : self._at + count]
        self._at += count
        return taken.ljust(count, b"\0")

    def one(self) -> int:
        """Return the next one."""
        return self.take(1)[0]


def code(octets: Octets) -> bytes:
    """Return an octet string that is a code as a rule: a known one, or any."""
    choice = octets.one()
    if choice >= 0xF0:
        return axdr.octets(octets.take(choice - 0xEA))
    if choice >= 0xC0:
        return axdr.octets(octets.take(6))
    return axdr.octets(b"\1\0" + CODES[choice % len(CODES)] + b"\xff")


def value(octets: Octets) -> bytes:
    """Return a value of any type."""
    kind = TYPES[octets.one() % len(TYPES)]
    tag = bytes((kind,))
    if kind in SIZES:
        return tag + octets.take(SIZES[kind])
    if kind == 0:
        return tag
    if kind in (1, 2):
        return tag + b"\1" + tag + b"\0"
    size = octets.one() % 70
    if kind == 4:
        return tag + axdr._length(size) + octets.take((size + 7) // 8)
    return tag + axdr._length(size) + octets.take(size)


def described(octets: Octets) -> Iterator[bytes]:
    """Yield items that describe themselves."""
    while octets.has_more:
        choice = octets.one()
        parts = [code(octets), value(octets)]
        if choice & 1:
            parts.append(scale(octets))
        elif choice & 2:
            parts.append(value(octets))
        yield axdr.structure(*parts)


def pairs(octets: Octets) -> Iterator[bytes]:
    """Yield codes and values."""
    while octets.has_more:
        yield code(octets)
        yield value(octets)


def values(octets: Octets) -> Iterator[bytes]:
    """Yield values alone."""
    while octets.has_more:
        yield value(octets)


def flat(octets: Octets) -> Iterator[bytes]:
    """Yield codes and values, some with a scale after them, and values without a code."""
    while octets.has_more:
        choice = octets.one()
        if choice < 0xE0:
            yield code(octets)
        yield value(octets)
        if choice & 1:
            yield scale(octets)


def scale(octets: Octets) -> bytes:
    """Return a scaler and a unit."""
    return axdr.structure(b"\x0f" + octets.take(1), b"\x16" + octets.take(1))


def objects(octets: bytes) -> bytes:
    """Return a list that begins with the objects that its values are of."""
    rest = Octets(octets)
    descriptions: list[bytes] = []
    found: list[bytes] = []
    while rest.has_more and len(found) < MOST_OBJECTS:
        choice = rest.one()
        kind = axdr.u16(rest.one() if choice & 1 else 3)
        descriptions.append(axdr.structure(kind, code(rest), b"\x0f" + bytes((choice >> 1 & 3,)), axdr.u16(0)))
        if choice < 0xF0:
            found.append(scale(rest) if choice & 6 == 6 else value(rest))
    return axdr.structure(axdr.array(*descriptions), *found)


MOST_OBJECTS: Final = 60


def untagged(octets: bytes) -> bytes:
    """Return a list of attributes whose descriptors have no tags."""
    rest = Octets(octets)
    items: list[bytes] = []
    while rest.has_more and len(items) < MOST_OBJECTS:
        choice = rest.one()
        descriptor = (rest.one() if choice & 1 else 3).to_bytes(2) + code(rest)[2:8].ljust(6, b"\0")
        items.append(b"\2\2" + descriptor + bytes((choice >> 1 & 3,)) + value(rest))
    return b"\2\2\x16\1" + b"\1" + axdr._length(len(items)) + b"".join(items)


def _short_enough(parts: Iterator[bytes]) -> Iterator[bytes]:
    length = 0
    for part in parts:
        length += len(part)
        if length > MOST:
            return
        yield part


def _list(
    make: Callable[..., bytes], first: tuple[bytes, ...], items: Callable[[Octets], Iterator[bytes]]
) -> Callable[[bytes], bytes]:
    return lambda octets: make(*first, *_short_enough(items(Octets(octets))))


DEVICE: Final = axdr.structure(axdr.obis("0-0:42.0.0.255"), axdr.octets(b"ISK1030784895126"))
"""An item that says who the meter is."""

DIALECTS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "aidon": _list(axdr.array, (), described),
    "embriq": _list(
        axdr.array, (axdr.structure(axdr.obis("1-1:0.2.129.255"), axdr.visible("EMBRIQ_V1_1")),), described
    ),
    "kaifa": _list(axdr.structure, (axdr.octets(b"KFM_001"),), values),
    "kaifa-pairs": _list(axdr.structure, (), pairs),
    "kamstrup": _list(axdr.structure, (axdr.visible("Kamstrup_V0001"),), pairs),
    "described": _list(axdr.structure, (DEVICE,), described),
    "flat": _list(axdr.structure, (axdr.octets(bytes.fromhex("07ea0b180203140500ffc400")),), flat),
    "objects": objects,
    "untagged": untagged,
}
"""What makes a list of a dialect out of any octets."""
