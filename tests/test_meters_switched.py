"""Loads of the simulated house that are switched: what they draw, and that the energy is that of the power."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.meters import Household, SwitchedHousehold, SwitchedLoad, Wish
from tests.meters.household import MEGA, WH

START = datetime(2027, 1, 4, 16, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
SECOND = timedelta(seconds=1)


def a_house(*loads: SwitchedLoad) -> SwitchedHousehold:
    """Return a house with nothing but these loads in it."""
    return SwitchedHousehold(loads=loads, start=START, appliances=[])


def test_it_draws_from_when_it_wants_until_it_has_and_waits_while_it_is_off() -> None:
    car = SwitchedLoad((1000, 2000, 3000), [Wish(START + HOUR, 3000)])
    house = a_house(car)
    assert house.power(START + HOUR - SECOND).total == 0
    assert house.power(START + HOUR)[:3] == (1000, 2000, 3000)
    car.switch(START + HOUR + 10 * MINUTE + SECOND / 2, on=False)
    assert house.power(START + HOUR + 10 * MINUTE).total == 6000
    assert house.power(START + HOUR + 10 * MINUTE + SECOND).total == 0
    assert car.missing == pytest.approx(3000 - 6000 * 601 / 3600)
    car.switch(START + 2 * HOUR, on=True)
    left = timedelta(seconds=3000 * 3600 / 6000 - 601)
    assert house.power(START + 2 * HOUR + left - SECOND).total == 6000
    assert house.power(START + 2 * HOUR + left).total == 0
    assert (car.missing, car.delivered) == (0, 3000)
    assert car.served == [(START + HOUR, START + 2 * HOUR + left)]


def test_energy_is_the_integral_of_power_also_when_asked_for_the_past() -> None:
    car = SwitchedLoad((2460, 2470, 2470), [Wish(START + 17 * MINUTE, 9001)])
    tank = SwitchedLoad((0, 2000, 0), [Wish(START + n * HOUR, 777) for n in range(4)], begins_at=1000)
    house = SwitchedHousehold(loads=(car, tank), start=START)
    rest = Household(start=START)
    car.switch(START + 40 * MINUTE, on=False)
    car.switch(START + 95 * MINUTE, on=True)
    end = START + 6 * HOUR
    begin = START + SECOND / 4
    points = [(begin, house.power(begin)), *house.breakpoints(begin, end), (end, house.power(end))]
    total = sum(
        power.total * ((until - at) // timedelta(microseconds=1)) for (at, power), (until, _) in pairwise(points)
    )
    assert house.exact(end).imported - house.exact(begin).imported == total
    assert house.exact(end).imported - rest.exact(end).imported == round((car.delivered + tank.delivered) * WH)
    # It takes whole seconds until it has all, and no more than it wants.
    assert 9001 <= car.delivered < 9001 + 7400 / 3600
    assert house.exact(START).imported == 0
    assert house.exact(end + SECOND).imported - house.exact(end).imported == house.power(end).total * MEGA


def test_a_thermostat_waits_until_it_is_worth_it() -> None:
    tank = SwitchedLoad((0, 2000, 0), [Wish(START, 300), Wish(START + HOUR, 300)], begins_at=400)
    house = a_house(tank)
    assert house.power(START + HOUR - SECOND).total == 0
    assert house.power(START + HOUR).total == 2000
    house.power(START + 2 * HOUR)
    assert (tank.missing, tank.worst) == (0, 600)


def test_what_has_not_come_when_the_car_leaves_is_given_up() -> None:
    car = SwitchedLoad((2460, 2470, 2470), [Wish(START, 7400, until=START + HOUR), Wish(START + 2 * HOUR, 7400)])
    house = a_house(car)
    car.switch(START + HOUR / 2, on=False)
    assert house.power(START + HOUR).total == 0
    assert (car.given_up, car.missing, car.served) == (3700, 0, [])
    car.switch(START + HOUR, on=True)
    assert house.power(START + HOUR + MINUTE).total == 0
    assert house.power(START + 2 * HOUR).total == 7400


def test_time_runs_forward_and_panels_would_need_netting() -> None:
    car = SwitchedLoad((2460, 2470, 2470), [Wish(START, 7400)])
    a_house(car).power(START + HOUR)
    with pytest.raises(ValueError, match="over"):
        car.switch(START, on=False)
    with pytest.raises(ValueError, match="netted"):
        SwitchedHousehold(loads=(), start=START, solar=5000)
