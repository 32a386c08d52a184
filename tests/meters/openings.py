"""Notice when a file is opened, by inotify: nothing else tells that a pseudo-terminal has got a reader."""

import asyncio
from collections.abc import Callable
import ctypes
import os
import struct

IN_OPEN = 0x20
EVENT = struct.Struct("iIII")


class Openings:
    """Calls back for each time that a file is opened. Raises OSError where it cannot watch."""

    def __init__(self, path: str, loop: asyncio.AbstractEventLoop, opened: Callable[[], None]) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._loop = loop
        self._opened = opened
        self._watcher: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._watcher < 0 or libc.inotify_add_watch(self._watcher, path.encode(), IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        loop.add_reader(self._watcher, self._read)

    def close(self) -> None:
        """Stop."""
        self._loop.remove_reader(self._watcher)
        os.close(self._watcher)

    def _read(self) -> None:
        # A watch on one file tells no names, so events have one size.
        for _, mask, _, _ in EVENT.iter_unpack(os.read(self._watcher, 64 * EVENT.size)):
            if mask & IN_OPEN:
                self._opened()
