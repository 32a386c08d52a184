"""Landis+Gyr's E450 as in Switzerland: a ciphered list by general block transfer, every ten seconds.

One structure: the clock without a code, then pairs of code and value without scaler or unit: registers in Wh and varh,
in all and of two tariffs, and powers. It does not say which meter it is; the system title that it is ciphered under
does. The clock keeps normal time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from . import axdr, gbt
from .apdu import notification, plain_time
from .cipher import general_glo
from .maker import (
    CODES,
    ENERGIES,
    NORMAL_TIME,
    POWERS,
    TARIFFS,
    Kind,
    Values,
    only_registers,
    scale,
)
from .one_list import OneList
from .sealed import AUTHENTICATION, ENCRYPTION, counter, title


@dataclass(frozen=True, slots=True)
class LandisE450(OneList):
    """A meter, named by its system title: 16 hex digits. Without an authentication key there is no tag."""

    name: ClassVar[str] = "Landis+Gyr"
    list_id: ClassVar[str] = ""

    model: str
    id: str
    encryption: bytes = ENCRYPTION
    authentication: bytes | None = AUTHENTICATION
    plain: bool = False

    @property
    def title(self) -> bytes:
        """The system title."""
        return bytes.fromhex(self.id)

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities of the list that have a name; there is one kind alone."""
        only_registers(kind)
        return (*ENERGIES, *TARIFFS, *POWERS)

    def scaler(self, name: str) -> int:
        """Return 0: all is in W, var, Wh and varh."""
        del name
        return 0

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire."""
        return scale(value, self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return normal time, UTC+1 all year."""
        return utc.astimezone(NORMAL_TIME).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frames of the list; its frame counter, which is the invoke id too, is told by the clock."""
        only_registers(kind)
        number = counter(clock, NORMAL_TIME)
        apdu = self.apdu(values, clock, status or 0, invoke=number)
        if not self.plain:
            apdu = general_glo(
                apdu,
                title=self.title,
                counter=number,
                encryption=self.encryption,
                authentication=self.authentication,
            )
        return framed(apdu)

    def apdu(self, values: Values, clock: datetime, status: int, *, invoke: int) -> bytes:
        """Return the list before it is ciphered.

        Of the reactive registers the first tariff has a third, unless `values` tells (`reactive_energy_import_t1` …).
        """
        stamp = axdr.date_time(clock, status=status)
        items = [axdr.octets(stamp)]
        for energy, power in zip(ENERGIES, POWERS, strict=True):
            total = self.count(energy, values[energy])
            first = self.count(energy, values.get(f"{energy}_t1", total // 3))
            second = self.count(energy, values.get(f"{energy}_t2", total - total // 3))
            for tariff, number in enumerate((total, first, second)):
                items += (axdr.obis(f"1-0:{CODES[energy]}.{tariff}.255"), axdr.u32(number))
            items += (axdr.obis(f"1-0:{CODES[power]}.0.255"), axdr.u32(self.count(power, values[power])))
        return notification(axdr.structure(*items), invoke=invoke, time=plain_time(stamp))


def framed(apdu: bytes) -> bytes:
    """Return the frames of an APDU, ciphered or not."""
    return gbt.frames(apdu, destination=b"\xce\xff", source=b"\x03", control=0x13)


def number_of(serial: int) -> str:
    """Return the system title of a meter in hex digits."""
    return title("LGZ", 0x6770000000 | serial).hex().upper()
