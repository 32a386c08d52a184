"""Writes files as Elhub has written them over the years. It shares nothing with what reads them."""

from calendar import SUNDAY
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

METERING_POINT = "707057500012345671"
"""An invented one, with the check digit that it must have."""


class Form(StrEnum):
    """How a file looks."""

    YEAR_2020 = "2020"
    YEAR_2021 = "2021"
    YEAR_2022 = "2022"
    """2021's with a column for the quality."""
    YEAR_2024 = "2024"
    YEAR_2026 = "2026"


class Written(NamedTuple):
    """One row."""

    start: datetime
    """UTC."""
    energy: int
    """Wh."""
    quality: str = "Målt"


def write(
    rows: Iterable[Written], form: Form = Form.YEAR_2026, *, minutes: int = 60, production: bool = False
) -> bytes:
    """Return a file of rows that are `minutes` long each: 60 or 15 (which Elhub has only in its later files)."""
    series = f"KWH {minutes} {'Produksjon' if production else 'Forbruk'}"
    span = timedelta(minutes=minutes)
    match form:
        case Form.YEAR_2020:
            lines = [f"Fra;Til;{series}", *(f"{_clocks(row.start, span, ';')};{_kwh(row, '.')}" for row in rows)]
        case Form.YEAR_2021:
            lines = [f"Fra,Til,{series}", *(f'{_clocks(row.start, span, ",")},"{_kwh(row, ",")}"' for row in rows)]
        case Form.YEAR_2022:
            head = f"Fra,Til,{series},Kvalitet"
            lines = [head, *(f'{_clocks(row.start, span, ",")},"{_kwh(row, ",")}",{row.quality}' for row in rows)]
        case Form.YEAR_2024:
            lines = [f"Fra;Til;{series}", *(f"{_clocks(row.start, span, ';')};{_kwh(row, ',')}" for row in rows)]
        case Form.YEAR_2026:
            head = "Fra;Til;Målenavn;Volum;Enhet;Kvalitet;Registreringstidspunkt"
            lines = [head, *(_row_of_2026(row, span, series) for row in rows)]
    ending = "\r\n" if form in (Form.YEAR_2021, Form.YEAR_2022) else "\n"
    return "".join(line + ending for line in lines).encode()


def file_name(form: Form = Form.YEAR_2026, metering_point: str = METERING_POINT, *, production: bool = False) -> str:
    """Return how Elhub names a file."""
    direction = "production" if production else "consumption"
    if form in (Form.YEAR_2024, Form.YEAR_2026):
        return f"Måleverdier_{metering_point}_{direction.upper()}_2024-01.csv"
    return f"meteringvalues-mp-{metering_point}-{direction}-20230118T1015.csv"


def _row_of_2026(row: Written, span: timedelta, series: str) -> str:
    begin, end, told = (_iso(at) for at in (row.start, row.start + span, row.start + timedelta(days=1, hours=6)))
    return f"{begin};{end};{series};{_kwh(row, ',')};kWh;{row.quality};{told}"


def _kwh(row: Written, decimal: str) -> str:
    return f"{row.energy // 1000}{decimal}{row.energy % 1000:03}"


def _clocks(start: datetime, span: timedelta, delimiter: str) -> str:
    return delimiter.join(f"{_by_clock(at):%d.%m.%Y %H:%M}" for at in (start, start + span))


def _iso(at: datetime) -> str:
    ahead = _ahead(at)
    return f"{_by_clock(at):%Y-%m-%dT%H:%M:%S}+{ahead:02}:00"


def _by_clock(at: datetime) -> datetime:
    return (at + timedelta(hours=_ahead(at))).replace(tzinfo=None)


def _ahead(at: datetime) -> int:
    """Return how many hours the clock is ahead: 2 from March's last Sunday, 01:00 UTC, until October's; else 1."""
    return 2 if _last_sunday(at.year, 3) <= at < _last_sunday(at.year, 10) else 1


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() - SUNDAY) % 7)
