"""When a meter counts as silent, and what the log says of it.

What belongs here: the cadence of one meter's lists, the one timer that misses them, and two lines for the log: one when
the meter falls silent, one when it is back. A meter that is back for a few minutes only, again and again, is told of
once: what goes on for long is told by an issue (`troubles`).

A list costs one assignment: the timer is not touched by it, it looks at the time of the last list when it fires.
"""

import asyncio
from collections.abc import Callable
import logging
from math import inf
from typing import Final

_LOGGER = logging.getLogger(__name__)

CADENCE: Final = 10.0
"""Seconds between the lists of a meter that sends full lists alone."""
POWER_CADENCE: Final = 2.5
"""Seconds between the lists of a meter that sends power lists too (Aidon 2.5 s, Kaifa 2 s)."""
SILENT_CADENCES: Final = 4
"""A meter that misses this many lists is unavailable."""
PATIENT_CADENCES: Final = 6
"""A connection that brings no list for this many cadences is opened anew."""
MOST_PATIENCE: Final = 60.0
"""Seconds."""
BACK: Final = 600.0
"""Seconds that a meter must be back for before the log tells again that it is silent."""


class Silence:
    """Watches over the lists of one meter."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        name: str,
        *,
        reason: Callable[[], str],
        on_silence: Callable[[], None],
    ) -> None:
        """Begin without a timer.

        Args:
            loop: Home Assistant's.
            name: of the meter, for the log.
            reason: says for the log why there are no lists.
            on_silence: is called when the meter has fallen silent.

        """
        self.cadence = CADENCE
        """Seconds between two lists, as far as is known."""
        self.heard_at = loop.time()
        """The event loop's time of the last list. Whoever takes a list sets it."""
        self._loop = loop
        self._name = name
        self._reason = reason
        self._on_silence = on_silence
        self._timer: asyncio.TimerHandle | None = None
        self._silent_from = 0.0
        self._back_at = -inf
        self._level = logging.INFO

    @property
    def patience(self) -> float:
        """Seconds without a list after which a connection counts as dead."""
        return min(PATIENT_CADENCES * self.cadence, MOST_PATIENCE)

    def begin(self) -> None:
        """Watch from now on."""
        self.heard_at = self._loop.time()
        self._watch()

    def stop(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def quicken(self) -> None:
        """Take note that the meter sends power lists: silence shows sooner than was thought."""
        self.cadence = POWER_CADENCE
        if self._timer is not None:
            self._timer.cancel()
            self._watch()

    def end(self) -> None:
        """Take note that the meter is back."""
        now = self._back_at = self._loop.time()
        _LOGGER.log(self._level, "%s: lists come again, after %.0f s", self._name, now - self._silent_from)
        self._watch()

    def _watch(self) -> None:
        """Look again when the meter will have been silent for too long, if no list comes until then."""
        deadline = self.heard_at + SILENT_CADENCES * self.cadence
        if (now := self._loop.time()) < deadline:
            self._timer = self._loop.call_at(deadline, self._watch)
            return
        self._timer = None
        self._silent_from = self.heard_at
        self._level = logging.DEBUG if self.heard_at < self._back_at + BACK else logging.INFO
        silent = now - self.heard_at
        _LOGGER.log(self._level, "%s: no list from the meter for %.0f s: %s", self._name, silent, self._reason())
        self._on_silence()
