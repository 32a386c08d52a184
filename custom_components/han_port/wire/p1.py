"""P1 telegrams: lines of text, each a code and its values, to readings.

Sources: Energiföretagen's branschrekommendation "Lokalt kundgränssnitt för elmätare" v2.0 (Sweden); DSMR P1 companion
standard 5.0.2 (the Netherlands, and with codes of their own Belgium, Luxembourg, Hungary); IEC 62056-21, section 5.8,
for the form of the lines.

What must be done, at what cost
    read(telegram)  the one thing to do, every 10 s or every second: a few µs
Plan
    A meter sends the same lines over and over with other digits in them. So a telegram is taken apart by its codes once
    (some 150 µs), and what was found is kept under its shape: the telegram with every digit made 0. Equal shapes have
    each digit, point and bracket in the same place. A later telegram of a known shape is read by slices if also all
    digits are equal that are no value: those of codes, units and texts. Any other telegram is taken apart anew. Thus
    nothing is ever read from a place where the codes did not put it, and both ways give the same reading. The shape of
    the last telegram is tried first, which needs no look-up.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from struct import Struct
from types import MappingProxyType
from typing import ClassVar, Final

from . import obis
from .p1_lines import Lines, Place
from .p1_meter import LIST_ID, named_meter
from .reading import Number, Quantity, Raw, Reading
from .values import MOST, list_kind

_MOST_SHAPES: Final = 8
"""A meter has one or two. This leaves room for a few others before all are forgotten."""
_FIXED: Final = bytes(0xF0 if octet in b"0123456789" else 0xFF for octet in range(256))
"""By octet, which of its bits are the same in every number of a shape."""
_BLANKED: Final = bytes.maketrans(b"123456789", b"000000000")
_OFFSETS: Final = {
    b"S": (timedelta(hours=2), timedelta(hours=3)),
    b"W": (timedelta(hours=1), timedelta(hours=2)),
    b"": (timedelta(hours=1), timedelta(hours=2)),
}
"""UTC offsets that the clock's letter leaves open, the likeliest first: by zone, and as some say W in summer too."""


class _Shape:
    """What stands where in the telegrams of one shape."""

    def __init__(self, telegram: bytes, lines: Lines) -> None:
        """Keep what was found in a telegram, at least one quantity among it."""
        placed = sorted(lines.numbers.items(), key=lambda item: item[1].at)
        self._quantities = [quantity for quantity, _ in placed]
        self._numbers = _struct(place for _, place in placed)
        self._divisors = [(q, 10**-place.scale) for q, place in placed if place.scale < 0 and q not in obis.REGISTERS]
        self._wholes = [(q, 10**-place.scale) for q, place in placed if place.scale < 0 and q in obis.REGISTERS]
        self._factors = [(q, 10**place.scale) for q, place in placed if place.scale > 0]
        self._negative = [q for q, place in placed if place.is_negative]
        self._doubtful = [q for q, place in placed if 10 ** (place.size + place.scale) > MOST]
        self._totals = lines.totals()
        self._is_plain = not (self._wholes or self._factors or self._negative or self._doubtful or self._totals)
        self._kind = list_kind([*self._quantities, *(total for total, _ in self._totals)])
        self._meter = named_meter(telegram, lines)
        self._clock, season = lines.clock()
        self._offsets = _OFFSETS[season]
        self._has_unknown = bool(lines.unknown_numbers or lines.unknown_texts)
        if self._has_unknown:
            self._place_unknown(lines)
        mask = bytearray(b"\xff" * len(telegram))
        for begins, ends in lines.varying:
            # All digits have the same high bits. What else has them is no number, which shows when it is read.
            mask[begins:ends] = telegram[begins:ends].translate(_FIXED)
        self._length = len(telegram)
        self._mask = int.from_bytes(mask)
        self._constant = int.from_bytes(telegram) & self._mask

    def _place_unknown(self, lines: Lines) -> None:
        unknown = sorted(lines.unknown_numbers.items(), key=lambda item: item[1].at)
        self._unknown_numbers = _struct(place for _, place in unknown)
        self._unknown_codes = [
            (code, (-1 if place.is_negative else 1) * 10**-place.scale, place.scale < 0) for code, place in unknown
        ]
        self._unknown_texts = lines.unknown_texts

    def read(self, telegram: bytes) -> Reading | None:
        """Read a telegram. None where it is of another shape, or the digits of its codes or texts are others."""
        if len(telegram) != self._length or int.from_bytes(telegram) & self._mask != self._constant:
            return None
        digits = telegram.translate(None, b".")
        try:
            numbers = tuple(map(int, self._numbers.unpack_from(digits)))
            unknown = self._unknown(digits) if self._has_unknown else _NOTHING
        except ValueError:
            return None
        values: dict[Quantity, Number] = dict(zip(self._quantities, numbers, strict=True))
        for quantity, divisor in self._divisors:
            values[quantity] /= divisor
        if not self._is_plain:
            self._settle(values)
        clock = _clock(b"".join([telegram[part] for part in self._clock])) if self._clock else None
        return Reading(
            self._kind,
            values,
            self._meter,
            clock,
            self._offsets if clock else (),
            unknown,
        )

    def _settle(self, values: dict[Quantity, Number]) -> None:
        """Scale what few telegrams have, drop what cannot be, and add tariffs up."""
        for quantity, divisor in self._wholes:
            values[quantity] //= divisor
        for quantity, factor in self._factors:
            values[quantity] *= factor
        for quantity in self._negative:
            values[quantity] = -values[quantity]
        for quantity in self._doubtful:
            if not -MOST <= values[quantity] <= MOST:
                del values[quantity]
        for total, parts in self._totals:
            if values.keys() >= parts and (energy := sum(values[part] for part in parts)) <= MOST:
                values[total] = energy

    def _unknown(self, digits: bytes) -> dict[str, Raw]:
        numbers = map(int, self._unknown_numbers.unpack_from(digits))
        unknown: dict[str, Raw] = dict(self._unknown_texts)
        for (code, divisor, is_fraction), number in zip(self._unknown_codes, numbers, strict=True):
            unknown[code] = number / divisor if is_fraction else number * divisor
        return unknown


_NOTHING: Final = MappingProxyType[str, Raw]({})


class Telegrams:
    """Reads the telegrams of one meter. Nothing that is given to it raises."""

    list_id: ClassVar[str] = LIST_ID

    def __init__(self) -> None:
        """Begin without knowing any shape."""
        self._shapes: dict[bytes, _Shape] = {}
        self._last: _Shape | None = None
        """The shape of the last telegram, which the next one has too, as a rule."""

    def read(self, telegram: bytes) -> Reading | None:
        """Read a telegram, from its "/" to before its "!". None where nothing in it is of electricity."""
        if self._last is not None and (reading := self._last.read(telegram)) is not None:
            return reading
        key = telegram.translate(_BLANKED)
        shape = self._shapes.get(key)
        reading = shape.read(telegram) if shape else None
        if reading is None and (shape := self._learn(key, telegram)) is not None:
            reading = shape.read(telegram)
        self._last = shape
        return reading

    def _learn(self, key: bytes, telegram: bytes) -> _Shape | None:
        """Take a telegram apart by its codes."""
        lines = Lines(telegram)
        if not lines.numbers:
            return None
        if len(self._shapes) >= _MOST_SHAPES:
            self._shapes.clear()
        shape = self._shapes[key] = _Shape(telegram, lines)
        return shape


def _clock(digits: bytes) -> datetime | None:
    """Return what the clock shows, or None where there is no such day or time."""
    shown = digits.decode("ascii")
    try:
        return datetime.fromisoformat(f"20{shown[:6]}T{shown[6:]}")
    except ValueError:
        return None


def _struct(places: Iterable[Place]) -> Struct:
    """Make what cuts these numbers, which must stand in order, out of a telegram without points."""
    form = ""
    at = 0
    for place in places:
        form += f"{place.at - at}x{place.size}s"
        at = place.at + place.size
    return Struct(form)
