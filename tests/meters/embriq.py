"""Embriq's list, EMBRIQ_V1_1, of Landis+Gyr E350 meters: Aidon's envelope, and differences in the details.

Currents have two decimals, the meter number is filled up with NUL to 16 characters, and an IT meter sends
L2's current and voltage as 0. The hourly list is known from one damaged capture of a ZMF100 only, which says:
energies under group A 0 in whole Wh, a clock six seconds past the hour without a weekday. Its time zone
is taken to be Aidon's, its registers to be for the moment that the clock shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from . import axdr
from .coded import envelope, measured, register
from .maker import ENERGIES, NORMAL_TIME, Grid, Kind, Values, family, phased, scale

GRIDS: Mapping[str, Grid] = {"ZFF1": "single_phase", "ZMF1": "tn"}
SCALERS = {"current": -2, "voltage": -1}


@dataclass(frozen=True, slots=True)
class Embriq:
    """A Landis+Gyr E350 with Embriq's module. ZMF1 serves IT and TN houses alike: `it` says which this is."""

    name: ClassVar[str] = "Landis+Gyr"
    list_id: ClassVar[str] = "EMBRIQ_V1_1"
    power_every: ClassVar[timedelta | None] = timedelta(seconds=2.5)
    full_every: ClassVar[timedelta] = timedelta(seconds=10)
    registers_every: ClassVar[timedelta | None] = None
    hourly_at: ClassVar[timedelta] = timedelta(seconds=10)
    register_at: ClassVar[timedelta] = timedelta(seconds=6)
    clock_at: ClassVar[timedelta] = timedelta(seconds=6)

    model: str
    id: str
    it: bool = False

    @property
    def grid(self) -> Grid:
        """How the house is connected."""
        return "it" if self.it and self.model == "ZMF1" else GRIDS[self.model]

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities that a list carries."""
        if kind == "power":
            return ("power_import",)
        return phased(self.grid) if kind == "full" else (*phased(self.grid), *ENERGIES)

    def scaler(self, name: str) -> int:
        """Return the power of ten that the list itself tells."""
        return SCALERS.get(family(name), 0)

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire; what an IT meter has not is 0."""
        if self.grid == "it" and name in {"current_l2", "voltage_l2"}:
            return 0
        return scale(value, self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return UTC+1, as Aidon's clock."""
        return utc.astimezone(NORMAL_TIME).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frame of one list; only the hourly one tells the clock."""
        items = measured(self, kind, values, self.id.ljust(16, "\0"))
        if kind == "hourly":
            stamp = axdr.date_time(clock, weekday=0, deviation=0, status=status or 0)
            items.append(axdr.structure(axdr.obis("0-0:1.0.0.255"), axdr.octets(stamp)))
            items.extend(register(name, self.count(name, values[name]), 0, medium="0") for name in ENERGIES)
        return envelope(items)
