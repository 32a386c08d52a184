"""A house whose power is known at every instant and whose energy is therefore known exactly.

Power is constant between breakpoints on whole seconds, and whole watts: its integral is a whole number of W·µs at
every microsecond. Days are made when they are first asked for, in order, and kept.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from random import Random
from typing import NamedTuple

from .appliances import (
    Appliance,
    Base,
    Car,
    Cooker,
    Fridge,
    Heater,
    Load,
    Solar,
    Washer,
    WaterHeater,
    local_day,
)
from .maker import CIVIL_TIME

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MEGA = 1_000_000
WH = 3600 * MEGA
"""Micro-watt-seconds in a Wh: what `exact` counts in."""


class Power(NamedTuple):
    """W on each phase (positive: from the grid) and var in all (positive: inductive)."""

    l1: int
    l2: int
    l3: int
    reactive: int

    @property
    def total(self) -> int:
        """W of all phases, as the meter nets them."""
        return self.l1 + self.l2 + self.l3


class Energy(NamedTuple):
    """What has gone through the meter since the household's start: Wh, varh, or the counts of `exact`."""

    imported: float
    exported: float
    reactive_imported: float
    reactive_exported: float


class Exact(NamedTuple):
    """Energy in whole W·µs and var·µs: divide by `WH` for Wh."""

    imported: int
    exported: int
    reactive_imported: int
    reactive_exported: int


class Household:
    """One house from `start` on, a whole second: the same seed makes the same house.

    `phases` is 1 or 3; with 1, everything is on L1. `solar` is the peak power of its panels in W, 0 for none.
    `appliances` replaces what is usually there. Instants are aware datetimes not before `start`, else ValueError.
    """

    def __init__(
        self,
        *,
        start: datetime,
        seed: int = 1,
        phases: int = 3,
        solar: int = 0,
        appliances: Sequence[Appliance] | None = None,
    ) -> None:
        self.start = start
        self.phases = phases
        self._seed = seed
        usual: list[Appliance] = [Base(), Fridge(), WaterHeater(), Cooker(), Washer(), Car(phases)]
        usual += [Heater(0, 1000), Heater(1, 750), Heater(2, 1200)]
        usual += [Solar(solar, phases)] if solar else []
        self._appliances: Sequence[Appliance] = usual if appliances is None else appliances
        # Breakpoints: POSIX second, the power from there on, the energy up to there in W·s and var·s.
        self._at = array("q")
        self._powers: list[Power] = []
        self._energies: list[Exact] = []
        self._steps: list[tuple[int, int, int, int, int]] = []
        self._now = Power(0, 0, 0, 0)
        self._sum = Exact(0, 0, 0, 0)
        self._from = (start - EPOCH) // timedelta(seconds=1)
        self._day = start.astimezone(CIVIL_TIME).date()
        self._until = self._from
        self._last = self._from

    def power(self, at: datetime) -> Power:
        """Return the power at an instant."""
        return self._powers[self._index((at - EPOCH) // MICROSECOND)]

    def exact(self, at: datetime) -> Exact:
        """Return the energy since the start, exactly."""
        instant = (at - EPOCH) // MICROSECOND
        index = self._index(instant)
        now, before = self._powers[index], self._energies[index]
        rest = instant - self._at[index] * MEGA
        total, reactive = now.total * rest, now.reactive * rest
        return Exact(
            before.imported * MEGA + max(total, 0),
            before.exported * MEGA + max(-total, 0),
            before.reactive_imported * MEGA + max(reactive, 0),
            before.reactive_exported * MEGA + max(-reactive, 0),
        )

    def energy(self, at: datetime) -> Energy:
        """Return the energy since the start, in Wh and varh."""
        return Energy(*(part / WH for part in self.exact(at)))

    def breakpoints(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, Power]]:
        """Yield the instants from `start` to before `end` at which the power changes, and the power from there on."""
        first, last = ((at - EPOCH) // MICROSECOND for at in (start, end))
        self._index(last)
        for index in range(bisect_left(self._at, -(-first // MEGA)), bisect_left(self._at, -(-last // MEGA))):
            yield EPOCH + timedelta(seconds=self._at[index]), self._powers[index]

    def _index(self, instant: int) -> int:
        second = instant // MEGA
        if second < self._from:
            msg = "the household did not exist then"
            raise ValueError(msg)
        while second >= self._until:
            self._grow()
        return bisect_right(self._at, second) - 1

    def _grow(self) -> None:
        """Add one local day."""
        midnight, next_midnight = (_midnight(self._day), _midnight(self._day + timedelta(days=1)))
        day = local_day(midnight, next_midnight, self._random("weather"))
        for number, appliance in enumerate(self._appliances):
            for load in appliance.day(day, self._random(f"{number} {type(appliance).__name__}")):
                self._add(load)
        self._steps.sort(key=itemgetter(0))
        done = bisect_left(self._steps, day.end, key=itemgetter(0))
        self._settle(self._steps[:done])
        del self._steps[:done]
        self._until = max(day.end, self._from)
        self._day += timedelta(days=1)

    def _add(self, load: Load) -> None:
        l1, l2, l3 = load.watts if self.phases == 3 else (sum(load.watts), 0, 0)
        self._steps.append((load.start, l1, l2, l3, load.var))
        self._steps.append((load.end, -l1, -l2, -l3, -load.var))

    def _settle(self, steps: list[tuple[int, int, int, int, int]]) -> None:
        """Turn steps of power into breakpoints; those before the start only say what is on."""
        if not self._at:
            self._break(self._from)
        for at, l1, l2, l3, var in steps:
            second = max(at, self._from)
            if second != self._last:
                self._break(second)
            now = self._now
            self._now = self._powers[-1] = Power(now.l1 + l1, now.l2 + l2, now.l3 + l3, now.reactive + var)

    def _break(self, second: int) -> None:
        """Begin a new constant part, and sum up the one before."""
        rest, before = second - self._last, self._sum
        total, reactive = self._now.total * rest, self._now.reactive * rest
        self._sum = Exact(
            before.imported + max(total, 0),
            before.exported + max(-total, 0),
            before.reactive_imported + max(reactive, 0),
            before.reactive_exported + max(-reactive, 0),
        )
        self._last = second
        self._at.append(second)
        self._powers.append(self._now)
        self._energies.append(self._sum)

    def _random(self, what: str) -> Random:
        return Random(f"{self._seed} {self._day} {what}")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CIVIL_TIME)
