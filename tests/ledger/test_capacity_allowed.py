"""What an hour may come to: if all keep to it, the month stays within the target, and one Wh more would not."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import Month, Rule, Step, Steps, Tariff, allowed, assess, within_reach

BOUNDARIES = [Step(watts, None) for watts in (0, 2000, 5000, 10_000)]
STRICT = Tariff(Rule.THREE_DAYS, Steps(BOUNDARIES))
"""A mean on a boundary is a step too high."""
LOOSE = Tariff(Rule.THREE_DAYS, Steps(BOUNDARIES, boundary_to_higher=False))
MAXIMUM = Tariff(Rule.MONTH_MAXIMUM, Steps(BOUNDARIES))
MAXIMUM_LOOSE = Tariff(Rule.MONTH_MAXIMUM, Steps(BOUNDARIES, boundary_to_higher=False))
OFF = Tariff(Rule.OFF, Steps(BOUNDARIES))


def january(day: int) -> date:
    return date(2026, 1, day)


def month_of(peaks: Mapping[int, int], tariff: Tariff) -> Month:
    """Return a January with these peaks (day: Wh)."""
    return assess((), {january(day): energy for day, energy in peaks.items()}, tariff, january(1))


CASES = {
    "an empty month": ({}, 5000, LOOSE, 5000),
    "an empty month, below a boundary": ({}, 5000, STRICT, 4999),
    "a target that is no boundary": ({}, 4500, STRICT, 4500),
    "low days": ({1: 2000, 2: 3000, 3: 4000, 4: 100}, 5000, LOOSE, 5000),
    "low days, below a boundary": ({1: 2000, 2: 3000, 3: 4000, 4: 100}, 5000, STRICT, 4999),
    "one high day": ({1: 6000}, 5000, LOOSE, 4500),
    "one high day, below a boundary": ({1: 6000}, 5000, STRICT, 4499),
    "one high day and a low one": ({1: 6000, 2: 1000}, 5000, LOOSE, 4500),
    "two high days": ({1: 6000, 2: 5500, 3: 1000}, 5000, LOOSE, 3500),
    "two high days, below a boundary": ({1: 6000, 2: 5500, 3: 1000}, 5000, STRICT, 3499),
    "what a third day has used already": ({1: 6000, 2: 5000, 3: 4000, 4: 3000}, 5000, LOOSE, 4000),
    "on the boundary already": ({1: 6000, 2: 5000, 3: 4000}, 5000, STRICT, 4000),
    "half a Wh is too much": ({1: 6001}, 5000, LOOSE, 4499),
    "beyond reach: what changes nothing": ({1: 9000, 2: 8000, 3: 1000}, 5000, LOOSE, 1000),
    "beyond reach after two days": ({1: 9000, 2: 8000}, 5000, LOOSE, 0),
    "this day's own peak": ({1: 3000, 20: 7000}, 5000, LOOSE, 7000),
    "this day's own low peak": ({1: 3000, 20: 2000}, 5000, LOOSE, 5000),
    "this day is one of two high ones": ({1: 6000, 20: 5500, 3: 1000}, 5000, LOOSE, 5500),
    "this day is one of three high ones": ({1: 9000, 2: 8000, 20: 7000, 3: 6000}, 5000, LOOSE, 7000),
    "this day is the fourth": ({1: 9000, 2: 8000, 20: 5000, 3: 6000}, 5000, LOOSE, 6000),
    "nothing is wanted": ({}, 0, STRICT, 0),
    "the single maximum": ({1: 3000}, 5000, MAXIMUM_LOOSE, 5000),
    "the single maximum, below a boundary": ({1: 3000}, 5000, MAXIMUM, 4999),
    "the single maximum has been higher": ({1: 3000, 2: 6000, 3: 4000}, 5000, MAXIMUM, 6000),
    "the single maximum is this day's": ({1: 3000, 20: 6000}, 5000, MAXIMUM, 6000),
    "off: each hour for itself": ({1: 9000, 20: 6000}, 5000, OFF, 5000),
}


@pytest.mark.parametrize(("peaks", "target", "tariff", "expected"), CASES.values(), ids=CASES)
def test_what_an_hour_of_the_twentieth_may_come_to(
    peaks: dict[int, int], target: int, tariff: Tariff, expected: int
) -> None:
    assert allowed(month_of(peaks, tariff), tariff, target, january(20)) == expected


tariffs = st.sampled_from([STRICT, LOOSE, MAXIMUM, MAXIMUM_LOOSE])
energies = st.integers(0, 12_000) | st.sampled_from([2000, 4999, 5000, 5001])
targets = st.integers(0, 12_000) | st.sampled_from([0, 2000, 5000, 10_000])
TODAY = 20
until_today = st.dictionaries(st.integers(1, TODAY), energies, max_size=6)
"""Peaks of some days before, and perhaps of today."""
shares = st.lists(st.sampled_from([100, 100, 99, 50, 1, 0]), max_size=12)
"""How much of what they may the further days use, in per cent, from today on."""


def exceeds(mean: Fraction, target: int, tariff: Tariff) -> bool:
    """Return whether a mean is not what a target is for."""
    boundary = tariff.steps.boundary_to_higher and target in [step.above for step in tariff.steps]
    return mean >= target if boundary else mean > target


@settings(deadline=None)
@given(until_today, targets, tariffs, shares)
def test_whoever_keeps_to_it_keeps_the_target(
    peaks: dict[int, int], target: int, tariff: Tariff, used: list[int]
) -> None:
    before = month_of(peaks, tariff).mean
    for day, share in enumerate(used, TODAY):
        may = allowed(month_of(peaks, tariff), tariff, target, january(day))
        peaks = {**peaks, day: max(peaks.get(day, 0), may * share // 100)}
    if (mean := month_of(peaks, tariff).mean) is not None and exceeds(mean, target, tariff):
        assert before is not None or target == 0
        assert before is None or exceeds(before, target, tariff)
        assert mean <= max(target, before or 0)


@given(until_today, targets, tariffs)
def test_one_wh_more_on_all_further_days_is_too_much(peaks: dict[int, int], target: int, tariff: Tariff) -> None:
    may = allowed(month_of(peaks, tariff), tariff, target, january(TODAY))
    further = dict.fromkeys(range(TODAY, TODAY + 3), may + 1)
    mean = month_of({**peaks, **further}, tariff).mean
    assert mean is not None
    assert exceeds(mean, target, tariff)


@given(until_today, targets, tariffs)
def test_what_changes_nothing_is_always_allowed(peaks: dict[int, int], target: int, tariff: Tariff) -> None:
    month = month_of(peaks, tariff)
    may = allowed(month, tariff, target, january(TODAY))
    assert may >= peaks.get(TODAY, 0)
    if TODAY in peaks or len(peaks) >= 3:
        more = month_of({**peaks, TODAY: may + 1}, tariff).mean
        assert more is not None
        assert month.mean is not None
        assert more > month.mean


REACHES = {
    "an empty month": ({}, 5000, STRICT, 5000),
    "a third day without any use would do": ({1: 9000, 2: 5999}, 5000, STRICT, 5000),
    "two days have used all of it": ({1: 9000, 2: 6000}, 5000, STRICT, 10_000),
    "two days have used all of it, and a mean may be on the boundary": ({1: 9000, 2: 6000}, 5000, LOOSE, 5000),
    "a free limit, lost: the next boundary": ({1: 5000, 2: 5000, 3: 4000}, 4500, STRICT, 5000),
    "two steps too high": ({1: 20_000, 2: 10_000, 3: 9000}, 2000, STRICT, None),
    "the single maximum": ({1: 6000, 2: 9000}, 5000, MAXIMUM, 10_000),
    "off: each hour for itself": ({1: 60_000}, 5000, OFF, 5000),
}


@pytest.mark.parametrize(("peaks", "target", "tariff", "expected"), REACHES.values(), ids=REACHES)
def test_a_target_that_is_lost_gives_way_to_the_next_boundary(
    peaks: Mapping[int, int], target: int, tariff: Tariff, expected: int | None
) -> None:
    assert within_reach(month_of(peaks, tariff), tariff, target) == expected
