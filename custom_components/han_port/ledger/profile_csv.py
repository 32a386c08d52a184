"""A user's own profile as a CSV file: shares of months, or of hours.

UTF-8, with or without a byte order mark; fields parted by semicolons or commas; decimal points or commas (behind
commas that part fields, a decimal comma needs quotation marks). One line of headings may come first.

- Months: twelve lines of `month;share` with months 1 to 12, or twelve lines of a share alone, or twelve shares in one
  line, January first.
- Hours: lines of `time;share`, at least a week of them, each for the hour that begins then. Times are ISO 8601 or
  dd.MM.yyyy HH:mm; without an offset they are by the Norwegian clock, and of the hour that October has twice the first
  line is the first one.
"""

import csv
from datetime import UTC, datetime
from io import StringIO
import re
from typing import Final, NamedTuple

from .capacity import OSLO
from .profile_error import ProfileError
from .profile_hours import LEAST_KNOWN
from .profile_months import LARGEST, MONTHS

MOST_BYTES: Final = 2_000_000
"""Three years of hours are about half of it."""
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_DATE: Final = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4}) (\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)
_YEARS: Final = range(1990, 2200)


class _Row(NamedTuple):
    """A line that is not empty: its number (from 1) and its fields."""

    line: int
    fields: list[str]


def read_csv(data: bytes) -> list[float] | dict[datetime, float]:
    """Return twelve shares, January to December, or the share of each hour by its start (UTC). Raises ProfileError."""
    rows = _rows(_text(data))
    if not rows:
        raise ProfileError("profile_empty")
    width = len(rows[0].fields)
    for row in rows:
        if len(row.fields) != width:
            raise _error("profile_bad_row", row)
    if width == MONTHS and len(rows) == 1:
        return [_share(rows[0], field) for field in rows[0].fields]
    if width == 1:
        return [_share(row, row.fields[0]) for row in rows]
    if width != 2:
        raise _error("profile_bad_row", rows[0])
    if _time(rows[0].fields[0]) is None and _number(rows[0].fields[0]) is not None:
        return _months(rows)
    return _hours(rows)


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise ProfileError("profile_too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise ProfileError("profile_not_text") from err
    if "\0" in text:
        raise ProfileError("profile_not_text")
    return text


def _rows(text: str) -> list[_Row]:
    """Return the lines with something in them, without headings."""
    part = ";" if ";" in text else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=part, strict=True)
    rows = []
    try:
        for fields in reader:
            kept = [field.strip() for field in fields]
            while kept and not kept[-1]:
                kept.pop()
            if kept:
                rows.append(_Row(reader.line_num, kept))
    except csv.Error as err:
        raise ProfileError("profile_bad_row", line=str(max(1, reader.line_num)), found="") from err
    if rows and all(_number(field) is None and _time(field) is None for field in rows[0].fields):
        del rows[0]
    return _rejoined(rows) if part == "," else rows


def _rejoined(rows: list[_Row]) -> list[_Row]:
    """Return lines whose commas are decimal ones, one number each, with these numbers whole again."""
    if len(rows) != MONTHS or any(len(row.fields) != 2 or not all(map(str.isdecimal, row.fields)) for row in rows):
        return rows
    if {int(row.fields[0]) for row in rows} == set(range(1, MONTHS + 1)):
        return rows
    return [_Row(row.line, [",".join(row.fields)]) for row in rows]


def _months(rows: list[_Row]) -> list[float]:
    shares: dict[int, float] = {}
    for row in rows:
        month, share = row.fields
        if not month.isdecimal() or not 1 <= int(month) <= MONTHS:
            raise _error("profile_bad_time", row, month)
        if int(month) in shares:
            raise _error("profile_twice", row, month)
        shares[int(month)] = _share(row, share)
    return [shares[month] for month in sorted(shares)]


def _hours(rows: list[_Row]) -> dict[datetime, float]:
    shares: dict[datetime, float] = {}
    for row in rows:
        written, share = row.fields
        if (time := _time(written)) is None or time.year not in _YEARS:
            raise _error("profile_bad_time", row, written)
        if (start := _utc(time, shares)) is None:
            raise _error("profile_bad_time", row, written)
        if start.minute or start.second or start.microsecond:
            raise _error("profile_not_hour", row, written)
        if start in shares:
            raise _error("profile_twice", row, written)
        shares[start] = _share(row, share)
    if len(shares) < LEAST_KNOWN:
        raise ProfileError("profile_too_short", found=str(len(shares)))
    return shares


def _utc(time: datetime, before: dict[datetime, float]) -> datetime | None:
    """Return a time in UTC, given those of the lines before; None if no Norwegian clock ever showed it."""
    if time.tzinfo is not None:
        return time.astimezone(UTC)
    first, second = (time.replace(tzinfo=OSLO, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(OSLO).replace(tzinfo=None) != time:
        return None
    return second if first in before else first


def _time(field: str) -> datetime | None:
    """Return a time as it is written, with its offset if it has one; None if it is no time."""
    try:
        if match := _DATE.fullmatch(field):
            day, month, year, hour, minute, second = (int(group or 0) for group in match.groups())
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # _utc gives it its zone
        return datetime.fromisoformat(field) if "-" in field[1:] else None
    except ValueError:
        return None


def _number(field: str) -> float | None:
    """Return a number, if it is one; a per cent sign changes nothing, for shares are of any scale."""
    if not _NUMBER.fullmatch(bare := field.removesuffix("%").rstrip()):
        return None
    return float(bare.replace(",", "."))


def _share(row: _Row, field: str) -> float:
    """Return a line's share. Raises ProfileError."""
    number = _number(field)
    if number is None or abs(number) > LARGEST:
        raise _error("profile_bad_number", row, field)
    if number < 0:
        raise _error("profile_negative", row, field)
    return number


def _error(key: str, row: _Row, found: str | None = None) -> ProfileError:
    """Return an error of a line; what was found is cut to what a message can hold."""
    text = ";".join(row.fields) if found is None else found
    return ProfileError(key, line=str(row.line), found=text[:40])
