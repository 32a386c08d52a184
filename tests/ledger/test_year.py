"""A month of each maker's meter, both DST weekends in it, with all that goes wrong; beside it a plain register.

`scripts/year` runs the whole year.
"""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.han_port.ledger import Status
from tests.meters.make import MakerName

from .simulation import HOUR, MAKERS, RESOLUTION, Run, simulate

SPRING = datetime(2026, 3, 21, 23, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 17, 22, tzinfo=UTC)
DAYS = 15
MEASURED = {"aidon": 10.0, "kaifa": 3.0, "kamstrup": 12.0, "embriq": 3.0}
"""Wh that a measured hour may be off. The register's resolution, and what the power of a few seconds cannot tell: a
Kamstrup's register is for 5 s past the hour, and power comes every 10 s."""


@pytest.fixture(scope="module", params=[(maker, start) for maker in MAKERS for start in (SPRING, AUTUMN)], ids=str)
def run(request: pytest.FixtureRequest) -> Run:
    maker, start = request.param
    return simulate(maker, start, DAYS * 24)


def name(run: Run) -> MakerName:
    return {"Aidon": MAKERS[0], "Kaifa": MAKERS[1], "Kamstrup": MAKERS[2]}.get(run.meter.maker.name, MAKERS[3])


def test_every_measured_hour_is_true(run: Run) -> None:
    assert run.outcome.worst_measured <= MEASURED[name(run)]


def test_hours_sum_up_to_the_registers(run: Run) -> None:
    assert run.outcome.sum_error == 0
    hours = [hour for hour in run.book.hours(run.start, run.end) if hour.status is not Status.MISSING]
    assert len(hours) >= DAYS * 24 - 2
    first, last = run.true_energy(hours[0].start), run.true_energy(hours[-1].start + HOUR)
    for direction in (0, 1):
        total = sum((hour.imported or 0, hour.exported or 0)[direction] for hour in hours)
        assert total == pytest.approx(last[direction] - first[direction], abs=MEASURED[name(run)])


def test_no_hour_is_negative_and_none_is_changed_without_notice(run: Run) -> None:
    for hour in run.book.hours(run.start, run.end):
        if hour.status is not Status.MISSING:
            assert min(hour.imported or 0, hour.exported or 0) >= 0
            assert hour == run.settled[hour.start]


def test_what_happens_between_two_registers_of_one_hour_leaves_it_measured(run: Run) -> None:
    """Only an hour whose register did not come, at one of its ends, is estimated."""
    trouble = run.trouble
    sent = run.meter.maker.hourly_at

    def came(end: datetime) -> bool:
        if end in trouble.lost or end in trouble.stale:
            return False
        arrival = end + sent + (trouble.late_by if end in trouble.late else timedelta(0))
        return not any(pause.start - timedelta(minutes=2) <= arrival < pause.end for pause in trouble.pauses)

    for hour in run.book.hours(run.start + 2 * HOUR, run.end - HOUR):
        if came(hour.start) and came(hour.start + HOUR):
            assert hour.status is Status.MEASURED, hour
    assert run.outcome.hours[Status.MEASURED] > 0.6 * DAYS * 24


def test_the_live_register_is_near_the_truth_and_never_falls(run: Run) -> None:
    outcome = run.outcome
    assert outcome.falls == 0
    assert outcome.live_checks > 50_000
    if name(run) == "kamstrup":  # power every 10 s: hobs that switch every 10 to 70 s cannot be followed
        assert outcome.live_beyond < 0.005 * outcome.live_checks
        assert outcome.worst_live < 80
    else:
        assert outcome.live_beyond == 0, outcome.live_excess


def test_a_plain_register_sensor_has_most_hours_wrong(run: Run) -> None:
    assert run.outcome.plain_wrong > 0.7 * run.outcome.hours[Status.MEASURED]
    assert run.outcome.plain_worst > 100 * RESOLUTION[name(run)]
