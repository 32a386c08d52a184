"""The simulated house: its power at every instant, and the energy that must follow from it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.meters import Household

START = datetime(2026, 3, 27, 22, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_energy_is_the_integral_of_power_also_over_a_day_of_23_hours() -> None:
    house = Household(start=START, solar=8000)
    begin, end = START + timedelta(seconds=17.25), START + timedelta(days=3, seconds=0.75)
    points = [(begin, house.power(begin)), *house.breakpoints(begin, end), (end, house.power(end))]
    imported = exported = inductive = capacitive = 0.0
    for (at, power), (until, _) in pairwise(points):
        hours = (until - at) / HOUR
        imported += max(sum(power[:3]), 0) * hours
        exported += max(-sum(power[:3]), 0) * hours
        inductive += max(power.reactive, 0) * hours
        capacitive += max(-power.reactive, 0) * hours
    before, after = house.energy(begin), house.energy(end)
    gone = [second - first for first, second in zip(before, after, strict=True)]
    assert gone == pytest.approx([imported, exported, inductive, capacitive], abs=1e-6)
    assert all(value > 100 for value in gone)


def test_power_between_two_breakpoints_is_constant_and_changes_at_each() -> None:
    house = Household(start=START)
    points = list(house.breakpoints(START + HOUR, START + 30 * HOUR))
    assert len(points) > 500
    for (at, power), (until, after) in pairwise(points):
        assert house.power(at) == house.power(until - timedelta(microseconds=1)) == power
        assert house.power(until) == after


def test_the_same_seed_makes_the_same_house_in_whatever_order_it_is_asked() -> None:
    times = [START + timedelta(hours=7 * number) for number in range(40)]
    first, second = Household(start=START), Household(start=START)
    forward = [first.exact(at) for at in times]
    assert [second.exact(at) for at in reversed(times)][::-1] == forward
    assert Household(start=START, seed=2).exact(times[-1]) != forward[-1]


def test_energy_begins_at_zero_and_only_grows() -> None:
    house = Household(start=START, solar=5000)
    assert house.energy(START) == (0, 0, 0, 0)
    for first, second in pairwise(house.exact(START + timedelta(minutes=13 * step)) for step in range(2000)):
        assert all(before <= after for before, after in zip(first, second, strict=True))


def test_before_its_start_there_is_no_house() -> None:
    with pytest.raises(ValueError, match="did not exist"):
        Household(start=START).power(START - timedelta(seconds=1))


def test_one_phase_carries_all_where_there_is_one() -> None:
    one, three = (Household(start=START, phases=phases) for phases in (1, 3))
    seen = [(one.power(at), three.power(at)) for at in (START + timedelta(minutes=7 * step) for step in range(200))]
    assert all(single.l2 == single.l3 == 0 < single.l1 for single, _ in seen)
    assert all(min(triple[:3]) > 0 for _, triple in seen)
    assert any(max(triple[:3]) > 3 * min(triple[:3]) for _, triple in seen), "a real load is unbalanced"


def test_a_year_looks_like_a_norwegian_house() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    house = Household(start=start, solar=6000)
    totals = [house.energy(start + number * HOUR) for number in range(8761)]
    hours = [after.imported - before.imported for before, after in pairwise(totals)]
    assert 10e6 < totals[-1].imported < 30e6
    assert 2e6 < totals[-1].exported < 6e6
    assert max(hours) < 16_000
    # Heating makes January dearer than July; the sun gives in June, not in December.
    assert sum(hours[:744]) > 1.5 * sum(hours[4344:5088])
    noon = 12
    assert totals[163 * 24 + noon].exported - totals[163 * 24].exported > 1000
    assert totals[-1].exported - totals[-10 * 24].exported < 2000
