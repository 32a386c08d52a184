"""The process is killed two hundred times, at any instant: what was settled stays, and nothing is counted twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from custom_components.han_port.ledger import Changes, Hour, Status
from tests.meters import make_meter
from tests.meters.make import MakerName

from .simulation import HOUR, MAKERS, SECOND, Pause, Run, Trouble
from .test_year import MEASURED

START = datetime(2026, 2, 2, tzinfo=UTC)
KILLS = 200


@dataclass
class Killed(Run):
    """A run that is killed: each time, what was settled is compared with what is there after the start."""

    kills: int = 0
    saved: dict[datetime, Hour] = field(default_factory=dict)
    unsaved: float = 0.0
    """How probable it is that the process dies between settling an hour and saving it."""

    def __post_init__(self) -> None:
        self._random = Random(5)

    def note(self, changes: Changes) -> None:
        """Settle hours, and sometimes do not save them."""
        if self._random.random() < self.unsaved:
            self.settled.update((hour.start, hour) for hour in changes.hours)
        else:
            super().note(changes)

    def save(self) -> None:
        """Save, and remember what was."""
        super().save()
        self.saved = self.known()

    def restart(self, how: str) -> None:
        """Start again: what was saved is there, and nothing else."""
        if not self.unsaved:
            assert self.saved == self.settled
        super().restart(how)
        self.kills += 1
        assert self.known() == self.saved
        self.settled = self.saved.copy()

    def known(self) -> dict[datetime, Hour]:
        """Return the hours that the book knows."""
        hours = self.book.hours(self.start, self.end)
        return {hour.start: hour for hour in hours if hour.status is not Status.MISSING}


def kills(random: Random) -> Iterator[Pause]:
    """Yield when it dies; half of it near the full hour, where it hurts most."""
    at = START + 10 * SECOND
    while True:
        at += timedelta(seconds=random.uniform(600, 7200))
        if random.random() < 0.5:
            at = at.replace(minute=0, second=0) + timedelta(seconds=random.uniform(-15, 90))
        end = at + timedelta(seconds=random.choice((0.1, 8, 40, 400, 4000)))
        yield Pause(at, end, "kill")
        at = end


def killed(maker: MakerName, unsaved: float) -> Killed:
    meter = make_meter(maker, start=START - HOUR, solar=6000)
    random = Random(f"{maker} {unsaved}")
    pauses = [pause for pause, _ in zip(kills(random), range(KILLS), strict=False)]
    end = pauses[-1].end.replace(minute=0, second=0, microsecond=0) + 3 * HOUR
    return Killed(meter, START, end, Trouble(pauses), unsaved=unsaved)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("unsaved", [0, 0.5])
def test_killed_two_hundred_times(maker: MakerName, unsaved: float) -> None:
    run = killed(maker, unsaved)
    outcome = run.go()
    assert run.kills > KILLS * 0.9
    assert outcome.worst_measured <= MEASURED[maker]
    assert outcome.sum_error == 0
    known = list(run.known().values())
    first, last = known[0].start, known[-1].start + HOUR
    assert len(known) == (last - first) / HOUR, "none is missing between"
    assert len(known) > outcome.hours.total() - 8
    total = sum(hour.imported or 0 for hour in known)
    assert total == pytest.approx(run.true_energy(last)[0] - run.true_energy(first)[0], abs=MEASURED[maker])
    assert outcome.hours[Status.MEASURED] > 0.1 * outcome.hours.total()
