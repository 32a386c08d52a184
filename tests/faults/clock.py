"""Time that passes faster than on the wall, and never past what is due.

What belongs here: the clock of the tests of faults. Only the time that the event loop has nothing to do passes faster,
and it ends at the next timer. A machine that is busy elsewhere for a while makes such a test slower, not wrong: no
meter seems silent because nobody let it speak.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Self
from unittest.mock import patch

from homeassistant.util import dt as dt_util


class Clock:
    """Within its context the time of the running event loop and of Home Assistant is this one's."""

    def __init__(self, times: float, start: datetime) -> None:
        """Take how many times as fast idle time passes (may be set at any moment), and what time it is, aware."""
        self.times = times
        self._start = start.astimezone(UTC)
        self._began = self._passed = 0.0
        self._mark = 0.0
        self._patches = ExitStack()

    def __enter__(self) -> Self:
        loop: Any = asyncio.get_running_loop()
        select: Callable[[float | None], Any] = loop._selector.select
        self._began = self._passed = loop.time()
        self._mark = monotonic()

        def select_fast(timeout: float | None = None) -> Any:
            self._passed = self.time()
            self._mark = monotonic()
            try:
                return select(timeout and timeout / self.times)
            finally:
                idle = (monotonic() - self._mark) * self.times
                self._passed += idle if timeout is None else min(idle, max(timeout, 0.0))
                self._mark = monotonic()

        self._patches.enter_context(patch.object(loop, "time", self.time))
        self._patches.enter_context(patch.object(loop._selector, "select", select_fast))
        self._patches.enter_context(patch.object(dt_util, "utcnow", self.now))
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()

    def time(self) -> float:
        """Return the event loop's time, s."""
        return self._passed + monotonic() - self._mark

    def now(self) -> datetime:
        """Return what time it is, UTC."""
        return self._start + timedelta(seconds=self.time() - self._began)
