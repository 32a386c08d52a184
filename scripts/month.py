"""A winter month of a house with an electric car and a water heater: without the blueprint, and with it.

The house is cold. The car (7.4 kW) is plugged in at about five on four evenings a week and wants 10 to 30 kWh by the
morning; the water heater has 2 kW. A simulated Kaifa sends a full list each 10 s over a TCP socket (and none of the
power lists that a real one sends each 2 s) into a real Home Assistant in a process of its own, whose time passes as
fast as it can. Two of them run at the same time: one in which nobody cares, and one with the blueprint "keep the
capacity step", which turns off the switches of the car and the water heater.

Steps and prices are Elvia's of July 2026. The exit code is 1 if a claim is not true.
"""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

from scripts.months.outcome import Outcome
from scripts.months.table import claims, show

FIRST = date(2027, 1, 1)


def main() -> int:
    """Run both months, and show them side by side."""
    parser = ArgumentParser(prog="scripts/month", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=31, help="the month's first days only (default %(default)s)")
    parser.add_argument("--first", type=date.fromisoformat, default=FIRST, help="the first day (default %(default)s)")
    parser.add_argument("--target", type=float, default=10, help="of the capacity mean, kW (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the house (default %(default)s)")
    parser.add_argument(
        "--folder", type=Path, default=Path(".demo-month"), help="for the pictures (default %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--only", choices=("without", "with"), help="one of both, as JSON")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.only:
        return _one(options)
    with ThreadPoolExecutor(2) as both:
        without, with_it = both.map(lambda which: _run(which, options), ("without", "with"))
    if options.json:
        print(json.dumps({"without": asdict(without), "with": asdict(with_it)}, indent=2))
    else:
        show(without, with_it, options.target)
        print(f"\nPictures: {', '.join(sorted(str(path) for path in options.folder.iterdir()))}")
    return 0 if all(claim.good for claim in claims(without, with_it, options.days)) else 1


def _one(options: Namespace) -> int:
    from scripts.months.run import Plan, month  # noqa: PLC0415 - Home Assistant, which takes seconds to import

    blueprint = options.only == "with"
    found = month(Plan(options.first, options.days, options.target, blueprint, options.folder, options.seed))
    print(json.dumps(asdict(found)))
    return 0


def _run(which: str, options: Namespace) -> Outcome:
    """Run one of both in a process of its own."""
    numbers = [f"--{name}={getattr(options, name)}" for name in ("days", "first", "target", "seed", "folder")]
    command = [sys.executable, "-m", "scripts.month", "--only", which, *numbers]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(f"the month {which} the blueprint has failed")
    found: dict[str, Any] = json.loads(done.stdout)
    return Outcome.from_json(found)


if __name__ == "__main__":
    raise SystemExit(main())
