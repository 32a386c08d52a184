"""Periods between the readings of a meter that is read by hand, and which hours differ between two lists of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from .integral import HOUR


class HandReading(NamedTuple):
    """What a meter's digits showed."""

    at: datetime
    """UTC, to the second."""
    register: int
    """Wh."""


class Span(NamedTuple):
    """Hours, from a full hour to another (UTC)."""

    start: datetime
    end: datetime | None
    """None: and all that come after."""


class Period(NamedTuple):
    """Time from a reading to the next one."""

    start: int
    """POSIX seconds."""
    register: int
    """Wh at its start, counted on over digits that rolled over."""
    end: int | None
    """None: it is still running."""
    energy: int
    """Wh of the whole period; of a year, if it is still running."""


def periods(readings: Sequence[HandReading], range_wh: int, annual: int) -> tuple[Period, ...]:
    """Return the periods of readings in time order, of digits that roll over at `range_wh`; the last one is running."""
    found = []
    register = readings[0].register
    for before, after in pairwise(readings):
        energy = (after.register - before.register) % range_wh
        found.append(Period(seconds(before.at), register, seconds(after.at), energy))
        register += energy
    return *found, Period(seconds(readings[-1].at), register, None, annual)


def changed(before: Iterable[Period], after: Iterable[Period]) -> tuple[Span, ...]:
    """Return the hours, in order, that differ in their energy or in the register at their end."""
    return tuple(_joined(sorted(set(before) ^ set(after), key=_start)))


def _joined(found: Iterable[Period]) -> Iterator[Span]:
    span: Span | None = None
    for period in found:
        start = _hour(period.start // HOUR)
        end = None if period.end is None else _hour(-(-period.end // HOUR))
        if span is None:
            span = Span(start, end)
        elif span.end is None:
            break
        elif start <= span.end:
            span = span._replace(end=None if end is None else max(end, span.end))
        else:
            yield span
            span = Span(start, end)
    if span is not None:
        yield span


def seconds(at: datetime) -> int:
    """Return a time in whole POSIX seconds."""
    return int(at.timestamp())


def _start(period: Period) -> int:
    return period.start


def _hour(number: int) -> datetime:
    return datetime.fromtimestamp(number * HOUR, UTC)
