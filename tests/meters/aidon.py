"""Aidon's lists, AIDON_V0001 (Aidon HAN Interface Description v1.1A, 2019).

Registers have 10 Wh; currents are signed. The clock of the hourly list shows the full hour that the registers are
for, in UTC+1 all year, and counts Sunday as day 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from . import axdr
from .coded import envelope, measured, register
from .maker import ENERGIES, NORMAL_TIME, Grid, Kind, Values, family, phased, scale

GRIDS: Mapping[str, Grid] = {"6515": "single_phase", "6525": "it", "6534": "tn", "6540": "it", "6550": "tn"}
SCALERS = {"current": -1, "voltage": -1, "energy": 1, "reactive_energy": 1}


@dataclass(frozen=True, slots=True)
class Aidon:
    """A meter of the 65xx family; `newer` is the firmware that sends deviation 8000 and status FF in its clock."""

    name: ClassVar[str] = "Aidon"
    list_id: ClassVar[str] = "AIDON_V0001"
    power_every: ClassVar[timedelta | None] = timedelta(seconds=2.5)
    full_every: ClassVar[timedelta] = timedelta(seconds=10)
    registers_every: ClassVar[timedelta | None] = None
    hourly_at: ClassVar[timedelta] = timedelta(seconds=10)
    register_at: ClassVar[timedelta] = timedelta(0)
    clock_at: ClassVar[timedelta] = timedelta(0)

    model: str
    id: str
    newer: bool = False

    @property
    def grid(self) -> Grid:
        """How the house is connected, told by the model."""
        return GRIDS[self.model]

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities that a list carries: an IT meter has no L2 current."""
        if kind == "power":
            return ("power_import",)
        absent = "current_l2" if self.grid == "it" else ""
        full = tuple(name for name in phased(self.grid) if name != absent)
        return full if kind == "full" else (*full, *ENERGIES)

    def scaler(self, name: str) -> int:
        """Return the power of ten that the list itself tells."""
        return SCALERS.get(family(name), 0)

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire; a current keeps its sign."""
        return scale(value, self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return UTC+1: Aidon's clock knows no summer time."""
        return utc.astimezone(NORMAL_TIME).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frame of one list; only the hourly one tells the clock."""
        items = measured(self, kind, values, self.id)
        if kind == "hourly":
            stamp = axdr.date_time(
                clock,
                weekday=clock.isoweekday() % 7,
                deviation=axdr.UNSPECIFIED if self.newer else 0,
                status=status if status is not None else 0xFF if self.newer else 0,
            )
            items.append(axdr.structure(axdr.obis("0-0:1.0.0.255"), axdr.octets(stamp)))
            items.extend(register(name, self.count(name, values[name]), self.scaler(name)) for name in ENERGIES)
        return envelope(items)
