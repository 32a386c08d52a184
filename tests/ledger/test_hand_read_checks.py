"""What is refused of a reading that a person gives, and what is asked back about."""

from datetime import timedelta

import pytest

from custom_components.han_port.ledger import HandReading, ReadingError

from .hand_home import EXPECTED, HOUR, KWH, NOW, home, oslo

START = oslo(2026, 2, 1, 12)
MONTH = timedelta(days=28)
FIRST = HandReading(START, 50_000 * KWH)
SECOND = HandReading(START + MONTH, 51_500 * KWH)
THIRD = HandReading(START + 2 * MONTH, 53_000 * KWH)


def refused(
    reading: HandReading, *, confirmed: bool = False, readings: tuple[HandReading, ...] = (FIRST,)
) -> ReadingError:
    """Return why a reading is refused, and see that nothing is changed by it."""
    meter = home(readings)
    with pytest.raises(ReadingError) as caught:
        meter.add(reading, NOW, confirmed=confirmed)
    assert meter.readings == readings
    assert isinstance(caught.value, ValueError)
    return caught.value


def test_not_below_the_last_one() -> None:
    error = refused(HandReading(SECOND.at, FIRST.register - 1_500))
    assert error.key == "reading_below"
    assert error.placeholders == {"found": "49998.5", "other": "50000", "at": "2026-02-01 12:00"}
    assert not error.confirmable
    assert refused(HandReading(SECOND.at, FIRST.register - 1), confirmed=True).key == "reading_below"


def test_not_above_the_next_one_nor_below_the_one_before() -> None:
    between = START + MONTH / 2
    both = (FIRST, SECOND)
    for confirmed in (True, False):
        assert refused(HandReading(between, 51_501 * KWH), readings=both, confirmed=confirmed).key == "reading_above"
        assert refused(HandReading(between, 49_999 * KWH), readings=both, confirmed=confirmed).key == "reading_below"
    before = refused(HandReading(START - MONTH, 50_001 * KWH))
    assert (before.key, before.placeholders["other"], before.confirmable) == ("reading_above", "50000", False)


def test_a_late_reading_of_a_period_in_which_digits_rolled_over() -> None:
    old = HandReading(START, 99_500 * KWH)
    new = HandReading(START + MONTH, 900 * KWH)
    between = START + MONTH / 2
    for kwh in (99_500, 99_999, 0, 900):
        meter = home([old, new])
        meter.add(HandReading(between, kwh * KWH), NOW, confirmed=True)
        assert meter.register_at(new.at) == 100_900 * KWH
    assert refused(HandReading(between, 901 * KWH), readings=(old, new), confirmed=True).key == "reading_above"
    assert refused(HandReading(between, 99_499 * KWH), readings=(old, new), confirmed=True).key == "reading_above"


def test_digits_that_rolled_over() -> None:
    """Taken at once where the difference is likely; else when a person says so."""
    near = HandReading(START, 99_999 * KWH)
    home([near]).add(HandReading(START + MONTH, 12 * KWH + 500 * KWH), NOW)
    unlikely = HandReading(START + MONTH, 20_000 * KWH)
    error = refused(unlikely, readings=(near,))
    assert (error.key, error.confirmable) == ("reading_below", True)
    meter = home([near])
    meter.add(unlikely, NOW, confirmed=True)
    assert meter.register_at(unlikely.at) == 120_000 * KWH
    earlier = HandReading(START - MONTH, 80_000 * KWH)
    error = refused(earlier, readings=(HandReading(START, 5_000 * KWH),))
    assert (error.key, error.confirmable) == ("reading_above", True)
    home([HandReading(START, 500 * KWH)]).add(HandReading(START - MONTH, 99_000 * KWH), NOW)


def test_digits_that_rolled_over_for_next_to_nothing_are_asked_about() -> None:
    """A half year in which 30 kWh were used is as little likely as one in which ten times too much was."""
    error = refused(HandReading(START + 6 * MONTH, 20 * KWH), readings=(HandReading(START, 99_990 * KWH),))
    assert (error.key, error.confirmable) == ("reading_below", True)


@pytest.mark.parametrize(
    ("used", "taken"), [(0, False), (251, False), (253, True), (1_400, True), (5_379, True), (5_381, False)]
)
def test_an_absurd_reading_is_asked_about(used: int, taken: bool) -> None:
    """More than three times what is expected, or less than a fifth, give or take 100 kWh."""
    meter = home([FIRST])
    expected = (meter.register_at(SECOND.at) or 0) - FIRST.register
    assert expected == pytest.approx(1_760 * KWH, abs=KWH / 2)
    reading = HandReading(SECOND.at, FIRST.register + used * KWH)
    if taken:
        meter.add(reading, NOW)
    else:
        error = refused(reading)
        assert error.key == "reading_absurd"
        assert error.confirmable
        assert error.placeholders == {
            "found": str(used),
            "expected": f"{expected / 1000:.0f}",
            "start": "2026-02-01 12:00",
            "end": "2026-03-01 12:00",
        }
        meter.add(reading, NOW, confirmed=True)
    assert meter.last == reading


def test_a_short_time_is_not_absurd() -> None:
    """In two days a cabin may use nothing, and a home three times what it does as a rule."""
    for used in (0, 300):
        home([FIRST]).add(HandReading(START + 48 * HOUR, FIRST.register + used * KWH), NOW)


def test_a_late_reading_is_held_against_both_of_its_periods() -> None:
    late = HandReading(SECOND.at, 50_001 * KWH)
    error = refused(late, readings=(FIRST, THIRD))
    assert (error.key, error.placeholders["found"]) == ("reading_absurd", "1")
    late = HandReading(SECOND.at, 52_999 * KWH)
    error = refused(late, readings=(FIRST, THIRD))
    assert (error.key, error.placeholders["found"], error.placeholders["end"]) == (
        "reading_absurd",
        "1",
        "2026-03-29 13:00",
    )


def test_what_is_learned_is_what_readings_are_held_against() -> None:
    """A person said 16 000 kWh; the cabin uses 1 000, and a month of 1 000 is more than it ever was."""
    meter = home([HandReading(oslo(2025, 1, 1), 0), HandReading(oslo(2026, 1, 1), 1_000 * KWH)])
    with pytest.raises(ReadingError, match="reading_absurd"):
        meter.add(HandReading(oslo(2026, 2, 1), 2_000 * KWH), NOW)
    meter.add(HandReading(oslo(2026, 2, 1), 1_120 * KWH), NOW)


def test_a_wrong_reading_is_not_held_against_its_correction() -> None:
    """A year of ten times too much was confirmed; when it is corrected, the right one is as it was expected."""
    at = oslo(2026, 1, 1)
    meter = home([HandReading(oslo(2025, 1, 1), 0), HandReading(at, 99_000 * KWH)])
    assert meter.learned == pytest.approx(99_000 * KWH, abs=1)
    meter.replace(at, HandReading(at, 9_900 * KWH), NOW)
    assert meter.learned == pytest.approx(9_900 * KWH, abs=1)
    assert meter.expected == EXPECTED


def test_not_in_the_future() -> None:
    meter = home([FIRST])
    reading = HandReading(START + MONTH, 51_400 * KWH)
    with pytest.raises(ReadingError, match="reading_future"):
        meter.add(reading, START + MONTH - timedelta(seconds=1), confirmed=True)
    with pytest.raises(ReadingError, match="reading_future"):
        meter.replace(START, reading, START + MONTH - timedelta(seconds=1), confirmed=True)
    meter.add(reading, START + MONTH)
    assert refused(HandReading(oslo(2200, 2, 1), 0)).key == "reading_future"
    assert refused(HandReading(oslo(1989, 12, 1), 0)).key == "reading_too_old"


def test_not_two_at_one_time() -> None:
    error = refused(HandReading(START, FIRST.register + KWH), confirmed=True)
    assert (error.key, error.placeholders) == ("reading_same_time", {"at": "2026-02-01 12:00", "register": "50000"})
    meter = home([FIRST, SECOND])
    with pytest.raises(ReadingError, match="reading_same_time"):
        meter.replace(START, SECOND, NOW, confirmed=True)
    with pytest.raises(ReadingError, match="reading_same_time"):
        home([FIRST, HandReading(START, 0)])
    meter.replace(START, HandReading(START, FIRST.register + KWH), NOW)
    assert meter.readings[0].register == FIRST.register + KWH


def test_what_the_digits_cannot_show() -> None:
    error = refused(HandReading(SECOND.at, 100_000 * KWH), confirmed=True)
    assert (error.key, error.placeholders) == ("reading_digits", {"found": "100000", "digits": "5"})
    assert refused(HandReading(SECOND.at, -1), confirmed=True).key == "reading_negative"


def test_what_cannot_be_taken_away() -> None:
    meter = home([FIRST])
    with pytest.raises(ReadingError, match="reading_only_one"):
        meter.remove(START)
    with pytest.raises(ReadingError, match="reading_unknown"):
        meter.remove(START + HOUR)
    with pytest.raises(ReadingError, match="reading_unknown"):
        meter.replace(START + HOUR, SECOND, NOW)
    round_of_digits = [HandReading(START + number * MONTH, kwh * KWH) for number, kwh in enumerate((0, 60_000, 20_000))]
    meter = home(round_of_digits)
    with pytest.raises(ReadingError, match="reading_needed"):
        meter.remove(START + MONTH)
    assert meter.readings == tuple(round_of_digits)
