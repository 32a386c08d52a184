"""When the next reading is due."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.han_port.ledger import OSLO, next_due

from .hand_home import KWH, oslo

MUCH = 8_001 * KWH
LITTLE = 8_000 * KWH


@pytest.mark.parametrize(
    ("read", "expected", "months", "due"),
    [
        # every month, by the Norwegian clock's first of it
        (oslo(2026, 2, 1), MUCH, 1, oslo(2026, 3, 1)),
        (oslo(2026, 2, 1, 18, 30), MUCH, 1, oslo(2026, 3, 1)),
        (oslo(2026, 2, 15), MUCH, 1, oslo(2026, 3, 1)),
        # some days early is in time
        (oslo(2026, 2, 25), MUCH, 1, oslo(2026, 4, 1)),
        (oslo(2026, 3, 27), MUCH, 1, oslo(2026, 5, 1)),
        # second and third month: one of them always ends with the year
        (oslo(2026, 1, 1), MUCH, 2, oslo(2026, 3, 1)),
        (oslo(2026, 4, 10), MUCH, 2, oslo(2026, 5, 1)),
        (oslo(2026, 11, 3), MUCH, 2, oslo(2027, 1, 1)),
        (oslo(2026, 1, 1), MUCH, 3, oslo(2026, 4, 1)),
        (oslo(2026, 8, 20), MUCH, 3, oslo(2026, 10, 1)),
        (oslo(2026, 10, 2), MUCH, 3, oslo(2027, 1, 1)),
        # not more than 8 000 kWh: the year's end
        (oslo(2026, 2, 1), LITTLE, 1, oslo(2027, 1, 1)),
        (oslo(2026, 12, 15), LITTLE, 3, oslo(2027, 1, 1)),
        (oslo(2026, 12, 31, 12), LITTLE, 1, oslo(2028, 1, 1)),
        (oslo(2027, 1, 1, 12), LITTLE, 2, oslo(2028, 1, 1)),
        (oslo(2026, 12, 31, 12), MUCH, 3, oslo(2027, 4, 1)),
    ],
)
def test_the_next_date(read: datetime, expected: int, months: int, due: datetime) -> None:
    found = next_due(read, expected, months, read)
    assert found == due
    assert found.tzinfo is UTC


def test_a_date_that_has_passed_stays_until_a_reading_comes() -> None:
    read = oslo(2026, 2, 3)
    for now in (oslo(2026, 2, 28), oslo(2026, 3, 1), oslo(2026, 3, 31, 23, 59)):
        assert next_due(read, MUCH, 1, now) == oslo(2026, 3, 1)
    assert next_due(oslo(2026, 3, 31, 23, 59), MUCH, 1, oslo(2026, 4, 1)) == oslo(2026, 5, 1)


def test_of_several_dates_that_have_passed_the_latest_is_told() -> None:
    assert next_due(oslo(2025, 2, 3), MUCH, 3, oslo(2026, 9, 5)) == oslo(2026, 7, 1)
    assert next_due(oslo(2023, 2, 3), LITTLE, 3, oslo(2026, 9, 5)) == oslo(2026, 1, 1)


@pytest.mark.parametrize("months", [1, 2, 3])
def test_who_reads_when_it_is_due_reads_in_near_equal_periods_and_at_each_years_end(months: int) -> None:
    at = oslo(2026, 1, 1)
    dates: list[datetime] = []
    while len(dates) < 24 // months:
        due = next_due(at, MUCH, months, at)
        assert timedelta(days=28 * months) <= due - at <= timedelta(days=31 * months, hours=1)
        dates.append(at := due)
    assert {oslo(2027, 1, 1), oslo(2028, 1, 1)} <= set(dates)
    assert all(date.astimezone(OSLO).hour == 0 for date in dates)


@pytest.mark.parametrize("months", [0, 4, 12])
def test_no_other_number_of_months(months: int) -> None:
    with pytest.raises(ValueError, match="1, 2 or 3"):
        next_due(oslo(2026, 1, 1), MUCH, months, oslo(2026, 1, 1))
