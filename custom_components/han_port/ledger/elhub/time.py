"""The times in a file from Elhub as instants: ISO 8601 with an offset, or what a clock on a Norwegian wall shows.

A wall's clock shows the hour from 02:00 twice in October, and not at all in March. Which of October's two is meant
follows from the row before; for the first row of a file, from whether the clock goes back after it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
import re
from typing import Final

from ..capacity import OSLO
from .error import ElhubError, shown

_WALL: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.(20[0-9]{2})\s+([0-9]{1,2})[:.]([0-9]{2})(?:[:.]00)?")
"""dd.MM.yyyy HH:mm, as Elhub had it until 2025; a spreadsheet may leave noughts out or add seconds."""
_CENTURY: Final = range(2000, 2100)


def moment(text: str, line: int) -> datetime:
    """Return the time that a text tells: in UTC, or without a zone if it is what the clock shows."""
    text = text.strip()
    try:
        if wall := _WALL.fullmatch(text):
            day, month, year, hour, minute = map(int, wall.groups())
            return datetime(year, month, day, hour, minute)  # noqa: DTZ001 what the clock shows
        at = datetime.fromisoformat(text)
    except ValueError as err:
        raise ElhubError("bad_time", line, found=shown(text)) from err
    if at.year not in _CENTURY:
        raise ElhubError("bad_time", line, found=shown(text))
    return at if at.tzinfo is None else at.astimezone(UTC)


def on_wall(at: datetime) -> datetime:
    """Return what the clock shows at an instant; what has no zone is that already."""
    return at if at.tzinfo is None else at.astimezone(OSLO).replace(tzinfo=None)


def instants(wall: datetime, line: int) -> tuple[datetime, ...]:
    """Return the instants, one or two, at which the clock shows a time. Raises ElhubError if it never does."""
    both = sorted({wall.replace(tzinfo=OSLO, fold=fold).astimezone(UTC) for fold in (0, 1)})
    if not (found := tuple(at for at in both if on_wall(at) == wall)):
        raise ElhubError("no_such_time", line, found=f"{wall:%Y-%m-%d %H:%M}")
    return found


def goes_back(rows: Sequence[tuple[datetime, datetime]]) -> bool:
    """Return whether the clock goes back in one of the rows (beginnings and ends), or from one to the next."""
    spans = [(on_wall(begin), on_wall(end)) for begin, end in rows]
    within = any(end <= begin for begin, end in spans)
    return within or any(after[0] <= before[0] for before, after in pairwise(spans))


def local(at: datetime) -> str:
    """Return an instant as it is told to a person: 2026-10-25 02:00+02:00."""
    return at.astimezone(OSLO).isoformat(" ", "minutes")
