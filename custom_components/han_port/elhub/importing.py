"""Elhub's hours put into the history of an energy sensor, and taken out again: the recorder, the book and the journal.

Nobody else writes hours of the entry meanwhile; and once begun it is brought to an end, whoever stops waiting for it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from functools import partial
import logging
from typing import Any, Final, NamedTuple

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from sqlalchemy.exc import SQLAlchemyError

from ..const import CONF_ENERGY_FACTOR, DOMAIN
from ..coordinator import HanPortConfigEntry
from ..ledger import Direction, ElhubFile, Hour
from ..statistics_lock import statistics_lock
from ..wire.reading import Quantity
from .history_rows import SECONDS, Row
from .history_writer import change_history, read_rows
from .import_error import NotImportedError
from .import_journal import Imported, ImportJournal
from .import_plan import Known, Plan, first_own, plan

_LOGGER = logging.getLogger(__name__)

_QUANTITIES: Final = {
    Direction.CONSUMPTION: Quantity.ENERGY_IMPORT,
    Direction.PRODUCTION: Quantity.ENERGY_EXPORT,
}


class Undone(NamedTuple):
    """An import that was taken back."""

    at: datetime
    """When it was made."""
    direction: Direction
    hours: int
    """How many hours it had changed."""
    left: int
    """How many imports there are to take back yet."""


def _say_nothing(_: float) -> None:
    """Take note of how far it has come."""


async def preview(hass: HomeAssistant, entry: HanPortConfigEntry, file: ElhubFile, *, replace_measured: bool) -> Plan:
    """Return what an import would do. Raises NotImportedError if there is nothing to import into."""
    recorder, statistic_id = _target(hass, entry, file.direction)
    async with statistics_lock(hass, entry.entry_id):
        return await _plan(hass, recorder, statistic_id, entry, file, replace_measured=replace_measured)


async def import_file(
    hass: HomeAssistant,
    entry: HanPortConfigEntry,
    file: ElhubFile,
    *,
    replace_measured: bool,
    tell: Callable[[float], None] = _say_nothing,
) -> Plan:
    """Import a file; return what was done.

    `tell` is told how much of it is, from 0 to 1. Raises NotImportedError, and then nothing has changed.
    """
    return await _to_the_end(hass, _import(hass, entry, file, tell, replace_measured=replace_measured))


async def undo(hass: HomeAssistant, entry: HanPortConfigEntry) -> Undone:
    """Take back the last import that was not taken back. Raises NotImportedError, and then nothing has changed."""
    return await _to_the_end(hass, _undo(hass, entry))


async def forget_imports(hass: HomeAssistant, entry_id: str) -> None:
    """Remove what is kept of an entry's imports."""
    await ImportJournal(hass, entry_id).remove()


async def _to_the_end[T](hass: HomeAssistant, work: Coroutine[Any, Any, T]) -> T:
    return await asyncio.shield(hass.async_create_task(work, f"{DOMAIN} import"))


async def _import(
    hass: HomeAssistant,
    entry: HanPortConfigEntry,
    file: ElhubFile,
    tell: Callable[[float], None],
    *,
    replace_measured: bool,
) -> Plan:
    recorder, statistic_id = _target(hass, entry, file.direction)
    async with statistics_lock(hass, entry.entry_id):
        made = await _plan(hass, recorder, statistic_id, entry, file, replace_measured=replace_measured)
        if not made.edits:
            return made
        journal = ImportJournal(hass, entry.entry_id)
        before = await journal.load()
        try:
            await journal.save([*before, Imported(dt_util.utcnow(), file.direction, _factor(entry), made.before)])
        except (OSError, WriteError) as err:
            raise NotImportedError("import_not_kept", error=str(err)) from err
        try:
            await change_history(hass, recorder, statistic_id, made.edits, tell)
        except SQLAlchemyError as err:
            with suppress(OSError, WriteError):  # to take back what was not done changes nothing
                await journal.save(before)
            raise NotImportedError("import_database", error=type(err).__name__) from err
        _LOGGER.debug("%d hours imported", len(made.edits))
        return made


async def _undo(hass: HomeAssistant, entry: HanPortConfigEntry) -> Undone:
    async with statistics_lock(hass, entry.entry_id):
        journal = ImportJournal(hass, entry.entry_id)
        if not (imports := await journal.load()):
            raise NotImportedError("import_nothing_to_undo", name=entry.title)
        *left, last = imports
        if last.factor != _factor(entry):
            raise NotImportedError("import_other_scale", name=entry.title)
        recorder, statistic_id = _target(hass, entry, last.direction)
        await _synchronized(hass, recorder)
        try:
            await change_history(hass, recorder, statistic_id, last.before, _say_nothing)
        except SQLAlchemyError as err:
            raise NotImportedError("import_database", error=type(err).__name__) from err
        try:
            await journal.save(left)
        except (OSError, WriteError) as err:  # to take it back twice changes nothing
            raise NotImportedError("import_not_kept", error=str(err)) from err
        _LOGGER.debug("%d hours taken back", len(last.before))
        return Undone(last.at, last.direction, len(last.before), len(left))


@callback
def _target(hass: HomeAssistant, entry: HanPortConfigEntry, direction: Direction) -> tuple[Recorder, str]:
    """Return the recorder, and the id of the statistics that hours go to."""
    if (recorder := hass.data.get(DATA_INSTANCE)) is None or hass.is_stopping:
        raise NotImportedError("import_no_recorder")
    quantity = _QUANTITIES[direction]
    unique_id = f"{entry.runtime_data.identity}_{quantity}"
    statistic_id = er.async_get(hass).async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
    if statistic_id is None:
        raise NotImportedError(f"import_no_{direction}", name=entry.title)
    if quantity in entry.runtime_data.bookkeeper.waiting:
        raise NotImportedError("import_while_rescaling", name=entry.title)
    return recorder, statistic_id


async def _plan(
    hass: HomeAssistant,
    recorder: Recorder,
    statistic_id: str,
    entry: HanPortConfigEntry,
    file: ElhubFile,
    *,
    replace_measured: bool,
) -> Plan:
    await _synchronized(hass, recorder)
    try:
        rows = await recorder.async_add_executor_job(read_rows, hass, statistic_id)
    except SQLAlchemyError as err:
        raise NotImportedError("import_database", error=type(err).__name__) from err
    if (first := first_own(rows)) is None:
        raise NotImportedError("import_no_own_hours", name=entry.title, entity=statistic_id)
    known = _known(entry, file, rows)
    return await hass.async_add_executor_job(partial(plan, file, rows, first, known, replace_measured=replace_measured))


@callback
def _known(entry: HanPortConfigEntry, file: ElhubFile, rows: list[Row]) -> Known:
    """Return what the book knows of a file's hours, and of the one that comes after each hole in the rows."""
    book = entry.runtime_data.bookkeeper.book
    last = None if book.last_hour is None else book.last_hour.start
    end = dt_util.utc_from_timestamp((rows[-1].hour + 1) * SECONDS)
    hours: tuple[Hour, ...] = ()
    if book.since is not None and (start := max(file.start, book.since)) < end:
        hours = book.hours(start, end)
    return Known.of(hours, book.since, last)


async def _synchronized(hass: HomeAssistant, recorder: Recorder) -> None:
    """Wait until the recorder has written what is queued."""
    committed = hass.loop.create_future()
    recorder.queue_task(SynchronizeTask(committed))
    await committed


def _factor(entry: HanPortConfigEntry) -> float:
    return float(entry.options.get(CONF_ENERGY_FACTOR, 1))
