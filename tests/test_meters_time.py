"""The simulated meters in virtual time: when they send what, what their clock shows, and what their registers say."""

from collections import Counter
from datetime import UTC, datetime, timedelta
import struct
from typing import Any

import pytest

from tests.meters import Meter, Sent, make_meter

SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
"""Clocks in Norway go from 02:00 to 03:00."""
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""Clocks in Norway go from 03:00 to 02:00."""
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def meter_at(maker: Any, near: datetime, **options: Any) -> Meter:
    return make_meter(maker, start=near - 12 * HOUR, **options)


def offsets(meter: Meter, hour: datetime, seconds: float) -> list[tuple[float, str]]:
    """Return what is sent from some seconds before a full hour to as many after it."""
    lists = meter.lists(hour - seconds * SECOND, hour + seconds * SECOND)
    return [((sent.at - hour) / SECOND, sent.kind) for sent in lists]


def clock_shown(sent: Sent) -> datetime:
    """Read the clock of an hourly list out of its bytes: the last twelve octets with a length before them."""
    at = sent.frame.rindex(b"\x09\x0c\x07") + 2
    year, month, day, _, hour, minute, second = struct.unpack_from(">HBBBBBB", sent.frame, at)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 -- a meter's clock has no time zone


def hourly(meter: Meter, first: datetime, count: int = 1) -> list[Sent]:
    return list(meter.lists(first, first + count * HOUR, kinds=["hourly"]))


def test_aidon_sends_the_hour_in_place_of_the_full_list_ten_seconds_past_it() -> None:
    assert offsets(meter_at("aidon", SPRING), SPRING, 12.5) == [
        *((-12.5, "power"), (-10, "full"), (-7.5, "power"), (-5, "power"), (-2.5, "power")),
        *((0, "full"), (2.5, "power"), (5, "power"), (7.5, "power"), (10, "hourly")),
    ]


def test_kaifa_sends_the_hour_in_place_of_the_full_list_ten_seconds_past_it() -> None:
    assert offsets(meter_at("kaifa", SPRING), SPRING, 12) == [
        *((-12, "power"), (-10, "full"), (-8, "power"), (-6, "power"), (-4, "power"), (-2, "power")),
        *((0, "full"), (2, "power"), (4, "power"), (6, "power"), (8, "power"), (10, "hourly")),
    ]


@pytest.mark.parametrize("second", [5, 25, 55])
def test_kamstrup_sends_the_hour_between_two_full_lists(second: int) -> None:
    lists = offsets(meter_at("kamstrup", SPRING, second=second), SPRING, 60)
    assert (second, "hourly") in lists
    assert [offset for offset, kind in lists if kind == "full"] == list(range(-60, 60, 10))
    assert len(lists) == 13


@pytest.mark.parametrize(
    ("maker", "counts"),
    [
        ("aidon", {"power": 24 * 1080, "full": 24 * 359, "hourly": 24}),
        ("kaifa", {"power": 24 * 1440, "full": 24 * 359, "hourly": 24}),
        ("kamstrup", {"full": 24 * 360, "hourly": 24}),
        ("embriq", {"power": 24 * 1080, "full": 24 * 359, "hourly": 24}),
    ],
)
def test_a_day_has_its_number_of_lists(maker: Any, counts: dict[str, int]) -> None:
    meter = meter_at(maker, SPRING)
    assert Counter(kind for _, kind in meter.schedule(SPRING, SPRING + 24 * HOUR)) == counts


def test_a_long_simulation_can_be_thinned_out() -> None:
    meter = meter_at("kaifa", SPRING)
    minute = timedelta(minutes=1)
    lists = meter.schedule(SPRING, SPRING + 24 * HOUR, power_every=minute, full_every=10 * minute)
    assert Counter(kind for _, kind in lists) == {"power": 24 * 54, "full": 24 * 6, "hourly": 24}


@pytest.mark.parametrize(
    ("maker", "around", "shown"),
    [
        ("aidon", SPRING, ["01:00:00", "02:00:00", "03:00:00"]),
        ("kaifa", SPRING, ["01:00:10", "03:00:10", "04:00:10"]),
        ("kamstrup", SPRING, ["01:00:05", "02:00:05", "03:00:05"]),
        ("aidon", AUTUMN, ["01:00:00", "02:00:00", "03:00:00"]),
        ("kaifa", AUTUMN, ["02:00:10", "02:00:10", "03:00:10"]),
        ("kamstrup", AUTUMN, ["01:00:05", "02:00:05", "03:00:05"]),
    ],
)
def test_the_clock_follows_its_makers_law_when_summer_time_begins_and_ends(
    maker: Any, around: datetime, shown: list[str]
) -> None:
    lists = hourly(meter_at(maker, around), around - HOUR, 3)
    assert [clock_shown(sent).strftime("%H:%M:%S") for sent in lists] == shown


@pytest.mark.parametrize(
    ("maker", "instant", "resolution"),
    [("aidon", 0, 10), ("kaifa", 10, 1), ("kamstrup", 5, 10), ("embriq", 6, 1)],
)
def test_a_register_is_the_true_energy_at_its_makers_instant(maker: Any, instant: int, resolution: int) -> None:
    meter = meter_at(maker, SPRING, solar=9000, registers=(1003, 2, 0, 7))
    for sent in hourly(meter, SPRING, 12):
        at = meter.hour_of(sent.at) + instant * SECOND
        true = meter.household.energy(at)
        for name, begin, energy in zip(list(sent.values)[-4:], (1003, 2, 0, 7), true, strict=True):
            assert 0 <= begin + energy - sent.values[name] < resolution
    assert sent.values["energy_export"] > 500


def test_a_list_says_what_its_values_are() -> None:
    for sent in meter_at("kaifa", SPRING).lists(SPRING, SPRING + 20 * SECOND):
        octets = struct.pack(">BI", 6, int(sent.values["power_import"]))
        assert octets in sent.frame
        if sent.kind == "hourly":
            assert struct.pack(">BI", 6, int(sent.values["energy_import"])) in sent.frame
            assert sent.values["voltage_l2"] == 0, "an IT meter of Kaifa does not measure it"
            assert sent.values["current_l2"] > 0


@pytest.mark.parametrize(("model", "missing"), [("6525", {"current_l2"}), ("6534", set()), ("6515", None)])
def test_a_full_list_has_the_phases_of_its_grid(model: str, missing: set[str] | None) -> None:
    meter = meter_at("aidon", SPRING, model=model)
    names = set(meter.values("full", SPRING))
    phases = {f"{what}_l{phase}" for what in ("current", "voltage") for phase in (1, 2, 3)}
    expected = {"current_l1", "voltage_l1"} if missing is None else phases - missing
    assert names & phases == expected


def test_the_current_of_a_phase_that_exports_is_negative_on_an_aidon() -> None:
    noon = datetime(2026, 6, 12, 11, tzinfo=UTC)
    days = [noon + timedelta(days=day) for day in range(10)]
    aidon, kaifa = (make_meter(maker, model=model, start=noon - HOUR, solar=9000) for maker, model in SUNNY)
    assert any(aidon.values("full", day)["current_l2"] < 0 for day in days)
    assert all(kaifa.values("full", day)["current_l2"] >= 0 for day in days)


SUNNY: tuple[tuple[Any, str], ...] = (("aidon", "6534"), ("kaifa", "MA304H4"))


def test_a_clock_that_is_ahead_sends_early_and_counts_its_own_hours() -> None:
    meter = meter_at("aidon", SPRING, clock_error=90 * SECOND)
    (sent,) = hourly(meter, SPRING - HOUR / 2)
    assert sent.at == SPRING - 80 * SECOND
    assert clock_shown(sent).hour == 2
    true = meter.household.energy(SPRING - 90 * SECOND).imported
    assert 0 <= meter.registers[0] + true - sent.values["energy_import"] < 10


def test_current_transformers_divide_what_is_measured() -> None:
    plain, divided = (meter_at("kamstrup", SPRING, transformer=ratio, registers=(0, 0, 0, 0)) for ratio in (1, 5))
    first, second = (meter.values("hourly", SPRING + 5 * SECOND) for meter in (plain, divided))
    assert second["power_import"] == pytest.approx(first["power_import"] / 5, abs=1)
    assert second["current_l1"] == pytest.approx(first["current_l1"] / 5, abs=0.01)
    assert second["energy_import"] == pytest.approx(first["energy_import"] / 5, abs=10)
    assert second["voltage_l1"] == first["voltage_l1"]


def test_the_latest_hour_is_the_one_whose_list_has_been_sent() -> None:
    meter = meter_at("kaifa", SPRING)
    before, after = (meter.latest_hourly(SPRING + seconds * SECOND) for seconds in (9, 11))
    assert clock_shown(before).hour == 1
    assert clock_shown(after).hour == 3
    assert before.values["energy_import"] < after.values["energy_import"]


def test_some_kamstrups_flag_summer_time_on_a_clock_that_keeps_normal_time() -> None:
    for flags, status in ((True, 0x80), (False, 0)):
        meter = meter_at("kamstrup", SPRING + 50 * HOUR, flags_summer=flags)
        (sent,) = hourly(meter, SPRING + 50 * HOUR)
        assert clock_shown(sent).hour == 4
        assert sent.frame[sent.frame.rindex(b"\x09\x0c\x07") + 13] == status


def test_a_kaifa_with_wide_registers_sends_eight_octets() -> None:
    narrow, wide = (meter_at("kaifa", SPRING, model="MA304T4", wide=value) for value in (False, True))
    (first,), (second,) = hourly(narrow, SPRING), hourly(wide, SPRING)
    assert len(second.frame) == len(first.frame) + 4 * 4
    assert struct.pack(">BQ", 0x15, int(second.values["energy_import"])) in second.frame
