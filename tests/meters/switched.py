"""A house with loads that somebody may switch off and on: an electric car, a water heater.

A load wants energy at times that are known beforehand, and takes it as fast as it can while it is on. So what it draws
depends on what is done to it, and is known only up to now: time runs forward here. Power changes on whole seconds.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from heapq import merge
from typing import Any, NamedTuple, override

from .appliances import HOUR
from .household import EPOCH, MEGA, MICROSECOND, Exact, Household, Power


class Wish(NamedTuple):
    """So much energy (Wh) is wanted from an instant on; what is still missing at `until` is given up."""

    at: datetime
    energy: int
    until: datetime | None = None


class SwitchedLoad:
    """Something that draws `watts` (on each phase) while it wants energy and is on, which it is at first.

    It begins when at least `begins_at` Wh are missing, as a thermostat does, and goes on until none are.
    """

    def __init__(self, watts: tuple[int, int, int], wishes: Iterable[Wish], *, begins_at: int = 1) -> None:
        self.watts = watts
        self.on = True
        self.worst = 0.0
        """The most that was missing at a time, Wh."""
        self.given_up = 0.0
        """What was missing when nobody waited for it any more, Wh."""
        self.served: list[tuple[datetime, datetime]] = []
        """From when something was missing, and until when, if all of it came."""
        self._total = sum(watts)
        self._begins_at = begins_at * HOUR
        self._plan: list[tuple[int, int | None]] = []
        for wish in wishes:
            self._plan.append((_second(wish.at), wish.energy * HOUR))
            if wish.until is not None:
                self._plan.append((_second(wish.until), None))
        self._plan.sort(key=lambda change: change[0], reverse=True)
        self._missing = 0
        self._since = 0
        self._running = False
        # Breakpoints: POSIX second, whether it draws from there on, and W·s up to there.
        self._at = array("q", [0])
        self._draws = [False]
        self._energy = array("q", [0])
        self._now = 0

    @property
    def missing(self) -> float:
        """What is wanted and has not come yet, Wh."""
        return self._missing / HOUR

    @property
    def delivered(self) -> float:
        """What it has drawn, Wh."""
        return self._upto(self._now) / HOUR

    def switch(self, at: datetime, *, on: bool) -> None:
        """Turn it off or on, from the next whole second. Raises ValueError for a time that is over."""
        second = -(-((at - EPOCH) // MICROSECOND) // MEGA)
        if second < self._now:
            msg = "that time is over"
            raise ValueError(msg)
        self._advance(second)
        self.on = on
        self._decide()

    def draws_at(self, second: int) -> bool:
        """Return whether it draws in a second, which becomes now if it is later."""
        self._advance(second)
        return self._draws[bisect_right(self._at, second) - 1]

    def exact(self, instant: int) -> int:
        """Return what it has drawn by an instant (POSIX µs), in W·µs."""
        second, rest = divmod(instant, MEGA)
        return self._upto(second) * MEGA + (self._total * rest if self.draws_at(second) else 0)

    def breakpoints(self) -> Iterator[int]:
        """Yield the seconds so far at which it began or ended to draw."""
        yield from self._at

    def _upto(self, second: int) -> int:
        """Return W·s drawn by a second."""
        self._advance(second)
        index = bisect_right(self._at, second) - 1
        return self._energy[index] + (self._total * (second - self._at[index]) if self._draws[index] else 0)

    def _advance(self, to: int) -> None:
        """Let time pass up to a second."""
        while self._now < to:
            until = to
            if self._plan:
                until = min(until, max(self._plan[-1][0], self._now))
            if self._drawing:
                until = min(until, self._now - (-self._missing // self._total))
                self._missing = max(0, self._missing - (until - self._now) * self._total)
            self._now = until
            while self._plan and self._plan[-1][0] <= until:
                self._change(self._plan.pop()[1])
            self._decide()

    def _change(self, wanted: int | None) -> None:
        if wanted is None:
            self.given_up += self.missing
            self._missing = 0
            self._running = False
        else:
            if not self._missing:
                self._since = self._now
            self._missing += wanted
            self.worst = max(self.worst, self.missing)

    def _decide(self) -> None:
        """Begin or end to draw."""
        if not self._missing:
            if self._running:
                since, until = (datetime.fromtimestamp(second, UTC) for second in (self._since, self._now))
                self.served.append((since, until))
            self._running = False
        elif self._missing >= self._begins_at:
            self._running = True
        draws = self._running and self.on
        if draws == self._drawing:
            return
        energy = self._upto(self._now)
        self._at.append(self._now)
        self._draws.append(draws)
        self._energy.append(energy)

    @property
    def _drawing(self) -> bool:
        return self._draws[-1]


class SwitchedHousehold(Household):
    """A house without panels, and loads in it that may be switched. The arguments besides are those of `Household`."""

    def __init__(self, *, loads: Sequence[SwitchedLoad], **options: Any) -> None:
        if options.get("solar"):
            msg = "energy is added up here, not netted"
            raise ValueError(msg)
        super().__init__(**options)
        self.loads = loads

    @override
    def power(self, at: datetime) -> Power:
        l1, l2, l3, reactive = super().power(at)
        second = _second(at)
        for load in self.loads:
            if load.draws_at(second):
                more = load.watts if self.phases == 3 else (sum(load.watts), 0, 0)
                l1, l2, l3 = l1 + more[0], l2 + more[1], l3 + more[2]
        return Power(l1, l2, l3, reactive)

    @override
    def exact(self, at: datetime) -> Exact:
        house = super().exact(at)
        instant = (at - EPOCH) // MICROSECOND
        return house._replace(imported=house.imported + sum(load.exact(instant) for load in self.loads))

    @override
    def breakpoints(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, Power]]:
        first, last = _second(start), _second(end)
        house = (_second(at) for at, _ in super().breakpoints(start, end))
        for load in self.loads:
            load.draws_at(last)
        theirs = (sorted(at for at in load.breakpoints() if first <= at < last) for load in self.loads)
        before = None
        for second in merge(house, *theirs):
            if second != before:
                at = datetime.fromtimestamp(second, UTC)
                yield at, self.power(at)
            before = second


def _second(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND // MEGA
