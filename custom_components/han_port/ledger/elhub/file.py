"""A customer's hours out of Elhub, as its pages let one download them: the bytes of a file become volumes of hours.

Elhub is Norway's hub of metering data. Its file has a header, and a row for each hour or each quarter of one, and has
changed its looks several times. It is read as a whole or not at all.
"""

from datetime import datetime, timedelta
import re
from typing import Final, NamedTuple

from .error import ElhubError
from .hours import hours
from .table import rows
from .text import text_of
from .volume import Direction, Volume

__all__ = ["Direction", "ElhubError", "ElhubFile", "Volume", "read_file"]

_HOUR: Final = timedelta(hours=1)
_METERING_POINT: Final = re.compile(r"(?<![0-9])[0-9]{18}(?![0-9])")


class ElhubFile(NamedTuple):
    """What a file holds."""

    direction: Direction
    hours: tuple[Volume, ...]
    """In the order of time, without a gap; at least one."""
    metering_point: str | None
    """Whose they are, where the file's name tells: 18 digits of which the last one checks the others."""

    @property
    def start(self) -> datetime:
        """The beginning of the first hour."""
        return self.hours[0].start

    @property
    def end(self) -> datetime:
        """The end of the last hour."""
        return self.hours[-1].start + _HOUR

    @property
    def total(self) -> int:
        """Wh of all the hours."""
        return sum(volume.energy for volume in self.hours)


def read_file(data: bytes, name: str = "") -> ElhubFile:
    """Read a file; its name may tell the metering point. Raises ElhubError if it cannot be read as a whole."""
    direction, volumes = hours(rows(text_of(data)))
    return ElhubFile(direction, volumes, _metering_point(name))


def _metering_point(name: str) -> str | None:
    """Return the one metering point that a file's name tells, as both of Elhub's do.

    They are `meteringvalues-mp-<18 digits>-consumption-….csv` and `Måleverdier_<18 digits>_CONSUMPTION_2024-01.csv`.
    """
    found = {digits for digits in _METERING_POINT.findall(name) if _checks(digits)}
    return found.pop() if len(found) == 1 else None


def _checks(digits: str) -> bool:
    """Return whether the last digit is the check digit of the others (GS1: weights 3 and 1 from the right)."""
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(digits))) % 10 == 0
