"""A home whose energy sensor has a history of its own, into which files from Elhub are imported.

It is that of `rescale_home`, with what importing needs: hours in which nothing was heard, files, and all rows at once.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.statistics import get_start_time, statistics_during_period
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE, session_scope
from homeassistant.util import dt as dt_util
import pytest

from custom_components.han_port.const import DOMAIN

from .elhub_files import Form, Written, file_name, write
from .rescale_home import FIVE_MINUTES, HOUR, START, Home, House

EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
EXPORT: Final = "energy_export"


async def hears_nothing(running: Home, until: datetime) -> None:
    """Have time pass without a list from the meter; the recorder makes its rows."""
    at = dt_util.utcnow()
    at = at.replace(minute=at.minute // 5 * 5, second=10, microsecond=0) + FIVE_MINUTES
    while at <= until:
        running.freezer.move_to(at)
        running.hass.data[DATA_INSTANCE].queue_task(StatisticsTask(get_start_time(), fire_events=True))
        await running.done()
        at += FIVE_MINUTES


async def with_history(running: Home, hours: int = 8) -> None:
    """Have a history of eight hours: the first is not whole, and of the fourth to the sixth nothing was heard."""
    await running.live(START + 3 * HOUR + timedelta(minutes=1))
    await hears_nothing(running, START + 6 * HOUR - timedelta(minutes=1))
    await running.live(START + hours * HOUR + timedelta(minutes=6))


def used(start: datetime) -> int:
    """Return what Elhub has of an hour, Wh: something else for each."""
    number = (start - EVER) // HOUR
    return 300 + number * 7919 % 4001


def truth(start: datetime) -> int:
    """Return what an hour had, Wh."""
    return House.watts(start)


def hours(start: datetime, end: datetime) -> list[datetime]:
    """Return the hours between two times."""
    return [start + n * HOUR for n in range((end - start) // HOUR)]


def a_file(
    folder: Path, rows: Mapping[datetime, int], form: Form = Form.YEAR_2026, *, name: str = "", **how: Any
) -> str:
    """Write a file; return its path."""
    path = folder / (name or file_name(form))
    minutes = how.get("minutes", 60)
    path.write_bytes(write(_parts(rows, minutes), form, **how))
    return str(path)


def _parts(rows: Mapping[datetime, int], minutes: int) -> Iterable[Written]:
    for start, energy in rows.items():
        count = 60 // minutes
        for n in range(count):
            yield Written(start + n * timedelta(minutes=minutes), energy * (n + 1) // count - energy * n // count)


async def act(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    """Use an action."""
    answer = await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)
    assert answer is not None
    return dict(answer)


async def stored(running: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of statistics as they are in the database, but for when they were made."""

    def read() -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        with session_scope(hass=running.hass, read_only=True) as session:
            for table in (Statistics, StatisticsShortTerm):
                query = session.query(table.metadata_id, table.start_ts, table.state, table.sum)
                found[table.__tablename__] = [
                    (*row[:3], pytest.approx(row[3], abs=1e-9))
                    for row in query.order_by(table.metadata_id, table.start_ts)
                ]
        return found

    await running.done()
    return await running.hass.data[DATA_INSTANCE].async_add_executor_job(read)


async def volumes(running: Home, entity_id: str | None = None) -> dict[datetime, float]:
    """Return what the energy dashboard shows of each hour there is, Wh."""
    entity_id = entity_id or running.entity_id
    await running.done()
    found = await running.hass.data[DATA_INSTANCE].async_add_executor_job(
        statistics_during_period, running.hass, EVER, None, {entity_id}, "hour", {"energy": "Wh"}, {"change"}
    )
    return {
        dt_util.utc_from_timestamp(row["start"]): round(row["change"] or 0.0, 3) for row in found.get(entity_id, ())
    }


async def check_five_minutes(running: Home) -> None:
    """See that no 5-minute row falls below the one before, and that the last one has the last hour's sum or more."""
    five = await running.sums("5minute")
    assert all(after > before - 1e-6 for before, after in pairwise(five))
    assert five[-1] >= (await running.sums())[-1] - 1e-6
