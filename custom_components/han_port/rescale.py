"""Puts the recorder's statistics of the energy sensors right after the factor for energy was changed.

The sensors jump to the new scale, and the recorder adds the jump to their sums: a bar of the whole register in the
energy dashboard. So as soon as the recorder has made the first row on the new scale, all rows from then on lose the
jump; and where the user has asked for it, the rows of before are put on the new scale. The recorder does it itself, in
one go between two of its own tasks, so there is nothing half done to be seen or left behind. What is still to be done
is kept with the book; doing it twice changes nothing.

The cost sensor that Home Assistant makes for an energy sensor counts the jump as energy too: its sums lose the cost
of it.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
import logging
from math import prod
from typing import Any, Final, override

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import StatisticMetaData
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_RECORDER_5MIN_STATISTICS_GENERATED, Platform, UnitOfEnergy
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE, session_scope
from homeassistant.helpers.start import async_at_started
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from .bookkeeper import LIVE, Bookkeeper
from .const import DOMAIN
from .factor_change import Change, jumped, moved
from .seam import Row, Scales, Seam, first_of_new
from .wire.reading import Quantity

_LOGGER = logging.getLogger(__name__)

type Table = type[Statistics | StatisticsShortTerm]
_TABLES: Final[tuple[Table, ...]] = (StatisticsShortTerm, Statistics)


class Rescaling:
    """Has the statistics of one entry put right, sensor by sensor, when the recorder has come so far."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, meter_id: str, bookkeeper: Bookkeeper) -> None:
        self._hass = hass
        self._entry = entry
        self._meter_id = meter_id
        self._bookkeeper = bookkeeper
        self._to_tell: dict[Quantity, Callable[[], None]] = {}
        self._woken = False
        self._task: asyncio.Task[None] | None = None

    @callback
    def when_done(self, quantity: Quantity, tell: Callable[[], None]) -> None:
        """Have `tell` called when the statistics of a quantity are on one scale: at once if they are."""
        if quantity in self._bookkeeper.waiting:
            self._to_tell[quantity] = tell
        else:
            tell()

    @callback
    def start(self) -> None:
        """Begin, until the entry is unloaded: look once Home Assistant is up, and then at each new row."""
        if self._bookkeeper.waiting:
            self._entry.async_on_unload(async_at_started(self._hass, self._wake))
            self._entry.async_on_unload(
                self._hass.bus.async_listen(EVENT_RECORDER_5MIN_STATISTICS_GENERATED, self._wake)
            )

    @callback
    def _wake(self, _: HomeAssistant | Event | None = None) -> None:
        """See to it that a run begins after now. A recorder that is slow has one run wait for it, not many."""
        self._woken = True
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._work(), f"{DOMAIN} rescaling of {self._entry.title}"
            )

    async def _work(self) -> None:
        while self._woken:
            self._woken = False
            for quantity in sorted(self._bookkeeper.waiting):
                if await self._put_right(quantity):
                    await self._bookkeeper.done(quantity)
                    if (tell := self._to_tell.pop(quantity, None)) is not None:
                        tell()

    async def _put_right(self, quantity: Quantity) -> bool:
        """Return whether the statistics of a quantity are right now."""
        statistic_id = er.async_get(self._hass).async_get_entity_id(
            Platform.SENSOR, DOMAIN, f"{self._meter_id}_{quantity}"
        )
        if statistic_id is None:
            return True
        if (recorder := self._hass.data.get(DATA_INSTANCE)) is None or self._hass.is_stopping:
            return False
        costs = self._hass.data.get("energy", {}).get("cost_sensors", {})
        since = self._bookkeeper.waiting[quantity]
        changes = tuple(change for change in self._bookkeeper.changes if change.at >= since)
        done: asyncio.Future[bool] = self._hass.loop.create_future()
        recorder.queue_task(RescaleTask(quantity, statistic_id, costs.get(statistic_id), changes, done))
        return await done


@dataclass(slots=True)
class RescaleTask(RecorderTask):
    """Puts the statistics of one sensor right, in the recorder's thread."""

    quantity: Quantity
    statistic_id: str
    cost_id: str | None
    """Of the cost sensor that Home Assistant has made for this one."""
    changes: Sequence[Change]
    done: asyncio.Future[bool]
    """Whether there is nothing more to do."""

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
        manager = instance.statistics_meta_manager
        if (found := manager.get(session, self.statistic_id)) is None:
            return instance.hass.states.get(self.statistic_id) is None  # switched off, or to get its first row soon
        metadata_id, metadata = found
        if (scales := self._scales(metadata)) is None:
            return True
        short = StatisticsShortTerm
        after = _rows(session, short, metadata_id, _ends_after(short, scales.since))
        old = _last_before(session, metadata_id, scales.since)
        if (new := first_of_new(scales, old, after)) is None:
            return False
        seam = Seam(scales, old, new, _origin(session, metadata_id))
        if seam.is_sewn:
            return True
        for table in _TABLES:
            length = table.duration.total_seconds()
            concerned = () if scales.history else (_ends_after(table, scales.since),)
            rows = _rows(session, table, metadata_id, *concerned)
            _write(session, table, rows, [seam.right(row, length) for row in rows])
        if self.cost_id is not None and (cost := manager.get(session, self.cost_id)) is not None:
            _take_off_cost(session, cost[0], scales.since if old else new.start, new.start, seam.share)
        _LOGGER.debug("Statistics of %s go on without the jump of the factor", self.quantity)
        return True

    def _scales(self, metadata: StatisticMetaData) -> Scales | None:
        """Return the scales in the unit of the statistics; None if that is none of energy."""
        unit = metadata["unit_of_measurement"]
        to_wh: Callable[[float], float] = _as_it_is
        to_unit: Callable[[float], float] = _as_it_is
        if self.quantity in LIVE:
            if unit not in EnergyConverter.VALID_UNITS:
                return None
            to_wh = EnergyConverter.converter_factory(unit, UnitOfEnergy.WATT_HOUR)
            to_unit = EnergyConverter.converter_factory(UnitOfEnergy.WATT_HOUR, unit)
        return Scales(
            since=self.changes[0].at.timestamp(),
            until=self.changes[-1].at.timestamp(),
            factor=prod(change.factor for change in self.changes),
            moved=lambda shown: to_unit(moved(self.changes, self.quantity, to_wh(shown))),
            jumped=lambda shown: to_unit(jumped(self.changes, self.quantity, to_wh(shown))),
            history=any(change.history for change in self.changes),
        )


def _as_it_is(energy: float) -> float:
    """Return an energy of a register that is multiplied whole, in whatever unit."""
    return energy


def _ends_after(table: Table, at: float) -> ColumnElement[bool]:
    return table.start_ts > at - table.duration.total_seconds()


def _query(table: Table, metadata_id: int, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return what selects rows of a sensor that the recorder has made."""
    return select(table.id, table.start_ts, table.state, table.sum).where(
        table.metadata_id == metadata_id, table.state.is_not(None), table.sum.is_not(None), *conditions
    )


def _rows(session: Session, table: Table, metadata_id: int, *conditions: ColumnElement[bool]) -> list[Row]:
    """Return the rows of a sensor, ascending."""
    return [Row(*row) for row in session.execute(_query(table, metadata_id, *conditions).order_by(table.start_ts))]


def _last_before(session: Session, metadata_id: int, at: float) -> Row | None:
    """Return the last short-term row that was over at an instant."""
    table = StatisticsShortTerm
    query = _query(table, metadata_id, ~_ends_after(table, at)).order_by(table.start_ts.desc()).limit(1)
    return next((Row(*row) for row in session.execute(query)), None)


def _origin(session: Session, metadata_id: int) -> float:
    """Return the sum up to which the history is from elsewhere."""
    origin = 0.0
    query = (
        select(Statistics.state, Statistics.sum)
        .where(Statistics.metadata_id == metadata_id, Statistics.sum.is_not(None))
        .order_by(Statistics.start_ts)
    )
    for state, total in session.execute(query):
        if state is not None:
            break
        origin = total
    return origin


def _write(session: Session, table: Table, before: Collection[Row], after: Collection[Row]) -> None:
    """Write the rows that are not right."""
    written = [
        {"id": row.id, "state": row.state, "sum": row.sum} for was, row in zip(before, after, strict=True) if row != was
    ]
    if written:
        session.execute(update(table), written)


def _take_off_cost(session: Session, metadata_id: int, over: float, new: float, share: float) -> None:
    """Take off a cost sensor's sums what it has counted over the seam, but for a share of it.

    The seam is from when the last row on the old scale was over to when the first one on the new scale begins.
    """
    before = _last_before(session, metadata_id, over)
    first = 0.0 if before is None else before.sum
    short = _rows(session, StatisticsShortTerm, metadata_id, StatisticsShortTerm.start_ts == new)
    shift = (share - 1) * (short[0].sum - first) if short else 0.0
    for table in _TABLES:
        length = table.duration.total_seconds()
        rows = _rows(session, table, metadata_id, _ends_after(table, over))
        right = [row._replace(sum=row.sum + shift if row.start + length > new else first) for row in rows]
        _write(session, table, rows, right)
