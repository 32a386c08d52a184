"""The simulated winter month: four days always; the whole of January where HAN_PORT_LONG is set."""

import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

from scripts.months.outcome import Outcome, Peak
from scripts.months.table import claims, show

ROOT = Path(__file__).parents[2]
MONTH_LIMIT = 2400.0  # s on the wall


def month(folder: Path, *arguments: str, seconds: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run the script, all claims of which must be true; return what it found without the blueprint, and with it."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.month", "--json", "--folder", str(folder), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert {path.name for path in folder.iterdir()} == {"without.svg", "without.png", "with.svg", "with.png"}
    return found["without"], found["with"]


def test_four_days_end_one_step_lower_with_the_blueprint(tmp_path: Path) -> None:
    without, with_it = month(tmp_path, "--days", "4", "--first", "2027-01-04", seconds=300)
    assert without["over"] > 0
    assert (without["turned_off"], without["blueprint"]) == ({}, False)
    assert with_it["turned_off"]["switch.car"] > 0
    assert with_it["lists"] > 34_000
    # As much energy, for a lower step.
    assert with_it["energy"] == pytest.approx(without["energy"], rel=0.01)
    assert with_it["cost"] < without["cost"]


@pytest.mark.skipif("HAN_PORT_LONG" not in os.environ, reason="takes ten minutes; set HAN_PORT_LONG")
def test_january_ends_one_step_lower_with_the_blueprint(tmp_path: Path) -> None:
    without, with_it = month(tmp_path, seconds=MONTH_LIMIT)
    assert len(with_it["days"]) == 31
    assert with_it["step_number"] == without["step_number"] - 1


def test_what_is_not_so_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def outcome(**changes: Any) -> Outcome:
        served = {"delivered": 10, "given_up": 0, "worst_missing": 1, "mean_hours": 1.0, "most_hours": 2.0}
        found = Outcome(True, [Peak("2027-01-01", "17:00", 9000, counts=True)], 9000, "5–10 kW", 2, 420, 1, 0, 24, 0)
        for name, value in {"car": served, "water_heater": served, **changes}.items():
            setattr(found, name, value)
        return found

    def wrong(**changes: Any) -> list[str]:
        return [claim.what for claim in claims(outcome(step_number=3), outcome(**changes), 1) if not claim.good]

    assert wrong() == []
    assert len(wrong(step_number=3)) == len(wrong(over=1)) == len(wrong(error=4)) == len(wrong(measured=23)) == 1
    assert len(wrong(complaints=["ERROR"])) == len(wrong(car={"given_up": 5})) == 1
    show(outcome(step_number=3), outcome(complaints=["ERROR of somebody"]), 10)
    printed = capsys.readouterr().out
    assert "NOT TRUE" in printed
    assert "ERROR of somebody" in printed
