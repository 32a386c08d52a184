"""A simulated meter on a pseudo-terminal, which a reader opens as a serial port. Linux only.

A pseudo-terminal has no parity and no speed: any settings read the same bytes. It serves one reader at a time. Cutting
the connection takes the device away, as pulling a USB plug does.
"""

import asyncio
import contextlib
import os
from pathlib import Path
import select
import tty
from typing import Any, override

from .meter import Meter
from .openings import Openings
from .serve import Line


class PtyLine(Line):
    """A meter on a pseudo-terminal with a symbolic link at `path`. The arguments besides are those of `Line`."""

    def __init__(self, meter: Meter, path: Path, **options: Any) -> None:
        super().__init__(meter, **options)
        self.path = path
        self._master: int | None = None
        self._openings: Openings | None = None
        self._session = 0
        self._forgotten = -1

    @property
    @override
    def url(self) -> str:
        return str(self.path)

    @property
    @override
    def clients(self) -> int:
        return int(self._is_open() and self._forgotten != self._session)

    @override
    def drop(self) -> None:
        if self._master is not None:
            self.refuse()
            self._plug()

    @override
    def half_open(self) -> None:
        self._forgotten = self._session

    @override
    def refuse(self) -> None:
        if self._master is not None and self._openings is not None:
            self.path.unlink(missing_ok=True)
            self._openings.close()
            os.close(self._master)
            self._master = self._openings = None

    @override
    async def _open(self) -> None:
        if self._master is None:
            self._plug()

    @override
    def _write(self, data: bytes, client: object | None) -> None:
        if self._master is None:
            return
        # What a reader says is not heard. One that is slow (full buffer) or just gone misses bytes, as on a real line.
        with contextlib.suppress(OSError):
            os.read(self._master, 4096)
        if self.clients and client in {None, self._session}:
            with contextlib.suppress(OSError):
                os.write(self._master, data)

    def _plug(self) -> None:
        """Make the device, raw, and the link to it."""
        master, device = os.openpty()
        tty.setraw(device)
        os.set_blocking(master, False)
        name = os.ttyname(device)
        os.close(device)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(name)
        self._master = master
        self._openings = Openings(name, asyncio.get_running_loop(), self._opened)

    def _opened(self) -> None:
        self._session += 1
        self._joined(self._session)

    def _is_open(self) -> bool:
        """Tell whether a reader has the device open: without one the line hangs up."""
        if self._master is None:
            return False
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))
