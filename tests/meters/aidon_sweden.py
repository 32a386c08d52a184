"""Aidon's list in Sweden (Aidon RJ12 HAN Interface v1.6P, 2021): all of 27 items, every ten seconds.

It does not say which meter it is. Registers have 1 Wh; currents are signed. The clock keeps UTC+1 all year, counts
Sunday as day 0, states no deviation, and its status is FF.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from . import axdr
from .aidon import SCALERS as NORWEGIAN
from .coded import envelope, instant, register
from .maker import (
    CURRENTS,
    ENERGIES,
    NORMAL_TIME,
    PHASED_POWERS,
    POWERS,
    VOLTAGES,
    Kind,
    Values,
    family,
    only_registers,
    scale,
)
from .one_list import OneList

INSTANTS = (*POWERS, *CURRENTS, *VOLTAGES, *PHASED_POWERS)
SCALERS = {**NORWEGIAN, "energy": 0, "reactive_energy": 0}


@dataclass(frozen=True, slots=True)
class AidonSweden(OneList):
    """A meter with three phases and a neutral. Neither its model nor its number is in the list."""

    name: ClassVar[str] = "Aidon"
    list_id: ClassVar[str] = ""

    model: str = ""
    id: str = ""

    def quantities(self, kind: Kind) -> tuple[str, ...]:
        """Return the quantities of the list, in their order; there is one kind alone."""
        only_registers(kind)
        return (*INSTANTS, *ENERGIES)

    def scaler(self, name: str) -> int:
        """Return the power of ten that the list itself tells."""
        return SCALERS.get(family(name), 0)

    def count(self, name: str, value: float) -> int:
        """Return the number that stands on the wire; a current keeps its sign."""
        return scale(value, self.scaler(name))

    def wall(self, utc: datetime) -> datetime:
        """Return UTC+1, as in Norway."""
        return utc.astimezone(NORMAL_TIME).replace(tzinfo=None)

    def encode(self, kind: Kind, values: Values, clock: datetime, status: int | None = None) -> bytes:
        """Return the frame of the list."""
        only_registers(kind)
        stamp = axdr.date_time(clock, weekday=clock.isoweekday() % 7, status=0xFF if status is None else status)
        items = [axdr.structure(axdr.obis("0-0:1.0.0.255"), axdr.octets(stamp))]
        items += (instant(name, self.count(name, values[name]), self.scaler(name)) for name in INSTANTS)
        items += (register(name, self.count(name, values[name]), self.scaler(name)) for name in ENERGIES)
        return envelope(items)
