"""Kaifa's lists, KFM_001 (Kaifa HAN OBIS codes KFM_001, 2017, with the types that real meters use).

One structure without codes, scalers or units: an item's position is all that tells what it is. Currents in mA,
voltages in 0.1 V, registers in Wh. The clock follows civil time; the hourly list shows the moment at which it is
sent, ten seconds past the hour, and its registers are for that moment too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from . import axdr
from .apdu import notification, tagged_time
from .hdlc import frame
from .maker import CIVIL_TIME, ENERGIES, NORMAL_TIME, Grid, Kind, Values, family, phased, scale

GRIDS: Mapping[str, Grid] = {
    "MA105H2E": "single_phase",
    "MA304H3E": "it",
    "MA304H4": "tn",
    "MA304H4D": "tn",
    "MA304T3": "it",
    "MA304T4": "tn",
}
SCALERS = {"current": -3, "voltage": -1}
ABSENT: Mapping[str, frozenset[str]] = {
    "MA304H3E": frozenset({"voltage_l2"}),
    "MA304T3": frozenset({"voltage_l2", "current_l2"}),
}
"""What an IT meter sends as 0."""


@dataclass(frozen=True, slots=True)
class Kaifa:
    """A meter of the MA105 and MA304 families.

    `swedish` has another source address and keeps normal time; `wide` sends registers of 64 bits, as the Swedish
    MA304T4 does.
    """

    name: ClassVar[str] = "Kaifa"
    list_id: ClassVar[str] = "KFM_001"
    power_every: ClassVar[timedelta | None] = timedelta(seconds=2)
    full_every: ClassVar[timedelta] = timedelta(seconds=10)
    registers_every: ClassVar[timedelta | None] = None
    hourly_at: ClassVar[timedelta] = timedelta(seconds=10)
    register_at: ClassVar[timedelta] = timedelta(seconds=10)
    clock_at: ClassVar[timedelta] = timedelta(seconds=10)

    model: str
    id: str
    swedish: bool = False
    wide: bool = False

    @property
    def grid(self) -> Grid:
        """How the house is connected, told by the model."""
        return GRIDS[self.model]

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities that a list carries."""
        if kind == "power":
            return ("power_import",)
        return phased(self.grid) if kind == "full" else (*phased(self.grid), *ENERGIES)

    def scaler(self, name: str) -> int:
        """Return the power of ten that Kaifa's paper tells, not the list."""
        return SCALERS.get(family(name), 0)

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire: a current without its sign, and 0 for what is not measured."""
        return 0 if name in ABSENT.get(self.model, ()) else scale(abs(value), self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return civil time, summer time included (Swedish meters: normal time)."""
        return utc.astimezone(NORMAL_TIME if self.swedish else CIVIL_TIME).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frame of one list; all of them tell the clock in the APDU's date-time."""
        stamp = axdr.date_time(clock, status=status or 0)
        if kind == "power":
            return self._frame(axdr.structure(axdr.u32(round(values["power_import"]))), stamp)
        items = [axdr.octets(text.encode("ascii")) for text in (self.list_id, self.id, self.model)]
        items.extend(axdr.u32(self.count(name, values[name])) for name in self.quantities("full"))
        if kind == "hourly":
            register = axdr.u64 if self.wide else axdr.u32
            items.append(axdr.octets(stamp))
            items.extend(register(self.count(name, values[name])) for name in ENERGIES)
        return self._frame(axdr.structure(*items), stamp)

    def _frame(self, body: bytes, stamp: bytes) -> bytes:
        apdu = notification(body, invoke=0x40000000, time=tagged_time(stamp))
        source = b"\x00\x01" if self.swedish else b"\x02\x01"
        return frame(apdu, destination=b"\x01", source=source, control=0x10)
