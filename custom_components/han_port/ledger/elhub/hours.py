"""The rows of a file from Elhub become the volumes of its hours: one after another, none twice, none left out."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
import re
from typing import Final

from .error import ElhubError, shown
from .table import Row
from .time import goes_back, instants, local, moment, on_wall
from .volume import Direction, Volume

_HOUR: Final = timedelta(hours=1)
_ENERGY: Final = re.compile(r"(-?)([0-9]{1,7})(?:[.,]([0-9]{1,3})0*)?")
"""kWh; after three decimals nothing but noughts: so it is whole Wh."""
_MEASURED: Final = "målt"
_AHEAD: Final = 5
"""If the first row is of the earlier of October's two hours, the clock goes back in so many: four quarters and one."""


def hours(rows: Iterable[Row]) -> tuple[Direction, tuple[Volume, ...]]:
    """Return which way the energy went, and the hours: at least one, in the order of time.

    Raises ElhubError if there is no row, and at the first one that does not fit.
    """
    rows = iter(rows)
    if not (head := list(islice(rows, _AHEAD))):
        raise ElhubError("empty")
    found: list[Volume] = []
    row = head[0]
    end = _first(head)
    if end.minute:
        raise ElhubError("incomplete_hour", row.line, at=local(end.replace(minute=0)))
    energy, certain = 0, True
    for row, start in _placed(chain(head, rows), end):
        if start.minute == 0:
            energy, certain = 0, True
        energy += _energy(row)
        certain &= row.quality is None or row.quality.strip().casefold() == _MEASURED
        end = start + timedelta(minutes=row.series.minutes)
        if end.minute == 0:
            found.append(Volume(end - _HOUR, energy, certain))
    if end.minute:
        raise ElhubError("incomplete_hour", row.line, at=local(end.replace(minute=0)))
    return row.series.direction, tuple(found)


def _first(head: list[Row]) -> datetime:
    """Return when the first row begins."""
    row = head[0]
    begin = moment(row.begin, row.line)
    if begin.tzinfo is None:
        found = instants(begin, row.line)
        spans = [(moment(row.begin, row.line), moment(row.end, row.line)) for row in head] if len(found) > 1 else []
        begin = found[0 if goes_back(spans) else -1]
    if begin.minute % row.series.minutes or begin.second or begin.microsecond:
        raise _bad_span(row)
    return begin


def _placed(rows: Iterable[Row], until: datetime) -> Iterator[tuple[Row, datetime]]:
    """Yield each row with its beginning (UTC), which is where the one before it ended."""
    wall = on_wall(until)
    for row in rows:
        begin, end = moment(row.begin, row.line), moment(row.end, row.line)
        if begin != (wall if begin.tzinfo is None else until):
            raise _misplaced(row, begin, until)
        start, span = until, timedelta(minutes=row.series.minutes)
        until += span
        wall = on_wall(until)
        # Where the clock is set, the end of a row may be told by the clock that was before.
        if end not in ((wall, begin + span) if end.tzinfo is None else (until,)):
            raise _bad_span(row)
        yield row, start


def _misplaced(row: Row, begin: datetime, until: datetime) -> ElhubError:
    """Return why a row may not begin where it does: not where the one before it ended."""
    begins = instants(begin, row.line) if begin.tzinfo is None else (begin,)
    later = [at for at in begins if at > until]
    if not later:
        return ElhubError("overlapping", row.line, at=local(begins[-1]), expected=local(until))
    return ElhubError("gap", row.line, **{"from": local(until), "to": local(later[0])})


def _bad_span(row: Row) -> ElhubError:
    span = f"{shown(row.begin)} – {shown(row.end)}"
    return ElhubError("bad_span", row.line, found=span, expected=str(row.series.minutes))


def _energy(row: Row) -> int:
    """Return the energy of a row, Wh."""
    text = row.energy.strip().replace("−", "-")
    if (found := _ENERGY.fullmatch(text)) is None:
        raise ElhubError("bad_number", row.line, found=shown(text))
    sign, whole, decimals = found.groups(default="")
    if sign:
        raise ElhubError("negative", row.line, found=shown(text))
    return int(whole) * 1000 + int(decimals.ljust(3, "0"))
