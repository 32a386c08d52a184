"""Our own hours held against Elhub's: what differs, where, and by how much."""

from datetime import UTC, date, datetime, timedelta
import json
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from custom_components.han_port.ledger import Direction, Hour, Status, Volume
from custom_components.han_port.ledger.elhub.compare import DayDifference, as_response, compare

HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 10, 24, 22, tzinfo=UTC)
"""Of the day that has 25 hours."""


def volumes(*energies: int) -> list[Volume]:
    return [Volume(MIDNIGHT + at * HOUR, energy, certain=True) for at, energy in enumerate(energies)]


def own(*energies: int | None, status: Status = Status.MEASURED, first: datetime = MIDNIGHT) -> list[Hour]:
    return [
        Hour(first + at * HOUR, energy, 7, Status.MISSING if energy is None else status)
        for at, energy in enumerate(energies)
    ]


def test_hours_that_agree_and_hours_that_do_not() -> None:
    comparison = compare(volumes(1000, 2000, 3000, 4000), own(1000, 2021, 2991, 4001), Direction.CONSUMPTION)
    assert [hour.difference for hour in comparison.hours] == [0, 21, -9, 1]
    assert (comparison.file_total, comparison.own_total, comparison.difference) == (10_000, 10_013, 13)
    assert [hour.difference for hour in comparison.largest(2)] == [21, -9]
    assert len(comparison.largest(10)) == 3
    assert comparison.days == (DayDifference(date(2026, 10, 25), 4, 10_000, 10_013),)


def test_hours_that_only_one_of_them_has() -> None:
    comparison = compare(volumes(1000, 2000), own(None, 2000, 3000), Direction.CONSUMPTION)
    assert [hour.start for hour in comparison.only_file] == [MIDNIGHT]
    assert [hour.start for hour in comparison.only_own] == [MIDNIGHT + 2 * HOUR]
    assert comparison.hours[0].difference is None
    assert (comparison.file_total, comparison.own_total) == (2000, 2000)
    assert comparison.days[0].hours == 1


def test_production_is_held_against_export() -> None:
    comparison = compare(volumes(10), own(5000), Direction.PRODUCTION)
    assert comparison.difference == -3


def test_estimates_are_told() -> None:
    hours = own(1, 2) + own(3, 4, status=Status.ESTIMATED, first=MIDNIGHT + 2 * HOUR)
    comparison = compare(volumes(1, 2, 3), hours, Direction.CONSUMPTION)
    assert [hour.start for hour in comparison.estimated] == [MIDNIGHT + 2 * HOUR]


def test_days_are_norwegian() -> None:
    comparison = compare(volumes(*[1000] * 49), own(*[1001] * 49), Direction.CONSUMPTION)
    assert comparison.days == (
        DayDifference(date(2026, 10, 25), 25, 25_000, 25_025),
        DayDifference(date(2026, 10, 26), 24, 24_000, 24_024),
    )


def test_nothing_against_nothing() -> None:
    comparison = compare((), (), Direction.CONSUMPTION)
    assert (comparison.hours, comparison.days, comparison.difference) == ((), (), 0)


def test_as_an_action_answers() -> None:
    hours = own(1001) + own(2000, status=Status.ESTIMATED, first=MIDNIGHT + 3 * HOUR)
    response = as_response(
        compare(volumes(1000, 500, 0, 2000), hours, Direction.CONSUMPTION), 5, ZoneInfo("Europe/Oslo")
    )
    assert json.loads(json.dumps(response)) == {
        "direction": "consumption",
        "file": 3.0,
        "own": 3.001,
        "difference": 0.001,
        "compared": 2,
        "differing": 1,
        "only_file": ["2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00"],
        "only_own": [],
        "estimated": ["2026-10-25T02:00:00+01:00"],
        "largest": [row(0, 2, 1.0, 1.001, 0.001)],
        "days": [{"day": "2026-10-25", "hours": 2, "file": 3.0, "own": 3.001, "difference": 0.001}],
        "hours": [
            row(0, 2, 1.0, 1.001, 0.001),
            {**row(1, 2, 0.5, None, None)},
            {**row(2, 2, 0.0, None, None), "end": "2026-10-25T02:00:00+01:00"},
            {**row(2, 1, 2.0, 2.0, 0.0), "estimated": True},
        ],
    }


def row(
    hour: int, ahead: int, file: float | None, own: float | None, difference: float | None
) -> dict[str, str | float | bool | None]:
    """Return one hour of a response."""
    begin, end = (f"2026-10-25T0{at}:00:00+0{ahead}:00" for at in (hour, hour + 1))
    return {"start": begin, "end": end, "file": file, "own": own, "difference": difference, "estimated": False}


ENERGIES = st.dictionaries(st.integers(0, 100), st.integers(0, 10**7))


@given(file=ENERGIES, book=ENERGIES, most=st.integers(0, 200))
def test_sums_hold(file: dict[int, int], book: dict[int, int], most: int) -> None:
    comparison = compare(
        (Volume(MIDNIGHT + at * HOUR, energy, certain=True) for at, energy in file.items()),
        (Hour(MIDNIGHT + at * HOUR, energy, 0, Status.MEASURED) for at, energy in book.items()),
        Direction.CONSUMPTION,
    )
    assert comparison.difference == sum(day.difference for day in comparison.days)
    assert comparison.difference == sum(book[at] - file[at] for at in file.keys() & book.keys())
    assert len(comparison.both) == len(file.keys() & book.keys())
    assert len(comparison.only_file) + len(comparison.only_own) == len(file.keys() ^ book.keys())
    largest = [abs(hour.difference or 0) for hour in comparison.largest(most)]
    everything = sorted((abs(book[at] - file[at]) for at in file.keys() & book.keys()), reverse=True)
    assert largest == [value for value in everything if value][:most]
