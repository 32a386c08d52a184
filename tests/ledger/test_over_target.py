"""Whether the target is exceeded: told soon, steadily, and once an hour anew."""

from datetime import timedelta
from itertools import groupby
from random import Random

import pytest

from custom_components.han_port.ledger import Forecast, OverTarget

from .scenario import HOUR, MINUTE, SECOND, START, Scenario

TEN = START.replace(minute=0) + HOUR
LIMIT = 5000


class Watched:
    """A house, and what was told of its target at each list."""

    def __init__(self, watts: int = 1000) -> None:
        self.house = Scenario(watts=watts)
        self.over = OverTarget()
        self.limit = LIMIT
        self.told: list[bool] = []
        self.house.run(30 * MINUTE)

    def run(self, duration: timedelta, watts: int | None = None, *, power: bool = True) -> bool:
        """Let time pass; return what is told at its end."""
        house = self.house
        for _ in range(duration // (10 * SECOND)):
            house.run(10 * SECOND, watts, power=power)
            now = house.now + house.system
            self.told.append(self.over.update(house.book.forecast(now), self.limit, now))
        return self.over.on

    @property
    def switches(self) -> int:
        """How often it has changed."""
        return len([*groupby(self.told)]) - 1


@pytest.fixture
def watched() -> Watched:
    """Return a house with 1 kW at ten o'clock."""
    return Watched()


def of(minute: float, expected: float, so_far: float = 0) -> Forecast:
    """Return a forecast of the hour from ten."""
    return Forecast(TEN, so_far, expected, 0, 3600 - 60 * minute, 60 * minute, True, 0)


def test_a_car_at_minute_twenty_is_told_within_two_minutes(watched: Watched) -> None:
    assert not watched.run(20 * MINUTE)
    assert watched.run(2 * MINUTE, 1000 + 7000)
    assert watched.switches == 1


@pytest.mark.parametrize("car", [6000, 7000, 11000])
@pytest.mark.parametrize("minute", [6, 10, 15])
def test_other_cars_too(watched: Watched, car: int, minute: int) -> None:
    watched.run(minute * MINUTE)
    assert watched.run(2 * MINUTE, 1000 + car)
    watched.run(timedelta(minutes=57 - minute))
    assert watched.switches == 1


def test_what_was_paused_in_time_ends_it(watched: Watched) -> None:
    watched.run(10 * MINUTE)
    assert watched.run(5 * MINUTE, 8000)
    assert watched.run(MINUTE, 1000)
    assert not watched.run(4 * MINUTE)
    assert watched.switches == 2


def test_an_hour_that_stays_below_is_never_told(watched: Watched) -> None:
    watched.run(HOUR, 4900)
    assert not any(watched.told)


def test_a_kettle_in_the_first_minutes_is_nothing(watched: Watched) -> None:
    watched.run(4 * MINUTE, 8000)
    watched.run(20 * MINUTE, 1000)
    assert not any(watched.told)


def test_what_goes_on_is_told_as_soon_as_the_first_minutes_are_over(watched: Watched) -> None:
    watched.run(5 * MINUTE - 10 * SECOND, 8000)
    assert not any(watched.told)
    assert watched.run(20 * SECOND)


def test_more_than_the_limit_is_told_at_once_even_then() -> None:
    over = OverTarget()
    assert not over.update(of(2, 9000, 4999), LIMIT, TEN + 2 * MINUTE)
    assert over.update(of(2.2, 9000, 5001), LIMIT, TEN + 2.2 * MINUTE)
    assert over.update(of(20, 5002, 5002), LIMIT, TEN + 20 * MINUTE)


def test_a_power_that_dithers_about_the_limit_does_not_make_it_flutter(watched: Watched) -> None:
    random = Random(5)
    for _ in range(6 * 56):
        watched.run(10 * SECOND, 5000 + random.randint(-1500, 1500))
    assert watched.switches <= 2


@pytest.mark.parametrize("period", [10, 20, 30, 60, 110])
def test_a_forecast_that_dithers_does_not_make_it_flutter(period: int) -> None:
    over = OverTarget()
    told = []
    for second in range(300, 3600, 10):
        expected = LIMIT + (90 if second // period % 2 else -90)
        told.append(over.update(of(second / 60, expected), LIMIT, TEN + second * SECOND))
    assert len([*groupby(told)]) <= 2


def test_states_last() -> None:
    """Whatever is forecast: off lasts half a minute, and on two."""
    random = Random(3)
    over = OverTarget()
    told = []
    for second in range(300, 3600, 10):
        forecast = of(second / 60, LIMIT + random.choice((-2000, 2000)) * (1 + second // 200 % 2))
        told.append(over.update(forecast, LIMIT, TEN + second * SECOND))
    lengths = [(on, 10 * len([*same])) for on, same in groupby(told)]
    assert all(seconds >= (120 if on else 30) for on, seconds in lengths[:-1])


def test_a_new_hour_begins_off(watched: Watched) -> None:
    assert watched.run(HOUR - 10 * SECOND, 8000)
    assert not watched.run(10 * SECOND)
    assert not watched.run(5 * MINUTE - 10 * SECOND)
    assert watched.run(MINUTE)


def test_it_stays_as_it_is_while_nothing_comes_and_ends_with_the_hour(watched: Watched) -> None:
    assert watched.run(30 * MINUTE, 8000)
    assert watched.run(29 * MINUTE + 50 * SECOND, power=False)
    assert watched.house.book.forecast(watched.house.now) is None
    assert not watched.run(10 * SECOND, power=False)
    assert not watched.run(20 * MINUTE, power=False)


def test_a_limit_that_the_user_moves_counts_at_once(watched: Watched) -> None:
    watched.run(20 * MINUTE, 4000)
    watched.limit = 3500
    assert watched.run(10 * SECOND)
    watched.limit = 4100
    assert not watched.run(10 * SECOND)
    watched.limit = 1000
    assert watched.run(10 * SECOND)
    watched.limit = 20_000
    assert not watched.run(10 * SECOND)


def test_a_limit_that_is_moved_in_the_first_minutes_waits_for_their_end(watched: Watched) -> None:
    watched.run(2 * MINUTE, 4000)
    watched.limit = 3500
    assert not watched.run(2 * MINUTE)
    assert watched.run(2 * MINUTE)


@pytest.mark.parametrize("step", [-5 * MINUTE, -15 * MINUTE, -2 * HOUR, 5 * MINUTE, 2 * HOUR])
def test_it_lives_through_a_clock_that_is_set(watched: Watched, step: timedelta) -> None:
    watched.run(20 * MINUTE, 1000)
    watched.house.system = step
    watched.run(3 * MINUTE)
    assert not any(watched.told)
    watched.run(5 * MINUTE)
    assert watched.run(3 * MINUTE, 12_000)


def test_a_clock_set_back_within_the_hour_does_not_stop_it(watched: Watched) -> None:
    watched.run(30 * MINUTE, 1000)
    watched.run(20 * SECOND, 20_000)
    watched.house.system = -10 * MINUTE
    assert watched.run(2 * MINUTE)
