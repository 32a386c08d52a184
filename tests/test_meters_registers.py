"""Simulated meters that send their registers every ten seconds, and no other list."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.meters import Household, Meter
from tests.meters.p1 import P1

START = datetime(2026, 3, 29, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def meter(clock_error: timedelta = timedelta(0)) -> Meter:
    return Meter(P1("LGF5E360", ""), Household(start=START - HOUR), clock_error=clock_error)


def clocks(frame: bytes) -> str:
    return frame.partition(b"0-0:1.0.0(")[2][:13].decode("ascii")


def test_every_list_has_the_registers_of_its_instant() -> None:
    simulated = meter()
    lists = list(simulated.lists(START, START + HOUR))
    assert [sent.at for sent in lists] == [START + 10 * number * SECOND for number in range(360)]
    assert {sent.kind for sent in lists} == {"hourly"}
    for sent in lists:
        energy = simulated.household.energy(sent.at)
        assert sent.values["energy_import"] == int(energy.imported)
        assert sum(sent.values[f"power_import_l{phase}"] for phase in (1, 2, 3)) == sent.values["power_import"]
    assert clocks(lists[7].frame) == "260329010110W"


def test_a_clock_that_is_ahead_counts_by_itself() -> None:
    sent, *_ = meter(3 * SECOND).lists(START, START + 20 * SECOND)
    assert sent.at == START + 7 * SECOND
    assert clocks(sent.frame) == "260329010010W"


@pytest.mark.parametrize(("seconds", "shown"), [(0, "260329010000W"), (9, "260329010000W"), (3605, "260329020000W")])
def test_the_latest_list(seconds: int, shown: str) -> None:
    assert clocks(meter().latest_hourly(START + seconds * SECOND).frame) == shown


def test_a_long_simulation_can_be_thinned_out() -> None:
    lists = meter().schedule(START, START + HOUR, full_every=timedelta(minutes=10))
    assert [at.minute for at, _ in lists] == [0, 10, 20, 30, 40, 50]
    assert not list(meter().schedule(START, START + HOUR, kinds=["power", "full"]))
