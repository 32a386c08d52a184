"""The book of one meter: takes its lists, and tells what its energy sensors show and how much each hour had.

Nothing is counted twice and nothing is lost: what a register has risen by is spread over the time since the one before
it, whatever happened in between. Lists that cannot be true are not believed: those of another meter, repeated ones,
those whose time nobody knows, and registers that fall or leap until the next list says the same.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil
from typing import Any, Final, NamedTuple, Self

from ..wire.reading import ListKind, Quantity, Reading
from . import stored as kept
from .forecast import Forecast, Recent, Told, of_hour
from .hours import Anchor, Hour, Hours, Registers, Status
from .instant import MeterClock
from .integral import FULL_CADENCE, HOUR, MOST_POWER, POWER_CADENCE, Integral
from .netting import Netting
from .register import LiveRegister
from .scale import Comparing, Comparison, rescaled

_COMPARISONS: Final = 24
_NO_GAP: Final = 1.5 * HOUR
"""Seconds. What was shown at two instants that are further apart does not tell how it went between them."""
_GONE: Final = 6 * FULL_CADENCE
"""Seconds without a list of another meter after which it is taken to be gone."""
_REGISTERS: Final = (Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT)


class EventKind(StrEnum):
    """What a person should know of."""

    FELL = "fell"
    """A register is less than it was."""
    LEAPT = "leapt"
    """A register has risen by more than goes through a meter."""


class Event(NamedTuple):
    """The registers do not go on where they were: a new count begins, and the hours between are missing."""

    kind: EventKind
    before: Registers
    after: Registers


class Changes(NamedTuple):
    """What a list has changed that is worth saving."""

    hours: tuple[Hour, ...]
    """The hours that it has settled, or settled anew, in order."""
    events: tuple[Event, ...]


class SoFar(NamedTuple):
    """The hour that is running: energies in Wh, None as long as there is no register."""

    start: datetime
    imported: int | None
    exported: int | None
    complete: bool
    """Whether power was seen since the hour began; else there may be more."""


class _List(NamedTuple):
    """What tells an hourly list from the one before."""

    clock: datetime | None
    imported: int | None
    exported: int | None


class Book:
    """The energy of one meter. All times are aware; energies are whole Wh."""

    def __init__(self, meter_id: str = "") -> None:
        self.meter_id = meter_id
        """The number of the meter. If it is empty, the first one that a list tells."""
        self.comparisons: deque[Comparison] = deque(maxlen=_COMPARISONS)
        """Of the last hours in which power was seen all the time: see `scale.suggested_factor`."""
        self._imports = Integral()
        self._exports = Integral()
        self._netting = Netting(self._exports)
        self._import = LiveRegister(self._imports)
        self._export = LiveRegister(self._exports)
        self._hours = Hours(self._imports, self._exports)
        self._recent = Recent()
        self._clock = MeterClock()
        self._comparing = Comparing()
        self._latest = _List(None, None, None)
        """The last list that had registers."""
        self._suspect: Anchor | None = None
        """Registers that cannot be true, or else begin a new count: the next list tells."""
        self._shared_at: float | None = None
        """When another meter's list came last, as long as its lists come too."""
        self._quick = False

    # Readings.

    def take(self, reading: Reading, arrival: datetime) -> Changes | None:
        """Take a list of the meter. Returns None, as a rule, or what there is to be saved and told."""
        now = arrival.timestamp()
        if (meter := reading.meter) is not None:
            if not self._is_ours(meter.id, now):
                return None
        elif self._is_shared(now):
            return None
        values = reading.values
        quick = reading.kind is ListKind.POWER
        if quick and not self._quick:
            self._quicken(values)
        self._add_power(now, values.get(Quantity.POWER_IMPORT), values.get(Quantity.POWER_EXPORT))
        changes = None
        if not quick and (_REGISTERS[0] in values or _REGISTERS[1] in values):
            changes = self._take_registers(reading, now)
        self._import.rise()
        self._export.rise()
        return changes

    def _add_power(self, now: float, imported: float | None, exported: float | None) -> None:
        if imported is not None:
            self._imports.add(now, imported)
        if exported is not None:
            self._netting.both(now, imported or 0, exported)
        elif imported is not None:
            self._netting.import_alone(now, imported)

    def _is_ours(self, meter_id: str, now: float) -> bool:
        """Return whether a list that tells this number is to be taken.

        As long as another meter's come too, it must tell ours: what power lists say may be about either.
        """
        if meter_id and not self.meter_id:
            self.meter_id = meter_id
        if meter_id and meter_id != self.meter_id:
            self._shared_at = now
            self._imports.expect(FULL_CADENCE)
            return False
        return not self._is_shared(now) or bool(meter_id)

    def _is_shared(self, now: float) -> bool:
        """Return whether another meter's lists come too."""
        if self._shared_at is not None and abs(now - self._shared_at) > _GONE:
            self._shared_at = None
            self._quick = False  # what power lists there are says how often power comes
        return self._shared_at is not None

    def _quicken(self, values: Mapping[Quantity, float]) -> None:
        """Take note that the meter sends power lists."""
        self._quick = True
        if Quantity.POWER_IMPORT in values:
            self._imports.expect(POWER_CADENCE)
        if Quantity.POWER_EXPORT in values:
            self._exports.expect(POWER_CADENCE)

    def _take_registers(self, reading: Reading, now: float) -> Changes | None:
        clock = reading.clock
        latest = _List(clock, *(_whole(reading.values.get(quantity)) for quantity in _REGISTERS))
        if latest == self._latest and clock is not None:
            return None
        self._latest = latest
        last = self._hours.anchor
        registers = Registers(
            latest.imported if latest.imported is not None else last.imported if last else 0,
            latest.exported if latest.exported is not None else last.exported if last else 0,
        )
        instant = self._clock.judge(clock, reading.clock_offsets, now)
        if instant is None:
            if last is None or _plausible(last, registers, now):
                self._reach()
            return None
        at, exact, shift = instant
        anchor = Anchor(at, *registers, exact, self._imports.upto(at + shift), self._exports.upto(at + shift))
        begin = None
        if last is not None and not _plausible(last, registers, at):
            if (begin := self._confirmed(anchor)) is None:
                return None
        elif last is not None and at <= last.at and (registers == last.registers or not self._revises(anchor)):
            self._reach()
            return None
        return self._settle(begin, anchor, shift)

    def _revises(self, anchor: Anchor) -> bool:
        """Return whether to believe a time before that of the last registers: that one came of a wrong clock then."""
        return anchor.exact or not self._hours.sure_after(anchor.at)

    def _settle(self, begin: Anchor | None, anchor: Anchor, shift: float) -> Changes | None:
        """Take registers; with `begin`, as the continuation of those, which begin a new count."""
        events: tuple[Event, ...] = ()
        if begin is not None:
            events = (self._begin_count(begin),)
        self._suspect = None
        self._compare(anchor)
        changed = self._hours.add(anchor, shift)
        for live, register, point in self._sent(anchor.import_point, anchor.export_point):
            live.correct(register, point.energy)
        self._imports.forget(anchor.at - HOUR)
        self._exports.forget(anchor.at - HOUR)
        if not changed and not events:
            return None
        hours = (self._hours.hour(number) for number in changed)
        return Changes(tuple(hour for hour in hours if hour.status is not Status.MISSING), events)

    def _reach(self) -> None:
        """Show at least the registers of a list whose time is not known."""
        for live, register, _ in self._sent(None, None):
            live.reach(register)

    def _sent[T](self, of_import: T, of_export: T) -> Iterator[tuple[LiveRegister, int, T]]:
        """Yield the live register of each direction that the meter sends, and what the last list says of it."""
        if self._latest.imported is not None:
            yield self._import, self._latest.imported, of_import
        if self._latest.exported is not None:
            yield self._export, self._latest.exported, of_export

    def _confirmed(self, anchor: Anchor) -> Anchor | None:
        """Return the registers that came last, if these go on from them though not from those that were taken."""
        suspect = self._suspect
        if suspect is None or anchor.at <= suspect.at or not _plausible(suspect, anchor.registers, anchor.at):
            self._suspect = anchor
            return None
        return suspect

    def _begin_count(self, begin: Anchor) -> Event:
        """Begin a new count."""
        last = self._hours.anchor or begin
        self._hours.restart()
        self._hours.add(begin, 0.0)
        self._import.reset()
        self._export.reset()
        fell = begin.imported < last.imported or begin.exported < last.exported
        return Event(EventKind.FELL if fell else EventKind.LEAPT, last.registers, begin.registers)

    def _compare(self, anchor: Anchor) -> None:
        """Compare power with the registers over the time since the last ones."""
        if (last := self._hours.anchor) is None or anchor.at <= last.at:
            return
        imported = anchor.import_point.energy - last.import_point.energy
        exported = anchor.export_point.energy - last.export_point.energy
        comparison = self._comparing.add(
            anchor.at - last.at,
            anchor.import_point.seen - last.import_point.seen,
            (imported + exported) / HOUR,
            anchor.imported - last.imported + anchor.exported - last.exported,
        )
        if comparison is not None:
            self.comparisons.append(comparison)

    # What it tells.

    @property
    def imported(self) -> int | None:
        """What the sensor of imported energy shows; None as long as no register is known. It never falls."""
        return self._import.shown

    @property
    def exported(self) -> int | None:
        """What the sensor of exported energy shows; None as long as no register is known. It never falls."""
        return self._export.shown

    def this_hour(self, now: datetime) -> SoFar:
        """Return the energy since the full hour, as far as it is known."""
        number = int(now.timestamp() // HOUR)
        begin = float(number * HOUR)
        imported, exported = self._hours.registers(number) or (None, None)
        seen = self._imports.seen - self._imports.upto(begin).seen
        return SoFar(
            datetime.fromtimestamp(begin, UTC),
            self._so_far(self._import, self._imports, begin, imported),
            self._so_far(self._export, self._exports, begin, exported),
            complete=now.timestamp() - begin - seen < 2 * FULL_CADENCE,
        )

    @staticmethod
    def _so_far(live: LiveRegister, integral: Integral, begin: float, register: int | None) -> int | None:
        if live.shown is None:
            return None
        since = live.truth(integral.upto(begin).energy) if register is None else register
        return max(0, int(live.truth(integral.energy) - since))

    def forecast(self, now: datetime) -> Forecast | None:
        """Return what the hour that is running will come to; None while no power is known."""
        at = now.timestamp()
        number = int(at // HOUR)
        begin = float(number * HOUR)
        anchor = self._hours.anchor
        if anchor is None or anchor.import_point.at > at or (register := self._hours.import_since(number)) is None:
            told = Told(begin, 0.0, self._imports.upto(begin))
        else:
            told = Told(max(begin, anchor.import_point.at), anchor.imported - register, anchor.import_point)
        return of_hour(self._imports, self._recent, begin, told, at)

    @property
    def last_hour(self) -> Hour | None:
        """The last hour that is settled."""
        return next(map(self._hours.hour, self._hours.settled()), None)

    @property
    def last_register(self) -> datetime | None:
        """The instant that the last register is for."""
        return None if self._hours.anchor is None else datetime.fromtimestamp(self._hours.anchor.at, UTC)

    @property
    def since(self) -> datetime | None:
        """The start of the first hour that is settled."""
        return self._hours.since

    def hours(self, start: datetime, end: datetime) -> tuple[Hour, ...]:
        """Return the hours from the one in which `start` lies to the last one that begins before `end`."""
        numbers = range(int(start.timestamp() // HOUR), ceil(end.timestamp() / HOUR))
        return tuple(map(self._hours.hour, numbers))

    def register_at(self, hour: datetime) -> Registers | None:
        """Return the registers at a full hour; None where they are not known."""
        return self._hours.registers(int(hour.timestamp() // HOUR))

    # What outlives it.

    def restore(self, shown_import: int | None, shown_export: int | None) -> None:
        """Go on from what the sensors showed last, so that they do not fall."""
        if shown_import is not None:
            self._import.restore(shown_import)
        if shown_export is not None:
            self._export.restore(shown_export)

    def recall(self, quantity: Quantity, shown: Iterable[tuple[datetime, int]]) -> None:
        """Go on from what the sensor of a register showed after this book was kept, in time, in Wh.

        To be told before any list. What rises by more than goes through a meter is not believed, nor what comes after.
        """
        if (last := self._hours.anchor) is None:
            return
        live, integral = self._import, self._imports
        before = last.imported
        if quantity is not Quantity.ENERGY_IMPORT:
            live, integral = self._export, self._exports
            before = last.exported
        since = last.at
        if live.shown is not None and integral.kept_until > since:
            since, before = integral.kept_until, max(before, live.shown)
        for instant, energy in shown:
            at = instant.timestamp()
            rise = energy - before
            if at <= since or rise < 0:
                continue
            if rise > MOST_POWER * max(1.0, (at - since) / HOUR):
                return
            integral.recall(since, at, rise * HOUR if at - since <= _NO_GAP else 0.0)
            live.restore(energy)
            since, before = at, energy

    def rescale(self, factor: float, *, history: bool = True) -> Registers | None:
        """Multiply the registers, as those to come are multiplied by another factor; and the settled hours, or not.

        What a live register has risen by since the last register came of power, and stays. Returns the last registers
        as they were; None if there are none to go on from.
        """
        last = self._hours.anchor
        self._hours.rescale(factor, history=history)
        for live, register in (
            (self._import, None if last is None else last.imported),
            (self._export, None if last is None else last.exported),
        ):
            if (shown := live.shown) is not None:
                live.reset()
                live.restore(round(rescaled(shown, factor, register)))
        self._suspect = None
        self._latest = _List(None, None, None)
        self._comparing = Comparing()
        self.comparisons.clear()
        return None if last is None else last.registers

    def to_stored(self) -> kept.Stored:
        """Return all of it as plain values, fit for JSON."""
        latest = self._latest
        return {
            "version": kept.VERSION,
            "meter": self.meter_id,
            "chains": [kept.chain_to_stored(chain) for chain in self._hours.chains],
            "anchor": kept.anchor_to_stored(self._hours.anchor),
            "latest": [latest.clock and latest.clock.isoformat(), latest.imported, latest.exported],
            "lags": self._clock.lags,
            "correction": self._clock.correction,
            "shown": [self.imported, self.exported],
            "seen": [self._imports.to_stored(), self._exports.to_stored()],
            "changed": self._recent.changed_at,
            "comparisons": [list(comparison) for comparison in self.comparisons],
        }

    @classmethod
    def from_stored(cls, stored: object) -> Self:
        """Return a book that was stored. Raises DamagedBookError, with the reason, if it cannot be read."""
        content = kept.migrate(stored)
        try:
            return cls._from(content)
        except kept.DamagedBookError:
            raise
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as err:
            msg = f"it is damaged: {err!r}"
            raise kept.DamagedBookError(msg) from err

    @classmethod
    def _from(cls, stored: Mapping[str, Any]) -> Self:
        book = cls(str(stored["meter"]))
        book._hours.chains = kept.chains_from_stored(stored["chains"])
        book._hours.anchor = kept.anchor_from_stored(stored["anchor"], book._hours.chains)
        clock, imported, exported = kept.rows(stored["latest"])
        book._latest = _List(kept.clock(clock), kept.maybe_whole(imported), kept.maybe_whole(exported))
        lags = map(kept.number, kept.rows(stored["lags"]))
        book._clock.restore(lags, int(kept.number(stored["correction"])))
        for integral, points in zip((book._imports, book._exports), stored["seen"], strict=True):
            integral.restore(kept.points_from_stored(points))
        changed = stored.get("changed")
        book._recent.restore(book._imports, None if changed is None else kept.number(changed))
        book.restore(*map(kept.maybe_whole, stored["shown"]))
        book.comparisons.extend(
            Comparison(kept.number(power), kept.whole(register)) for power, register in stored["comparisons"]
        )
        return book


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _plausible(last: Anchor, registers: Registers, at: float) -> bool:
    """Return whether registers may be those of the same meter at another time (POSIX seconds)."""
    most = MOST_POWER * max(1.0, abs(at - last.at) / HOUR)
    return all(0 <= after - before <= most for before, after in zip(last.registers, registers, strict=True))
