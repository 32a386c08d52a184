"""What goes wrong and when, by chance, and alike for the same seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Kind(StrEnum):
    """What may go wrong."""

    CUT = "closed in the middle of a frame"
    REFUSED = "closed, then refused"
    ABSENT = "refused while the entry is set up"
    HALF_OPEN = "half-open: forwards no more"
    SILENT = "open, and silent"
    NOISE = "noise"
    FLOOD = "flood"
    SLOW = "one byte a second"
    STRANGER = "another meter's lists mixed in"
    FLIPPED = "flipped bits"
    RELOAD = "entry reloaded"
    UNLOADED = "entry unloaded and set up"
    LOST = "hourly list lost"
    DOUBLED = "hourly list doubled"
    LATE = "hourly list late"


HOURLY = (Kind.LOST, Kind.DOUBLED, Kind.LATE)
"""What happens to single lists; they may fall into any other fault."""

LENGTHS = {
    Kind.CUT: (0.0, 0.0),
    Kind.REFUSED: (1.0, 15.0),
    Kind.ABSENT: (1.0, 15.0),
    Kind.HALF_OPEN: (0.0, 0.0),
    Kind.SILENT: (0.5, 25.0),
    Kind.NOISE: (0.2, 12.0),
    Kind.FLOOD: (0.1, 2.0),
    Kind.SLOW: (1.0, 5.0),
    Kind.STRANGER: (2.0, 20.0),
    Kind.FLIPPED: (2.0, 15.0),
    Kind.RELOAD: (0.0, 0.0),
    Kind.UNLOADED: (1.0, 10.0),
}
"""Minutes, the shortest and the longest. Those without a length end as soon as they have happened."""
GAP = 25.0
"""Minutes between two faults, on the average."""
_HOURLY_SHARE = 0.3
"""The share of the hourly lists with which something happens."""


@dataclass(slots=True)
class Fault:
    """One fault. `ended` and what follows it is filled in as it happens."""

    kind: Kind
    start: datetime
    end: datetime
    ended: float = float("inf")
    """The event loop's time when it was over."""
    healed: float | None = None
    """Seconds from then until numbers came again."""
    lines: list[str] = field(default_factory=list)
    """What the log said from its start to the next one's."""


def faults(start: datetime, end: datetime, random: Random, gap: float = GAP) -> list[Fault]:
    """Return what happens to the line from `start` to `end`, one after the other, every kind as often.

    `gap` is the mean time between two, in minutes; with a shorter one, they are shorter themselves.
    """
    found: list[Fault] = []
    at = start
    for kind in _kinds(random):
        at += random.uniform(0.5, 1.5) * gap * MINUTE
        shortest, longest = LENGTHS[kind]
        until = at + random.uniform(shortest, max(shortest, longest * min(1.0, gap / GAP))) * MINUTE
        if until > end:
            return found
        found.append(Fault(kind, at, until))
        at = until
    return found


def hourly(start: datetime, end: datetime, random: Random) -> dict[datetime, Fault]:
    """Return what happens to which hourly list, by its full hour."""
    found = {}
    hour = start
    while hour <= end:
        if random.random() < _HOURLY_SHARE:
            kind = random.choice(HOURLY)
            late = random.uniform(1, 25) * MINUTE if kind is Kind.LATE else timedelta(0)
            found[hour] = Fault(kind, hour, hour + late)
        hour += HOUR
    return found


def _kinds(random: Random) -> Iterator[Kind]:
    kinds: Sequence[Kind] = tuple(LENGTHS)
    while True:
        yield from random.sample(kinds, len(kinds))
