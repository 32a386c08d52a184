"""Kaifa's list in Lower Austria (Netz NÖ, MA110 and MA309), every five seconds, by wired M-Bus.

One structure: the clock without a code, then code, value and {scaler, unit} in turns, at last the meter's number
without a code. Registers have 1 Wh. The clock follows civil time and states how far that is from UTC. Lists are
ciphered and have no authentication tag.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from . import axdr, mbus
from .apdu import notification, plain_time
from .cipher import general_glo
from .coded import UNITS, scaled
from .maker import (
    CIVIL_TIME,
    CODES,
    CURRENTS,
    ENERGIES,
    POWERS,
    VOLTAGES,
    Kind,
    Values,
    family,
    only_registers,
    scale,
)
from .one_list import OneList
from .sealed import ENCRYPTION, counter, title

QUANTITIES = (*ENERGIES[:2], *POWERS[:2], *VOLTAGES, *CURRENTS, "power_factor")
SCALERS = {"voltage": -1, "current": -2, "power_factor": -3}
NO_UNIT = 255
SUMMER = 0x80
"""In the clock's status."""


@dataclass(frozen=True, slots=True)
class KaifaAustria(OneList):
    """A meter with three phases; its number has twelve digits. `plain` does not cipher its lists."""

    name: ClassVar[str] = "Kaifa"
    list_id: ClassVar[str] = ""
    full_every: ClassVar[timedelta] = timedelta(seconds=5)
    registers_every: ClassVar[timedelta | None] = timedelta(seconds=5)

    model: str
    id: str
    encryption: bytes = ENCRYPTION
    plain: bool = False

    @property
    def title(self) -> bytes:
        """The system title."""
        return title("KFM", int(self.id) & 0xFFFF | 0x6750000000)

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
        """Return the frames of the list; invoke id and frame counter are told by the clock."""
        only_registers(kind)
        number = counter(clock, CIVIL_TIME)
        apdu = self.apdu(values, clock, status, invoke=0x80000000 | number & 0xFFFFFF)
        if not self.plain:
            apdu = general_glo(apdu, title=self.title, counter=number, encryption=self.encryption, authentication=None)
        return mbus.frames(apdu)

    def apdu(self, values: Values, clock: datetime, status: int | None = None, *, invoke: int) -> bytes:
        """Return the list before it is ciphered; the status tells summer time unless one is given."""
        stamp = civil_stamp(clock, status)
        items = [axdr.octets(stamp)]
        for name in QUANTITIES:
            kind = family(name)
            number = axdr.u16 if kind in SCALERS else axdr.u32
            items += (axdr.obis(f"1-0:{CODES[name]}.0.255"), number(self.count(name, values[name])))
            items.append(scaled(self.scaler(name), UNITS.get(kind, NO_UNIT)))
        items.append(axdr.octets(self.id.encode("ascii")))
        return notification(axdr.structure(*items), invoke=invoke, time=plain_time(stamp))


def civil_stamp(clock: datetime, status: int | None = None) -> bytes:
    """Return a date-time that states its deviation from UTC and whether it is summer time, with hundredths."""
    zoned = clock.replace(tzinfo=CIVIL_TIME)
    offset, summer = zoned.utcoffset(), zoned.dst()
    assert offset is not None
    if status is None:
        status = SUMMER if summer else 0
    return axdr.date_time(clock, hundredths=0, deviation=-offset // timedelta(minutes=1), status=status)
