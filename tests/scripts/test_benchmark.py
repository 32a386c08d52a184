"""Each measurement of the benchmark, tiny: that it measures what it says, and how figures are held against bars."""

import asyncio
from datetime import UTC, datetime, timedelta
import importlib.util
import json
import os
from pathlib import Path
import subprocess
import sys

import pytest

from scripts.benchmarks.bars import TOLERANCE, Bar, Part
from scripts.benchmarks.scale import observed
from scripts.benchmarks.senders import kind_at
from tests.meters import make_meter

ROOT = Path(__file__).parents[2]


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmark as its script does."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.benchmark", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_memory_of_a_decoder() -> None:
    ran = benchmark("memory", "--frames", "4000", "--json")
    assert ran.returncode == 0, ran.stderr
    first, last = json.loads(ran.stdout)["memory"]["rows"]
    assert first["frames"] == 400
    assert last["frames"] == 4000
    assert 0 < last["of them damaged"] < 1000
    assert last["traced, KiB"] > 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores are chosen as Linux does it")
def test_a_few_meters_in_one_process() -> None:
    ran = benchmark("scale", "--meters", "5", "--minutes", "0.1", "--warm-up", "2", "--json")
    assert ran.returncode == 0, ran.stderr
    figures = {row["figure"]: row["value"] for row in json.loads(ran.stdout)["scale"]["rows"]}
    assert figures["lists sent"] == round(5 * 8 / 2.5)
    assert figures["lists lost"] == 0
    assert 0 < figures["share of the core, %"] < 100
    assert figures["resident at last, MiB"] > 10


def test_lists_beside_bare_writes() -> None:
    ran = benchmark("list", "--makers", "aidon", "--hours", "1", "--json")
    assert ran.returncode == 0, ran.stderr
    rows = {row["list"]: row for row in json.loads(ran.stdout)["list"]["rows"]}
    assert 1 <= rows["aidon power"]["writes"] < 1.1  # the last one before a full hour tells of energy too
    assert rows["aidon full"]["writes"] > 5
    assert all(row["ours, µs"] > row["bare, µs"] > 0 for row in rows.values())


def test_a_meter_that_grows() -> None:
    ran = benchmark("growth", "--hours", "1", "--json")
    assert ran.returncode == 0, ran.stderr
    rows = json.loads(ran.stdout)["growth"]["rows"]
    assert len(rows) == 9
    assert all(row["hourly, ms"] * 1000 > row["full, µs"] > row["power, µs"] > 0 for row in rows)


@pytest.mark.skipif(importlib.util.find_spec("han") is None, reason="amshan is in the benchmark's environment alone")
def test_decoding_beside_amshan() -> None:
    ran = benchmark("decode", "--json")
    assert ran.returncode == 0, ran.stderr
    assert all(row["ratio"] > 1 for row in json.loads(ran.stdout)["decode"]["rows"])


@pytest.mark.parametrize(
    ("bar", "met", "refused"),
    [
        (Bar("at the bar", 1.5, 1.5), True, False),
        (Bar("a little above", 1.6, 1.5), False, False),
        (Bar("far above", 1.51 * TOLERANCE, 1.5), False, True),
        (Bar("as far above as is known", 4.0, 1.5, known=4.0), False, False),
        (Bar("farther above than is known", 4.1 * TOLERANCE, 1.5, known=4.0), False, True),
        (Bar("enough", 25, 25, least=True), True, False),
        (Bar("a little less", 24, 25, least=True), False, False),
        (Bar("far too little", 24 / TOLERANCE, 25, least=True), False, True),
    ],
    ids=lambda value: value.what if isinstance(value, Bar) else "",
)
def test_a_figure_and_its_bar(bar: Bar, met: bool, refused: bool) -> None:
    assert (bar.met, bar.refused) == (met, refused)
    assert ("missed by" in str(bar)) != met


def test_a_table_for_people() -> None:
    part = Part("Title", [{"list": "a", "µs": 12.345}, {"list": "bc", "µs": None}], [Bar("cost", 2, 1.5, " ms")])
    assert str(part).splitlines() == [
        "",
        "Title",
        "list    µs",
        "a     12.3",
        "bc       -",
        "- cost: 2 ms, at most 1.5 ms: missed by 0.5 ms",
    ]


def test_many_meters_send_what_one_does() -> None:
    begin = datetime(2026, 1, 12, 17, tzinfo=UTC)
    schedule = list(make_meter("aidon").schedule(begin, begin + timedelta(minutes=1)))
    assert [(at, kind_at(at)) for at, _kind in schedule] == schedule


def test_an_event_loop_that_is_held_up() -> None:
    async def held_up() -> dict[str, float]:
        asyncio.get_running_loop().call_later(0.05, lambda: [sum(range(1000)) for _ in range(4000)])
        return await observed(0.3)

    figures = asyncio.run(held_up())
    assert figures["lag at most, ms"] > 5 * figures["lag p50, ms"]
