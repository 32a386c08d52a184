"""The hourly history of a sensor in the recorder: read as a whole, and changed in one go.

The recorder itself makes the changes, between two of its own tasks and in one transaction: so there is nothing half
done to be seen or left behind, and no row of its own comes in between.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
import time
from typing import Any, Final, NamedTuple, override

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import StatisticMetaData
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import session_scope
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from .history_rows import SECONDS, Edits, Rewritten, Row, rewrite

_AT_ONCE: Final = 2000
"""Rows, between two tellings of how far it has come."""


class _Series(NamedTuple):
    """Whose rows they are, and in which unit."""

    metadata_id: int
    unit: str

    @property
    def to_wh(self) -> Callable[[float], float]:
        return EnergyConverter.converter_factory(self.unit, UnitOfEnergy.WATT_HOUR)

    @property
    def to_unit(self) -> Callable[[float], float]:
        return EnergyConverter.converter_factory(UnitOfEnergy.WATT_HOUR, self.unit)


def read_rows(hass: HomeAssistant, statistic_id: str) -> list[Row]:
    """Return all hourly rows of a sensor, ascending; none if there are no statistics of energy.

    To be run in the recorder's executor. Raises SQLAlchemyError.
    """
    found = get_metadata(hass, statistic_ids={statistic_id}).get(statistic_id)
    if (series := _series(found)) is None:
        return []
    with session_scope(hass=hass, read_only=True) as session:
        return _rows(session, series)


def _series(found: tuple[int, StatisticMetaData] | None) -> _Series | None:
    if found is None or (unit := found[1]["unit_of_measurement"]) not in EnergyConverter.VALID_UNITS:
        return None
    return _Series(found[0], unit or "")


def _rows(session: Session, series: _Series) -> list[Row]:
    query = (
        select(Statistics.start_ts, Statistics.state, Statistics.sum)
        .where(Statistics.metadata_id == series.metadata_id, Statistics.sum.is_not(None))
        .order_by(Statistics.start_ts)
    )
    to_wh = series.to_wh
    return [
        Row(int(start) // SECONDS, None if state is None else to_wh(state), to_wh(total))
        for start, state, total in session.execute(query)
        if start is not None
    ]


async def change_history(
    hass: HomeAssistant, recorder: Recorder, statistic_id: str, edits: Edits, tell: Callable[[float], None]
) -> None:
    """Have hours of a sensor's history changed; `tell` is told how much of it is done, from 0 to 1.

    Raises SQLAlchemyError, and then nothing has changed.
    """
    done: asyncio.Future[None] = hass.loop.create_future()
    recorder.queue_task(_ChangeTask(statistic_id, edits, tell, done))
    await done


@dataclass(slots=True)
class _ChangeTask(RecorderTask):
    """Changes the hours of one sensor, in the recorder's thread."""

    statistic_id: str
    edits: Edits
    tell: Callable[[float], None]
    done: asyncio.Future[None]

    @override
    def run(self, instance: Recorder) -> None:
        """Do it."""
        error = None
        try:
            with session_scope(session=instance.get_session()) as session:
                self._change(instance, session)
        except SQLAlchemyError as err:  # the recorder has told of it
            error = err
        instance.hass.loop.call_soon_threadsafe(self._finish, error)

    def _finish(self, error: SQLAlchemyError | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)

    def _change(self, instance: Recorder, session: Session) -> None:
        if (series := _series(instance.statistics_meta_manager.get(session, self.statistic_id))) is None:
            return
        rewritten = rewrite(_rows(session, series), self.edits)
        _write_short(session, series, rewritten)
        for done in _write(session, series, rewritten):
            instance.hass.loop.call_soon_threadsafe(self.tell, done)


def _write(session: Session, series: _Series, rewritten: Rewritten) -> Iterable[float]:
    """Write the hourly rows; yield how much of it is done."""
    table, to_unit = Statistics, series.to_unit
    own = table.metadata_id == series.metadata_id
    ids: dict[int, int] = {
        int(start) // SECONDS: row_id
        for row_id, start in session.execute(select(table.id, table.start_ts).where(own))
        if start is not None
    }
    if rewritten.shift:
        after = (rewritten.last + 1) * SECONDS
        session.execute(
            update(table).where(own, table.start_ts >= after).values(sum=table.sum + to_unit(rewritten.shift)),
            execution_options={"synchronize_session": False},
        )
    created = time.time()
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    gone: list[int] = []
    for hour, row in rewritten.rows.items():
        if row is None:
            gone.append(ids[hour])
            continue
        values = {"state": None if row.state is None else to_unit(row.state), "sum": to_unit(row.sum)}
        if (row_id := ids.get(hour)) is not None:
            changed.append({"id": row_id, **values})
        else:
            about = {"metadata_id": series.metadata_id, "start_ts": float(hour * SECONDS), "created_ts": created}
            new.append(about | values)
    count = 0
    for statement, several in ((insert(table), new), (update(table), changed)):
        for some in _parts(several):
            session.execute(statement, some)
            count += len(some)
            yield count / len(rewritten.rows)
    for row_ids in _parts(gone):
        session.execute(delete(table).where(table.id.in_(row_ids)), execution_options={"synchronize_session": False})
        count += len(row_ids)
        yield count / len(rewritten.rows)


def _parts[T](several: Sequence[T]) -> Iterable[Sequence[T]]:
    return (several[at : at + _AT_ONCE] for at in range(0, len(several), _AT_ONCE))


def _write_short(session: Session, series: _Series, rewritten: Rewritten) -> None:
    """Have the 5-minute rows follow: the recorder goes on from the last one."""
    table, to_wh, to_unit = StatisticsShortTerm, series.to_wh, series.to_unit
    query = select(table.id, table.start_ts, table.sum).where(
        table.metadata_id == series.metadata_id, table.sum.is_not(None)
    )
    written = [
        {"id": row_id, "sum": to_unit(rewritten.moved(int(start) // SECONDS, to_wh(total)))}
        for row_id, start, total in session.execute(query)
    ]
    if written:
        session.execute(update(table), written)
