"""The comparison of forecasts with what hours came to, on a few days."""

import json
from pathlib import Path
import subprocess
import sys

import pytest

from scripts.forecast import USED, Comparison, compare

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def week() -> Comparison:
    """Return a winter's week."""
    return compare("kamstrup", 7, limits=(5000,))


def test_it_compares_every_hour(week: Comparison) -> None:
    assert len(week.outcomes) == 7 * 24
    assert {len(errors) for errors in week.errors.values()} == {7 * 24}


def test_the_forecast_gets_better_as_the_hour_goes(week: Comparison) -> None:
    sizes = [ways[USED].size for ways in week.found().values()]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 0.1 * sum(week.outcomes) / len(week.outcomes)


def test_the_way_that_is_used_is_better_than_the_mean_of_any_short_time(week: Comparison) -> None:
    for ways in week.found().values():
        others = [ways[name].size for name in ("last list", "1 minute", "2 minutes", "5 minutes", "10 minutes")]
        assert ways[USED].size < min(others)


def test_all_hours_over_the_limit_are_told_and_few_others_to_the_end(week: Comparison) -> None:
    (found,) = week.warnings
    assert found.hours_over == sum(outcome > 5000 for outcome in week.outcomes) > 5
    assert found.told == found.at_the_end == found.hours_over
    assert found.false_at_the_end <= 1
    assert found.switches < found.crossings


def test_the_script() -> None:
    arguments = ("--days", "2", "--maker", "kaifa", "--minute", "20", "--limit", "4", "--limit", "8")
    table, as_json = (
        subprocess.run(
            [sys.executable, "-m", "scripts.forecast", *arguments, *more],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for more in ((), ("--json",))
    )
    found = json.loads(as_json)
    assert found["hours"] == 48
    assert [one["limit"] for one in found["limits"]] == [4000, 8000]
    assert "minute 20" in table
    assert f"{found['errors']['20'][USED]['size']:.0f}" in table
