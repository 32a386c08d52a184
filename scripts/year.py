"""A simulated year of a meter: how right the ledger's hours are, beside a sensor that shows the plain register.

The year has two DST days, and so many troubles: 273 outages of the link, of seconds up to three days; 100 restarts of
Home Assistant, 40 of them after it was killed; 90 hourly lists lost, 90 doubled, 90 late by three minutes, and 45 in
which the meter repeats the one before. Lists come at the meter's own cadence.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
import json
from time import perf_counter
from zoneinfo import ZoneInfo

from scripts.bare import without_home_assistant

with without_home_assistant():
    from custom_components.han_port.ledger import Status
    from tests.ledger.simulation import HOUR, MAKERS, RESOLUTION, Run, simulate

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = 365
SHOWN = 8
"""Hours of which truth, ledger and plain register are shown side by side."""
HEAD = f"""\
{"":9} | {"hours":^29} | {"error of an hour, Wh":^29} | {"live register, Wh":^22} | {"a plain register sensor":^26}
{"":9} | {"measured":>8} {"estimated":>10} {"missing":>9} | {"measured":>8} {"estimated: mean":>15} {"sum":>4} |\
 {"worst":>6} {"beyond bar":>15} | {"wrong hours":>11} {"mean error, Wh":>14}"""


def main() -> int:
    """Run the makers that are asked for, and show."""
    parser = ArgumentParser(prog="scripts/year", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--maker", action="append", choices=MAKERS, help="default: all, one after the other")
    parser.add_argument("--days", type=int, default=YEAR, help="the year's first days only (default %(default)s)")
    parser.add_argument("--solar", type=int, default=6000, help="peak power of solar panels, W (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    found = {}
    if not options.json:
        print(HEAD)
    for maker in options.maker or MAKERS:
        began = perf_counter()
        run = simulate(maker, START, options.days * 24, solar=options.solar)
        found[maker] = {**asdict(run.outcome), "lists": run.lists, "seconds": round(perf_counter() - began, 1)}
        if not options.json:
            print(row(maker, run), flush=True)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print(
            "\nsum: all hours together less the difference of the registers at both ends."
            "\nbeyond bar: share of the checks, one each 10 s, more than 30 Wh and 1 % of the hour from the truth."
        )
        print("\n".join(side_by_side(run)))
    return 0


def row(maker: str, run: Run) -> str:
    """Return a maker's row of the table."""
    outcome = run.outcome
    hours = Counter({status: outcome.hours[status] for status in Status})
    beyond = outcome.live_beyond / max(1, outcome.live_checks)
    return (
        f"{maker:9} | {hours[Status.MEASURED]:8} {hours[Status.ESTIMATED]:10} {hours[Status.MISSING]:9} |"
        f" {outcome.worst_measured:8.2f} {outcome.mean_estimated:15.0f} {outcome.sum_error:4} |"
        f" {outcome.worst_live:6.1f} {beyond:15.3%} |"
        f" {outcome.plain_wrong / hours.total():11.0%} {outcome.plain_mean:14.0f}"
    )


def side_by_side(run: Run) -> list[str]:
    """Return the first undisturbed evening, hour by hour."""
    name = next(name for name in MAKERS if name == run.meter.maker.name.lower() or name == "embriq")
    rows = [f"\n{run.meter.maker.name}, Wh (a register counts {RESOLUTION[name]} Wh)"]
    rows.append(f"{'hour':18}{'truth':>8}{'ledger':>8}{'plain':>8}")
    local = ZoneInfo("Europe/Oslo")
    at = START + 15 * HOUR
    while at < run.end:
        hours = run.book.hours(at, at + SHOWN * HOUR)
        if {hour.status for hour in hours} == {Status.MEASURED}:
            break
        at += 24 * HOUR
    for hour in hours:
        start = f"{hour.start.astimezone(local):%d %b %H:%M}"
        plain = run.plain_hour(hour.start)
        rows.append(f"{start:18}{run.true_hour(hour.start)[0]:8.0f}{hour.imported:8}{plain:8}")
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
