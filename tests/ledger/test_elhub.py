"""A customer's file out of Elhub: what was written in any of its forms is what is read."""

from datetime import UTC, datetime, timedelta
from time import process_time
import tracemalloc

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import Direction, ElhubError, ElhubFile, Volume, read_file
from custom_components.han_port.ledger.elhub.text import MOST_BYTES, MOST_LINES
from tests.elhub_files import METERING_POINT, Form, Written, file_name, write
from tests.fuzz.files import read_anything

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
START = datetime(2023, 12, 31, 23, tzinfo=UTC)
"""When 2024 began in Norway."""
THREE_YEARS = 26_304
MARCH = datetime(2026, 3, 29, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 25, tzinfo=UTC)
"""The hour that the clock shows as 02:00 first; the next one is shown so too."""


def hourly(start: datetime, count: int) -> list[Written]:
    """Return hours that differ from each other."""
    return [Written(start + at * HOUR, 100 + at * 37 % 4999) for at in range(count)]


def read(rows: list[Written], form: Form, minutes: int = 60) -> ElhubFile:
    """Return what is read of what was written."""
    return read_file(write(rows, form, minutes=minutes))


def told(file: ElhubFile) -> list[tuple[datetime, int]]:
    """Return the hours without how sure they are."""
    return [volume[:2] for volume in file.hours]


@pytest.mark.parametrize("form", Form)
def test_three_years_are_read_in_a_moment(form: Form) -> None:
    rows = hourly(START, THREE_YEARS)
    data = write(rows, form)
    began = process_time()
    file = read_file(data)
    assert process_time() - began < 1
    assert told(file) == [row[:2] for row in rows]
    assert (file.start, file.end, file.total) == (START, START + THREE_YEARS * HOUR, sum(row.energy for row in rows))
    assert file.direction is Direction.CONSUMPTION
    assert file.metering_point is None


@pytest.mark.parametrize("form", [Form.YEAR_2024, Form.YEAR_2026])
def test_three_years_of_quarters(form: Form) -> None:
    rows = [Written(START + at * QUARTER, at * 7 % 1234) for at in range(4 * THREE_YEARS)]
    file = read(rows, form, minutes=15)
    assert told(file) == [
        (rows[at].start, sum(row.energy for row in rows[at : at + 4])) for at in range(0, len(rows), 4)
    ]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("production", [False, True])
def test_what_went_to_the_grid_is_told_apart(form: Form, production: bool) -> None:
    data = write(hourly(START, 3), form, production=production)
    direction = Direction.PRODUCTION if production else Direction.CONSUMPTION
    assert read_file(data).direction is direction


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("minutes", [60, 15])
@pytest.mark.parametrize("begin", range(-3, 4))
@pytest.mark.parametrize("change", [MARCH, OCTOBER])
def test_where_the_clock_is_set(form: Form, minutes: int, begin: int, change: datetime) -> None:
    """A file may begin and end anywhere about it; only its own two hours of 02:00 can be taken for each other."""
    count = 60 // minutes
    for hours in range(1, 6):
        rows = [
            Written(change + begin * HOUR + at * timedelta(minutes=minutes), 10 * at + 1) for at in range(hours * count)
        ]
        file = read(rows, form, minutes)
        assert [volume.start for volume in file.hours] == [row.start for row in rows[::count]]
        assert file.total == sum(row.energy for row in rows)


def test_days_have_23_and_25_hours() -> None:
    for midnight, hours in ((MARCH - HOUR, 23), (OCTOBER - 2 * HOUR, 25)):
        file = read(hourly(midnight, hours), Form.YEAR_2024)
        assert len(file.hours) == hours
        assert file.end == midnight + hours * HOUR


def test_the_end_of_an_hour_by_the_clock_that_was_before() -> None:
    lines = ("25.10.2026 01:00;25.10.2026 02:00;1", *("25.10.2026 02:00;25.10.2026 03:00;1",) * 2)
    assert [volume.start for volume in read_lines(*lines).hours] == [OCTOBER - HOUR, OCTOBER, OCTOBER + HOUR]
    assert [volume.start for volume in read_lines(*lines[1:]).hours] == [OCTOBER, OCTOBER + HOUR]
    strange = ("25.10.2026 02:00;25.10.2026 03:00;1", "2026-10-25T02:00+01:00;2026-10-25T03:00+01:00;1")
    assert read_lines(*strange).start == OCTOBER
    march = read_lines("29.03.2026 01:00;29.03.2026 02:00;1", "29.03.2026 03:00;29.03.2026 04:00;1")
    assert [volume.start for volume in march.hours] == [MARCH, MARCH + HOUR]


def read_lines(*lines: str, header: str = "Fra;Til;KWH 60 Forbruk") -> ElhubFile:
    """Read a file of such lines."""
    return read_file("\n".join((header, *lines)).encode())


@pytest.mark.parametrize("form", [Form.YEAR_2022, Form.YEAR_2026])
def test_what_was_not_measured_is_told(form: Form) -> None:
    rows = [Written(START + at * HOUR, 1000, quality) for at, quality in enumerate(("Målt", "Estimert", "Beregnet"))]
    assert [volume.certain for volume in read(rows, form).hours] == [True, False, False]
    quarters = [Written(START + at * QUARTER, 250, "Estimert" if at == 2 else "Målt") for at in range(8)]
    assert read(quarters, form, 15).hours == (Volume(START, 1000, False), Volume(START + HOUR, 1000, True))


def test_a_file_that_tells_no_quality_is_taken_as_measured() -> None:
    assert all(volume.certain for volume in read(hourly(START, 3), Form.YEAR_2024).hours)


@pytest.mark.parametrize("form", Form)
def test_marks_and_line_ends_make_no_difference(form: Form) -> None:
    data = write(hourly(START, 30), form).replace(b"\r\n", b"\n")
    expected = read_file(data)
    for other in (
        b"\xef\xbb\xbf" + data,
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n", b"\r"),
        data.rstrip(),
        data + b"\n \n\n",
        b"\n" + data + b";;\n" * (b";" in data),
        data.replace(b"\n", b";;\n") if b";" in data else data.replace(b"\n", b",\n"),
        data.replace("å".encode(), "a\u030a".encode()),
    ):
        assert read_file(other) == expected


def test_what_a_spreadsheet_saved_again() -> None:
    """Taken for one column, a row with commas gets quotation marks about it; noughts and seconds come and go."""
    expected = (Volume(START, 532, True), Volume(START + HOUR, 1000, True))
    for lines in (
        ('"01.01.2024 00:00,01.01.2024 01:00,""0,532"""', '"01.01.2024 01:00,01.01.2024 02:00,""1,0"""'),
        ('"01.01.2024 00:00,01.01.2024 01:00,0.532"', '01.01.2024 01:00,01.01.2024 02:00," 1 ",,'),
        ('"01.01.2024 00:00",01.01.2024 01:00,0.532', '01.01.2024 01:00,01.01.2024 02:00," 1 "'),
    ):
        assert read_lines(*lines, header="Fra,Til,KWH 60 Forbruk").hours == expected
    assert read_lines('"01.01.2024 00:00,01.01.2024 01:00,""0,5"""', header='"Fra,Til,KWH 60 Forbruk"').total == 500
    lines = ("1.1.2024 0:00;01.01.2024 01:00:00;0,53200;;", "01.01.2024 01.00;2024-01-01 02:00;1;;")
    assert read_lines(*lines, header='"Fra";"Til";"kwh 60  forbruk";;').hours == expected


def test_columns_may_change_their_places() -> None:
    header = "Fra;Til;Enhet;Volum;Målenavn"
    assert read_lines("2024-01-01T00:00+01:00;2024-01-01T00:00Z;kWh;1,5;KWH 60 Produksjon", header=header) == (
        ElhubFile(Direction.PRODUCTION, (Volume(START, 1500, True),), None)
    )


@pytest.mark.parametrize("form", Form)
def test_the_name_tells_the_metering_point(form: Form) -> None:
    data = write(hourly(START, 1), form)
    assert read_file(data, file_name(form)).metering_point == METERING_POINT
    for name in (
        *("", "mine.csv", file_name(form, "707057500012345678"), file_name(form, "7" + METERING_POINT)),
        f"{METERING_POINT}-707057500000000001.csv",
    ):
        assert read_file(data, name).metering_point is None


@settings(max_examples=150, deadline=None)
@given(
    begin=st.integers(0, 24 * 365 * 9),
    energies=st.lists(st.tuples(st.integers(0, 9_999_999_999), st.sampled_from(("Målt", "Estimert"))), min_size=1),
    form=st.sampled_from(Form),
    quarters=st.booleans(),
    production=st.booleans(),
)
def test_any_hours(begin: int, energies: list[tuple[int, str]], form: Form, quarters: bool, production: bool) -> None:
    start = START - 4 * 365 * 24 * HOUR + begin * HOUR
    tells = form in (Form.YEAR_2022, Form.YEAR_2026)
    expected = tuple(
        Volume(start + at * HOUR, energy, not tells or quality == "Målt")
        for at, (energy, quality) in enumerate(energies)
    )
    rows = [
        Written(
            start + at * HOUR + part * QUARTER,
            energy // 4 + (energy % 4 if part == 3 else 0) if quarters else energy,
            quality if part == 3 or not quarters else "Målt",
        )
        for at, (energy, quality) in enumerate(energies)
        for part in range(4 if quarters else 1)
    ]
    file = read_file(write(rows, form, minutes=15 if quarters else 60, production=production))
    assert file.hours == expected
    assert file.direction is (Direction.PRODUCTION if production else Direction.CONSUMPTION)


PIECES = (
    *(b"", b";", b",", b'"', b"\n", b"\0", b"-", b"0", b"7", b":"),
    *(b"\xe5", b"\xc3\xa5", b"02:00", b"Fra;Til", b"9" * 9),
)


@settings(max_examples=400, deadline=None)
@given(
    form=st.sampled_from(Form),
    around=st.sampled_from((MARCH, OCTOBER, START)),
    changes=st.lists(
        st.tuples(st.integers(0, 2000), st.integers(0, 30), st.sampled_from(PIECES) | st.binary(max_size=4)),
        min_size=1,
        max_size=3,
    ),
)
def test_any_damage(form: Form, around: datetime, changes: list[tuple[int, int, bytes]]) -> None:
    data = write(hourly(around - 6 * HOUR, 12), form)
    for place, dropped, put in changes:
        at = place % (len(data) + 1)
        data = data[:at] + put + data[at + dropped :]
    read_anything(data)


def test_too_much_is_refused_at_once() -> None:
    noise = bytes(range(256)) * 200_000
    header = b"Fra;Til;KWH 60 Forbruk\n"
    for data, key in (
        (noise, "too_large"),
        (noise[:MOST_BYTES], "not_text"),
        (b"Fra" * (MOST_BYTES // 3), "not_elhub"),
        (header + b"\n" * (MOST_BYTES - len(header)), "too_many_rows"),
        (header + b"\n" * MOST_LINES, "too_many_rows"),
        (header + b"\xc3\xa5" * (MOST_BYTES // 2 - 20), "bad_quotes"),
        (header + b'"' + b"x" * (MOST_BYTES - 40), "bad_quotes"),
    ):
        tracemalloc.start()
        began = process_time()
        with pytest.raises(ElhubError) as error:
            read_file(data)
        took = process_time() - began
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert error.value.key == key
        assert took < 0.7
        assert peak < 8 * MOST_BYTES
