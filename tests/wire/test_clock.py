"""The clock laws: what a maker's clock says, and which UTC offsets it may have."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.han_port.wire.clock import stated_time
from custom_components.han_port.wire.cosem import DateTime
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import Reading
from tests.meters.household import Household
from tests.meters.make import MakerName, make_maker, make_meter
from tests.meters.meter import Meter

NORMAL = timedelta(hours=1)
SUMMER = timedelta(hours=2)

HOURS = [
    datetime(2026, 1, 15, 12, tzinfo=UTC),
    datetime(2026, 7, 15, 12, tzinfo=UTC),
    *(datetime(2026, 3, 29, hour, tzinfo=UTC) for hour in range(4)),
    *(datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in range(4)),
    *(datetime(2027, 3, 28, hour, tzinfo=UTC) for hour in range(4)),
    *(datetime(2027, 10, 31, hour, tzinfo=UTC) for hour in range(4)),
    datetime(2027, 12, 31, 23, tzinfo=UTC),
]
OCTOBER = (datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))


def hourly(maker: MakerName, hour: datetime, **options: bool) -> Reading:
    """Return the hourly list that a meter sends after a full hour."""
    meter = Meter(make_maker(maker, None, None, **options), Household(start=hour - timedelta(hours=1)))
    (reading,) = Decoder().feed(meter.send("hourly", hour + meter.maker.hourly_at).frame)
    return reading


@pytest.mark.parametrize("hour", HOURS, ids=str)
@pytest.mark.parametrize("newer", [False, True])
def test_aidon_keeps_normal_time(hour: datetime, newer: bool) -> None:
    reading = hourly("aidon", hour, newer=newer)
    assert reading.clock == (hour + NORMAL).replace(tzinfo=None)
    assert reading.clock_offsets == (NORMAL,)


@pytest.mark.parametrize("hour", HOURS, ids=str)
def test_kaifa_follows_the_clock_on_the_wall(hour: datetime) -> None:
    reading = hourly("kaifa", hour)
    sent = (hour + timedelta(seconds=10)).replace(tzinfo=None)
    assert reading.clock is not None
    assert sent in [reading.clock - offset for offset in reading.clock_offsets]
    assert len(reading.clock_offsets) == (2 if hour in OCTOBER or hour.replace(day=25, year=2026) in OCTOBER else 1)


@pytest.mark.parametrize("hour", HOURS, ids=str)
def test_kamstrup_keeps_normal_time_as_a_rule(hour: datetime) -> None:
    reading = hourly("kamstrup", hour, flags_summer=True)
    sent = (hour + timedelta(seconds=5)).replace(tzinfo=None)
    assert reading.clock == sent + NORMAL
    assert reading.clock_offsets == (NORMAL, SUMMER)


def test_other_lists_have_no_clock() -> None:
    meter = make_meter("kaifa", start=HOURS[0])
    (reading,) = Decoder().feed(meter.send("full", HOURS[0]).frame)
    assert reading.clock is None
    assert reading.clock_offsets == ()


def test_a_clock_that_was_never_set_is_shown_as_sent() -> None:
    meter = make_meter("kaifa", start=HOURS[0])
    frame = meter.send("hourly", HOURS[0], clock=datetime(2000, 1, 1, 0, 2, 10), status=3).frame  # noqa: DTZ001
    (reading,) = Decoder().feed(frame)
    assert reading.clock == datetime(2000, 1, 1, 0, 2, 10)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("deviation", "offsets"),
    [(-60, [1]), (-120, [2]), (-180, [3]), (None, [1, 2, 3]), (0, [1, 2, 3, 0])],
)
def test_stated_time(deviation: int | None, offsets: list[int]) -> None:
    """Elsewhere the deviation counts. Where none is stated, or 0, the arrival of a list has to tell."""
    assert stated_time(DateTime(datetime(2026, 7, 1), deviation)) == tuple(map(hours, offsets))  # noqa: DTZ001


def hours(count: int) -> timedelta:
    return timedelta(hours=count)
