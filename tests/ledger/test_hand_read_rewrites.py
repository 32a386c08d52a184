"""A late, corrected or removed reading rewrites its own periods alone, and the order of readings does not matter."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.han_port.ledger import HandRead, HandReading, Hour, Profile, Span

from .hand_home import HOUR, KWH, NOW, PROFILES, full_hour, home, monthly_readings, oslo

ALL = (oslo(2025, 12, 1), oslo(2027, 4, 1))


def outside(hours: Sequence[Hour], spans: Sequence[Span]) -> list[Hour]:
    """Return the hours that no span has."""
    return [
        hour
        for hour in hours
        if not any(s.start <= hour.start and (s.end is None or hour.start < s.end) for s in spans)
    ]


def change(meter: HandRead, act: Callable[[HandRead], tuple[Span, ...]]) -> tuple[Span, ...]:
    """Do something to a meter, and see that nothing but the hours of the spans that it tells is changed by it."""
    before = meter.hours(*ALL)
    spans = act(meter)
    after = meter.hours(*ALL)
    assert outside(before, spans) == outside(after, spans)
    assert all(first.end is not None and first.end < second.start for first, second in pairwise(spans))
    return spans


def between(before: HandReading, after: HandReading) -> Span:
    return Span(full_hour(before.at), full_hour(after.at, up=True))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("place", [1, 4, 8])
def test_a_late_reading(profile: Profile, place: int) -> None:
    """The period that it falls into becomes two."""
    readings = monthly_readings(months=10)
    late = readings.pop(place)
    meter = home(readings, profile)
    spans = change(meter, lambda meter: meter.add(late, NOW, confirmed=True))
    assert spans == (between(readings[place - 1], readings[place]),)
    assert meter.register_at(late.at) == late.register
    assert change(meter, lambda meter: meter.add(late, NOW)) == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_corrected_reading(profile: Profile) -> None:
    readings = monthly_readings(months=10)
    meter = home(readings, profile)
    right = HandReading(readings[4].at, readings[4].register - 123 * KWH)
    spans = change(meter, lambda meter: meter.replace(right.at, right, NOW, confirmed=True))
    assert spans == (between(readings[3], readings[5]),)
    elsewhen = HandReading(right.at + timedelta(days=2, minutes=11), right.register)
    spans = change(meter, lambda meter: meter.replace(right.at, elsewhen, NOW, confirmed=True))
    assert spans == (between(readings[3], readings[5]),)
    assert meter.readings[4] == elsewhen
    assert change(meter, lambda meter: meter.replace(elsewhen.at, elsewhen, NOW, confirmed=True)) == ()


def test_a_reading_that_moves_past_another() -> None:
    readings = monthly_readings(months=8)
    at = readings[5].at + timedelta(days=9)
    moved = HandReading(at, (readings[5].register + readings[6].register) // 2)
    meter = home(readings)
    spans = change(meter, lambda meter: meter.replace(readings[2].at, moved, NOW, confirmed=True))
    assert spans == (between(readings[1], readings[3]), between(readings[5], readings[6]))


def test_a_removed_reading() -> None:
    readings = monthly_readings(months=10)
    meter = home(readings)
    assert change(meter, lambda meter: meter.remove(readings[4].at)) == (between(readings[3], readings[5]),)
    last = change(meter, lambda meter: meter.remove(readings[9].at))
    assert last == (Span(full_hour(readings[8].at), None),)
    first = change(meter, lambda meter: meter.remove(readings[0].at))
    assert first == (between(readings[0], readings[1]),)
    assert meter.register_at(readings[0].at) is None


def test_a_new_reading_and_the_time_after_it() -> None:
    readings = monthly_readings(months=5)
    meter = home(readings[:4])
    spans = change(meter, lambda meter: meter.add(readings[4], NOW))
    assert spans == (Span(full_hour(readings[3].at), None),)


def test_a_reading_before_the_first_one() -> None:
    readings = monthly_readings(months=5)
    meter = home(readings[1:])
    assert change(meter, lambda meter: meter.add(readings[0], NOW)) == (between(*readings[:2]),)


def test_a_reading_before_the_first_one_and_before_the_digits_rolled_over() -> None:
    """All that was known is a round of the digits higher."""
    readings = monthly_readings(months=5, first=99_500 * KWH)
    meter = home(readings[1:])
    assert change(meter, lambda meter: meter.add(readings[0], NOW)) == (Span(full_hour(readings[0].at), None),)
    assert meter.register_at(readings[1].at) == 100_000 * KWH + readings[1].register


def test_a_corrected_reading_of_which_a_year_was_learned() -> None:
    """The expectation is another one, so the hours after the last reading are."""
    readings = monthly_readings()
    meter = home(readings)
    first = HandReading(readings[0].at, readings[0].register - 200 * KWH)
    spans = change(meter, lambda meter: meter.replace(first.at, first, NOW, confirmed=True))
    assert spans == (between(*readings[:2]), Span(full_hour(readings[-1].at), None))


def test_two_readings_in_an_hour() -> None:
    start = oslo(2026, 2, 1, 10)
    readings = [
        HandReading(start - 10 * HOUR, 0),
        HandReading(start + timedelta(minutes=10), 10 * KWH),
        HandReading(start + timedelta(minutes=50), 11 * KWH),
        HandReading(start + 10 * HOUR, 20 * KWH),
    ]
    meter = home(readings)
    between_them = HandReading(start + timedelta(minutes=30), 10_250)
    assert change(meter, lambda meter: meter.add(between_them, NOW)) == (Span(start, start + HOUR),)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(PROFILES), st.integers(0, 1 << 30), st.booleans())
def test_the_order_does_not_matter(profile: Profile, seed: int, rolls: bool) -> None:
    readings = monthly_readings(months=14, seed=seed, first=(95_000 if rolls else 12_345) * KWH)
    meter = home(readings[:1], profile)
    for reading in readings[1:]:
        meter.add(reading, NOW, confirmed=True)
    shuffled = readings[:]
    Random(seed).shuffle(shuffled)
    other = home(shuffled[:1], profile)
    for reading in shuffled[1:]:
        other.add(reading, NOW, confirmed=True)
    assert other.readings == meter.readings == tuple(readings)
    assert other.hours(*ALL) == meter.hours(*ALL)
    assert other.learned == meter.learned
    assert other.to_stored() == meter.to_stored()


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_whatever_a_person_does(data: st.DataObject) -> None:
    """Hours outside of the spans that are told stay as they are, and all of it is as if made at once."""
    everything = monthly_readings(months=14)
    meter = home(everything[:1])
    for _ in range(data.draw(st.integers(1, 8))):
        reading = data.draw(st.sampled_from(everything))
        known = {one.at for one in meter.readings}
        if reading.at not in known:
            change(meter, partial(HandRead.add, reading=reading, now=NOW, confirmed=True))
        elif len(known) > 1:
            change(meter, partial(HandRead.remove, at=reading.at))
    assert meter.hours(*ALL) == home(meter.readings).hours(*ALL)


def test_times_of_any_zone_are_one_time() -> None:
    readings = monthly_readings(months=3)
    meter = home(readings)
    at: datetime = readings[1].at.astimezone()
    assert meter.add(HandReading(at, readings[1].register), NOW) == ()
    assert change(meter, lambda meter: meter.remove(at)) == (between(readings[0], readings[2]),)
