"""What an import of hours would do to the history of a sensor: hour by hour, and in numbers. Pure.

An hour that the meter measured stays as it is unless it is asked for. What was estimated, and what is not there, the
file knows better. Hours after the last one that was settled here are left alone: the sensor has yet to come to their
registers, and what it then rises by would count twice.

Energies are in Wh, hours are counted since 1970.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Final

from ..ledger import Direction, ElhubFile, Hour, Status, Volume
from ..ledger.hours import MOST_HOURS
from .history_rows import NO_ROW, SECONDS, Edit, Row, volumes

_SAME: Final = 0.5
"""Wh that a row may differ by, as it holds kWh in floating point."""
_DAY: Final = 24
_AHEAD: Final = 10
"""Wh that a row may differ from what was measured: a sensor that was ahead of its register waits for it."""


class Fate(StrEnum):
    """What becomes of an hour of the file."""

    NEW = "new"
    """There was no row."""
    REPLACED = "replaced"
    """There was an estimate, or a part of an hour, or what came from elsewhere."""
    MEASURED_REPLACED = "measured_replaced"
    """It was measured, and is replaced as somebody has asked for it."""
    UNCHANGED = "unchanged"
    """The row says what the file says."""
    KEPT = "kept"
    """It was measured."""
    LATER = "later"
    """It is not settled yet, or has no row yet."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the book knows of the hours."""

    hours: Mapping[int, Hour]
    """Those of the file that it keeps."""
    since: int
    """Its first settled hour; if it has none, one after all others."""
    until: int
    """The hour after the last one that it has settled; if there is none, one before all others."""

    @classmethod
    def of(cls, hours: Iterable[Hour], since: datetime | None, last: datetime | None) -> Known:
        """Return what is known, with the first and the last hour that are settled."""
        return cls(
            {_number(hour.start): hour for hour in hours},
            1 << 40 if since is None else _number(since),
            -1 if last is None else _number(last) + 1,
        )

    @property
    def begun(self) -> int:
        """The first hour that it must know if all of it was measured: the one that ends with its first register.

        Unless it has dropped what was before, being as old as hours are kept.
        """
        return self.since if self.until - self.since >= MOST_HOURS - _DAY else self.since - 1


@dataclass(slots=True)
class Plan:
    """What is to be done, and what there is to tell of it."""

    start: datetime
    end: datetime
    energy: int
    """All of the file."""
    direction: Direction
    fates: Counter[Fate] = field(default_factory=Counter)
    edits: dict[int, Edit] = field(default_factory=dict)
    before: dict[int, Edit] = field(default_factory=dict)
    """What the hours had that are edited."""
    disagreeing: int = 0
    """Measured hours that the file has otherwise."""
    difference: int = 0
    """What was measured in those more than the file says."""
    largest: int = 0
    """The largest of their differences."""

    @property
    def hours(self) -> int:
        """How many hours the file has."""
        return self.fates.total()


def first_own(rows: Sequence[Row]) -> int | None:
    """Return the first hour that has a row of the sensor itself."""
    return next((row.hour for row in rows if row.state is not None), None)


def plan(file: ElhubFile, rows: Sequence[Row], first: int, known: Known, *, replace_measured: bool) -> Plan:
    """Return what the import of a file does to the rows of its sensor, ascending, the first of its own at `first`."""
    made = Plan(file.start, file.end, file.total, file.direction)
    _Planner(made, rows, first, known, replace_measured=replace_measured).add(file.hours)
    return made


class _Planner:
    def __init__(self, made: Plan, rows: Sequence[Row], first: int, known: Known, *, replace_measured: bool) -> None:
        self._plan = made
        self._rows = rows
        self._by_hour = {row.hour: row for row in rows}
        self._volumes = volumes(rows)
        self._known = known
        self._replace_measured = replace_measured
        self._first = first
        self._end = min(rows[-1].hour + 1, known.until)

    def add(self, file: Iterable[Volume]) -> None:
        """Settle the fate of each hour."""
        for volume in file:
            hour = _number(volume.start)
            row = self._by_hour.get(hour)
            fate = self._fate(hour, volume.energy, row)
            self._plan.fates[fate] += 1
            if fate in {Fate.NEW, Fate.REPLACED, Fate.MEASURED_REPLACED}:
                before = NO_ROW if row is None else Edit(row.state, self._volumes[hour])
                self._edit(hour, Edit(self._state(hour, row), float(volume.energy)), before)
        self._take_out_what_is_twice()

    def _edit(self, hour: int, edit: Edit, before: Edit) -> None:
        self._plan.edits[hour] = edit
        self._plan.before[hour] = before

    def _fate(self, hour: int, energy: int, row: Row | None) -> Fate:
        measured = self._measured(hour, row)
        if measured is not None and (difference := measured - energy):
            self._plan.disagreeing += 1
            self._plan.difference += difference
            self._plan.largest = max(self._plan.largest, abs(difference))
        if row is not None and abs(self._volumes[hour] - energy) < _SAME:
            return Fate.UNCHANGED
        if hour >= self._first and hour >= self._end:
            return Fate.LATER
        if row is None:
            return Fate.NEW
        if measured is None:
            return Fate.REPLACED
        return Fate.MEASURED_REPLACED if self._replace_measured else Fate.KEPT

    def _measured(self, hour: int, row: Row | None) -> int | None:
        """Return what was measured in an hour; None if nothing was, or not all of it."""
        if row is None or row.state is None:
            return None
        volume = round(self._volumes[hour])
        known = self._own(hour)
        if known is not None and known.status is not Status.MISSING:
            energy = self._energy(known)
            # The sensor may have begun to count in the middle of the hour, or have come to all of an outage in it.
            otherwise = abs(volume - energy) > _AHEAD
            return None if known.status is Status.ESTIMATED or otherwise else energy
        return None if hour == self._first or hour >= self._known.begun else volume

    def _own(self, hour: int) -> Hour | None:
        return self._known.hours.get(hour)

    def _energy(self, hour: Hour) -> int:
        return (hour.imported if self._plan.direction is Direction.CONSUMPTION else hour.exported) or 0

    def _state(self, hour: int, row: Row | None) -> float | None:
        """Return what a row has to show: the register where it is known, so that nobody finds it wrong later."""
        if hour < self._first or (row is not None and row.state is None):
            return None
        if (known := self._own(hour)) is not None:
            register = known.import_register
            if self._plan.direction is Direction.PRODUCTION:
                register = known.export_register
            if register is not None:
                return float(register)
        if row is not None:
            return row.state
        return self._rows[bisect_left(self._rows, hour, key=itemgetter(0)) - 1].state  # what it went on showing

    def _take_out_what_is_twice(self) -> None:
        """Take the energy of hours that had no row out of the row after them, which the recorder has added it to."""
        found = 0.0
        hour = None
        for row in self._rows:
            if hour is not None and row.hour - hour > 1:
                edits = (self._plan.edits.get(number) for number in range(hour + 1, row.hour))
                found = sum(edit.volume or 0.0 for edit in edits if edit is not None)
                if found and row.hour not in self._plan.edits:
                    volume = self._volumes[row.hour]
                    known = self._own(row.hour)
                    left = max(0.0, volume - found)
                    if volume < 0 and known is not None:
                        left = float(self._energy(known))
                    self._edit(row.hour, Edit(row.state, left), Edit(row.state, volume))
            if row.state is not None or hour is not None:
                hour = row.hour


def _number(at: datetime) -> int:
    return int(at.timestamp()) // SECONDS
