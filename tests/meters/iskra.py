"""Iskra's AM550 as in Slovenia: a structure of items that describe themselves, in segmented HDLC frames.

Every ten seconds, with registers in 1 Wh, those of two tariffs too. The clock, which stands in the APDU's date-time
alone, follows civil time and states how far that is from UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from . import axdr, segmented
from .apdu import notification, plain_time
from .coded import UNITS, scaled
from .kaifa_austria import civil_stamp
from .maker import (
    CIVIL_TIME,
    CODES,
    CURRENTS,
    ENERGIES,
    POWERS,
    TARIFF_CODES,
    TARIFFS,
    VOLTAGES,
    Kind,
    Values,
    family,
    only_registers,
    scale,
)
from .one_list import OneList
from .sealed import counter

QUANTITIES = (*POWERS[:2], *ENERGIES[:2], *VOLTAGES, *CURRENTS, *TARIFFS)
SCALERS = {"voltage": -1, "current": -2}


@dataclass(frozen=True, slots=True)
class Iskra(OneList):
    """A meter with three phases. Its lists are not ciphered, and say neither who made it nor on which list they are."""

    name: ClassVar[str] = "Iskra"
    list_id: ClassVar[str] = ""

    model: str
    id: str

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities of the list, in their order; there is one kind alone."""
        only_registers(kind)
        return QUANTITIES

    def scaler(self, name: str) -> int:
        """Return the power of ten that the list itself tells."""
        return SCALERS.get(family(name), 0)

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire: a current without its sign."""
        return scale(abs(value), self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return civil time; `fold` tells the hour that October repeats."""
        return utc.astimezone(CIVIL_TIME).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frames of the list; its invoke id is told by the clock."""
        only_registers(kind)
        return framed(self.apdu(values, clock, status, invoke=counter(clock, CIVIL_TIME) & 0xFFFFFF))

    def apdu(self, values: Values, clock: datetime, status: int | None = None, *, invoke: int) -> bytes:
        """Return the list; the status tells summer time unless one is given."""
        items = [
            axdr.structure(axdr.obis(code), axdr.octets(text.encode("ascii")))
            for code, text in (("0-0:96.1.0.255", self.id), ("0-0:96.1.1.255", self.model))
        ]
        for name in QUANTITIES:
            kind = family(name)
            number = axdr.u16 if kind in SCALERS else axdr.u32
            code = TARIFF_CODES.get(name) or f"{CODES[name]}.0"
            count = number(self.count(name, values[name]))
            items.append(axdr.structure(axdr.obis(f"1-0:{code}.255"), count, scaled(self.scaler(name), UNITS[kind])))
        return notification(axdr.structure(*items), invoke=invoke, time=plain_time(civil_stamp(clock, status)))


def framed(apdu: bytes) -> bytes:
    """Return the frames of an APDU."""
    return segmented.frames(apdu, destination=b"\xcf", source=b"\x02\x23", control=0x13)
