"""The energy register between two hourly lists: what the energy sensor of one direction shows."""

from typing import Final

from .integral import HOUR, Integral

_MOST_AHEAD: Final = 100_000
"""Wh. No estimate is so far ahead of the truth: what was shown is of another scale, or of another meter."""


class LiveRegister:
    """One direction's register, in whole Wh, as far as it is known now.

    The truth is the last register and the power since the instant that it is for. What is shown only rises: where a
    register says that it was too little, at once; where it was too much, it stands still until the truth is as high.
    """

    __slots__ = ("_base", "_integral", "shown")

    def __init__(self, integral: Integral) -> None:
        self.shown: int | None = None
        """Wh; None as long as no register is known."""
        self._integral = integral
        self._base = 0.0
        """Wh: what is to be added to the integral to give the truth."""

    def truth(self, energy: float) -> float:
        """Return what the register was, in Wh, when the integral was so many W·s. Only if something is shown."""
        return self._base + energy / HOUR

    def rise(self) -> None:
        """Rise with the power that has been added to the integral."""
        if self.shown is not None and (truth := self._base + self._integral.energy / HOUR) >= self.shown + 1:
            self.shown = int(truth)

    def correct(self, register: int, energy: float) -> None:
        """Take a register (Wh) that is for when the integral was so many W·s."""
        self._base = register - energy / HOUR
        truth = int(self.truth(self._integral.energy))
        if self.shown is None or not truth <= self.shown <= truth + _MOST_AHEAD:
            self.shown = truth

    def reach(self, register: int) -> None:
        """Take a register (Wh) of which it is not known when it was; that it has been reached by now is sure."""
        if self.shown is None or self.truth(self._integral.energy) < register:
            self.restore(register)

    def restore(self, shown: int) -> None:
        """Go on from what was shown before a restart, unless more than that is known."""
        if self.shown is None or self.shown < shown:
            self.shown = shown
            self._base = shown - self._integral.energy / HOUR

    def reset(self) -> None:
        """Forget what was shown: another register counts from now on."""
        self.shown = None
