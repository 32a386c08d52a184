"""Makes the recorder's hourly rows of our energy sensors exact, hour by hour, from what the ledger has settled.

The recorder makes an hour's row about 10 s after the hour, of what the sensor showed at its end: an estimate, as the
meter tells its register later. And where nothing came for hours, all their energy falls into one. So once a row is
there and its hour is settled, the row gets the register; and hours that have no row between others that do get one.

What a row's sum should be: the recorder adds up what the sensor rose by, so within a cycle (until the register is
reset, or somebody adjusts the sums) state − sum is the same in all rows, hourly and 5-minute ones alike. It is called
base here. A row that keeps its base while its state moves to the register fits all others, before and after: the
sensor itself has come to the same register by then. Hence nothing but the row itself is ever written, with one
exception: the recorder goes on from its last 5-minute row, and those it throws away after days (ten, as a rule). After
a longer time without the sensor its sums begin anew at nought, though the register went on, which shows as a negative
bar of all energy ever counted. Where the ledger knows every hour of that time, all sums after it get what is missing.

What must never happen: a row that is there before the recorder makes its own, since then its insert fails, for all
sensors of that hour. The recorder goes on in time, so a row is put only between two that it has made.
"""

import asyncio
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import logging
from typing import Final, NamedTuple

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.models import StatisticData, StatisticMetaData
from homeassistant.components.recorder.statistics import (
    StatisticsRow,
    async_import_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_RECORDER_HOURLY_STATISTICS_GENERATED, Platform, UnitOfEnergy
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy.exc import SQLAlchemyError

from .const import DOMAIN
from .statistics_lock import statistics_lock

_LOGGER = logging.getLogger(__name__)

HOUR: Final = timedelta(hours=1)
LOOK_BACK: Final = timedelta(hours=48)
"""What every run looks at: longer than the recorder is ever behind with a row of an hour that was settled in time."""
TOLERANCE: Final = 0.999
"""Wh: a row that is a whole Wh off is corrected. A little less, as the rows hold kWh in floating point."""

PURGED: Final = timedelta(hours=24)
"""The shortest time for which the recorder keeps 5-minute rows."""
MOST: Final = 100_000
"""Wh in an hour, on average over days: who draws more goes without what is made of it."""

type Registers = Callable[[datetime, datetime], Iterable[tuple[datetime, int]]]
"""Gives, for each settled hour that starts in [start, end), its start and the register at its END in Wh, ascending.

Starts are aware, in UTC. The register is on the scale that the sensor showed in that hour. Hours that are not settled
are left out: their rows stay as they are.
"""


class Row(NamedTuple):
    """What is of interest of a row of hourly statistics."""

    start: datetime
    state: float
    """Wh: what the sensor showed at the end of the hour."""
    base: float
    """Wh: state − sum."""


def cycles(found: Iterable[StatisticsRow]) -> Iterator[list[Row]]:
    """Part rows in Wh, ascending, into runs that have one base. Rows without a state (imported ones) part them too."""
    cycle: list[Row] = []
    for one in found:
        row = None
        if (state := one["state"]) is not None and (total := one["sum"]) is not None:
            row = Row(dt_util.utc_from_timestamp(one["start"]), state, round(state - total, 3))
        if cycle and (row is None or abs(row.base - cycle[-1].base) >= TOLERANCE):
            yield cycle
            cycle = []
        if row is not None:
            cycle.append(row)
    if cycle:
        yield cycle


def corrected(cycle: Sequence[Row], registers: Mapping[datetime, int]) -> list[Row]:
    """Return the rows to write, so that the rows of a cycle tell the registers of the hours that are known.

    A row whose hour is not known stays as it is, and what comes after it does not fall below it: the sensor may have
    shown a little too much.
    """
    written: list[Row] = []
    before: Row | None = None
    for row in cycle:
        now = row
        if before is not None:
            start = before.start + HOUR
            while start < row.start:
                if (register := registers.get(start)) is not None:
                    before = Row(start, max(register, before.state), row.base)
                    written.append(before)
                start += HOUR
        if (register := registers.get(row.start)) is not None:
            exact = register if before is None else max(register, before.state)
            if abs(exact - row.state) >= TOLERANCE:
                now = row._replace(state=exact)
                written.append(now)
        before = now
    return written


class NewSum(NamedTuple):
    """Where a sum began anew though the register went on."""

    start: datetime
    """Of the first row that has the new sum."""
    missing: float
    """Wh: what its sum is short of."""


def new_sums(cycles: Iterable[Sequence[Row]], registers: Container[datetime]) -> Iterator[NewSum]:
    """Yield where sums began anew after a time without rows, all of whose hours have a register.

    A sum that begins anew counts from what the sensor showed first, which lies between both rows. Sums that somebody
    has adjusted count from elsewhere, unless he has taken away all there was, after days without a row.
    """
    for before, after in pairwise(cycles):
        last, first = before[-1], after[0]
        pause = first.start - last.start
        if (
            pause >= PURGED
            and last.state - TOLERANCE <= first.base <= first.state <= last.state + MOST * (pause / HOUR)
            and last.base < first.base
            and all(last.start + number * HOUR in registers for number in range(pause // HOUR + 1))
        ):
            yield NewSum(first.start, first.base - last.base)


class ExactStatistics:
    """Keeps the hourly statistics of the energy sensors of one config entry exact.

    `registers` has the ledger of each sensor by the unique id of its entity. `since` tells the start of the first hour
    that any of them may know; None: none yet. Both are called in the event loop.

    It needs no recorder: without one, or with one that does not record the sensors, nothing happens.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        registers: Mapping[str, Registers],
        since: Callable[[], datetime | None],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._registers = registers
        self._since = since
        self._due = datetime.min.replace(tzinfo=UTC)
        """The start of the first hour to look at, beyond those that every run looks at."""
        self._woken = False
        self._task: asyncio.Task[None] | None = None

    @callback
    def start(self) -> None:
        """Begin, until the entry is unloaded: look at everything once Home Assistant is up, then at each new hour."""
        self._entry.async_on_unload(async_at_started(self._hass, self._wake))
        self._entry.async_on_unload(self._hass.bus.async_listen(EVENT_RECORDER_HOURLY_STATISTICS_GENERATED, self._wake))

    @callback
    def settled(self, start: datetime) -> None:
        """Take note that the ledger has settled hours, the first of which starts at `start`, anew or otherwise."""
        self._due = min(self._due, start)
        self._wake()

    @callback
    def _wake(self, _: HomeAssistant | Event | None = None) -> None:
        """See to it that a run begins after now. A recorder that is slow has one run wait for it, not many."""
        self._woken = True
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._work(), f"{DOMAIN} statistics of {self._entry.title}"
            )

    async def _work(self) -> None:
        while self._woken:
            self._woken = False
            await self.correct()

    async def correct(self) -> None:
        """Correct all rows that can be corrected by now. A second call changes nothing."""
        if (recorder := self._hass.data.get(DATA_INSTANCE)) is None or self._hass.is_stopping:
            return
        # The recorder tells of new rows before it commits them: what is queued now runs after that.
        committed = self._hass.loop.create_future()
        recorder.queue_task(SynchronizeTask(committed))
        await committed
        due, self._due = self._due, datetime.max.replace(tzinfo=UTC)
        try:
            async with statistics_lock(self._hass, self._entry.entry_id):
                done = await self._correct_from(recorder, due)
        except SQLAlchemyError as err:  # the recorder has told its reason, and that is for the recorder to tell
            _LOGGER.debug("Hourly statistics could not be read: %s", err)
            done = False
        if not done:
            self._due = min(self._due, due)

    async def _correct_from(self, recorder: Recorder, due: datetime) -> bool:
        """Correct the rows from an hour on, and those of the last hours anyway. Return False if it must be redone."""
        if (first := self._since()) is None:
            return True
        recent = (dt_util.utcnow() - LOOK_BACK).replace(minute=0, second=0, microsecond=0)
        start = max(first, min(due, recent))
        ids = {
            unique_id: statistic_id
            for unique_id in self._registers
            if (statistic_id := self._statistic_id(unique_id)) is not None
        }
        if not ids:
            return True
        found = await recorder.async_add_executor_job(self._read, set(ids.values()), start, first)
        done = True
        for unique_id, statistic_id in ids.items():
            if statistic_id != self._statistic_id(unique_id):
                done = False  # renamed in this very moment
            elif statistic_id in found:
                self._write(recorder, *found[statistic_id], unique_id)
        return done

    def _statistic_id(self, unique_id: str) -> str | None:
        """Return the id of a sensor's statistics, which is its entity id: the user may change it any time."""
        return er.async_get(self._hass).async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)

    def _read(
        self, statistic_ids: set[str], start: datetime, first: datetime
    ) -> dict[str, tuple[StatisticMetaData, datetime, list[StatisticsRow]]]:
        """Return the metadata, the start of what may be written, and the rows in Wh from the one before that on.

        Runs in the recorder's executor.
        """
        found = {}
        for statistic_id, (_, metadata) in get_metadata(self._hass, statistic_ids=statistic_ids).items():
            if metadata["unit_of_measurement"] not in EnergyConverter.VALID_UNITS:
                continue
            begin = start
            rows = self._rows(statistic_id, begin)
            if rows and begin > first and dt_util.utc_from_timestamp(rows[0]["start"]) > begin:
                # Rows are missing: since when, tell those before.
                begin = first
                rows = self._rows(statistic_id, begin)
            if rows:
                found[statistic_id] = (metadata, begin, rows)
        return found

    def _rows(self, statistic_id: str, start: datetime) -> list[StatisticsRow]:
        return statistics_during_period(
            self._hass,
            start - HOUR,
            None,
            {statistic_id},
            "hour",
            {EnergyConverter.UNIT_CLASS: UnitOfEnergy.WATT_HOUR},
            {"state", "sum"},
        ).get(statistic_id, [])

    @callback
    def _write(
        self,
        recorder: Recorder,
        metadata: StatisticMetaData,
        begin: datetime,
        rows: list[StatisticsRow],
        unique_id: str,
    ) -> None:
        """Have the recorder write the rows that are not right. The metadata goes back as it came: it stays."""
        end = dt_util.utc_from_timestamp(rows[-1]["end"])
        registers = dict(self._registers[unique_id](begin - HOUR, end))
        unit = metadata["unit_of_measurement"] or ""
        to_unit = EnergyConverter.converter_factory(UnitOfEnergy.WATT_HOUR, unit)
        for start, missing in new_sums(cycles(rows), registers):
            recorder.async_adjust_statistics(metadata["statistic_id"], start, to_unit(missing), unit)
            for row in rows:
                if row["start"] >= start.timestamp() and (total := row["sum"]) is not None:
                    row["sum"] = total + missing
            _LOGGER.debug("The sum goes on at %s where it was", start)
        registers = {start: register for start, register in registers.items() if start >= begin}
        written = [row for cycle in cycles(rows) for row in corrected(cycle, registers)]
        if not written:
            return
        async_import_statistics(
            self._hass,
            metadata,
            [
                StatisticData(start=row.start, state=to_unit(row.state), sum=to_unit(row.state - row.base))
                for row in written
            ],
        )
        _LOGGER.debug("%d hourly rows corrected, the first of %s", len(written), written[0].start)
