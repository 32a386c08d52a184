"""What meters have in common that send one list alone, with registers, every ten seconds or so."""

from datetime import timedelta
from typing import ClassVar

from .maker import Grid


class OneList:
    """A meter with three phases whose every list has its registers and its clock, those of that very moment."""

    __slots__ = ()

    power_every: ClassVar[timedelta | None] = None
    full_every: ClassVar[timedelta] = timedelta(seconds=10)
    registers_every: ClassVar[timedelta | None] = timedelta(seconds=10)
    hourly_at: ClassVar[timedelta] = timedelta(0)
    register_at: ClassVar[timedelta] = timedelta(0)
    clock_at: ClassVar[timedelta] = timedelta(0)

    @property
    def grid(self) -> Grid:
        """How the house is connected."""
        return "tn"
