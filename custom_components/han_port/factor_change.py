"""A change of the factor for energy: what it makes of energies that were shown before it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, Final, Self

from .ledger import rescaled
from .wire.reading import Quantity

_KEPT: Final = (Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT)


@dataclass(frozen=True, slots=True)
class Change:
    """One change. Energies are in Wh."""

    at: datetime
    factor: float
    """What registers are multiplied by, over what they were multiplied by before."""
    history: bool
    """Whether the hours of before are multiplied too."""
    registers: tuple[int, int] | None = None
    """The last registers of import and export before it: what the sensors were ahead of them is not multiplied."""

    def moved(self, quantity: Quantity, shown: float) -> float:
        """Return on the new scale what a sensor showed on the old one."""
        return rescaled(shown, self.factor, self._register(quantity))

    def jumped(self, quantity: Quantity, shown: float) -> float:
        """Return what the sensor showed after the change if it showed this just before."""
        if (register := self._register(quantity)) is None:
            return shown * self.factor
        return shown + round(register * self.factor) - register

    def _register(self, quantity: Quantity) -> int | None:
        return None if self.registers is None or quantity not in _KEPT else self.registers[_KEPT.index(quantity)]

    def to_stored(self) -> dict[str, Any]:
        """Return it as plain values, fit for JSON."""
        registers = None if self.registers is None else list(self.registers)
        return {"at": self.at.isoformat(), "factor": self.factor, "history": self.history, "registers": registers}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Return one that was stored. Raises KeyError, TypeError or ValueError if it is none."""
        registers = None
        if stored["registers"] is not None:
            imported, exported = map(int, stored["registers"])
            registers = (imported, exported)
        return cls(
            at_from_stored(stored["at"]), factor_from_stored(stored["factor"]), bool(stored["history"]), registers
        )


def at_from_stored(stored: str) -> datetime:
    """Return an instant that was stored. Raises TypeError or ValueError if it is none."""
    at = datetime.fromisoformat(stored)
    if at.tzinfo is None:
        msg = "there is a time without a zone"
        raise ValueError(msg)
    return at


def factor_from_stored(stored: float) -> float:
    """Return a factor that was stored. Raises TypeError or ValueError if it is none."""
    if not isfinite(factor := float(stored)) or factor <= 0:
        msg = f"there is a factor {factor}"
        raise ValueError(msg)
    return factor


def moved(changes: Iterable[Change], quantity: Quantity, shown: float) -> float:
    """Return on the scale after all changes what a sensor showed on the one before them."""
    for change in changes:
        shown = change.moved(quantity, shown)
    return shown


def jumped(changes: Iterable[Change], quantity: Quantity, shown: float) -> float:
    """Return what a sensor showed after all changes if it showed this just before."""
    for change in changes:
        shown = change.jumped(quantity, shown)
    return shown
