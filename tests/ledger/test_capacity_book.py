"""The month's peaks out of a book that took lists: repeated ones, an outage, and a meter that was replaced."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from custom_components.han_port.ledger import (
    Book,
    Hour,
    Origin,
    Rule,
    Status,
    Step,
    Steps,
    Tariff,
    allowed,
    assess,
    month_span,
)
from custom_components.han_port.wire.reading import Meter, Reading

from .scenario import HOUR, METER, MINUTE, SECOND, START, Scenario, list_of

STEPS = Steps([Step(0, 150.0), Step(2000, 250.0), Step(5000, 420.0)])
TARIFF = Tariff(Rule.THREE_DAYS, STEPS)
WITH_ESTIMATES = Tariff(Rule.THREE_DAYS, STEPS, count_estimated=True)
TODAY = START.date()
TEN = START + 30 * MINUTE
"""The first full hour."""
HEAVY = {(5, 17): 4000, (14, 18): 6000, (15, 7): 3000, (15, 9): 9000, (15, 18): 5000, (25, 18): 2000}
"""Wh of some hours, by the day of January and the hour in UTC in which they begin."""
OTHER = Meter("Aidon", "6525", "7359992000000222", "AIDON_V0001")


def hours_of(book: Book, day: date = TODAY) -> tuple[Hour, ...]:
    return book.hours(*month_span(day))


def peaks(scenario: Scenario, tariff: Tariff) -> list[tuple[int, int, Origin]]:
    """Return each day's peak: the hour that it is of, after the first full one, and its Wh."""
    month = assess(hours_of(scenario.book), {}, tariff, TODAY)
    return [((peak.start - TEN) // HOUR, peak.energy, peak.origin) for peak in month.days if peak.start]


@pytest.mark.parametrize("register_at", [0, 10])
def test_a_peak_is_an_hour_of_the_meter(register_at: int) -> None:
    scenario = Scenario(register_at=register_at)
    for watts in (1000, 4000, 6000, 2000):
        scenario.run(HOUR, watts)
    ((hour, energy, origin),) = peaks(scenario, TARIFF)  # of half an hour of 4 kW and half an hour of 6 kW
    assert (hour, origin) == (1, Origin.MEASURED)
    assert energy == pytest.approx(scenario.volume(TEN + HOUR)[0], abs=1)
    assert energy == pytest.approx(5000, abs=20)


def test_a_doubled_list_is_no_peak() -> None:
    once, twice = Scenario(), Scenario()
    for scenario, copies in ((once, 1), (twice, 3)):
        for watts in (1000, 4000, 6000, 2000):
            scenario.run(HOUR, watts, change=lambda reading, copies=copies: [reading] * copies)  # type: ignore[misc]
    assert peaks(twice, TARIFF) == peaks(once, TARIFF) != []


@pytest.mark.parametrize("tariff", [TARIFF, WITH_ESTIMATES], ids=["measured", "with estimates"])
def test_a_list_that_comes_again_an_hour_later_makes_no_hour_of_two(tariff: Tariff) -> None:
    scenario = Scenario()
    sent: list[Reading] = []

    def repeated(_: Reading) -> list[Reading]:
        return sent[-1:]

    def remembered(reading: Reading) -> list[Reading]:
        sent.append(reading)
        return [reading]

    scenario.run(3 * HOUR, 3000, change=remembered)
    scenario.run(HOUR, 4000, change=repeated)
    scenario.run(2 * HOUR, 2000, change=remembered)
    hour, energy, origin = peaks(scenario, tariff)[0]
    lost = TEN + 3 * HOUR
    assert {row.start for row in scenario.hours.values() if row.status is Status.ESTIMATED} == {lost - HOUR, lost}
    if tariff.count_estimated:
        assert (hour, origin) == (2, Origin.ESTIMATED)
        assert energy == pytest.approx(scenario.volume(lost - HOUR)[0], abs=20)
    else:
        assert (hour, energy, origin) == (0, 3000, Origin.MEASURED)


def test_the_peak_in_an_outage_counts_only_if_it_is_asked_for() -> None:
    scenario = Scenario()
    scenario.run(2 * HOUR, 3000)
    scenario.run(3 * HOUR, 9000, power=False, registers=False)
    scenario.run(2 * HOUR, 2000)
    assert peaks(scenario, TARIFF) == [(0, 3000, Origin.MEASURED)]
    ((hour, energy, origin),) = peaks(scenario, WITH_ESTIMATES)
    assert (scenario.hours[TEN + hour * HOUR].status, origin) == (Status.ESTIMATED, Origin.ESTIMATED)
    assert energy == pytest.approx(9000, abs=50)
    corrected = assess(hours_of(scenario.book), {TODAY: 9000}, TARIFF, TODAY)
    assert [(peak.energy, peak.origin) for peak in corrected.counting] == [(9000, Origin.CORRECTED)]


def told_by(meter: Meter, register: int, since: datetime, until: datetime) -> Book:
    """Return the book of a meter that told its register each full hour: 1 kWh an hour, but for the heavy ones."""
    book = Book()
    for number in range((until - since) // HOUR + 1):
        at = since + number * HOUR
        book.take(list_of(at, register)._replace(meter=meter), at + 10 * SECOND)
        register += HEAVY.get((at.day, at.hour), 1000)
    assert book.meter_id == meter.id
    return book


def test_a_meter_that_is_replaced_on_the_fifteenth() -> None:
    begin, end = month_span(date(2026, 1, 15))
    # The fitter comes at half past nine: the old one's last list is of nine, the new one's first of ten.
    old = told_by(METER, 41_000_000, begin - 3 * HOUR, datetime(2026, 1, 15, 9, tzinfo=UTC))
    new = told_by(OTHER, 17, datetime(2026, 1, 15, 10, tzinfo=UTC), end + 3 * HOUR)

    def together(day: date) -> Iterator[Hour]:
        yield from old.hours(*month_span(day))
        yield from new.hours(*month_span(day))

    day = date(2026, 1, 20)
    month = assess(together(day), {}, WITH_ESTIMATES, day)
    assert [(peak.day.day, peak.energy) for peak in month.counting] == [(14, 6000), (15, 5000), (5, 4000)]
    assert {peak.origin for peak in month.days} == {Origin.MEASURED}
    assert (month.mean, month.step, month.price) == (Fraction(5000), 2, 420.0)
    assert [peak.day.day for peak in month.days] == list(range(1, 32))
    assert allowed(month, TARIFF, 4500, day) == 4000
    assert assess(new.hours(*month_span(day)), {}, TARIFF, day).mean == Fraction(5000 + 2000 + 1000, 3)
