"""A clock of several processes at once: the test sets what time it is and how fast it passes, the others read it."""

from datetime import UTC, datetime, timedelta
from mmap import mmap
from pathlib import Path
from struct import Struct
from time import monotonic
from typing import Final, Self

_SLOT: Final = Struct("=ddd")
"""When it was set on the machine's clock that all processes share (s), to what (POSIX s), and how fast it passes."""
_SIZE: Final = 1 + 2 * _SLOT.size
PROGRAM: Final = Path(__file__).with_name("clocked_home.py")
"""Runs a Home Assistant by such a clock."""


class SharedClock:
    """A clock in a file. It is set in the slot that nobody reads, which then becomes the one that is read."""

    def __init__(self, path: Path) -> None:
        """Read, or set, the clock in this file."""
        self.path = path
        with path.open("r+b") as file:
            self._memory = mmap(file.fileno(), _SIZE)

    @classmethod
    def make(cls, path: Path, now: datetime) -> Self:
        """Return a new clock in a file, on which it is `now`."""
        path.write_bytes(bytes(_SIZE))
        clock = cls(path)
        clock.set(now)
        return clock

    def set(self, now: datetime, *, speed: float = 1) -> None:
        """Let it be `now`, and time pass so many times as fast as on the wall."""
        slot = 1 - self._memory[0]
        _SLOT.pack_into(self._memory, 1 + slot * _SLOT.size, monotonic(), now.timestamp(), speed)
        self._memory[0] = slot

    def go(self, speed: float) -> None:
        """Let time pass so many times as fast from now on."""
        self.set(self.now(), speed=speed)

    @property
    def speed(self) -> float:
        """How fast time passes."""
        return self._read()[2]

    def now(self) -> datetime:
        """Return what time it is, UTC."""
        set_at, begin, speed = self._read()
        return datetime.fromtimestamp(begin, UTC) + timedelta(seconds=(monotonic() - set_at) * speed)

    def _read(self) -> tuple[float, float, float]:
        return _SLOT.unpack_from(self._memory, 1 + self._memory[0] * _SLOT.size)
