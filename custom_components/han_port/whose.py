"""Whose a list is: our meter's, or that of another one on the same line.

What belongs here: telling them apart, and when others were heard. The grid company may replace the meter, a cable may
be moved, and a bridge may mix two meters' lists: ours are taken in every case, others' never.

Some meters never tell a number (Swedish Aidon). Where ours is one of them, lists without a number are ours, and what
tells one is another meter's.
"""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import Final

from .wire.reading import Meter

OFTEN: Final = 6
"""This many changes from another meter's lists to ours..."""
OFTEN_TIME: Final = 600.0
"""... in so many seconds: both are on the line for good."""


DOUBT: Final = 30.0
"""Seconds of lists without a number, after a silence, before they count as ours: a meter names itself every 10 s, but
a bad line may break just the long lists that do it."""


class Whose:
    """Tells the lists of our meter from others'."""

    def __init__(self, ours: Meter, now: Callable[[], float], learn: Callable[[Meter], None]) -> None:
        """Begin with the meter that is known.

        Args:
            ours: our meter.
            now: the time, s.
            learn: is called with our meter when it says of itself what it has not said before.

        """
        self.stranger: Meter | None = None
        """The other meter that was heard last."""
        self.stranger_since: float | None = None
        """Time of the first of its lists since our meter's last one; None: the last list was ours."""
        self.stranger_at = -inf
        """Time of the last of its lists."""
        self._seen = ours
        self._now = now
        self._learn = learn
        self._turns: deque[float] = deque(maxlen=OFTEN)
        self._is_doubted = False
        self._doubted_since: float | None = None

    def doubt(self) -> None:
        """Take note that the meter has been silent: what comes next may be from another one in its place."""
        self._is_doubted = True
        self._doubted_since = None

    def is_ours(self, meter: Meter | None) -> bool:
        """Return whether a list is from our meter. One that names no meter is from the one that was named last."""
        if meter is None or (not meter.id and self._says_nothing(meter)):
            return self.stranger_since is None and not (self._is_doubted and self._is_early())
        self._is_doubted = False
        if meter.id != self._seen.id:
            self.stranger = meter
            self.stranger_at = self._now()
            if self.stranger_since is None:
                self.stranger_since = self.stranger_at
            return False
        if self.stranger_since is not None:
            self.stranger_since = None
            self._turns.append(self._now())
        if meter != self._seen:
            self._seen = meter
            self._learn(meter)
        return True

    def _says_nothing(self, meter: Meter) -> bool:
        """Return whether a list that tells no number leaves open whose it is."""
        is_alike = meter.maker in ("", self._seen.maker) and meter.list_id == self._seen.list_id
        return is_alike if self._seen.id else self.stranger_since is not None and not is_alike

    def _is_early(self) -> bool:
        """Return whether a list that names itself may still come."""
        now = self._now()
        if self._doubted_since is None:
            self._doubted_since = now
        self._is_doubted = now - self._doubted_since < DOUBT
        return self._is_doubted

    def is_mixed(self) -> bool:
        """Return whether ours and others' lists have been coming in turn."""
        return len(self._turns) == OFTEN and self._turns[0] > self._now() - OFTEN_TIME
