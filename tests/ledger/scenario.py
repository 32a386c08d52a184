"""A meter that a test leads by the hand: its power is what the test says, its lists come every ten seconds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from types import MappingProxyType

from custom_components.han_port.ledger import Book, Changes, Event, Hour
from custom_components.han_port.wire.reading import ListKind, Meter, Number, Quantity, Reading

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
START = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
NORMAL_TIME = timedelta(hours=1)
METER = Meter("Aidon", "6525", "7359992000000116", "AIDON_V0001")

type Change = Callable[[Reading], Iterable[Reading]]


def wall(at: datetime, offset: timedelta = NORMAL_TIME) -> datetime:
    """Return what a clock shows."""
    return (at + offset).replace(tzinfo=None)


def list_of(
    at: datetime, imported: int, exported: int = 0, powers: Mapping[Quantity, Number] = MappingProxyType({})
) -> Reading:
    """Return an hourly list whose clock shows an instant."""
    energies = {Quantity.ENERGY_IMPORT: imported, Quantity.ENERGY_EXPORT: exported}
    return Reading(ListKind.HOURLY, {**powers, **energies}, METER, wall(at), (NORMAL_TIME,))


@dataclass
class Scenario:
    """A house with a meter, and a book that takes its lists.

    Its hourly list comes ten seconds past the hour. `register_at` is what it is for, and its clock shows: 0 or 10 s
    past. `system` is how far the computer's clock is ahead of the truth, `meter_clock` how far the meter's is.
    """

    now: datetime = START
    register_at: int = 0
    register: int = 1_000_000
    watts: int = 1800
    """Power: negative for export."""
    book: Book = field(default_factory=Book)
    system: timedelta = timedelta(0)
    meter_clock: timedelta = timedelta(0)
    hours: dict[datetime, Hour] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    snapshot: str = ""
    shown: list[int] = field(default_factory=list)
    """All that the import sensor showed."""
    _energy: tuple[int, int] = (0, 0)
    _past: dict[datetime, tuple[int, int]] = field(default_factory=dict)

    def true(self, at: datetime | None = None) -> tuple[int, int]:
        """Return the registers now, or at an instant of the past on a full ten seconds."""
        imported, exported = self._past[at] if at else self._energy
        return self.register + imported // 3600, exported // 3600

    def run(
        self,
        duration: timedelta,
        watts: int | None = None,
        *,
        power: bool = True,
        registers: bool = True,
        change: Change | None = None,
    ) -> None:
        """Let time pass, with or without lists of a kind; `change` makes other lists of an hourly one."""
        self.watts = self.watts if watts is None else watts
        for _ in range(duration // (10 * SECOND)):
            self.now += 10 * SECOND
            imported, exported = self._energy
            self._energy = imported + max(self.watts, 0) * 10, exported + max(-self.watts, 0) * 10
            self._past[self.now] = self._energy
            shown = self.now + self.meter_clock
            if (shown.minute, shown.second) == (0, 10):
                if registers:
                    reading = self.hourly(shown, with_power=power)
                    for one in change(reading) if change else (reading,):
                        self.take(one)
            elif power:
                self.take(Reading(ListKind.FULL, self.powers(), METER))

    def hourly(self, shown: datetime, *, with_power: bool = True) -> Reading:
        """Return the hourly list that is sent when the meter's clock shows this."""
        instant = shown - (10 - self.register_at) * SECOND
        at = instant - self.meter_clock
        registers = self.true(at) if at in self._past else self.true()
        return list_of(instant, *registers, self.powers() if with_power else {})

    def powers(self) -> dict[Quantity, Number]:
        """Return the power of now, as lists have it."""
        return {Quantity.POWER_IMPORT: max(self.watts, 0), Quantity.POWER_EXPORT: max(-self.watts, 0)}

    def take(self, reading: Reading, at: datetime | None = None) -> Changes | None:
        """Have the book take a list, now by the computer's clock; do what a user of the book does."""
        changes = self.book.take(reading, at or self.now + self.system)
        if changes is not None:
            self.hours.update((hour.start, hour) for hour in changes.hours)
            self.events.extend(changes.events)
            self.snapshot = json.dumps(self.book.to_stored())
        if self.book.imported is not None:
            self.shown.append(self.book.imported)
        return changes

    def restart(self, *, saved: bool = True) -> None:
        """Restart with what was saved; `saved` says whether it could save when it stopped."""
        if saved or not self.snapshot:
            self.snapshot = json.dumps(self.book.to_stored())
        shown = self.book.imported, self.book.exported
        self.book = Book.from_stored(json.loads(self.snapshot))
        self.book.restore(*shown)

    def volume(self, start: datetime) -> tuple[int, int]:
        """Return what the house used and gave in an hour."""
        (a, b), (c, d) = self.true(start), self.true(start + HOUR)
        return c - a, d - b
