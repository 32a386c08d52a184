"""A scale that is wrong shows in a few hours; one that is right never seems to be wrong."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.han_port.ledger import Book, Comparison, suggested_factor
from custom_components.han_port.wire.reading import Quantity
from tests.meters import make_meter

from .simulation import HOUR, MAKERS, arrivals

START = datetime(2026, 5, 4, tzinfo=UTC)


def book_of(maker: Any, hours: int = 24, registers: float = 1, **options: Any) -> Book:
    """Return a book whose registers are multiplied by a factor."""
    meter = make_meter(maker, start=START - HOUR, **options)
    book = Book()
    for at, reading in arrivals(meter, START, START + hours * HOUR):
        values = {
            quantity: int(value * registers) if quantity in {Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT} else value
            for quantity, value in reading.values.items()
        }
        book.take(reading._replace(values=values), at)
    return book


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("solar", [0, 6000])
def test_a_right_scale_seems_right(maker: Any, solar: int) -> None:
    book = book_of(maker, solar=solar)
    assert len(book.comparisons) == 23
    assert suggested_factor(book.comparisons) is None


@pytest.mark.parametrize(("registers", "factor"), [(0.1, 10), (10, 0.1), (0.01, 100), (0.02, 50), (2, 0.5)])
def test_a_wrong_scale_is_noticed_within_hours(registers: float, factor: float) -> None:
    assert suggested_factor(book_of("kaifa", 9, registers).comparisons) == factor


def test_a_few_hours_are_not_enough() -> None:
    assert suggested_factor(book_of("kaifa", 6, 0.1).comparisons) is None


@pytest.mark.parametrize(
    "hours",
    [
        [],
        [(1000, 100), (1000, 1000)] * 6,
        [(3000, 1000), (1000, 1000)] * 6,
        [(0, 1000)] * 8,
        [(1000, 0)] * 8,
        [(50, 5)] * 24,
        [(1000, 950), (1000, 1100)] * 6,
    ],
)
def test_it_says_nothing_where_it_is_not_clear(hours: list[tuple[float, int]]) -> None:
    assert suggested_factor([Comparison(*one) for one in hours]) is None


def test_hours_in_which_power_was_missing_are_not_compared() -> None:
    meter = make_meter("aidon", start=START - HOUR)
    book = Book()
    for at, reading in arrivals(meter, START, START + 8 * HOUR):
        if at.minute != 30 or reading.clock:
            book.take(reading, at)
    assert not book.comparisons


def test_registers_of_every_ten_seconds_are_compared_by_the_hour() -> None:
    meter = make_meter("kaifa", start=START - HOUR)
    book = Book()
    last = None
    for at, reading in arrivals(meter, START, START + 3 * HOUR):
        if reading.clock is not None:
            last = reading
        elif last is not None and Quantity.POWER_EXPORT in reading.values and last.clock is not None:
            energy = meter.register(at)["energy_import"]
            clock = last.clock.replace(hour=at.hour + 2, minute=at.minute, second=at.second)
            values = {**last.values, **reading.values, Quantity.ENERGY_IMPORT: energy}
            book.take(last._replace(values=values, clock=clock), at)
    assert len(book.comparisons) >= 2
    for comparison in book.comparisons:
        assert comparison.power == pytest.approx(comparison.register, rel=0.05, abs=30)
