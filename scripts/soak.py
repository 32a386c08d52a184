"""A week of a meter in a real Home Assistant, in minutes, with all that goes wrong on a line.

A simulated meter's lists go through a TCP socket into Home Assistant's core in this process. The event loop's time, and
Home Assistant's, pass many times as fast as on the wall, as far as the loop keeps up. Faults come by chance, one after
the other, alike for the same seed: connections that are cut, refused or half-open, silence, noise, floods, a trickle,
another meter, flipped bits, and the entry being set up anew; and hourly lists that are lost, doubled or late.

In the end the energies are compared with the meter's, and tasks, files and memory with those of the start. The exit
code is 1 if a claim is not true.
"""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
import json
import logging
from random import Random
from statistics import median
import sys
from time import monotonic, process_time
import tracemalloc
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.coordinator import HanPortConfigEntry
from scripts.benchmarks.home import entry_of, home, keep_address
from scripts.soaking.bridge import Bridge
from scripts.soaking.clock import Clock, FastLoop
from scripts.soaking.conductor import Conductor
from scripts.soaking.judge import (
    HEALS,
    Found,
    claims,
    energy_of,
    percentiles,
    slack_of,
)
from scripts.soaking.plan import GAP, HOUR, HOURLY, MINUTE, Fault, Kind, faults, hourly
from scripts.soaking.resources import grown, held
from scripts.soaking.watch import Lines, Watch, resolution
from tests.meters import Meter, make_maker, make_meter, meter_id
from tests.meters.make import NORWEGIAN

START = datetime(2026, 10, 20, 11, 50, tzinfo=UTC)
"""Ten minutes before the first full hour. Five days later summer time ends."""
DAY = timedelta(days=1)
SETTLES = timedelta(minutes=5)
"""After which it counts as started."""
QUIET = timedelta(minutes=75)
"""Without faults, after the start and before the end: the registers at both ends come as they are."""
MOST_WALL = 3.0
"""Times the time that was asked for: then it is given up."""


def main() -> int:
    """Run, and show."""
    parser = ArgumentParser(prog="scripts/soak", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=7, help="days of the meter's time (default %(default)s)")
    parser.add_argument("--speed", type=float, default=1200, help="times as fast as on the wall (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the faults and of the house (default %(default)s)")
    parser.add_argument("--maker", choices=NORWEGIAN, default="aidon", help="of the meter (default %(default)s)")
    parser.add_argument("--gap", type=float, default=GAP, help="minutes between faults, mean (default %(default)s)")
    parser.add_argument("--list", action="store_true", help="list every fault")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    clock = Clock()
    with patch.object(dt_util, "utcnow", clock.now):
        found = asyncio.run(Soak(options, clock).run(), loop_factory=partial(FastLoop, clock))
    if options.json:
        print(json.dumps(found.as_json(), indent=2))
    else:
        show(found, every=options.list)
    return 0 if all(claim.good for claim in claims(found)) else 1


class Soak:
    """One run, in an event loop whose time passes fast."""

    def __init__(self, options: Namespace, clock: Clock) -> None:
        """Make the plan."""
        self._options = options
        self._clock = clock
        hours = round(options.days * 24)
        self._first_hour = START + 10 * MINUTE
        self._end = end = self._first_hour + hours * HOUR + 10 * MINUTE
        random = Random(options.seed)  # noqa: S311 - nothing is kept secret by it
        self._plan = faults(START + QUIET, end - QUIET, random, options.gap)
        self._of_hours = hourly(self._first_hour + HOUR, end - HOUR, random)
        planned = [*self._plan, *self._of_hours.values()]
        self._meter = meter = make_meter(options.maker, start=START - DAY, seed=options.seed, solar=5000)
        meter.household.exact(end + DAY)  # made now, so that its memory counts as there at the start
        stranger = make_maker(options.maker, number=meter_id(options.maker, 2))
        self._stranger = Meter(stranger, meter.household)
        self._found = Found(
            options.maker,
            options.days,
            options.seed,
            options.speed,
            hours,
            resolution(meter),
            slack_of(meter),
            faults=planned,
        )
        self._bridge = Bridge(clock, random)
        self._lines = Lines(DOMAIN)
        self._began = monotonic()

    async def run(self) -> Found:
        """Run it all."""
        logging.basicConfig(level=logging.WARNING, handlers=[self._lines])
        logging.getLogger(f"custom_components.{DOMAIN}").setLevel(logging.INFO)
        async with self._bridge as bridge, home() as hass:
            entry: HanPortConfigEntry = entry_of(self._meter.maker, bridge.url)
            self._lines.names.add(entry.title)
            self._clock.set(START - timedelta(seconds=5))
            await keep_address(hass)
            await hass.config_entries.async_add(entry)
            await hass.async_block_till_done()
            watch = Watch(hass, self._meter, bridge, self._clock, faults=self._plan, hours=self._of_hours)
            self._lines.begin()
            conductor = Conductor(hass, entry, bridge, self._clock, (self._meter, self._stranger))
            self._lines.fault = lambda: conductor.fault
            playing = asyncio.create_task(bridge.play(self._meter, START, self._of_hours))
            await self._pass_time(conductor)
            self._take_stock(hass, entry, watch)
            playing.cancel()
        return self._found

    async def _pass_time(self, conductor: Conductor) -> None:
        """Let all that is planned happen."""
        clock, found = self._clock, self._found
        self._began, cpu = monotonic(), process_time()
        give_up = self._began + MOST_WALL * found.days * 86_400 / found.speed + 60
        clock.times = found.speed
        await self._bridge.until(clock.loop_time(START + SETTLES))
        found.resources = [held()]
        tracemalloc.start()
        conducting = asyncio.create_task(conductor.conduct(self._plan))
        at = START
        while at < self._end and not found.ended_early:
            at = min(self._end, at + DAY / 4)
            await self._bridge.until(clock.loop_time(at))
            if monotonic() > give_up and at < self._end:
                found.ended_early = f"given up {at:%d %b %H:%M}: the loop does not keep up"
            if (at - START) % DAY == timedelta(0):
                found.resources = [*found.resources, held()]
                self._say(at)
        found.wall, found.cpu = monotonic() - self._began, process_time() - cpu
        found.work, found.in_threads, found.overslept = clock.work, clock.in_threads, clock.overslept
        clock.times = 1
        conducting.cancel()
        with suppress(asyncio.CancelledError):
            await conducting

    def _take_stock(self, hass: HomeAssistant, entry: HanPortConfigEntry, watch: Watch) -> None:
        """Write down what there is in the end."""
        found, meter, first = self._found, self._meter, self._first_hour
        found.resources = [*found.resources, held()]
        found.grown, found.grown_files = grown()
        tracemalloc.stop()
        found.lists, found.late, found.lags = self._bridge.lists, self._bridge.late, percentiles(watch.lags)
        book = entry.runtime_data.bookkeeper.book
        found.energy = energy_of(meter, first, book.hours(first, first + found.hours * HOUR), self._bridge.hours)
        found.shown, found.falls, found.live = watch.shown, watch.falls, watch.live
        found.issues = [issue_id for domain, issue_id in ir.async_get(hass).issues if domain == DOMAIN]
        found.lines, found.retries = self._lines.lines, self._lines.retries
        found.others = self._lines.others

    def _say(self, at: datetime) -> None:
        if not self._options.json:
            print(f"{at:%d %b %H:%M} after {monotonic() - self._began:.0f} s", file=sys.stderr, flush=True)


def show(found: Found, *, every: bool) -> None:
    """Print it for people."""
    print(
        f"{found.maker}, {found.days:g} days, seed {found.seed}: {found.lists} lists in {found.wall:.0f} s,"
        f" {found.attained:.0f} times as fast as on the wall ({found.speed:g} asked for);"
        f" {found.cpu:.0f} s of them on a core.\n"
        f"On the wall, time stood still for {found.work:.0f} s while the loop worked and {found.overslept:.0f} s while"
        f" the system let it wait, and passed at its own pace for {found.in_threads:.0f} s while a thread worked.\n"
        f"A list was seen so long after it was due, s: {_row(found.lags)}; sent late by at most {found.late:.1f} s.\n"
    )
    print(f"{'fault':36}{'times':>6}{'healed':>8}{'heals after, s: median':>24}{'worst':>7}{'lines, most':>13}")
    for kind in Kind:
        _show_kind(kind, [fault for fault in found.faults if fault.kind is kind])
    if every:
        for fault in sorted(found.faults, key=lambda fault: fault.start):
            print(
                f"{fault.start:%d %b %H:%M:%S}  {fault.kind:36}"
                f"{'' if fault.kind in HOURLY else _seconds(fault.healed):>8}  {fault.lines or ''}"
            )
    energy = found.energy
    print(
        f"\nhours: {_row(energy.statuses)}; {energy.settled} Wh imported, {energy.exported} Wh exported;"
        f" worst estimated hour {energy.worst_estimated} Wh off\n"
        f"energy sensors, Wh off at most: {found.live.worst_checked:.0f} while an hour's list had come and nothing was"
        f" wrong since, {found.live.worst:.0f} in all\n"
        f"memory kept by file, kB: {', '.join(f'{name} {size / 1000:.0f}' for name, size in found.grown_files)}\n"
        f"RSS at the start and after each day, MB: {', '.join(f'{one.rss / 1e6:.1f}' for one in found.resources)}"
    )
    print(f"Home Assistant's own lines of setting the entry up again, not shown by default: {len(found.retries)}")
    for line in (*found.issues, *dict.fromkeys(found.others)):
        print(f"also: {line}")
    print(f"\n{'claim':44}{'found':>22}{'bar':>20}")
    for claim in claims(found):
        print(f"{claim.what:44}{claim.found:>22}{claim.bar:>20}  {'good' if claim.good else 'NOT TRUE'}")


def _show_kind(kind: Kind, these: list[Fault]) -> None:
    if not these:
        return
    if kind in HOURLY:  # numbers go on
        print(f"{kind:36}{len(these):6}")
        return
    healed = [fault.healed for fault in these if fault.healed is not None]
    worst = max(healed, default=None)
    lines = max(len(fault.lines) for fault in these)
    late = "  !" if worst is None or worst > HEALS else ""
    middle = median(healed) if healed else None
    print(f"{kind:36}{len(these):6}{len(healed):8}{_seconds(middle):>24}{_seconds(worst):>7}{lines:>13}{late}")


def _row(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in values.items())


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    raise SystemExit(main())
