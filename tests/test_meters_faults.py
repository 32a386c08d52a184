"""Faults on the line of a simulated meter."""

from collections import Counter
from datetime import UTC, datetime, timedelta
import struct
from typing import Any

import pytest

from tests.meters import Meter, Sent, make_meter
from tests.meters.faults import (
    DamagedBytes,
    DoubledLists,
    Fault,
    Garbage,
    HalfFrames,
    LateLists,
    LostLists,
    OtherMeter,
    Outage,
    Silence,
    StaleHours,
    Translated,
    UnsetClock,
    apply,
    every,
    spans,
)
from tests.meters.options import build, parse

START = datetime(2026, 5, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(name="meter")
def fixture_meter() -> Meter:
    return make_meter("aidon", start=START - 6 * HOUR)


def run(meter: Meter, *faults: Fault, span: timedelta = 10 * MINUTE, **options: Any) -> tuple[list[Sent], list[Sent]]:
    """Return a stream without faults and with them."""
    return (
        list(meter.lists(START, START + span, **options)),
        list(apply(meter.lists(START, START + span, **options), *faults)),
    )


@pytest.mark.parametrize(("how", "more"), [("lost", -1), ("doubled", 1), ("flipped", 0)])
def test_a_byte_is_damaged_where_asked(meter: Meter, how: Any, more: int) -> None:
    whole, hurt = run(meter, DamagedBytes(how, positions={2: [7]}))
    assert [sent for sent, other in zip(whole, hurt, strict=True) if sent != other] == [whole[2]]
    before, after = whole[2].frame, hurt[2].frame
    assert len(after) == len(before) + more
    assert after[:7] == before[:7]
    assert after[8 + more :] == before[8:]
    if how == "flipped":
        assert (before[7] ^ after[7]).bit_count() == 1


def test_bytes_are_damaged_as_often_as_asked_and_alike_each_time(meter: Meter) -> None:
    whole, hurt = run(meter, DamagedBytes("lost", 0.01), span=HOUR)
    size, left = (sum(len(sent.frame) for sent in stream) for stream in (whole, hurt))
    assert 0.008 < 1 - left / size < 0.012
    assert hurt == run(meter, DamagedBytes("lost", 0.01), span=HOUR)[1]
    assert hurt != run(meter, DamagedBytes("lost", 0.01, seed=2), span=HOUR)[1]


def test_half_frames_are_beginnings(meter: Meter) -> None:
    whole, hurt = run(meter, HalfFrames(0.3))
    cut = [(sent.frame, other.frame) for sent, other in zip(whole, hurt, strict=True) if sent != other]
    assert 0.2 < len(cut) / len(whole) < 0.4
    assert all(len(part) < len(frame) and frame.startswith(part) and part for frame, part in cut)


def test_lists_are_lost_by_kind_and_time(meter: Meter) -> None:
    during = spans((START + 2 * HOUR, START + 3 * HOUR))
    _, left = run(meter, LostLists(during=during, kinds=["hourly"]), span=4 * HOUR)
    assert [sent.at.hour for sent in left if sent.kind == "hourly"] == [5, 6, 8]
    _, half = run(meter, LostLists(0.5), span=HOUR)
    assert 0.4 < len(half) / 1440 < 0.6


def test_a_doubled_list_comes_twice_byte_for_byte(meter: Meter) -> None:
    whole, hurt = run(meter, DoubledLists(1, ["hourly"]), span=3 * HOUR)
    hours = [sent for sent in hurt if sent.kind == "hourly"]
    assert len(hurt) == len(whole) + 3
    assert hours[0::2] == hours[1::2]


def test_a_late_list_is_overtaken(meter: Meter) -> None:
    whole, hurt = run(meter, LateLists(3 * MINUTE))
    (place,) = (number for number, sent in enumerate(hurt) if sent.kind == "hourly")
    assert hurt[place].at == START + timedelta(minutes=3, seconds=10)
    assert [sent.at for sent in hurt] == sorted(sent.at for sent in hurt)
    assert Counter(sent.frame for sent in hurt) == Counter(sent.frame for sent in whole)
    _, end = run(meter, LateLists(30 * MINUTE))
    assert end[-1].kind == "hourly"


def test_garbage_lies_between_lists(meter: Meter) -> None:
    whole, hurt = run(meter, Garbage(0.5))
    assert [sent for sent in hurt if sent.kind != "noise"] == whole
    noise = [sent.frame for sent in hurt if sent.kind == "noise"]
    assert len(noise) > 80
    assert all(0 < len(frame) <= 40 for frame in noise)


def test_silence_takes_its_share_of_each_period(meter: Meter) -> None:
    _, left = run(meter, Silence(every(5 * MINUTE, MINUTE, START)))
    assert {sent.at.minute for sent in left} == {0, 1, 2, 3, 5, 6, 7, 8}


@pytest.mark.parametrize("how", ["closed", "half_open"])
def test_an_outage_says_when_it_begins_and_ends(meter: Meter, how: Any) -> None:
    _, left = run(meter, Outage(spans((START + MINUTE, START + 3 * MINUTE)), how))
    marks = [(sent.at, sent.kind, sent.frame) for sent in left if sent.kind in {how, "opened"}]
    assert marks == [(START + MINUTE, how, b""), (START + 3 * MINUTE, "opened", b"")]
    assert not {sent.at.minute for sent in left if sent.frame} & {1, 2}


def test_a_stale_hour_repeats_clock_and_registers_with_live_power(meter: Meter) -> None:
    whole, hurt = run(meter, StaleHours(meter, hours=[START + 2 * HOUR]), span=4 * HOUR, kinds=["hourly"])
    assert [sent == other for sent, other in zip(whole, hurt, strict=True)] == [True, True, False, True]
    stale = hurt[2]
    assert stale.at == whole[2].at
    assert stale.values["energy_import"] == whole[1].values["energy_import"] < whole[2].values["energy_import"]
    assert stale.values["power_import"] == whole[2].values["power_import"] != whole[1].values["power_import"]
    clock = b"\x09\x0c\x07\xea\x05\x04\x01"
    assert stale.frame[stale.frame.index(clock) + 7] == 7


def test_an_unset_clock_counts_from_the_year_2000() -> None:
    meter = make_meter("kaifa", start=START - HOUR)
    _, hurt = run(meter, UnsetClock(meter, spans((START, START + MINUTE))), span=2 * MINUTE)
    clocks = [(struct.unpack_from(">HBBBBBB", sent.frame, 19), sent.frame[19 + 11]) for sent in hurt]
    assert clocks[0] == ((2000, 1, 1, 6, 0, 0, 0), 3)
    assert clocks[29] == ((2000, 1, 1, 6, 0, 0, 58), 3)
    assert clocks[30] == ((2026, 5, 4, 1, 7, 1, 0), 0)


def test_another_meters_lists_come_in_between(meter: Meter) -> None:
    other = make_meter("kaifa", start=START - HOUR)
    whole, mixed = run(meter, OtherMeter(other))
    assert [sent for sent in mixed if sent in whole] == whole
    assert [sent.at for sent in mixed] == sorted(sent.at for sent in mixed)
    assert len(mixed) > 2 * len(whole)


def test_a_translating_reader_makes_line_ends_of_0a(meter: Meter) -> None:
    whole, hurt = run(meter, Translated(), Garbage(0))
    for sent, other in zip(whole, hurt, strict=True):
        assert other.frame.endswith(b"\x7e\r\n")
        assert other.frame[:-2].replace(b"\r\n", b"\n") == sent.frame
    assert any(len(other.frame) > len(sent.frame) + 4 for sent, other in zip(whole, hurt, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        *("lost=0.1", "doubled=0.1", "flipped=0.1", "half=0.5", "lost-lists=0.5", "doubled-lists=0.5", "garbage=0.5"),
        *("late=60", "stale=1", "silence=30/60", "closed=30/60", "half-open=30/60", "unset-clock=600", "other"),
        "translated",
    ],
)
def test_the_command_lines_faults_change_the_stream(text: str) -> None:
    arguments = ["--meter", "kaifa", "--start", START.isoformat()]
    meter, none, start = build(parse(arguments))
    assert (none, start) == ([], START)
    faulty, faults, _ = build(parse([*arguments, "--fault", text]))
    whole = list(meter.lists(start, start + 2 * MINUTE))
    assert list(apply(faulty.lists(start, start + 2 * MINUTE), *faults)) != whole
