"""Writes the hours of a meter that is read by hand into the recorder's statistics of its sensor.

All rows of the sensor are to have one base, which is what their state has more than their sum: then a row's sum rises
by what its hour has, whatever was written before or comes later. It is such that the sum goes on from what there was
before the first reading, as from another meter's rows or from nought.

The recorder makes rows of its own of what the sensor shows, and goes on with its last one of five minutes. Its hourly
ones get what the meter tells, its 5-minute ones keep their state, which may stand still for a time, and get the base.

What must never happen: a row that is there before the recorder makes its own, since then its insert fails, for all
sensors of that hour. So only hours that the recorder has been through are written. It is all done between two of the
recorder's own tasks, and at once: there is nothing half done to be seen or left behind.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Any, Final, override

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.db_schema import Statistics, StatisticsRuns, StatisticsShortTerm
from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
    process_timestamp,
)
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.const import UnitOfEnergy
from homeassistant.helpers.recorder import session_scope
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from ..ledger.hand_read import HandRead

_LOGGER = logging.getLogger(__name__)

HOUR: Final = timedelta(hours=1)
_SAME: Final = 0.0004
"""kWh that two energies differ by at most that are the same Wh. Rows hold them in floating point."""


@dataclass(slots=True)
class WriteHours(RecorderTask):
    """Puts the hourly rows right, in the recorder's thread."""

    statistic_id: str
    unit: str
    """Of the sensor, for statistics that there are none of yet."""
    meter: HandRead
    since: datetime
    """From then on rows before the first reading are leftovers of readings that were removed."""
    start: datetime
    """The first hour to look at."""
    done: asyncio.Future[bool]
    """Whether all was written that the recorder has been through."""

    @override
    def run(self, instance: Recorder) -> None:
        """Do it. If the database fails, the recorder says so, and nothing has been done."""
        done = False
        try:
            with session_scope(session=instance.get_session()) as session:
                done = self._put_right(instance, session)
        finally:
            instance.hass.loop.call_soon_threadsafe(self._finish, done)

    def _finish(self, done: bool) -> None:
        if not self.done.done():
            self.done.set_result(done)

    def _put_right(self, instance: Recorder, session: Session) -> bool:
        last_run = session.execute(select(func.max(StatisticsRuns.start))).scalar()
        if last_run is None:
            return False
        until = (process_timestamp(last_run) + StatisticsShortTerm.duration).replace(minute=0)
        first = self.meter.readings[0].at.replace(minute=0, second=0, microsecond=0)
        manager = instance.statistics_meta_manager
        if (found := manager.get(session, self.statistic_id)) is not None:
            metadata_id, metadata = found
            unit = metadata["unit_of_measurement"]
        elif until <= first:
            return False
        else:
            unit = self.unit
            if unit in EnergyConverter.VALID_UNITS:
                _, metadata_id = manager.update_or_add(session, _metadata(self.statistic_id, unit), {})
        if unit not in EnergyConverter.VALID_UNITS:
            return False
        Rows(session, metadata_id, unit, self.meter).put_right(
            since=self.since, first=first, start=max(first, self.start), until=until
        )
        return True


class Rows:
    """The rows of one sensor."""

    def __init__(self, session: Session, metadata_id: int, unit: str | None, meter: HandRead) -> None:
        self._session = session
        self._id = metadata_id
        self._meter = meter
        self._to_unit = EnergyConverter.converter_factory(UnitOfEnergy.WATT_HOUR, unit)
        self._same = EnergyConverter.convert(_SAME, UnitOfEnergy.KILO_WATT_HOUR, unit)

    def put_right(self, *, since: datetime, first: datetime, start: datetime, until: datetime) -> None:
        """Write the hours that begin in [start, until), from `first` on if what is before `start` is not right."""
        session = self._session
        session.execute(
            delete(Statistics).where(
                Statistics.metadata_id == self._id,
                Statistics.start_ts >= since.timestamp(),
                Statistics.start_ts < first.timestamp(),
            ),
            execution_options={"synchronize_session": False},
        )
        base = self._to_unit(self._meter.readings[0].register) - self._sum_before(first)
        if start > first and not self._is_right(start, base):
            start = first
        self._write_hours(start, until, base)
        short = StatisticsShortTerm
        session.execute(
            update(short)
            .where(short.metadata_id == self._id, func.abs(short.sum - (short.state - base)) > self._same)
            .values(sum=short.state - base),
            execution_options={"synchronize_session": False},
        )

    def _sum_before(self, first: datetime) -> float:
        """Return the sum that there was before the first reading."""
        total = self._session.execute(
            select(Statistics.sum)
            .where(
                Statistics.metadata_id == self._id,
                Statistics.start_ts < first.timestamp(),
                Statistics.sum.is_not(None),
            )
            .order_by(Statistics.start_ts.desc())
            .limit(1)
        ).scalar()
        return total or 0.0

    def _is_right(self, end: datetime, base: float) -> bool:
        """Return whether the row of the hour that ends then is there, and as it should be."""
        row = self._session.execute(
            select(Statistics.state, Statistics.sum).where(
                Statistics.metadata_id == self._id, Statistics.start_ts == (end - HOUR).timestamp()
            )
        ).first()
        register = self._meter.register_at(end)
        return row is not None and register is not None and self._are_same(row, self._to_unit(register), base)

    def _are_same(self, row: Row[Any], state: float, base: float) -> bool:
        return (
            row.state is not None
            and row.sum is not None
            and abs(row.state - state) <= self._same
            and abs(row.sum - (state - base)) <= self._same
        )

    def _write_hours(self, start: datetime, until: datetime, base: float) -> None:
        session, table = self._session, Statistics
        found = session.execute(
            select(table.id, table.start_ts, table.state, table.sum).where(
                table.metadata_id == self._id,
                table.start_ts >= start.timestamp(),
                table.start_ts < until.timestamp(),
            )
        )
        rows = {row.start_ts: row for row in found}
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for hour in self._meter.hours(start, until) if start < until else ():
            if hour.import_register is None:
                continue
            state = self._to_unit(hour.import_register)
            written = {"state": state, "sum": state - base}
            if (row := rows.get(hour.start.timestamp())) is None:
                new.append({"metadata_id": self._id, "start_ts": hour.start.timestamp(), **written})
            elif not self._are_same(row, state, base):
                changed.append({"id": row.id, **written})
        if new:
            session.execute(insert(table), new)
        if changed:
            session.execute(update(table), changed)
        _LOGGER.debug("%d hourly rows made, %d put right", len(new), len(changed))


def _metadata(statistic_id: str, unit: str) -> StatisticMetaData:
    """Return what the recorder itself would make of the sensor."""
    return {
        "mean_type": StatisticMeanType.NONE,
        "has_sum": True,
        "name": None,
        "source": "recorder",
        "statistic_id": statistic_id,
        "unit_class": EnergyConverter.UNIT_CLASS,
        "unit_of_measurement": unit,
    }
