"""What the soak claims, and whether it is so."""

from array import array
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from custom_components.han_port.ledger import Hour, Status
from tests.meters import Meter

from .plan import HOUR, HOURLY, Fault
from .resources import Resources
from .watch import ENERGIES, LIVE, Live, resolution

HEALS = 75.0
"""Seconds: the longest wait between two attempts to connect (60), and the next list, or the set-up of the entry."""
LINES = 2
"""Log lines of a fault."""
NOT_TO_THE_SECOND = 3
"""Wh by which an hour may be wrong whose registers are for some seconds after the hour, beside their resolution."""
LAG = 2.5
"""Seconds of fast time in which 99 of 100 lists are to be seen in a state: before the next list."""
MORE_MEMORY = 1_500_000
"""Bytes, allocated while it ran and still there at the end: the book, and the caches of rarely used code."""
MORE_RSS = 20_000_000
"""Bytes: Python gives not all of it back to the system."""
MORE_AFTER_FIRST_DAY = 8_000_000
"""Bytes of RSS by which it may grow from the end of the first day to the last: what leaks grows every day."""


class Claim(NamedTuple):
    """One claim."""

    what: str
    found: str
    bar: str
    good: bool


@dataclass(slots=True)
class Energy:
    """The hours beside the truth, Wh."""

    statuses: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    sum_error: int = 0
    """The sum of all hours less the difference of the true registers, both directions."""
    worst_measured: int = 0
    worst_estimated: int = 0
    guessed: list[str] = field(default_factory=list)
    """Starts of hours that are estimated although the lists of both their ends came."""
    settled: int = 0
    """The sum of all hours, import."""
    exported: int = 0


@dataclass(slots=True)
class Found:
    """All that was found."""

    maker: str
    days: float
    seed: int
    speed: float
    hours: int
    resolution: float
    """Of the meter's registers, Wh."""
    slack: float
    """What hours may be wrong by, Wh."""
    wall: float = 0.0
    cpu: float = 0.0
    lists: int = 0
    work: float = 0.0
    overslept: float = 0.0
    in_threads: float = 0.0
    late: float = 0.0
    lags: Mapping[str, float] = field(default_factory=dict)
    energy: Energy = field(default_factory=Energy)
    shown: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    live: Live = field(default_factory=Live)
    falls: int = 0
    faults: Sequence[Fault] = ()
    lines: Sequence[str] = ()
    retries: Sequence[str] = ()
    others: Sequence[str] = ()
    issues: Sequence[str] = ()
    resources: Sequence[Resources] = ()
    """At the start, at the end of each day, at the end."""
    grown: int = 0
    grown_files: Sequence[tuple[str, int]] = ()
    ended_early: str = ""
    """Why it did not run to its end."""

    @property
    def attained(self) -> float:
        """How many times as fast as on the wall time passed."""
        return self.days * 86_400 / self.wall if self.wall else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return all of it, fit for JSON."""
        rows: dict[str, Any] = {**asdict(self), "attained": self.attained}
        rows["resources"] = [one._asdict() for one in self.resources]
        rows["faults"] = [
            {
                "kind": fault.kind,
                "start": fault.start.isoformat(),
                "end": fault.end.isoformat(),
                "healed": fault.healed,
                "lines": fault.lines,
            }
            for fault in self.faults
        ]
        rows["claims"] = [claim._asdict() for claim in claims(self)]
        rows["good"] = all(claim.good for claim in claims(self))
        return rows


def true_registers(meter: Meter, hour: datetime) -> tuple[int, int]:
    """Return what the meter's registers showed at a full hour, Wh, in the resolution that they have on the wire."""
    at = hour + meter.maker.hourly_at
    return _pair(meter.values("hourly", at)) if not meter.maker.register_at else _pair(meter.register(hour))


def energy_of(meter: Meter, start: datetime, hours: Sequence[Hour], came: Container[datetime] = ()) -> Energy:
    """Compare hours, the first of which is to begin at `start`, with the truth.

    `came` are the full hours whose list came.
    """
    found = Energy()
    for hour in hours:
        found.statuses[hour.status] += 1
        if hour.imported is None or hour.exported is None:
            continue
        found.settled += hour.imported
        found.exported += hour.exported
        before, after = true_registers(meter, hour.start), true_registers(meter, hour.start + HOUR)
        error = max(abs(hour.imported - after[0] + before[0]), abs(hour.exported - after[1] + before[1]))
        if hour.status is Status.MEASURED:
            found.worst_measured = max(found.worst_measured, error)
        else:
            if hour.start in came and hour.start + HOUR in came:
                found.guessed.append(hour.start.isoformat())
            found.worst_estimated = max(found.worst_estimated, error)
    first, last = true_registers(meter, start), true_registers(meter, start + len(hours) * HOUR)
    found.sum_error = abs(found.settled - last[0] + first[0]) + abs(found.exported - last[1] + first[1])
    return found


def slack_of(meter: Meter) -> float:
    """Return what hours of a meter may be wrong by, Wh: nothing, where its registers are for the full hour."""
    return NOT_TO_THE_SECOND + resolution(meter) if meter.maker.register_at else 0.0


def percentiles(lags: array[float]) -> dict[str, float]:
    """Return how late lists were seen, s."""
    if not lags:
        return {}
    ordered = sorted(lags)
    return {
        name: round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0))
    }


def claims(found: Found) -> list[Claim]:
    """Return what is claimed, and whether it is so."""
    energy = found.energy
    settled = energy.statuses[Status.MEASURED] + energy.statuses[Status.ESTIMATED]
    slack = found.slack
    line = [fault for fault in found.faults if fault.kind not in HOURLY]
    healed = [fault.healed for fault in line if fault.healed is not None]
    worst = max(healed, default=0.0)
    lines = max((len(fault.lines) for fault in line), default=0)
    shown = max((error for _, error in found.shown.values()), default=float("inf"))
    first, last = found.resources[0], found.resources[-1]
    day = found.resources[1]  # the end, if it took no longer
    rss, slow = last.rss - first.rss, last.rss - day.rss
    lag = found.lags.get("p99", float("inf"))
    return [
        Claim("it ran to its end", found.ended_early or "yes", "yes", not found.ended_early),
        Claim("hours that are settled", f"{settled} of {found.hours}", "all", settled == found.hours),
        Claim("sum of the hours less the register's rise", f"{energy.sum_error} Wh", f"{slack:g}",
              energy.sum_error <= slack),
        Claim("worst measured hour", f"{energy.worst_measured} Wh", f"{slack:g}", energy.worst_measured <= slack),
        Claim("hours estimated though both lists came", f"{len(energy.guessed)}", "0", not energy.guessed),
        Claim("energy sensors at the end", f"{shown:.0f} Wh off", f"{LIVE + found.resolution:.0f} Wh",
              len(found.shown) == len(ENERGIES) and shown <= LIVE + found.resolution),
        Claim("energy sensors since an hourly list", f"{found.live.beyond} of {found.live.checks} beyond",
              "0", found.live.beyond == 0),
        Claim("totals that fell", f"{found.falls}", "0", found.falls == 0),
        Claim("faults that healed", f"{len(healed)} of {len(line)}", "all", len(healed) == len(line)),
        Claim("slowest to heal", f"{worst:.0f} s", f"{HEALS:.0f} s", worst <= HEALS),
        Claim("log lines of a fault, most", f"{lines}", f"{LINES}", lines <= LINES),
        Claim("log lines in all", f"{len(found.lines)}", f"{LINES * len(line)}",
              len(found.lines) <= LINES * len(line)),
        Claim("issues left", f"{len(found.issues)}", "0", not found.issues),
        Claim("tasks, more", f"{last.tasks - first.tasks}", "0", last.tasks <= first.tasks),
        Claim("open files, more", f"{last.files - first.files}", "0", last.files <= first.files),
        Claim("memory allocated and kept", f"{found.grown / 1e6:.2f} MB", f"{MORE_MEMORY / 1e6:.1f} MB",
              found.grown <= MORE_MEMORY),
        Claim("RSS, more", f"{rss / 1e6:.1f} MB", f"{MORE_RSS / 1e6:.0f} MB", rss <= MORE_RSS),
        Claim("RSS, more since the first day", f"{slow / 1e6:.1f} MB", f"{MORE_AFTER_FIRST_DAY / 1e6:.0f} MB",
              slow <= MORE_AFTER_FIRST_DAY),
        Claim("lists seen after, p99", f"{lag:.2f} s", f"{LAG} s", lag <= LAG),
    ]  # fmt: skip


def _pair(values: Mapping[str, float]) -> tuple[int, int]:
    return round(values[ENERGIES[0]]), round(values[ENERGIES[1]])
