"""The lines of a P1 telegram: where each quantity stands in it, and what else it says."""

import re
from typing import Final, NamedTuple

from . import obis
from .items import text
from .reading import Quantity
from .values import MOST_UNKNOWN

_LINE: Final = re.compile(
    rb"^([0-9]{1,3})-([0-9]{1,3}):([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})([.*][0-9]{1,3})?"
    rb"((?:\([^()\r\n]*\))+)[ \t]*\r?$",
    re.MULTILINE,
)
"""A code, of which group F may be left out, and its values in brackets."""
_NUMBER: Final = re.compile(rb"\((-?)([0-9]{1,15})(?:\.([0-9]{1,6}))?(?:\*([A-Za-z0-9]{1,8}))?\)")
"""One number with its sign, decimals and unit."""
_DATE: Final = rb"(?:20)?(?P<year>[0-9]{2})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})"
_TIME: Final = rb"(?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2}):?(?P<second>[0-9]{2})(?P<season>[SW]?)"
_LOCAL_TIME: Final = bytes((0, 9, 1))
_LOCAL_DATE: Final = bytes((0, 9, 2))
_CLOCKS: Final = {
    obis.CLOCK: re.compile(rb"\(" + _DATE + b"[ T]?" + _TIME + rb"\)"),
    _LOCAL_TIME: re.compile(rb"\(" + _TIME + rb"\)"),
    _LOCAL_DATE: re.compile(rb"\(" + _DATE + rb"\)"),
}
"""0-0:1.0.0 YYMMDDhhmmss, and whether summer or winter time is active (DSMR P1 5.0.2, section 6.4). NES in Denmark
writes 20YYMMDD hh:mm:ss, and Iskra in Slovenia the two parts by codes of their own."""
_DIGITS: Final = re.compile(rb"[0-9]+")
_LARGEST: Final = 0xFF
_ELECTRICITY: Final = 1
_ABSTRACT: Final = 0
"""Group A. Any other is gas, heat or water, which also have a channel as group B."""

DEVICE_ID: Final = bytes((96, 1, 0))
SECOND_ID: Final = bytes((96, 1, 1))
METER_IDS: Final = (DEVICE_ID, SECOND_ID, obis.DEVICE_NAME)
"""Device id 1 (Hungary, Poland, Slovenia), equipment identifier (DSMR P1 5.0.2, table 6.12; Poland's model, beside the
first), logical device name; the first is the best."""
_SHORTEST_TEXT: Final = 6
"""Octets. What is shorter is more likely written in digits than in hexadecimal."""

_UNITS: Final[dict[int, dict[bytes, int]]] = {
    obis.WATT: {b"w": 0, b"kw": 3},
    obis.VAR: {b"var": 0, b"kvar": 3},
    obis.WATT_HOUR: {b"wh": 0, b"kwh": 3},
    obis.VAR_HOUR: {b"varh": 0, b"kvarh": 3},
    obis.AMPERE: {b"a": 0},
    obis.VOLT: {b"v": 0},
    obis.COUNT: {b"": 0},
}
"""Units, in small letters (makers write kVAr, kvar and kVAR), and the power of ten that makes them the base unit."""

_TARIFFS: Final = (
    (Quantity.ENERGY_IMPORT, {Quantity.ENERGY_IMPORT_T1, Quantity.ENERGY_IMPORT_T2}, 1),
    (Quantity.ENERGY_EXPORT, {Quantity.ENERGY_EXPORT_T1, Quantity.ENERGY_EXPORT_T2}, 2),
)
"""A register, those of its two tariffs, and its group C."""
_REGISTER: Final = 8
"""Group D."""
_TARIFFS_KNOWN: Final = 2


class Place(NamedTuple):
    """A number in a telegram whose points have been taken out, and the power of ten that makes it a value."""

    at: int
    size: int
    scale: int
    is_negative: bool


class Lines:
    """What the lines of a telegram say."""

    def __init__(self, telegram: bytes) -> None:
        self.numbers: dict[Quantity, Place] = {}
        self.ids: dict[bytes, str] = {}
        self.unknown_numbers: dict[str, Place] = {}
        self.unknown_texts: dict[str, str] = {}
        self.varying: list[tuple[int, int]] = []
        """Where there are digits that differ from telegram to telegram."""
        self._clocks: dict[bytes, re.Match[bytes]] = {}
        self._further_tariffs: set[int] = set()
        """Groups C of the registers that have more than two."""
        self._telegram = telegram
        for line in _LINE.finditer(telegram):
            a, b, *group = map(int, line.group(1, 2, 3, 4, 5))
            if max(a, b, *group) > _LARGEST:
                continue
            start, end = line.span(7)
            if a == _ELECTRICITY or (a == _ABSTRACT and b == 0):
                f = int(line[6][1:]) if line[6] else obis.WHOLE_PERIOD
                self._take((a, b, *group, f), start, end)
            else:
                self.varying += (digits.span() for digits in _DIGITS.finditer(telegram, start, end))

    def _take(self, code: tuple[int, ...], start: int, end: int) -> None:
        """Take a line: the six groups of its code, and where its values are."""
        number = _NUMBER.fullmatch(self._telegram, start, end)
        _, b, c, d, tariff, f = code
        if b == 0 and f == obis.WHOLE_PERIOD:
            group = bytes((c, d, tariff))
            if d == _REGISTER and tariff > _TARIFFS_KNOWN:
                self._further_tariffs.add(c)
            if number and (known := obis.QUANTITIES.get(group)) and self._is_quantity(*known, number):
                return
            if (form := _CLOCKS.get(group)) and (clock := form.fullmatch(self._telegram, start, end)):
                self._clocks[group] = clock
                self.varying += (digits.span() for digits in _DIGITS.finditer(self._telegram, start, end))
                return
            if group in METER_IDS:
                self.ids[group] = _written_out(self._telegram[start + 1 : end - 1])
                return
        self._keep(_written(code), number, start, end)

    def _is_quantity(self, quantity: Quantity, unit: int, number: re.Match[bytes]) -> bool:
        """Take a quantity's number, if it has one of its units."""
        factor = _UNITS[unit].get((number[4] or b"").lower())
        if factor is None or (number[1] and quantity in obis.REGISTERS):
            return False
        self.numbers[quantity] = self._place(number, factor)
        return True

    def _keep(self, code: str, number: re.Match[bytes] | None, start: int, end: int) -> None:
        """Keep what has no quantity, or is not what its code says. Empty brackets say that the meter has it not."""
        value = self._telegram[start + 1 : end - 1].replace(b")(", b" ").strip()
        if not value or len(self.unknown_numbers) + len(self.unknown_texts) >= MOST_UNKNOWN:
            return
        if number:
            self.unknown_texts.pop(code, None)
            self.unknown_numbers[code] = self._place(number, 0)
        else:
            self.unknown_numbers.pop(code, None)
            self.unknown_texts[code] = text(value.decode("latin-1"))

    def _place(self, number: re.Match[bytes], factor: int) -> Place:
        begins, ends = number.start(2), number.end(3) if number[3] else number.end(2)
        self.varying.append((begins, ends))
        decimals = len(number[3] or b"")
        at = begins - self._telegram.count(b".", 0, begins)
        return Place(at, ends - begins - bool(decimals), factor - decimals, bool(number[1]))

    def totals(self) -> list[tuple[Quantity, set[Quantity]]]:
        """Return the registers that the telegram has by tariff alone, both tariffs and no third."""
        return [
            (total, parts)
            for total, parts, c in _TARIFFS
            if total not in self.numbers and self.numbers.keys() >= parts and c not in self._further_tariffs
        ]

    def clock(self) -> tuple[list[slice], bytes]:
        """Return where YYMMDDhhmmss stands, in as few parts as may be, and the letter of the season after it."""
        date = self._clocks.get(obis.CLOCK) or self._clocks.get(_LOCAL_DATE)
        time = self._clocks.get(obis.CLOCK) or self._clocks.get(_LOCAL_TIME)
        parts: list[slice] = []
        if date is None or time is None:
            return parts, b""
        for begins, ends in (*map(date.span, ("year", "month", "day")), *map(time.span, ("hour", "minute", "second"))):
            if parts and parts[-1].stop == begins:
                parts[-1] = slice(parts[-1].start, ends)
            else:
                parts.append(slice(begins, ends))
        return parts, time["season"]


def _written(code: tuple[int, ...]) -> str:
    """Write a code as telegrams do, without the last group where that says nothing."""
    a, b, c, d, e, f = code
    return f"{a}-{b}:{c}.{d}.{e}" + ("" if f == obis.WHOLE_PERIOD else f".{f}")


def _written_out(value: bytes) -> str:
    """Return an identifier: an octet string in hexadecimal as a rule, written out where it is letters and digits."""
    try:
        octets = bytes.fromhex(value.decode("ascii"))
    except ValueError:
        octets = b""
    return text(octets if len(octets) >= _SHORTEST_TEXT and octets.isalnum() else value.decode("latin-1"))
