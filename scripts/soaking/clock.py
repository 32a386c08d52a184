"""An event loop whose time passes many times as fast as on the wall, while sockets and threads stay real.

What must not happen is that the wire, or a busy machine, looks like a slow meter: a millisecond that the operating
system takes would be a second. So time passes fast only while the loop waits, and for at most `STEP` in each of its
rounds; it stands still for the rest of the round, and passes at its real pace while a thread works for the loop (files,
names). What was missed so is caught up with later, by not waiting for the next timer: nothing happens before it anyway,
for all who send are in this loop too, and what they sent is looked for first. How long time was held is counted: a loop
that does not keep up shows there, and in the speed that was attained.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from selectors import SelectorKey, SelectSelector
from time import monotonic
from typing import Any, override

STEP = 0.5
"""Seconds of the loop's time."""


class Clock(SelectSelector):
    """The selector of the loop, which knows when that waits; epoll would wait for whole milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.work = 0.0
        """Seconds on the wall for which the loop's time stood still, because a round took too long."""
        self.overslept = 0.0
        """Seconds on the wall for which it stood still, because the operating system woke the loop too late."""
        self.in_threads = 0.0
        """Seconds on the wall for which the loop's time passed at its real pace."""
        self._times = 1.0
        self._threads = 0
        self._at = 0.0
        self._wall = monotonic()
        self._limit = STEP
        self._run_at, self._run_wall, self._run_in_threads = self._at, self._wall, 0.0
        """When the speed was set."""
        self._start = datetime.now(UTC)
        self._began = 0.0

    @property
    def times(self) -> float:
        """Seconds that pass for the loop in one second on the wall."""
        return self._times

    @times.setter
    def times(self, times: float) -> None:
        self._settle()
        self._times = times
        self._run_at, self._run_wall, self._run_in_threads = self._at, self._wall, self.in_threads

    def time(self) -> float:
        """Return the loop's time, s."""
        return min(self._at + (monotonic() - self._wall) * self._rate, self._limit)

    def now(self) -> datetime:
        """Return what time it is, UTC."""
        return self._start + timedelta(seconds=self.time() - self._began)

    def set(self, now: datetime) -> None:
        """Let it be that late now. The loop's time is not touched."""
        self._start, self._began = now, self.time()

    def loop_time(self, at: datetime) -> float:
        """Return what the loop's time is at an instant, s."""
        return self._began + (at - self._start).total_seconds()

    @override
    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Wait, as fast as time passes, and never to later than is asked for; not at all to catch up."""
        self.work += self._settle()
        until = None if timeout is None else self._at + max(0.0, timeout)
        if until is not None and self._times > 1 and not self._threads and self._is_behind():
            if not (found := super().select(0)):
                self._at = until
        else:
            self._limit = float("inf") if until is None else until
            found = super().select(timeout and timeout / self._rate)
            self.overslept += self._settle()
        self._limit = self._at + STEP
        return found

    def thread_begins(self) -> None:
        """Let time pass at its real pace, as long as any thread works."""
        self._settle()
        self._threads += 1

    def thread_ends(self, _: object) -> None:
        """Take note that a thread has done its work."""
        self._settle()
        self._threads -= 1

    def _is_behind(self) -> bool:
        """Return whether less time has passed than should have, but for what threads needed."""
        wall = self._wall - self._run_wall - (self.in_threads - self._run_in_threads)
        return self._at - self._run_at < wall * self._times

    @property
    def _rate(self) -> float:
        return 1.0 if self._threads else self._times

    def _settle(self) -> float:
        """Go on from here; return for how long time stood still, s on the wall."""
        wall, at = monotonic(), self.time()
        passed, fast = wall - self._wall, at - self._at
        self._at, self._wall = at, wall
        if self._threads:
            self.in_threads += passed
            return 0.0
        return max(0.0, passed - fast / self._times)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop with such a clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__(clock)

    @override
    def time(self) -> float:
        return self._clock.time()

    @override
    def run_in_executor[*Ts, T](
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[Any]:
        self._clock.thread_begins()
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._clock.thread_ends)
        return future
