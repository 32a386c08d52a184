"""The month's peaks: which hours count, for which day and month, and what corrections do."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType
from typing import NamedTuple

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import (
    OSLO,
    Corrections,
    Hour,
    Month,
    Origin,
    Peak,
    Rule,
    Status,
    Step,
    Steps,
    Tariff,
    assess,
    day_of,
    month_span,
    next_midnight,
)

HOUR = timedelta(hours=1)
PRICES = (150.0, 250.0, 420.0, None)
STEPS = tuple(map(Step, (0, 2000, 5000, 10_000), PRICES, strict=True))
USUAL = Tariff(Rule.THREE_DAYS, Steps(STEPS))
LOWER = Tariff(Rule.THREE_DAYS, Steps(STEPS, boundary_to_higher=False))
WITH_ESTIMATES = Tariff(Rule.THREE_DAYS, Steps(STEPS), count_estimated=True)
MAXIMUM = Tariff(Rule.MONTH_MAXIMUM, Steps(STEPS))
OFF = Tariff(Rule.OFF, Steps(STEPS))


def hour(when: str, energy: int | None, status: Status = Status.MEASURED) -> Hour:
    """Return an hour that begins at a time by the Norwegian clock ("2026-01-12 17"), or of UTC ("2026-01-12 16Z")."""
    start = datetime.fromisoformat(when)
    start = start if start.tzinfo else start.replace(tzinfo=OSLO)
    return Hour(start.astimezone(UTC), energy, None if energy is None else 0, status)


def guess(when: str, energy: int) -> Hour:
    return hour(when, energy, Status.ESTIMATED)


def gap(when: str) -> Hour:
    return hour(when, None, Status.MISSING)


def told(month: Month) -> str:
    """Return the peaks that count: day of the month, Wh, and a mark on those that were not measured."""
    marks = {Origin.MEASURED: "", Origin.ESTIMATED: "~", Origin.CORRECTED: "!"}
    return " ".join(f"{peak.day.day}:{peak.energy}{marks[peak.origin]}" for peak in month.counting)


def test_the_golden_month() -> None:
    # A household's real month: its three highest days make the step 2–5 kW, its three highest hours would not.
    hours = [
        hour("2026-04-07 07", 4262),
        hour("2026-04-15 18", 5939),
        hour("2026-04-15 19", 4672),
        hour("2026-04-22 17", 4779),
        hour("2026-04-22 18", 3100),
        hour("2026-04-23 18", 4261),
    ]
    month = assess(hours, {}, USUAL, date(2026, 4, 30))
    assert told(month) == "15:5939 22:4779 7:4262"
    assert month.mean is not None
    assert month.step is not None
    assert (round(month.mean), USUAL.steps.label(month.step), month.price) == (4993, "2–5 kW", 250.0)
    highest = Fraction(sum(sorted(row.imported or 0 for row in hours)[-3:]), 3)
    assert (float(highest), USUAL.steps.label(USUAL.steps.of(highest))) == (5130.0, "5–10 kW")


class Case(NamedTuple):
    """Hours, and the peaks that count then."""

    hours: list[Hour]
    counting: str
    mean: Fraction | int | None
    step: int | None
    day: str = "2026-01-31"
    tariff: Tariff = USUAL
    corrections: Corrections = MappingProxyType({})


JANUARY = [hour("2026-01-05 17", 4000), hour("2026-01-06 17", 3000), hour("2026-01-07 17", 2000)]
ALL = "5:4000 6:3000 7:2000"
BOUNDARY = [hour("2026-01-05 17", 5001), hour("2026-01-06 17", 5000)]
EVENING = [hour("2026-01-08 16", 3000), gap("2026-01-08 17"), gap("2026-01-08 18"), hour("2026-01-08 19", 2900)]
SPREAD = [hour("2026-01-08 16", 3000), guess("2026-01-08 17", 4500), guess("2026-01-08 18", 4500)]
FIFTH, SIXTH, EIGHTH = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 8)
LEAP = [hour("2028-02-01 17", 3000), hour("2028-02-29 23", 6000), hour("2028-03-01 00", 9000)]

CASES = {
    "two peaks on one day": Case(
        [hour("2026-01-05 08", 9000), hour("2026-01-05 18", 8000), *JANUARY[1:]],
        "5:9000 6:3000 7:2000",
        Fraction(14_000, 3),
        1,
    ),
    "in any order": Case([*JANUARY[::-1], hour("2026-01-04 17", 1999)], ALL, 3000, 1),
    "four days alike": Case(
        [hour(f"2026-01-{day} 12", 3000) for day in (19, 12, 30, 13)], "12:3000 13:3000 19:3000", 3000, 1
    ),
    "two days alike for the last place": Case([*JANUARY, hour("2026-01-02 12", 2000)], "5:4000 6:3000 2:2000", 3000, 1),
    "first day": Case([hour("2026-01-01 00", 6000)], "1:6000", 6000, 2, "2026-01-01"),
    "second day": Case(
        [hour("2026-01-01 17", 6000), hour("2026-01-02 00", 1)], "1:6000 2:1", Fraction(6001, 2), 1, "2026-01-02"
    ),
    "third day": Case(
        [hour("2026-01-01 17", 6000), hour("2026-01-02 17", 1000), hour("2026-01-03 00", 500)],
        "1:6000 2:1000 3:500",
        2500,
        1,
        "2026-01-03",
    ),
    "a day that used nothing counts": Case(
        [*JANUARY[:2], hour("2026-01-07 17", 0)], "5:4000 6:3000 7:0", Fraction(7000, 3), 1
    ),
    "no hours": Case([], "", None, None),
    "nothing but missing hours": Case([gap("2026-01-01 00"), gap("2026-01-01 01")], "", None, None),
    "hours of another month": Case(JANUARY, "", None, None, "2026-02-01"),
    "hours of another year": Case(JANUARY, "", None, None, "2027-01-31"),
    "on a boundary": Case([*BOUNDARY, hour("2026-01-07 17", 4999)], "5:5001 6:5000 7:4999", 5000, 2),
    "on a boundary that belongs to the lower step": Case(
        [*BOUNDARY, hour("2026-01-07 17", 4999)], "5:5001 6:5000 7:4999", 5000, 1, tariff=LOWER
    ),
    "a third of a Wh below a boundary": Case(
        [*BOUNDARY, hour("2026-01-07 17", 4998)], "5:5001 6:5000 7:4998", Fraction(14_999, 3), 1
    ),
    "a third of a Wh above a boundary": Case(
        [*BOUNDARY, hour("2026-01-07 17", 5000)], "5:5001 6:5000 7:5000", Fraction(15_001, 3), 2, tariff=LOWER
    ),
    "outage over the peak": Case([*JANUARY[:2], *EVENING], "5:4000 6:3000 8:3000", Fraction(10_000, 3), 1),
    "outage that was spread": Case([*JANUARY[:2], *SPREAD], "5:4000 6:3000 8:3000", Fraction(10_000, 3), 1),
    "outage that was spread, where that counts": Case(
        [*JANUARY[:2], *SPREAD], "8:4500~ 5:4000 6:3000", Fraction(11_500, 3), 1, tariff=WITH_ESTIMATES
    ),
    "a day of estimates alone": Case([*JANUARY, guess("2026-01-08 17", 9000)], ALL, 3000, 1),
    "an hour of two meters, measured by one": Case(
        [guess("2026-01-05 17", 9000), *JANUARY, guess("2026-01-06 17", 8000)], ALL, 3000, 1, tariff=WITH_ESTIMATES
    ),
    "an hour of two meters, measured by both": Case([hour("2026-01-05 17", 3999), *JANUARY, *JANUARY], ALL, 3000, 1),
    "an hour that one of two meters has not": Case(
        [gap("2026-01-05 17"), *JANUARY, gap("2026-01-06 17")], ALL, 3000, 1
    ),
    "the single maximum": Case(JANUARY, "5:4000", 4000, 1, tariff=MAXIMUM),
    "the single maximum of two alike": Case([*JANUARY, hour("2026-01-02 12", 4000)], "2:4000", 4000, 1, tariff=MAXIMUM),
    "off": Case(JANUARY, "", None, None, tariff=OFF),
    "set": Case(JANUARY, "6:3000 5:2500! 7:2000", 2500, 1, corrections={FIFTH: 2500}),
    "set higher": Case(JANUARY, "6:11000! 5:4000 7:2000", Fraction(17_000, 3), 2, corrections={SIXTH: 11_000}),
    "set to nothing": Case(JANUARY, "6:3000 7:2000 5:0!", Fraction(5000, 3), 0, corrections={FIFTH: 0}),
    "dropped": Case(JANUARY, "6:3000 7:2000", 2500, 1, corrections={FIFTH: None}),
    "all dropped": Case(JANUARY[:2], "", None, None, corrections={FIFTH: None, SIXTH: None}),
    "a day without hours set": Case(JANUARY, "8:5000! 5:4000 6:3000", 4000, 1, corrections={EIGHTH: 5000}),
    "a day without hours dropped": Case(JANUARY, ALL, 3000, 1, corrections={EIGHTH: None}),
    "set to what another day has": Case(
        JANUARY, "5:3000! 6:3000 7:2000", Fraction(8000, 3), 1, corrections={FIFTH: 3000}
    ),
    "a later day set to what another has": Case(
        [*JANUARY, hour("2026-01-08 17", 100)], ALL, 3000, 1, corrections={EIGHTH: 2000}
    ),
    "a day of another month set": Case(
        JANUARY, ALL, 3000, 1, corrections={date(2026, 2, 5): 9000, date(2027, 1, 5): 9000, date(2025, 12, 31): None}
    ),
    "an estimate set right": Case(
        [*JANUARY[:2], *SPREAD], "5:4000 8:3800! 6:3000", 3600, 1, tariff=WITH_ESTIMATES, corrections={EIGHTH: 3800}
    ),
    "29 February": Case(LEAP, "29:6000 1:3000", 4500, 1, "2028-02-01"),
    "29 February set": Case(LEAP, "29:4000! 1:3000", 3500, 1, "2028-02-29", corrections={date(2028, 2, 29): 4000}),
    "29 February dropped": Case(LEAP, "1:3000", 3000, 1, "2028-02-29", corrections={date(2028, 2, 29): None}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_hard_case(case: Case) -> None:
    month = assess(iter(case.hours), case.corrections, case.tariff, date.fromisoformat(case.day))
    assert (told(month), month.mean, month.step) == (case.counting, case.mean, case.step)
    assert month.price == (None if case.step is None else PRICES[case.step])
    assert month.first == date.fromisoformat(case.day).replace(day=1)


def test_of_hours_alike_the_first_is_the_days_peak() -> None:
    hours = [hour("2026-01-05 19", 4000), hour("2026-01-05 17", 4000), hour("2026-01-05 18", 3000)]
    peak = assess(hours, {}, USUAL, FIFTH).peak_of(FIFTH)
    assert peak == (FIFTH, datetime(2026, 1, 5, 16, tzinfo=UTC), 4000, Origin.MEASURED)


def test_every_day_has_its_peak_whether_it_counts_or_not() -> None:
    hours = [*JANUARY, hour("2026-01-02 17", 500), hour("2026-01-02 18", 400)]
    for tariff in (USUAL, MAXIMUM, OFF):
        month = assess(hours, {SIXTH: None, EIGHTH: 100}, tariff, SIXTH)
        assert [(peak.day.day, peak.energy) for peak in month.days] == [(2, 500), (5, 4000), (7, 2000), (8, 100)]
        assert month.peak_of(SIXTH) is None
        assert month.peak_of(EIGHTH) == (EIGHTH, None, 100, Origin.CORRECTED)


def test_a_correction_that_is_taken_back_leaves_what_was_measured() -> None:
    corrections: dict[date, int | None] = {}
    before = assess(JANUARY, corrections, USUAL, FIFTH)
    for energy in (9000, None):
        corrections[FIFTH] = energy
        assert assess(JANUARY, corrections, USUAL, FIFTH) != before
    del corrections[FIFTH]
    assert assess(JANUARY, corrections, USUAL, FIFTH) == before


def test_a_price_that_is_not_known() -> None:
    month = assess([hour("2026-01-05 17", 10_000)], {}, USUAL, FIFTH)
    assert (month.step, month.price) == (3, None)


# Days and months.


@pytest.mark.parametrize(
    ("start", "day"),
    [
        pytest.param("2026-10-31 22Z", "2026-10-31", id="last hour of October, winter time"),
        pytest.param("2026-10-31 23Z", "2026-11-01", id="first hour of November, winter time"),
        pytest.param("2026-08-31 21Z", "2026-08-31", id="last hour of August, summer time"),
        pytest.param("2026-08-31 22Z", "2026-09-01", id="first hour of September, summer time"),
        pytest.param("2026-02-28 23Z", "2026-03-01", id="March begins in winter time"),
        pytest.param("2026-03-31 21Z", "2026-03-31", id="March's last hour is in summer time"),
        pytest.param("2026-03-31 22Z", "2026-04-01", id="March ends in summer time"),
        pytest.param("2026-09-30 21Z", "2026-09-30", id="October's first hour is in summer time"),
        pytest.param("2026-09-30 22Z", "2026-10-01", id="October begins in summer time"),
        pytest.param("2024-03-30 23Z", "2024-03-31", id="clocks go forward on March's last day: its first hour"),
        pytest.param("2024-03-31 21Z", "2024-03-31", id="clocks go forward on March's last day: its last hour"),
        pytest.param("2024-03-31 22Z", "2024-04-01", id="clocks go forward on March's last day: April"),
        pytest.param("2027-10-30 21Z", "2027-10-30", id="clocks go back on October's last day: the day before"),
        pytest.param("2027-10-30 22Z", "2027-10-31", id="clocks go back on October's last day: its first hour"),
        pytest.param("2027-10-31 22Z", "2027-10-31", id="clocks go back on October's last day: its last hour"),
        pytest.param("2027-10-31 23Z", "2027-11-01", id="clocks go back on October's last day: November"),
        pytest.param("2026-12-31 22Z", "2026-12-31", id="last hour of a year"),
        pytest.param("2026-12-31 23Z", "2027-01-01", id="first hour of a year"),
    ],
)
def test_an_hour_belongs_to_the_day_and_month_of_the_norwegian_clock(start: str, day: str) -> None:
    ours = hour(start, 3000)
    belongs = date.fromisoformat(day)
    assert day_of(ours.start) == belongs
    assert [peak.day for peak in assess([ours], {}, USUAL, belongs).days] == [belongs]
    begin, end = month_span(belongs)
    assert begin <= ours.start < end
    for other in (begin - HOUR, end):
        assert not assess([ours], {}, USUAL, day_of(other)).days


@pytest.mark.parametrize(
    ("day", "count"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2024-03-31", 23), ("2027-10-31", 25), ("2026-06-01", 24)],
)
def test_days_on_which_clocks_change(day: str, count: int) -> None:
    whole = date.fromisoformat(day)
    begin = next_midnight(datetime(whole.year, whole.month, whole.day, tzinfo=UTC) - timedelta(hours=12))
    hours = [begin + number * HOUR for number in range(count)]
    assert [day_of(begin - HOUR), *map(day_of, hours), day_of(hours[-1] + HOUR)] == [
        whole - timedelta(days=1),
        *[whole] * count,
        whole + timedelta(days=1),
    ]
    assert {next_midnight(at) for at in hours} == {begin + count * HOUR}


def test_both_hours_that_october_has_between_two_and_three_are_hours_of_their_own() -> None:
    summer, winter = hour("2026-10-25 00Z", 4000), hour("2026-10-25 01Z", 5000)
    assert summer.start.astimezone(OSLO).hour == winter.start.astimezone(OSLO).hour == 2
    month = assess([summer, winter], {}, USUAL, date(2026, 10, 1))
    assert month.days == (Peak(date(2026, 10, 25), winter.start, 5000, Origin.MEASURED),)


@pytest.mark.parametrize(
    ("day", "begin", "end"),
    [
        ("2026-03-15", "2026-02-28 23Z", "2026-03-31 22Z"),
        ("2026-10-01", "2026-09-30 22Z", "2026-10-31 23Z"),
        ("2027-10-31", "2027-09-30 22Z", "2027-10-31 23Z"),
        ("2028-02-29", "2028-01-31 23Z", "2028-02-29 23Z"),
        ("2026-12-31", "2026-11-30 23Z", "2026-12-31 23Z"),
    ],
)
def test_where_a_month_begins_and_ends(day: str, begin: str, end: str) -> None:
    assert month_span(date.fromisoformat(day)) == (hour(begin, 0).start, hour(end, 0).start)


def test_midnight_is_the_next_one_at_midnight_too() -> None:
    midnight = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert next_midnight(midnight - timedelta(microseconds=1)) == midnight
    assert next_midnight(midnight) == midnight + 23 * HOUR


# Whatever comes.


def local_date(start: datetime) -> date:
    """Return the Norwegian day by the law: summer time from the last Sunday of March to October's, 01:00 UTC."""
    changes = []
    for month in (3, 10):
        last = datetime(start.year, month, 31, 1, tzinfo=UTC)
        changes.append(last - timedelta(days=(last.weekday() + 1) % 7))
    summer = changes[0] <= start < changes[1]
    return (start + (2 if summer else 1) * HOUR).date()


def naive_mean(hours: Iterable[Hour], corrections: Corrections, tariff: Tariff, day: date) -> Fraction | None:
    """Return the highest mean that hours of different days have, out of all ways to pick them."""
    rows: dict[datetime, list[Hour]] = {}
    for one in hours:
        rows.setdefault(one.start, []).append(one)
    candidates = {(local, energy) for local, energy in corrections.items() if energy is not None}
    for start, same in rows.items():
        if local_date(start) not in corrections:
            certain = [row.imported for row in same if row.status is Status.MEASURED and row.imported is not None]
            guessed = [row.imported for row in same if row.status is Status.ESTIMATED and row.imported is not None]
            counted = certain or (guessed if tariff.count_estimated else [])
            candidates |= {(local_date(start), energy) for energy in counted}
    ours = [(local, energy) for local, energy in candidates if (local.year, local.month) == (day.year, day.month)]
    wanted = {Rule.OFF: 0, Rule.THREE_DAYS: 3, Rule.MONTH_MAXIMUM: 1}[tariff.rule]
    number = min(wanted, len({local for local, _ in ours}))
    means = [
        Fraction(sum(energy for _, energy in picked), number)
        for picked in combinations(ours, number)
        if number and len({local for local, _ in picked}) == number
    ]
    return max(means, default=None)


MONTHS = [date(2026, 1, 31), date(2028, 2, 29), date(2026, 3, 29), date(2026, 10, 25), date(2027, 10, 31)]


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Hour], Corrections, Tariff, date]:
    """Draw a few hours of a month and about its ends, some of them twice, and corrections."""
    day = draw(st.sampled_from(MONTHS))
    begin, end = month_span(day)
    few = st.sampled_from([0, 1, 2, 24, 25, 48, 100])  # so that hours meet on days
    near = [begin - 2 * HOUR, begin, end - 26 * HOUR, end - HOUR, datetime(day.year, day.month, 25, tzinfo=UTC)]
    starts = st.builds(lambda at, number: at + number * HOUR, st.sampled_from(near), few)
    energies = st.integers(0, 12_000) | st.sampled_from([2000, 5000])
    known = st.builds(
        lambda start, energy, status: Hour(start, energy, 0, status),
        starts,
        energies,
        st.sampled_from([Status.MEASURED, Status.MEASURED, Status.ESTIMATED]),
    )
    missing = st.builds(lambda start: Hour(start, None, None, Status.MISSING), starts)
    days = st.builds(lambda number: day.replace(day=1) + timedelta(days=number), st.integers(-1, 32))
    corrections = draw(st.dictionaries(days, st.none() | energies, max_size=3))
    steps = Steps(STEPS, draw(st.booleans()))
    tariff = Tariff(draw(st.sampled_from(Rule)), steps, draw(st.booleans()))
    return draw(st.lists(known | missing, max_size=12)), corrections, tariff, day


@settings(deadline=None)
@given(situations())
def test_the_mean_is_that_of_the_highest_hours_of_different_days(
    situation: tuple[list[Hour], Corrections, Tariff, date],
) -> None:
    hours, corrections, tariff, day = situation
    month = assess(hours, corrections, tariff, day)
    mean = naive_mean(hours, corrections, tariff, day)
    assert month.mean == mean
    assert assess(hours[::-1], corrections, tariff, day) == month
    if mean is None:
        assert (month.counting, month.step, month.price) == ((), None, None)
        return
    assert month.step is not None
    assert mean == Fraction(sum(peak.energy for peak in month.counting), len(month.counting))
    above, upper = STEPS[month.step].above, tariff.steps.upper(month.step)
    higher = tariff.steps.boundary_to_higher
    assert above <= mean if higher else above < mean or mean == 0
    assert upper is None or (mean < upper if higher else mean <= upper)
    assert month.price == STEPS[month.step].price
    assert [peak.day for peak in month.days] == sorted({peak.day for peak in month.days})
    for peak in month.days:
        if peak.start is not None:
            assert local_date(peak.start) == peak.day
            assert any(row.start == peak.start and row.imported == peak.energy for row in hours)
