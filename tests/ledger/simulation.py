"""A simulated meter, a link that fails and a Home Assistant that restarts, in virtual time; and the truth beside it.

Power lists come as readings at once, at the meter's true cadence: a year of them through frames would take minutes.
Hourly lists go through their frames and the decoder.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from random import Random
from typing import Any, NamedTuple

from custom_components.han_port.ledger import Book, Changes, Hour, Status
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.reading import ListKind, Quantity, Reading
from tests.meters import Meter, Sent, make_meter
from tests.meters.household import WH
from tests.meters.make import MakerName

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
MAKERS: tuple[MakerName, ...] = ("aidon", "kaifa", "kamstrup", "embriq")
RESOLUTION = {"aidon": 10, "kaifa": 1, "kamstrup": 10, "embriq": 1}
"""Wh of one count of a register."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
SAVED_EVERY = 15 * MINUTE
"""Home Assistant writes down what sensors show this often, and when it stops."""


class Arrival(NamedTuple):
    """A list that arrives."""

    at: datetime
    reading: Reading


def read(sent: Sent) -> Reading:
    """Read a list out of its frame."""
    (reading,) = Decoder().feed(sent.frame)
    return reading


def at_hour(at: datetime) -> datetime:
    """Return the full hour that began last."""
    return at.replace(minute=0, second=0, microsecond=0)


def arrivals(meter: Meter, start: datetime, end: datetime) -> Iterator[Arrival]:
    """Yield the lists of whole hours, as a perfect link brings them."""
    pattern = [(at - start, kind) for at, kind in meter.schedule(start, start + HOUR)]
    hour = start
    while hour < end:
        changes = iter([*meter.household.breakpoints(hour, hour + HOUR), (hour + 2 * HOUR, None)])
        changing, later = next(changes)
        current = meter.household.power(hour)
        power = full = Reading(ListKind.POWER, {})
        stale = True
        for offset, kind in pattern:
            at = hour + offset
            while changing <= at:
                assert later is not None
                current, stale = later, True
                changing, later = next(changes)
            if kind == "hourly":
                yield Arrival(at, read(meter.send("hourly", at)))
                continue
            if stale:
                imported = {Quantity.POWER_IMPORT: max(current.total, 0)}
                power = Reading(ListKind.POWER, imported)
                full = Reading(ListKind.FULL, {**imported, Quantity.POWER_EXPORT: max(-current.total, 0)})
                stale = False
            yield Arrival(at, power if kind == "power" else full)
        hour += HOUR


class Pause(NamedTuple):
    """A time during which nothing is taken."""

    start: datetime
    end: datetime
    how: str
    """`outage`: of the link. `stop`: Home Assistant is stopped and started. `kill`: it dies, and is started."""


@dataclass(slots=True)
class Trouble:
    """What goes wrong: pauses, in order and apart; and hours whose list is lost, doubled, late or the one before."""

    pauses: Sequence[Pause] = ()
    lost: Collection[datetime] = ()
    doubled: Collection[datetime] = ()
    stale: Collection[datetime] = ()
    late: Collection[datetime] = ()
    late_by: timedelta = 3 * MINUTE

    @classmethod
    def of(cls, start: datetime, hours: int, seed: int = 1) -> Trouble:
        """Return the troubles of a year, or as many of them as a part of a year has."""
        random = Random(seed)
        year = hours / 8760

        def times(count: int) -> range:
            return range(max(1, round(count * year)))

        def some(count: int) -> set[datetime]:
            return {start + random.randrange(2, hours - 1) * HOUR for _ in times(count)}

        lengths = [("outage", random.uniform(3, 90) * SECOND) for _ in times(200)]
        lengths += [("outage", random.uniform(1, 60) * MINUTE) for _ in times(60)]
        lengths += [("outage", random.uniform(1, 12) * HOUR) for _ in times(12)]
        lengths += [("outage", 72 * HOUR)]
        lengths += [("stop", random.uniform(15, 120) * SECOND) for _ in times(60)]
        lengths += [("kill", random.uniform(15, 600) * SECOND) for _ in times(40)]
        pauses: list[Pause] = []
        for how, length in sorted(lengths, key=lambda one: -one[1]):
            while True:
                begin = start + random.uniform(0.1, hours - 1) * HOUR
                pause = Pause(begin, begin + length, how)
                if all(pause.end < other.start - MINUTE or pause.start > other.end + MINUTE for other in pauses):
                    break
            pauses.append(pause)
        return cls(sorted(pauses), some(90), some(90), some(45), some(90))

    def apply(self, meter: Meter, lists: Iterator[Arrival]) -> Iterator[Arrival]:
        """Yield the lists as they come."""
        held: Arrival | None = None
        for arrival in lists:
            at, reading = arrival
            if held is not None and held.at <= at:
                yield held
                held = None
            if reading.kind is not ListKind.HOURLY:
                yield arrival
                continue
            hour = meter.hour_of(at)
            if hour in self.stale:
                reading = read(meter.send("hourly", at, hour=hour - HOUR))
            if hour in self.late:
                held = Arrival(at + self.late_by, reading)
            elif hour not in self.lost:
                yield Arrival(at, reading)
                if hour in self.doubled:
                    yield Arrival(at, reading)


@dataclass(slots=True)
class Outcome:
    """How a run went. Energies in Wh, of import and export both."""

    hours: Counter[str] = field(default_factory=Counter)
    """Hours by their status."""
    worst_measured: float = 0.0
    """The largest error of a measured hour."""
    worst_estimated: float = 0.0
    mean_estimated: float = 0.0
    sum_error: int = 0
    """The sum of all hours less the difference of the registers at both ends."""
    worst_live: float = 0.0
    """The largest error of the live register while the link was up."""
    live_excess: float = 0.0
    """By how much it was more than 30 Wh or 1 % of its hour."""
    live_checks: int = 0
    live_beyond: int = 0
    """Checks that were beyond it."""
    falls: int = 0
    """How often a sensor that never falls fell."""
    plain_wrong: int = 0
    """Hours that a sensor which shows the plain register has wrong by more than the register's resolution."""
    plain_worst: float = 0.0
    plain_mean: float = 0.0
    """Mean error of its hours."""


@dataclass(slots=True)
class Run:
    """A book that is fed for some hours, and the truth beside it."""

    meter: Meter
    start: datetime
    end: datetime
    trouble: Trouble = field(default_factory=Trouble)
    book: Book = field(default_factory=Book)
    settled: dict[datetime, Hour] = field(default_factory=dict)
    """All hours, as they were told last."""
    outcome: Outcome = field(default_factory=Outcome)
    snapshot: str = ""
    lists: int = 0
    """Lists that the book has taken."""
    _saved: tuple[int | None, int | None] = (None, None)
    _saved_at: datetime | None = None
    _trusted: bool = False
    """Whether the live register has to be right: it got a register, and nothing was missed since."""
    _blind_until: datetime = LONG_AGO
    _paused: bool = False
    _shown: tuple[int, int] = (0, 0)
    _hour: datetime | None = None
    _most: tuple[float, float] = (30.0, 30.0)
    _plain: dict[datetime, int] = field(default_factory=dict)
    _register: int | None = None

    def go(self) -> Outcome:
        """Feed everything; return how it went."""
        self.save()
        pauses = iter(self.trouble.pauses)
        pause = next(pauses, None)
        for arrival in self.trouble.apply(self.meter, arrivals(self.meter, self.start, self.end)):
            if pause is not None and arrival.at >= pause.start:
                if not self._paused:
                    self._pause(pause)
                if arrival.at < pause.end:
                    continue
                pause = next(pauses, None)
                self._paused = False
            self.take(arrival)
        self._judge()
        return self.outcome

    def take(self, arrival: Arrival) -> None:
        """Take a list, and look at what the book says then."""
        at, reading = arrival
        hour = at_hour(at)
        if hour != self._hour:
            self._new_hour(hour)
        changes = self.book.take(reading, at)
        self.lists += 1
        if changes is not None:
            self.note(changes)
        if reading.kind is ListKind.POWER:
            return
        if reading.kind is ListKind.HOURLY:
            self._register = int(reading.values[Quantity.ENERGY_IMPORT])
            if changes is not None and self._blind_until <= hour:
                self._trusted = True
        self._look(at)

    def note(self, changes: Changes) -> None:
        """Do what a user of the book does when hours are settled."""
        self.settled.update((hour.start, hour) for hour in changes.hours)
        self.save()

    def save(self) -> None:
        """Save the book."""
        self.snapshot = json.dumps(self.book.to_stored())

    def restart(self, how: str) -> None:
        """Stop or kill, and start again with what was saved."""
        if how == "stop":
            self.save()
            self._saved = self.book.imported, self.book.exported
        self.book = Book.from_stored(json.loads(self.snapshot))
        self.book.restore(*self._saved)
        if how == "kill":
            self._shown = (0, 0)
        self._trusted = False

    def true_energy(self, at: datetime) -> tuple[float, float]:
        """Return the registers at an instant, as fine as they are."""
        parts = self.meter.household.exact(at)
        first, second, *_ = self.meter.registers
        return first + parts.imported / WH, second + parts.exported / WH

    def true_hour(self, start: datetime) -> tuple[float, float]:
        """Return the energy of an hour."""
        (a, b), (c, d) = self.true_energy(start), self.true_energy(start + HOUR)
        return c - a, d - b

    def _pause(self, pause: Pause) -> None:
        self._paused = True
        if pause.how != "outage":
            self.restart(pause.how)
        self._trusted = False
        self._blind_until = pause.end

    def _new_hour(self, hour: datetime) -> None:
        self._hour = hour
        energies = self.true_hour(hour)
        self._most = max(30.0, energies[0] / 100), max(30.0, energies[1] / 100)
        if self._register is not None:
            self._plain[hour] = self._register

    def _look(self, at: datetime) -> None:
        """Compare what is shown with the truth."""
        outcome = self.outcome
        if self._saved_at is None or at - self._saved_at >= SAVED_EVERY:
            self._saved, self._saved_at = (self.book.imported, self.book.exported), at
        imported, exported = self.book.imported, self.book.exported
        if imported is None or exported is None:
            return
        if imported < self._shown[0] or exported < self._shown[1]:
            outcome.falls += 1
        self._shown = imported, exported
        if not self._trusted:
            return
        outcome.live_checks += 1
        for shown, truth, most in zip(self._shown, self.true_energy(at), self._most, strict=True):
            error = abs(shown - truth)
            outcome.worst_live = max(outcome.worst_live, error)
            outcome.live_excess = max(outcome.live_excess, error - most)
            outcome.live_beyond += error > most

    def _judge(self) -> None:
        """Compare the settled hours with the truth."""
        outcome = self.outcome
        known = self.book.hours(self.start, self.end)
        estimated: list[float] = []
        for hour in known:
            outcome.hours[hour.status] += 1
            if hour.imported is None or hour.exported is None:
                continue
            truth = self.true_hour(hour.start)
            error = max(abs(hour.imported - truth[0]), abs(hour.exported - truth[1]))
            if hour.status is Status.MEASURED:
                outcome.worst_measured = max(outcome.worst_measured, error)
            else:
                estimated.append(error)
        outcome.worst_estimated = max(estimated, default=0.0)
        outcome.mean_estimated = sum(estimated) / max(1, len(estimated))
        some = [hour for hour in known if hour.status is not Status.MISSING]
        if some:
            first, last = (self.book.register_at(at) for at in (some[0].start, some[-1].start + HOUR))
            assert first is not None
            assert last is not None
            outcome.sum_error = abs(sum(hour.imported or 0 for hour in some) - last.imported + first.imported)
            outcome.sum_error += abs(sum(hour.exported or 0 for hour in some) - last.exported + first.exported)
        errors = [
            abs(plain - self.true_hour(start)[0])
            for start in self._plain
            if (plain := self.plain_hour(start)) is not None
        ]
        outcome.plain_worst = max(errors, default=0.0)
        outcome.plain_mean = sum(errors) / max(1, len(errors))
        outcome.plain_wrong = sum(error > RESOLUTION[maker_name(self.meter)] for error in errors)

    def plain_hour(self, start: datetime) -> int | None:
        """Return the import of an hour by a sensor that shows the last register that came."""
        first, last = self._plain.get(start), self._plain.get(start + HOUR)
        return None if first is None or last is None else last - first


def maker_name(meter: Meter) -> MakerName:
    """Return the short name of a meter's maker."""
    return next((name for name in MAKERS if name == meter.maker.name.lower()), "embriq")


def simulate(maker: MakerName, start: datetime, hours: int, *, trouble: bool = True, **options: Any) -> Run:
    """Run a meter with solar panels for some hours."""
    meter = make_meter(maker, start=start - 12 * HOUR, solar=options.pop("solar", 6000), **options)
    troubles = Trouble.of(start, hours) if trouble else Trouble()
    run = Run(meter, start, start + hours * HOUR, troubles)
    run.go()
    return run


YEAR = datetime(2026, 1, 1, tzinfo=UTC)
