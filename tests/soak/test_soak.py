"""The soak: a quarter of a day with every kind of fault, always; a week where HAN_PORT_LONG is set.

What belongs here: that `scripts/soak` finds nothing wrong with the integration, and that it would find what is wrong.
It runs as a process of its own, for it wants an event loop of its own.
"""

import asyncio
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
from random import Random
import subprocess
import sys
from time import monotonic
from typing import Any

import pytest

from custom_components.han_port.ledger import Hour, Status
from scripts.soaking.clock import Clock, FastLoop
from scripts.soaking.judge import energy_of, true_registers
from scripts.soaking.plan import HOUR, LENGTHS, Kind, faults
from tests.meters import make_meter

ROOT = Path(__file__).parent.parent.parent
START = datetime(2026, 10, 20, 12, tzinfo=UTC)
WEEK_LIMIT = 2400.0  # s on the wall


def soak(*arguments: str, seconds: float) -> dict[str, Any]:
    """Run the script; return what it found."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.soak", "--json", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == found["good"]
    return found


def wrong(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the claims that are not true."""
    return [claim for claim in found["claims"] if not claim["good"]]


def test_a_quarter_of_a_day_with_every_fault() -> None:
    found = soak("--days", "0.25", "--gap", "5", "--speed", "3000", "--seed", "13", seconds=240)
    assert wrong(found) == []
    assert {fault["kind"] for fault in found["faults"]} >= set(LENGTHS)
    assert found["lists"] > 8000


@pytest.mark.skipif("HAN_PORT_LONG" not in os.environ, reason="takes ten minutes; set HAN_PORT_LONG")
def test_a_week() -> None:
    found = soak(seconds=WEEK_LIMIT)
    assert wrong(found) == []
    assert {fault["kind"] for fault in found["faults"]} == set(Kind)
    assert found["hours"] == 168


def test_what_is_wrong_with_the_energy_is_found() -> None:
    meter = make_meter("aidon", start=START, solar=5000)
    hours = []
    for number in range(4):
        start = START + number * HOUR
        before, after = true_registers(meter, start), true_registers(meter, start + HOUR)
        hours.append(Hour(start, after[0] - before[0], after[1] - before[1], Status.MEASURED))
    right = energy_of(meter, START, hours)
    assert (right.sum_error, right.worst_measured) == (0, 0)
    assert right.statuses[Status.MEASURED] == 4

    hours[2] = hours[2]._replace(imported=(hours[2].imported or 0) + 10)
    assert energy_of(meter, START, hours).sum_error == 10
    assert energy_of(meter, START, hours).worst_measured == 10

    hours[2] = Hour(hours[2].start, None, None, Status.MISSING)
    assert energy_of(meter, START, hours).statuses[Status.MISSING] == 1


def test_the_same_seed_makes_the_same_faults() -> None:
    def plan(seed: int) -> list[tuple[Kind, datetime, datetime]]:
        return [(one.kind, one.start, one.end) for one in faults(START, START + 24 * HOUR, Random(seed))]

    assert plan(1) == plan(1)
    assert plan(1) != plan(2)
    for (_, _, end), (_, start, _) in zip(plan(1), plan(1)[1:], strict=False):
        assert end < start


def test_fast_time_waits_for_sockets_and_threads_and_no_longer() -> None:
    """A timer never fires late, whatever the machine does; a thread's work takes as long as it takes."""
    clock = Clock()

    async def go() -> tuple[float, float, float, float]:
        loop = asyncio.get_running_loop()
        clock.set(START)
        clock.times = 1000
        begin, wall = loop.time(), monotonic()
        for _ in range(20):
            await asyncio.sleep(10)
        slept, waited = loop.time() - begin, monotonic() - wall
        assert clock.now() - START - timedelta(seconds=slept) < timedelta(seconds=1)
        begin, wall = loop.time(), monotonic()
        await loop.run_in_executor(None, lambda: sum(range(1_000_000)))
        in_thread, worked = loop.time() - begin, monotonic() - wall
        clock.times = 1
        return slept, waited, in_thread, worked

    with asyncio.Runner(loop_factory=lambda: FastLoop(clock)) as runner:
        slept, waited, in_thread, worked = runner.run(go())
    assert 200 <= slept < 212
    assert waited < 100
    assert in_thread < worked + 2
