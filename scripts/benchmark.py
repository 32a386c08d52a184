"""Measures what reading meters costs, and shows it beside the bars.

scripts/benchmark                            decode, list, growth: a few minutes
scripts/benchmark memory scale --minutes 10  a million frames through one decoder; 1 000 meters on one core
scripts/benchmark all --check                everything; exit code 1 where a bar is missed by more than half
"""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
import json
from multiprocessing import get_context
import sys
from typing import Final

from scripts.benchmarks.bars import TOLERANCE, Part

MAKERS: Final = ("aidon", "kaifa", "kamstrup")
QUICK: Final = ("decode", "list", "growth")
MODULES: Final[Mapping[str, str]] = {
    "decode": "decode",
    "list": "lists",
    "growth": "growth",
    "memory": "memory",
    "scale": "scale",
}


def main() -> int:
    """Measure and show."""
    options = arguments()
    chosen = list(MODULES) if "all" in options.parts else options.parts
    found: dict[str, Part] = {}
    for name in chosen:
        found[name] = alone(partial(run, MODULES[name], keywords(name, options)))
        if not options.json:
            print(found[name], flush=True)
    if options.json:
        print(json.dumps({name: part.as_json() for name, part in found.items()}, indent=2))
    refused = [str(bar) for part in found.values() for bar in part.bars if bar.refused]
    if options.check and refused:
        print(f"\nMissed by more than a factor of {TOLERANCE:g}:", *refused, sep="\n  ", file=sys.stderr)
        return 1
    return 0


def arguments() -> Namespace:
    """Read the command line."""
    parser = ArgumentParser(prog="scripts/benchmark", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*MODULES, "all"], default=list(QUICK), help="what to measure")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a bar is clearly missed")
    parser.add_argument("--makers", nargs="+", choices=MAKERS, default=list(MAKERS), help="for list (default: all)")
    parser.add_argument("--hours", type=int, default=4, help="of lists, for list and growth (default: 4)")
    parser.add_argument("--frames", type=int, default=1_000_000, help="for memory (default: 1 000 000)")
    parser.add_argument("--meters", type=int, default=1000, help="for scale (default: 1 000)")
    parser.add_argument("--minutes", type=float, default=10, help="for scale (default: 10)")
    parser.add_argument("--warm-up", type=float, default=20, help="seconds, for scale (default: 20)")
    parser.add_argument("--recorder", action="store_true", help="for scale: with Home Assistant's recorder")
    return parser.parse_args()


def keywords(name: str, options: Namespace) -> dict[str, object]:
    """Return what a measurement is told."""
    wanted: Mapping[str, tuple[str, ...]] = {
        "list": ("hours", "makers"),
        "growth": ("hours",),
        "memory": ("frames",),
        "scale": ("meters", "minutes", "recorder", "warm_up"),
    }
    return {one: getattr(options, one) for one in wanted.get(name, ())}


def run(module: str, options: Mapping[str, object]) -> Part:
    """Measure; in the process that is for it."""
    part: Part = import_module(f"scripts.benchmarks.{module}").measure(**options)
    return part


def alone(measurement: Callable[[], Part]) -> Part:
    """Measure in a fresh process, so that no measurement finds what another has left."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measurement).result()


if __name__ == "__main__":
    sys.exit(main())
