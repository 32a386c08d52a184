"""What is wrong with one meter's port, and since when.

What belongs here: the decision alone, from facts that are looked at now and then. It knows no Home Assistant and no
clock; `trouble_issues` gathers the facts and shows the issues.

A port that is opened anew now and then, because nothing comes, is closed for up to a minute each time; bytes and lists
that miss for so long are no sign of a change (`GAP`).
"""

from collections import deque
from enum import StrEnum
from math import inf
from typing import Final, NamedTuple

EVERY: Final = 30.0
"""Seconds between two looks."""
LONG: Final = 600.0
"""Seconds that something must be wrong for before its owner is told."""
STRANGE: Final = 300.0
"""Seconds of another meter's lists alone before its owner is told: they leave no doubt."""
GAP: Final = 150.0
"""Seconds that a state may be interrupted for and still go on."""
STRAY: Final = 16
"""Bytes that opening a port, or a bad contact, may bring between two looks: they are no data."""
HOUR: Final = 3600.0
"""Seconds over which damaged frames are counted."""
_PART: Final = 300.0
"""Seconds between two counts of frames."""
FEWEST: Final = 20
"""Frames in the hour that make a share of them mean something."""
SHARE: Final = 0.02
"""The share of damaged frames above which their owner is told."""


class Kind(StrEnum):
    """What may be wrong. Each is the translation key of its issue."""

    UNREACHABLE = "port_unreachable"
    SILENT = "port_silent"
    UNREADABLE = "port_unreadable"
    ANOTHER_METER = "another_meter"
    COUNTER_FELL = "counter_fell"
    DAMAGED = "damaged_frames"


class Facts(NamedTuple):
    """What is known at one moment. Times are the event loop's, s."""

    now: float
    open_at: float
    """When the port was last open, for more than a moment."""
    openings: int
    """How many times it has been opened."""
    listed_at: float
    """When our meter's last list came; without one, when it was first listened to."""
    bytes: int
    """How many have come."""
    stranger_since: float | None
    """When another meter's first list since our last one came."""
    stranger_at: float
    """When another meter's last list came."""
    is_mixed: bool
    """Whether our meter's lists and another's come in turn."""
    frames: int
    """How many whole frames have come."""
    damaged: int
    """How many damaged ones."""
    has_fallen: bool = False
    """Whether ciphered lists come whose frame counter stays below the one that was kept."""


class Troubles:
    """What is wrong with one meter's port."""

    def __init__(self, now: float, inherited: Kind | None = None) -> None:
        """Begin.

        Args:
            now: the time, s.
            inherited: what was wrong before the entry was set up again, which holds until the meter is heard or there
                has been time to see anew.

        """
        self.kind = inherited
        """What is wrong, damaged frames apart."""
        self.is_damaged = False
        """Whether many frames are damaged."""
        self._inherited = inherited
        self._began = self._looked_at = now
        self._listed_at = now
        self._bytes = self._openings = 0
        self._reachable_since: float | None = None
        self._noisy_since: float | None = None
        self._noisy_at = -inf
        self._counts: deque[tuple[float, int, int]] = deque(maxlen=int(HOUR / _PART) + 1)

    def look(self, facts: Facts) -> None:
        """Take the facts of this moment."""
        self._follow_port(facts)
        self._follow_bytes(facts)
        listed, self._listed_at = facts.listed_at > self._listed_at, facts.listed_at
        if listed or facts.now - self._began > LONG + EVERY:
            self._inherited = None
        self.kind = self._kind(facts) or self._inherited
        self.is_damaged = self._many_damaged(facts) and self.kind is None
        self._looked_at = facts.now

    def _follow_port(self, facts: Facts) -> None:
        if facts.open_at < facts.now - GAP:
            self._reachable_since = None
        elif self._reachable_since is None:
            self._reachable_since = self._looked_at

    def _follow_bytes(self, facts: Facts) -> None:
        """Take note of since when bytes have been coming that nobody can read."""
        stray = STRAY * (1 + facts.openings - self._openings)
        came, self._bytes, self._openings = facts.bytes - self._bytes, facts.bytes, facts.openings
        if max(facts.listed_at, facts.stranger_at) > self._looked_at:
            self._noisy_since = None
        elif came > stray:
            self._noisy_at = facts.now
            if self._noisy_since is None:
                self._noisy_since = self._looked_at
        elif self._noisy_at < facts.now - GAP:
            self._noisy_since = None

    def _kind(self, facts: Facts) -> Kind | None:
        now = facts.now
        if facts.is_mixed or _passed(now, facts.stranger_since, STRANGE, still=facts.stranger_at):
            return Kind.ANOTHER_METER
        if now - max(facts.open_at, facts.listed_at) >= LONG:  # one that is open for moments may bring lists
            return Kind.UNREACHABLE
        if facts.has_fallen:
            return Kind.COUNTER_FELL
        if self._noisy_since is not None:
            return Kind.UNREADABLE if now - self._noisy_since >= LONG else None
        if self._reachable_since is None:
            return None
        quiet_since = max(self._reachable_since, self._noisy_at, facts.listed_at, facts.stranger_at)
        return Kind.SILENT if now - quiet_since >= LONG else None

    def _many_damaged(self, facts: Facts) -> bool:
        counts = self._counts
        if not counts or facts.now - counts[-1][0] >= _PART:
            counts.append((facts.now, facts.frames, facts.damaged))
        if len(counts) < (counts.maxlen or 0):
            return False
        _, frames, damaged = counts[0]
        frames, damaged = facts.frames - frames, facts.damaged - damaged
        return frames + damaged >= FEWEST and damaged > SHARE * (frames + damaged)


def _passed(now: float, since: float | None, seconds: float, *, still: float) -> bool:
    """Return whether something has been so for so long, and still is."""
    return since is not None and now - since >= seconds and still >= now - GAP
