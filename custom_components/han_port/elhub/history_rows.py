"""A sensor's hourly rows as volumes of hours, and what the rows have to be where some of the volumes change. Pure.

A row's sum goes on from the one before it, so a volume that changes moves all sums after it. Whoever says what hours
should have, rather than what sums should be, can say it at any time: to say it twice changes nothing, and to say what
they had before takes it back, whatever was added meanwhile. Energies are in Wh, hours are counted since 1970.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

SECONDS: Final = 3600
_SAME: Final = 1e-6


class Row(NamedTuple):
    """An hour's row of statistics."""

    hour: int
    state: float | None
    """What the sensor showed at the end. None: the row came from elsewhere."""
    sum: float


class Edit(NamedTuple):
    """What an hour is to have."""

    state: float | None
    volume: float | None
    """None: there is to be no row."""


type Edits = Mapping[int, Edit]
"""By the hour."""

NO_ROW: Final = Edit(None, None)


class Span(NamedTuple):
    """An hour of which the sums change, for the 5-minute rows in it."""

    hour: int
    was: tuple[float, float]
    """The sums at its beginning and its end."""
    now: tuple[float, float]
    stays: bool
    """Whether the hour has a row before and after."""

    def moved(self, total: float) -> float:
        """Return what a sum within the hour has to be: it rises as it did, on another scale if there is one."""
        if not self.stays:
            return total + self.now[0] - self.was[0]
        rise = self.was[1] - self.was[0]
        share = (total - self.was[0]) / rise if rise > _SAME else 1.0
        return self.now[0] + share * (self.now[1] - self.now[0])


class Rewritten(NamedTuple):
    """What there is to write."""

    rows: dict[int, Row | None]
    """Rows that are new or change, up to the last edit; None: the row goes."""
    last: int
    """The hour of the last edit."""
    shift: float
    """What all sums after it rise by."""
    spans: tuple[Span, ...]
    """The hours up to the last edit that have a row, or have had one, ascending."""

    def moved(self, hour: int, total: float) -> float:
        """Return what the sum of a 5-minute row in an hour has to be."""
        if hour > self.last:
            return total + self.shift
        if not (at := bisect_right(self.spans, hour, key=itemgetter(0))):
            return total
        span = self.spans[at - 1]
        return span.moved(total) if span.hour == hour else total + span.now[1] - span.was[1]


def volumes(rows: Sequence[Row]) -> dict[int, float]:
    """Return what each row says that its hour had, as the energy dashboard shows it: the first one its whole sum."""
    before = 0.0
    found = {}
    for row in rows:
        found[row.hour] = row.sum - before
        before = row.sum
    return found


def rewrite(rows: Sequence[Row], edits: Edits) -> Rewritten:
    """Return what has to be written so that hours have what the edits say, and all others what they had.

    `rows` are all that there are, ascending; there must be an edit.
    """
    first, last = min(edits), max(edits)
    was = now = next((row.sum for row in reversed(rows) if row.hour < first), 0.0)
    written: dict[int, Row | None] = {}
    spans: list[Span] = []
    for hour, row in _hours(rows, edits, first, last):
        begin = was, now
        if row is not None:
            was = row.sum
        new: Row | None = None
        if (edit := edits.get(hour)) is not None:
            new = None if edit.volume is None else Row(hour, edit.state, now + edit.volume)
        elif row is not None:
            new = row._replace(sum=row.sum + (begin[1] - begin[0]))
        if new is not None:
            now = new.sum
        stays = row is not None and new is not None
        spans.append(Span(hour, (begin[0], was), (begin[1], now), stays))
        if not _equal(row, new):
            written[hour] = new
    return Rewritten(written, last, now - was, tuple(spans))


def _hours(rows: Sequence[Row], edits: Edits, first: int, last: int) -> Iterator[tuple[int, Row | None]]:
    """Yield the hours between two that have a row or an edit."""
    found = {row.hour: row for row in rows if first <= row.hour <= last}
    for hour in sorted(found.keys() | edits.keys()):
        yield hour, found.get(hour)


def _equal(row: Row | None, new: Row | None) -> bool:
    if row is None or new is None:
        return row is new
    return row.state == new.state and abs(row.sum - new.sum) < _SAME
