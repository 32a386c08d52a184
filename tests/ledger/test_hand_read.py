"""Hours of a meter that is read by hand: they sum up to the readings, whatever the profile."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from time import process_time

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import (
    HandRead,
    HandReading,
    Hour,
    Profile,
    ProfileKind,
    Rule,
    Status,
    Step,
    Steps,
    Tariff,
    assess,
    day_of,
)

from .hand_home import EXPECTED, HOUR, KWH, NOW, PROFILES, empty_in, energy, full_hour, home, monthly_readings, oslo

YEAR = (oslo(2026, 1, 1), oslo(2027, 1, 1))


@pytest.mark.parametrize("profile", PROFILES)
def test_a_year_of_monthly_readings(profile: Profile) -> None:
    """The hours of each period sum to its difference, those that a reading cuts in two parts."""
    readings = monthly_readings()
    meter = home(readings, profile)
    for before, after in pairwise(readings):
        start, end = full_hour(before.at, up=True), full_hour(after.at)
        first, last = meter.register_at(start), meter.register_at(end)
        assert first is not None
        assert last is not None
        parts = first - before.register, after.register - last
        assert min(parts) >= 0
        assert sum(parts) + energy(meter.hours(start, end)) == after.register - before.register
    hours = meter.hours(full_hour(readings[0].at), full_hour(readings[-1].at))
    assert {hour.status for hour in hours} == {Status.ESTIMATED}
    assert min(hour.imported or 0 for hour in hours) >= 0
    assert hours[-1].import_register == readings[0].register + energy(hours)


def test_readings_at_full_hours_share_no_hour() -> None:
    times = [oslo(2026, month, 1) for month in range(1, 13)]
    readings = [HandReading(at, number * 1_234_567) for number, at in enumerate(times)]
    meter = home(readings)
    for start, end in pairwise(times):
        assert energy(meter.hours(start, end)) == 1_234_567


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PROFILES),
    st.lists(st.tuples(st.integers(1, 90_000), st.integers(0, 3_000_000)), min_size=1, max_size=12),
    st.integers(0, 50_000_000),
)
def test_any_prefix_is_within_a_watt_hour(profile: Profile, steps: list[tuple[int, int]], first: int) -> None:
    """Of the exact share; and no hour is negative, whatever the minutes and the energies."""
    readings = [HandReading(oslo(2026, 2, 11, 10, 7), first)]
    for minutes, used in steps:
        before = readings[-1]
        readings.append(HandReading(before.at + timedelta(minutes=minutes), before.register + used))
    meter = home(readings, profile)
    for before, after in pairwise(readings):
        assert meter.register_at(before.at) == before.register
        start, end = full_hour(before.at), full_hour(after.at, up=True)
        covered = [
            max(0.0, (min(after.at, at + HOUR) - max(before.at, at)) / HOUR)
            for at in (start + number * HOUR for number in range((end - start) // HOUR))
        ]
        weights = [weight * part for weight, part in zip(profile.shares(start, end), covered, strict=True)]
        if not any(weights):
            weights = covered
        total = sum(weights)
        exact = float(before.register)
        for number, weight in enumerate(weights[:-1]):
            exact += (after.register - before.register) * weight / total
            assert meter.register_at(start + (number + 1) * HOUR) == pytest.approx(exact, abs=1)
    hours = meter.hours(full_hour(readings[0].at), full_hour(readings[-1].at, up=True) + 24 * HOUR)
    assert all(hour.imported is not None and hour.imported >= 0 for hour in hours)
    assert energy(hours) == (hours[-1].import_register or 0) - first


@pytest.mark.parametrize(("day", "count"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_days_have_the_hours_of_the_norwegian_clock(day: date, count: int) -> None:
    hours = [hour for hour in home().hours(*YEAR) if day_of(hour.start) == day]
    assert len(hours) == count
    assert all(hour.imported for hour in hours)
    assert len({hour.start for hour in hours}) == count


def test_a_cut_hour_has_its_share_of_both_periods() -> None:
    """A quarter of an hour of 4 kWh and three of 8."""
    start = oslo(2026, 5, 4, 10)
    cut = start + timedelta(minutes=15)
    readings = [
        HandReading(cut - HOUR, 0),
        HandReading(cut, 4 * KWH),
        HandReading(cut + HOUR, 12 * KWH),
    ]
    (hour,) = home(readings, Profile.flat()).hours(start, start + HOUR)
    assert hour == Hour(start, 7 * KWH, 0, Status.ESTIMATED, 10 * KWH)


def test_hours_before_the_first_reading_are_missing() -> None:
    start = oslo(2026, 5, 4, 10)
    meter = home([HandReading(start + timedelta(minutes=45), 5 * KWH)], Profile.flat())
    before, first, second = meter.hours(start - HOUR, start + 2 * HOUR)
    assert before == Hour(start - HOUR, None, None, Status.MISSING)
    assert first.imported == pytest.approx((second.imported or 0) / 4, abs=1)
    assert meter.register_at(start) is None
    full = home([HandReading(start, 5 * KWH)])
    assert [hour.status for hour in full.hours(start - HOUR, start + HOUR)] == [Status.MISSING, Status.ESTIMATED]


@pytest.mark.parametrize("profile", PROFILES)
def test_after_the_last_reading_a_year_has_what_is_expected(profile: Profile) -> None:
    meter = home([HandReading(oslo(2026, 1, 1), 0)], profile)
    for year in (2026, 2027, 2028):  # the last one has a day more
        hours = meter.hours(oslo(year, 1, 1), oslo(year + 1, 1, 1))
        assert energy(hours) == pytest.approx(EXPECTED, abs=1)
        shares = profile.shares(hours[0].start, hours[-1].start + HOUR)
        total = sum(shares)
        expected = [EXPECTED * share / total for share in shares]
        assert [hour.imported for hour in hours] == pytest.approx(expected, abs=1.01)


def test_a_profile_without_weights_in_a_period() -> None:
    """What was used was used: its hours are alike. Without a reading, nothing is expected of them."""
    profile = empty_in(7)
    meter = home([HandReading(oslo(2026, 7, 2), 0), HandReading(oslo(2026, 7, 12), 240 * KWH)], profile)
    assert {hour.imported for hour in meter.hours(oslo(2026, 7, 2), oslo(2026, 7, 12))} == {KWH}
    assert energy(meter.hours(oslo(2026, 7, 12), oslo(2026, 8, 1))) == 0


def test_a_profile_without_any_weight_is_flat() -> None:
    nothing = Profile(ProfileKind.CSV, lambda start, end: [0.0] * ((end - start) // HOUR))
    meters = [home(monthly_readings(months=3), profile) for profile in (nothing, Profile.flat())]
    assert meters[0].hours(*YEAR) == meters[1].hours(*YEAR)


def test_the_register_counts_on_when_digits_roll_over() -> None:
    at = oslo(2026, 3, 1)
    meter = home([HandReading(at, 99_999 * KWH)])
    meter.add(HandReading(at + 24 * HOUR, 12 * KWH), NOW)
    assert meter.last.register == 12 * KWH
    assert meter.register_at(meter.last.at) == 100_012 * KWH
    hours = meter.hours(at, at + 48 * HOUR)
    registers = [hour.import_register or 0 for hour in hours]
    assert registers == sorted(registers)
    assert energy(hours[:24]) == 13 * KWH
    meter.add(HandReading(at + timedelta(days=31), 1_300 * KWH), NOW)
    assert meter.register_at(meter.last.at) == 101_300 * KWH


class TestLearnedUse:
    """The expectation of a year."""

    def test_is_what_a_person_says_until_eleven_months_are_known(self) -> None:
        """And from then on what the readings tell."""
        for months, learned in ((1, False), (11, False), (12, True), (13, True)):
            meter = home(monthly_readings(months=months))
            assert (meter.learned is not None) is learned
            assert meter.expected == EXPECTED
            assert meter.annual == (meter.learned if learned else EXPECTED)

    def test_is_what_was_used_in_a_year(self) -> None:
        """Of several years, in the last one."""
        readings = [HandReading(oslo(2024 + number, 1, 1), kwh * KWH) for number, kwh in enumerate((0, 20_000, 32_000))]
        assert home(readings).learned == pytest.approx(12_000 * KWH, abs=1)
        assert energy(home(readings).hours(oslo(2026, 1, 1), oslo(2027, 1, 1))) == pytest.approx(12_000 * KWH, abs=1)

    @pytest.mark.parametrize("months", [11, 12, 13, 18])
    def test_is_not_misled_by_a_season(self, months: int) -> None:
        """Eleven months without a January have less than eleven twelfths; eighteen have a winter too many."""
        start = oslo(2026, 2, 1)
        end = oslo(2026 + (months + 1) // 12, (months + 1) % 12 + 1, 1)
        truth = home([HandReading(start, 0)])
        used = truth.register_at(end)
        assert used is not None
        meter = HandRead(5, [HandReading(start, 0), HandReading(end, used)], 1 * KWH, Profile.monthly())
        assert meter.learned == pytest.approx(EXPECTED, abs=5)

    def test_is_not_learned_from_months_that_have_little_of_the_year(self) -> None:
        """A cabin that is used in December alone, by its profile."""
        profile = Profile.monthly([0.0] * 11 + [1.0])
        meter = home([HandReading(oslo(2026, 1, 1), 0), HandReading(oslo(2026, 12, 1), 10 * KWH)], profile)
        assert meter.learned is None

    def test_goes_over_digits_that_roll(self) -> None:
        """As if they had not."""
        meter = home(monthly_readings(first=95_000 * KWH))
        assert meter.learned == pytest.approx(home(monthly_readings()).learned or 0, abs=2)


def test_another_expectation_and_another_profile() -> None:
    readings = monthly_readings(months=3)
    meter = home(readings)
    span = (full_hour(readings[0].at), full_hour(readings[-1].at))
    before = meter.hours(*span)
    later = (full_hour(readings[-1].at, up=True), oslo(2026, 8, 1))
    expected = energy(meter.hours(*later))
    (changed,) = meter.expect(2 * EXPECTED)
    assert changed == (span[1], None)
    assert meter.hours(*span) == before
    assert energy(meter.hours(*later)) == pytest.approx(2 * expected, abs=1)
    (changed,) = meter.use_profile(Profile.flat())
    assert changed == (span[0], None)
    assert meter.profile.kind is ProfileKind.FLAT
    assert meter.hours(*span) == home(readings, Profile.flat()).hours(*span)


def test_no_peak_comes_of_an_estimate() -> None:
    """Unless a person asks for estimates to be counted."""
    hours = home().hours(oslo(2026, 2, 1), oslo(2026, 3, 1))
    steps = Steps([Step(0, 150.0), Step(2000, 250.0)])
    assert energy(hours) > 0
    for rule in (Rule.THREE_DAYS, Rule.MONTH_MAXIMUM):
        month = assess(hours, {}, Tariff(rule, steps), date(2026, 2, 1))
        assert (month.days, month.mean, month.step) == ((), None, None)
        assert assess(hours, {}, Tariff(rule, steps, count_estimated=True), date(2026, 2, 1)).mean is not None


@pytest.mark.parametrize("profile", PROFILES)
def test_a_year_is_quick(profile: Profile) -> None:
    """8 760 hours, of periods that are worked out for the first time, in less than 50 ms of the processor's time."""
    spent = []
    for _ in range(3):
        meter = home(monthly_readings(), profile)
        begin = process_time()
        hours = meter.hours(*YEAR)
        spent.append(process_time() - begin)
        assert len(hours) == 8760
    assert min(spent) < 0.05


@pytest.mark.parametrize(("digits", "expected"), [(3, 1), (9, 1), (5, -1)])
def test_what_makes_no_sense_is_refused(digits: int, expected: int) -> None:
    with pytest.raises(ValueError, match="no meter has"):
        HandRead(digits, [HandReading(datetime.fromisoformat("2026-01-01T00:00Z"), 0)], expected, Profile.flat())
    with pytest.raises(ValueError, match="begins with a reading"):
        home([])
    with pytest.raises(ValueError, match="nobody"):
        home().expect(-1)
