"""A simulated year: what was forecast for the hour that was running, beside what it came to.

The house heats with electricity, has a water heater, and a car that charges on every other night. Its lists come at the
meter's own cadence. At some minutes of each hour, the forecast and what it would have been with other kinds of recent
power are compared with the hour's energy, as it truly was. Errors are forecast less outcome. And at each full list it
is asked whether the hour will exceed a limit, and in the end whether it did.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
import json
from statistics import fmean, median, quantiles
from typing import Final

from scripts.bare import without_home_assistant

with without_home_assistant():
    from custom_components.han_port.ledger import Book, Forecast, OverTarget
    from custom_components.han_port.ledger.integral import Integral, Point
    from custom_components.han_port.ledger.over_target import SILENT
    from custom_components.han_port.wire.reading import ListKind, Quantity
    from tests.ledger.simulation import HOUR, MAKERS, MINUTE, arrivals, at_hour
    from tests.meters import Meter, make_meter
    from tests.meters.household import WH
    from tests.meters.make import MakerName

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES: Final = (5, 15, 30, 45)
LEAST: Final = 100.0
"""Wh. An hour that comes to less is taken for as much where an error is told in per cent: with solar panels, some come
to nought."""
USED: Final = "HAN Port's"
HEAD: Final = f"{'Wh':14}{'mean':>7}{'median':>8}{'5 %':>8}{'95 %':>8}{'worst':>8}{'size':>8}{'size, %':>9}"

type Way = Callable[[Integral, Point, Forecast], float]
"""What tells the recent power (W) from what was seen."""


def over(seconds: float) -> Way:
    """Return what tells the mean of the last so many seconds."""

    def mean(seen: Integral, now: Point, forecast: Forecast) -> float:
        then = seen.upto(now.at - seconds)
        return (now.energy - then.energy) / (now.seen - then.seen) if now.seen > then.seen else forecast.power

    return mean


WAYS: Final[Mapping[str, Way]] = {
    "last list": lambda seen, _, forecast: forecast.power if seen.watts is None else seen.watts,
    "1 minute": over(60),
    "2 minutes": over(120),
    "5 minutes": over(300),
    "10 minutes": over(600),
    "15 minutes": over(900),
    "hour so far": lambda _, __, forecast: forecast.so_far * 3600 / forecast.passed,
    "quarter left": lambda seen, now, forecast: over(max(60, forecast.left / 4))(seen, now, forecast),
    USED: lambda _, __, forecast: forecast.power,
}
"""By name. The quarter left: the mean over a quarter of as long as the hour still lasts."""


@dataclass(frozen=True, slots=True)
class Errors:
    """How the errors of one way at one minute are spread, in Wh."""

    mean: float
    median: float
    p5: float
    p95: float
    worst: float
    size: float
    """Mean of the errors without their sign."""
    size_percent: float
    """The same, each in per cent of its hour."""
    median_percent: float
    p95_percent: float

    @classmethod
    def of(cls, errors: Sequence[float], outcomes: Sequence[float]) -> Errors:
        """Return it of at least two errors, and what the hours came to."""
        places = quantiles(errors, n=20, method="inclusive")
        percent = [abs(error) / max(LEAST, outcome) * 100 for error, outcome in zip(errors, outcomes, strict=True)]
        return cls(
            fmean(errors),
            median(errors),
            places[0],
            places[-1],
            max(errors, key=abs),
            fmean(map(abs, errors)),
            fmean(percent),
            median(percent),
            quantiles(percent, n=20, method="inclusive")[-1],
        )


@dataclass(slots=True)
class Warnings:
    """How it went with a limit (Wh)."""

    limit: int
    hours_over: int = 0
    told: int = 0
    """Of the hours over the limit, in how many it was said while the hour still ran."""
    told_at: float = 0.0
    """The mean minute at which it was."""
    at_the_end: int = 0
    """Of the hours over the limit, how many ended with it said."""
    false: int = 0
    """Hours below the limit in which it was said too."""
    false_at_the_end: int = 0
    switches: int = 0
    """How often it changed within an hour."""
    crossings: int = 0
    """How often it would have, had it been on whenever the forecast was above the limit, after the same silence."""
    bare: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """By minute: of how many hours the bare forecast said so, how many of those were, and how many it left out."""


@dataclass(slots=True)
class Comparison:
    """A book that is fed for some days, and what it forecast."""

    meter: Meter
    limits: Sequence[int]
    minutes: Sequence[int] = MINUTES
    errors: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    outcomes: list[float] = field(default_factory=list)
    warnings: list[Warnings] = field(default_factory=list)
    _book: Book = field(default_factory=Book)
    _seen: Integral = field(default_factory=Integral)

    def go(self, start: datetime, end: datetime) -> None:
        """Run from a full hour to another."""
        watches = [Watch(Warnings(limit)) for limit in self.limits]
        hour, due = start - HOUR, [*self.minutes]
        for at, reading in arrivals(self.meter, hour, end):
            self._book.take(reading, at)
            if (watts := reading.values.get(Quantity.POWER_IMPORT)) is not None:
                self._seen.add(at.timestamp(), watts)
            if reading.kind is ListKind.POWER or at < start:
                continue
            if at >= hour + HOUR:
                self._end(watches)
                hour, due = at_hour(at), [*self.minutes]
                self.outcomes.append(self._outcome(hour))
            if (forecast := self._book.forecast(at)) is None:
                continue
            if due and at >= hour + due[0] * MINUTE:
                self._compare(due.pop(0), forecast)
            for watch in watches:
                watch.take(forecast, at)
        self._end(watches)
        self.warnings = [watch.found for watch in watches]
        for one in self.warnings:
            one.bare = {minute: self._bare(minute, one.limit) for minute in self.minutes}

    def _end(self, watches: Iterable[Watch]) -> None:
        """End the hour that has run, if one has."""
        for watch in watches if self.outcomes else ():
            watch.end(self.outcomes[-1])

    def _bare(self, minute: int, limit: int) -> tuple[int, int, int]:
        errors = zip(self.outcomes, self.errors[USED, minute], strict=True)
        said = [(outcome + error > limit, outcome > limit) for outcome, error in errors]
        return sum(one for one, _ in said), said.count((True, True)), said.count((False, True))

    def _outcome(self, hour: datetime) -> float:
        first, last = (self.meter.household.exact(at).imported for at in (hour, hour + HOUR))
        return (last - first) / WH

    def _compare(self, minute: int, forecast: Forecast) -> None:
        now = self._seen.upto(forecast.start.timestamp() + forecast.passed)
        for name, way in WAYS.items():
            expected = forecast.so_far + way(self._seen, now, forecast) * forecast.left / 3600
            self.errors.setdefault((name, minute), []).append(expected - self.outcomes[-1])

    def found(self) -> dict[int, dict[str, Errors]]:
        """Return the errors by minute and way."""
        return {
            minute: {name: Errors.of(self.errors[name, minute], self.outcomes) for name in WAYS}
            for minute in self.minutes
        }


@dataclass(slots=True)
class Watch:
    """Watches one limit."""

    found: Warnings
    _over: OverTarget = field(default_factory=OverTarget)
    _first: float | None = None
    _was_on: bool = False
    _was_above: bool = False

    def take(self, forecast: Forecast, at: datetime) -> None:
        """Take a forecast."""
        on = self._over.update(forecast, self.found.limit, at)
        if on and self._first is None:
            self._first = forecast.passed / 60
        self.found.switches += on != self._was_on
        self._was_on = on
        if forecast.passed >= SILENT:
            above = forecast.expected > self.found.limit
            self.found.crossings += above != self._was_above
            self._was_above = above

    def end(self, outcome: float) -> None:
        """End the hour."""
        found = self.found
        if outcome > found.limit:
            found.hours_over += 1
            found.at_the_end += self._was_on
            if self._first is not None:
                found.told += 1
                found.told_at += (self._first - found.told_at) / found.told
        else:
            found.false += self._first is not None
            found.false_at_the_end += self._was_on
        self._first = None
        self._was_on = self._was_above = False


def compare(
    maker: MakerName, days: int, *, solar: int = 0, limits: Sequence[int] = (), minutes: Sequence[int] = MINUTES
) -> Comparison:
    """Run a meter for some days."""
    comparison = Comparison(make_meter(maker, start=START - 12 * HOUR, solar=solar), limits, minutes)
    comparison.go(START, START + timedelta(days=days))
    return comparison


def table(found: Mapping[int, Mapping[str, Errors]]) -> Iterator[str]:
    """Yield the lines of the errors."""
    yield HEAD
    for minute, ways in found.items():
        yield f"minute {minute}"
        for name, one in ways.items():
            yield (
                f"  {name:12}{one.mean:7.0f}{one.median:8.0f}{one.p5:8.0f}{one.p95:8.0f}{one.worst:8.0f}"
                f"{one.size:8.0f}{one.size_percent:9.1f}"
            )


def told(warnings: Iterable[Warnings]) -> Iterator[str]:
    """Yield a line for each limit."""
    for one in warnings:
        yield (
            f"over {one.limit / 1000:g} kWh: {one.hours_over} hours; told in {one.told}, at minute {one.told_at:.0f} on"
            f" average, and still at the end of {one.at_the_end}. In {one.false} others it was told too, at the end of"
            f" {one.false_at_the_end}. It switched {one.switches} times within an hour; the bare forecast crossed the"
            f" limit {one.crossings} times."
        )
        for minute, (said, right, left_out) in one.bare.items():
            yield (
                f"  minute {minute}: the bare forecast was over it in {said} hours, of which {right} came to be;"
                f" {left_out} others did too"
            )


def main() -> int:
    """Run what is asked for, and show."""
    parser = ArgumentParser(prog="scripts/forecast", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--maker", choices=MAKERS, default="kamstrup", help="default %(default)s: a list each 10 s")
    parser.add_argument("--days", type=int, default=365, help="the year's first days only (default %(default)s)")
    parser.add_argument("--solar", type=int, default=0, help="peak power of solar panels, W (default: none)")
    parser.add_argument("--minute", type=int, action="append", help="of the hour; default 5, 15, 30 and 45")
    parser.add_argument("--limit", type=float, action="append", help="kWh of an hour; default 5; 0: none")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    limits = [round(limit * 1000) for limit in options.limit or [5.0] if limit > 0]
    minutes = sorted(set(options.minute or MINUTES))
    comparison = compare(options.maker, options.days, solar=options.solar, limits=limits, minutes=minutes)
    found = comparison.found()
    if options.json:
        errors = {minute: {name: asdict(one) for name, one in ways.items()} for minute, ways in found.items()}
        hours = {"hours": len(comparison.outcomes), "mean_hour": fmean(comparison.outcomes)}
        print(json.dumps({**hours, "errors": errors, "limits": [asdict(one) for one in comparison.warnings]}, indent=2))
        return 0
    print(f"{len(comparison.outcomes)} hours of {fmean(comparison.outcomes):.0f} Wh on average")
    print("\n".join([*table(found), *told(comparison.warnings)]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
