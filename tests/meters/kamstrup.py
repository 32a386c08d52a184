"""Kamstrup's lists, Kamstrup_V0001 (Kamstrup HAN-NVE interface description rev 3.1).

One structure: the list's name without a code, then pairs of code and value without scaler or unit. Currents in
0.01 A, voltages in V, registers in 10 Wh. There is no power list. The clock keeps normal time; the hourly list is
sent between two full lists and shows that moment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from . import axdr
from .apdu import notification, plain_time, tagged_time
from .hdlc import frame
from .maker import (
    CIVIL_TIME,
    CODES,
    CURRENTS,
    ENERGIES,
    NORMAL_TIME,
    POWERS,
    VOLTAGES,
    Grid,
    Kind,
    Values,
    family,
    phased,
    scale,
)

NUMBERS = {"voltage": axdr.u16}


@dataclass(frozen=True, slots=True)
class Kamstrup:
    """An Omnipower with the HAN-NVE module.

    `compact`, for one phase, leaves out what a meter that only imports does not measure, as the description's example
    does; real ones send a pair of nulls instead. `old` is the firmware of 2017, which tags the APDU's date-time.
    `flags_summer` sets the summer-time bit of the clock's status in summer, as some do although their clock keeps
    normal time. `second` is when in the hour the hourly list is sent: 5, or later by tens.
    `decimals` are the powers of ten of a count of current, voltage and energy: they depend on the meter's set-up
    and its list does not tell them. Norwegian meters have the usual ones, Swedish ones an energy of 0.
    """

    name: ClassVar[str] = "Kamstrup"
    list_id: ClassVar[str] = "Kamstrup_V0001"
    power_every: ClassVar[timedelta | None] = None
    full_every: ClassVar[timedelta] = timedelta(seconds=10)
    registers_every: ClassVar[timedelta | None] = None

    model: str
    id: str
    compact: bool = False
    old: bool = False
    flags_summer: bool = False
    second: int = 5
    decimals: tuple[int, int, int] = (-2, 0, 1)

    @property
    def grid(self) -> Grid:
        """How the house is connected, told by the model's digits (686 one phase, 684x12 IT, 684x13 TN)."""
        if self.model.startswith("686"):
            return "single_phase"
        return "it" if self.model[4:6] == "12" else "tn"

    @property
    def hourly_at(self) -> timedelta:
        """When the hourly list is sent, after the full hour."""
        return timedelta(seconds=self.second)

    @property
    def register_at(self) -> timedelta:
        """The registers are for the moment that the clock shows."""
        return self.hourly_at

    @property
    def clock_at(self) -> timedelta:
        """The clock shows the moment of sending."""
        return self.hourly_at

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities that a list carries."""
        if self.compact:
            full: tuple[str, ...] = ("power_import", CURRENTS[0], VOLTAGES[0])
            return full if kind == "full" else (*full, "energy_import")
        return phased(self.grid) if kind == "full" else (*phased(self.grid), *ENERGIES)

    def scaler(self, name: str) -> int:
        """Return the power of ten that the meter's set-up says."""
        current, voltage, energy = self.decimals
        scalers = {"current": current, "voltage": voltage, "energy": energy, "reactive_energy": energy}
        return scalers.get(family(name), 0)

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire: a current without its sign."""
        return scale(abs(value), self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return normal time, UTC+1 all year."""
        return utc.astimezone(NORMAL_TIME).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frame of one list; both tell the clock in the APDU's date-time. There is no power list."""
        if kind == "power":
            msg = "Kamstrup has no power list"
            raise ValueError(msg)
        if status is None:
            summer = clock.replace(tzinfo=NORMAL_TIME).astimezone(CIVIL_TIME).dst()
            status = 0x80 if self.flags_summer and summer else 0
        stamp = axdr.date_time(clock, status=status)
        items = [axdr.visible(self.list_id)]
        for code, text in (("1-1:0.0.5.255", self.id), ("1-1:96.1.1.255", self.model)):
            items += (axdr.obis(code), axdr.visible(text))
        present = self.quantities("hourly")
        for name in (*POWERS, *CURRENTS, *VOLTAGES):
            items += self._pair(name, values) if name in present else self._gap()
        if kind == "hourly":
            items += (axdr.obis("0-1:1.0.0.255"), axdr.octets(stamp))
            for name in ENERGIES:
                items += self._pair(name, values) if name in present else self._gap()
        time = tagged_time(stamp) if self.old else plain_time(stamp)
        apdu = notification(axdr.structure(*items), invoke=0, time=time)
        return frame(apdu, destination=b"\x2b", source=b"\x21", control=0x13)

    def _gap(self) -> tuple[bytes, ...]:
        return () if self.compact else (axdr.NULL, axdr.NULL)

    def _pair(self, name: str, values: Values) -> tuple[bytes, bytes]:
        number = NUMBERS.get(family(name), axdr.u32)
        return axdr.obis(f"1-1:{CODES[name]}.0.255"), number(self.count(name, values[name]))
