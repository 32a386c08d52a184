"""Kamstrup's list "DLMS push 1" as in Denmark (OMNIPOWER HAN interface specification, 5512-2584, A2).

Every ten seconds one structure of 65: the list's name without a code, then pairs of code and value without scaler or
unit. Registers in 10 Wh, also of each phase; currents in 0.01 A, voltages in V, power factors in hundredths. The meter
says its number, not its model. The clock keeps normal time. As a rule the list is ciphered, with an authentication tag.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from . import axdr
from .apdu import notification, plain_time
from .cipher import general_glo
from .hdlc import frame
from .maker import (
    CODES,
    CURRENTS,
    ENERGIES,
    FACTORS,
    NORMAL_TIME,
    POWERS,
    VOLTAGES,
    Kind,
    Values,
    family,
    only_registers,
    scale,
)
from .one_list import OneList
from .sealed import AUTHENTICATION, ENCRYPTION, counter, title

IMPORTS, EXPORTS = (tuple(f"{name}_l{phase}" for phase in (1, 2, 3)) for name in POWERS[:2])
INSTANTS = (*POWERS, *VOLTAGES, *CURRENTS, *IMPORTS, *FACTORS, *EXPORTS)
SCALERS = {"current": -2, "power_factor": -2, "energy": 1, "reactive_energy": 1}
NUMBERS = {"voltage": axdr.u16, "power_factor": axdr.u16}


@dataclass(frozen=True, slots=True)
class KamstrupPush(OneList):
    """An Omnipower with three phases; `plain` does not cipher. Without an authentication key there is no tag."""

    name: ClassVar[str] = "Kamstrup"
    list_id: ClassVar[str] = "Kamstrup_V0001"

    model: str
    id: str
    encryption: bytes = ENCRYPTION
    authentication: bytes | None = AUTHENTICATION
    plain: bool = False

    @property
    def title(self) -> bytes:
        """The system title."""
        return title("KAM", int(self.id) | 0x4500000000)

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities of the list; there is one kind alone."""
        only_registers(kind)
        return (*ENERGIES, *INSTANTS)

    def scaler(self, name: str) -> int:
        """Return the power of ten that Kamstrup's paper tells, not the list."""
        return SCALERS.get(family(name), 0)

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire: a current without its sign."""
        return scale(abs(value), self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return normal time, UTC+1 all year."""
        return utc.astimezone(NORMAL_TIME).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frame of the list; its frame counter is told by the clock."""
        only_registers(kind)
        apdu = self.apdu(values, clock, status or 0)
        if not self.plain:
            apdu = general_glo(
                apdu,
                title=self.title,
                counter=counter(clock, NORMAL_TIME),
                encryption=self.encryption,
                authentication=self.authentication,
            )
        return framed(apdu)

    def apdu(self, values: Values, clock: datetime, status: int) -> bytes:
        """Return the list before it is ciphered.

        The registers of each phase are a third of the meter's, unless `values` has them (`energy_import_l1` …).
        """
        stamp = axdr.date_time(clock, status=status)
        items = [axdr.visible(self.list_id)]
        for name in ENERGIES:
            items += self._pair(name, values[name])
        items += (axdr.obis("1-1:0.0.1.255"), axdr.u32(int(self.id)))
        for name in POWERS:
            items += self._pair(name, values[name])
        items += (axdr.obis("0-1:1.0.0.255"), axdr.octets(stamp))
        for name in INSTANTS[len(POWERS) :]:
            items += self._pair(name, values[name])
        for code, name in ((2, "energy_export"), (1, "energy_import")):
            for phase in (1, 2, 3):
                register = values.get(f"{name}_l{phase}", values[name] // 3)
                items += (axdr.obis(f"1-1:{code + 20 * phase}.8.0.255"), axdr.u32(self.count(name, register)))
        return notification(axdr.structure(*items), invoke=0, time=plain_time(stamp))

    def _pair(self, name: str, value: float) -> tuple[bytes, bytes]:
        number = NUMBERS.get(family(name), axdr.u32)
        return axdr.obis(f"1-1:{CODES[name]}.0.255"), number(self.count(name, value))


def framed(apdu: bytes) -> bytes:
    """Return the frame of an APDU, ciphered or not."""
    return frame(apdu, destination=b"\x41", source=b"\x03", control=0x13)
