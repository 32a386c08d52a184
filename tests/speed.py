"""Time that passes faster than on the wall, while sockets, devices and the event loop stay real.

What belongs here: the one clock that tests of long stretches of time share. A minute of waiting for a watchdog then
takes a second or less; whatever the operating system does (a connection, a name, a device) takes as long as it takes,
which is `times` as much in the fast time. The event loop and Home Assistant's `utcnow` keep the same time.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Self
from unittest.mock import patch

from homeassistant.util import dt as dt_util


class FastTime:
    """Within its context the running event loop's time and Home Assistant's are so many times as fast."""

    def __init__(self, times: float, *, start: datetime | None = None) -> None:
        """Say how fast.

        Args:
            times: seconds that pass for the event loop in one second on the wall.
            start: what time it is when it begins, aware; None: what it is.

        """
        self._times = times
        self._start = start or datetime.now(UTC)
        self._began = 0.0
        self._wall_began = 0.0
        self._patches = ExitStack()

    def __enter__(self) -> Self:
        loop: Any = asyncio.get_running_loop()
        select: Callable[[float | None], Any] = loop._selector.select
        self._began = loop.time()
        self._wall_began = monotonic()

        def select_fast(timeout: float | None = None) -> Any:
            return select(timeout and timeout / self._times)

        self._patches.enter_context(patch.object(loop, "time", self.time))
        self._patches.enter_context(patch.object(loop._selector, "select", select_fast))
        self._patches.enter_context(patch.object(dt_util, "utcnow", self.now))
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()

    def time(self) -> float:
        """Return the event loop's time, s."""
        return self._began + (monotonic() - self._wall_began) * self._times

    def now(self) -> datetime:
        """Return what time it is, UTC."""
        return self._start + timedelta(seconds=self.time() - self._began)
