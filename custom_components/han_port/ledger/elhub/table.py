"""The table in a text from Elhub: its header, its delimiter, and the cells of its rows that matter.

Elhub has written these headers, and all are still among people's files:

- `Fra;Til;KWH 60 Forbruk` (2020 to 2021), with a decimal point;
- `Fra,Til,KWH 60 Forbruk`, some with a fourth column `Kvalitet` (2021 to 2023), with `"0,532"` in quotation marks;
- `Fra;Til;KWH 60 Forbruk` or `Fra;Til;KWH 15 Forbruk` (2024 to 2025), with a decimal comma;
- `Fra;Til;Målenavn;Volum;Enhet;Kvalitet;Registreringstidspunkt` (2026), where each row names its series.

What a spreadsheet makes of them is read too, as long as it can be taken in one way only: cells and rows in quotation
marks, empty columns and rows at the end.
"""

from collections.abc import Iterator
import csv
from io import StringIO
import re
from typing import Final, NamedTuple

from .error import ElhubError, shown
from .volume import Direction

_DELIMITERS: Final = ";,"
_SIGNS: Final = ";,\t|"
"""What may part the cells of a row that was written by something else than its header."""
_BEGIN: Final = "fra"
_END: Final = "til"
_NAME: Final = "målenavn"
_VOLUME: Final = "volum"
_UNIT: Final = "enhet"
_QUALITY: Final = "kvalitet"
_SERIES: Final = re.compile(r"kwh (15|60) (forbruk|produksjon)")
_LIKE_SERIES: Final = re.compile(r"\w+ \d+ \w+")
_DIRECTIONS: Final = {"forbruk": Direction.CONSUMPTION, "produksjon": Direction.PRODUCTION}
_ODD_DELIMITER: Final = re.compile(r'"?fra"?(\W)"?til\b', re.IGNORECASE)
_SEEN: Final = {"\t": "tab", " ": "␣"}
"""How a delimiter is told to a person that could not be seen."""
_LONGEST_HEADER: Final = 1000


class Series(NamedTuple):
    """What the rows are about."""

    name: str
    """As the file writes it."""
    minutes: int
    """How long a row is: 15 or 60."""
    direction: Direction


class Row(NamedTuple):
    """The cells of one row that matter."""

    line: int
    """Where it begins in the file, counted from 1."""
    series: Series
    begin: str
    end: str
    energy: str
    quality: str | None
    """None if the file does not tell."""


class _Header(NamedTuple):
    """Where in a row what stands."""

    width: int
    energy: int
    series: Series | int
    """Of all rows, or where each names it."""
    unit: int | None
    quality: int | None


def rows(text: str) -> Iterator[Row]:
    """Yield the rows of a table. Raises ElhubError where it is none of Elhub's, and at a row that does not fit."""
    line, heading = _heading(text)
    delimiter = _delimiter(heading, line)
    records = _records(text, delimiter)
    line, cells = next(records)
    header = _header(cells, delimiter, line)
    series = None
    for line, record in records:
        cells = _fitted(header, record, delimiter, line)
        named = header.series
        series = _named(cells[named], series, line) if isinstance(named, int) else named
        quality = None if header.quality is None else cells[header.quality]
        yield Row(line, series, cells[0], cells[1], cells[header.energy], quality)


def _heading(text: str) -> tuple[int, str]:
    """Return the first line that is not empty, and its number."""
    for number, line in enumerate(StringIO(text, newline=""), 1):
        if line.strip():
            return number, line[:_LONGEST_HEADER]
    raise ElhubError("empty")


def _delimiter(heading: str, line: int) -> str:
    """Return what parts the cells of a header."""
    for delimiter in _DELIMITERS:
        if [_plain(cell) for cell in heading.split(delimiter)[:2]] == [_BEGIN, _END]:
            return delimiter
    if odd := _ODD_DELIMITER.match(heading.strip()):
        raise ElhubError("wrong_delimiter", line, found=_SEEN.get(odd[1], odd[1]), expected=_DELIMITERS[0])
    raise ElhubError("not_elhub", line, found=shown(heading))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of its first line."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            raise ElhubError("bad_quotes", line) from err
        if len(cells) == 1 and delimiter in cells[0]:  # a spreadsheet took the whole row for one cell
            cells = _cells(cells[0], delimiter, line)
        if any(cell.strip() for cell in cells):
            yield line, cells


def _cells(row: str, delimiter: str, line: int) -> list[str]:
    """Return the cells of a row that was taken for one."""
    try:
        return next(csv.reader([row], delimiter=delimiter))
    except csv.Error as err:
        raise ElhubError("bad_quotes", line) from err


def _header(cells: list[str], delimiter: str, line: int) -> _Header:
    """Return what a header tells."""
    names = [_plain(cell) for cell in cells]
    while not names[-1]:
        names.pop()
    named, volume, unit, quality = (_place(names, name) for name in (_NAME, _VOLUME, _UNIT, _QUALITY))
    found = [(at, series) for at, cell in enumerate(cells) if (series := _series(cell))]
    if len(found) > 1:
        raise ElhubError("mixed", line, found=shown(found[1][1].name), expected=shown(found[0][1].name))
    if found:
        return _Header(len(names), *found[0], unit, quality)
    if named is None and volume is None:
        if like := next((cell for cell in cells if _LIKE_SERIES.fullmatch(_plain(cell))), None):
            raise ElhubError("unknown_series", line, found=shown(like))
        raise ElhubError("not_elhub", line, found=shown(delimiter.join(cells)))
    if named is None or volume is None:
        raise ElhubError("no_column", line, expected=(_NAME if named is None else _VOLUME).capitalize())
    if delimiter != _DELIMITERS[0]:
        raise ElhubError("wrong_delimiter", line, found=delimiter, expected=_DELIMITERS[0])
    return _Header(len(names), volume, named, unit, quality)


def _place(names: list[str], name: str) -> int | None:
    return names.index(name) if name in names else None


def _plain(text: str) -> str:
    """Return a name without what may vary in it: case, spaces, quotation marks."""
    return " ".join(text.strip('" \t\r\n').casefold().split())


def _series(name: str) -> Series | None:
    if (found := _SERIES.fullmatch(_plain(name))) is None:
        return None
    return Series(name, int(found[1]), _DIRECTIONS[found[2]])


def _fitted(header: _Header, cells: list[str], delimiter: str, line: int) -> list[str]:
    """Return the cells of a row, as many as the header has."""
    while len(cells) > header.width and not cells[-1].strip():
        cells.pop()
    if [_plain(cell) for cell in cells[:2]] == [_BEGIN, _END]:
        raise ElhubError("second_header", line)
    if len(cells) != header.width:
        if odd := next((sign for sign in _SIGNS if sign != delimiter and sign in cells[0]), None):
            raise ElhubError("wrong_delimiter", line, found=_SEEN.get(odd, odd), expected=delimiter)
        raise ElhubError("bad_row", line, found=str(len(cells)), expected=str(header.width))
    if header.unit is not None and _plain(unit := cells[header.unit]) != "kwh":
        raise ElhubError("unit", line, found=shown(unit))
    return cells


def _named(name: str, before: Series | None, line: int) -> Series:
    """Return the series that a row names, which is that of the rows before it."""
    if before is not None and name == before.name:
        return before
    if (series := _series(name)) is None:
        raise ElhubError("unknown_series", line, found=shown(name))
    if before is not None and series[1:] != before[1:]:
        raise ElhubError("mixed", line, found=shown(name), expected=shown(before.name))
    return before or series
