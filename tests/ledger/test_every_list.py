"""Meters whose every list has registers and a clock (Sweden, Denmark, telegrams): their hours are right to the Wh."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from random import Random
from zoneinfo import ZoneInfo

import pytest

from custom_components.han_port.ledger import Book, Changes, Hour, Status, suggested_factor
from custom_components.han_port.wire.reading import ListKind, Meter, Quantity, Reading

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
NORMAL, SUMMER = HOUR, 2 * HOUR
STOCKHOLM = ZoneInfo("Europe/Stockholm")
METER = Meter("Aidon", "", "", "")
WINTER = datetime(2026, 1, 12, 23, tzinfo=UTC)
SPRING = datetime(2026, 3, 28, 23, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 24, 22, tzinfo=UTC)
POWERS = (0, 150, 420, 1100, 2300, 5400, 7400, -900, -4800)
"""W that the house may draw; negative where it gives."""


@dataclass
class House:
    """A house whose power changes now and then, and a meter that counts it to the W·s."""

    start: datetime
    seed: int = 1
    every: timedelta = 10 * SECOND
    offset: timedelta = timedelta(0)
    """From the full ten seconds to the instant of a list."""
    is_civil: bool = False
    """Whether its clock follows summer time."""
    times: int = 1
    """What its registers are multiplied by."""
    _counted: dict[datetime, tuple[int, int]] = field(default_factory=dict)

    def lists(self, duration: timedelta) -> Iterator[tuple[datetime, Reading]]:
        """Yield when lists arrive, and what they say. The meter sends for a minute more, so that all is settled."""
        random = Random(self.seed)
        imported, exported, watts = 12_345_678 * 3600, 4_321 * 3600, 420
        second = self.start
        while second <= self.start + duration + MINUTE:
            self._counted[second] = imported // 3600, exported // 3600
            if (second - self.start) % self.every == self.offset:
                yield self._arrival(second, random), self._reading(second, watts)
                if random.random() < 0.03:
                    watts = random.choice(POWERS)
            imported += max(watts, 0)
            exported += max(-watts, 0)
            second += SECOND

    def true(self, hour: datetime) -> tuple[int, int]:
        """Return what the registers rose by in an hour."""
        (a, b), (c, d) = self._counted[hour], self._counted[hour + HOUR]
        return (c - a) * self.times, (d - b) * self.times

    def _arrival(self, second: datetime, random: Random) -> datetime:
        return second + timedelta(seconds=random.uniform(1.0, 1.6))

    def _reading(self, second: datetime, watts: int) -> Reading:
        clock = second.astimezone(STOCKHOLM) if self.is_civil else second + NORMAL
        imported, exported = self._counted[second]
        values = {
            Quantity.POWER_IMPORT: max(watts, 0),
            Quantity.POWER_EXPORT: max(-watts, 0),
            Quantity.ENERGY_IMPORT: imported * self.times,
            Quantity.ENERGY_EXPORT: exported * self.times,
        }
        offsets = (NORMAL, SUMMER) if self.is_civil else (NORMAL,)
        return Reading(ListKind.HOURLY, values, METER, clock.replace(tzinfo=None), offsets)


@dataclass
class Kept:
    """A book, and what it has told."""

    book: Book = field(default_factory=Book)
    hours: dict[datetime, Hour] = field(default_factory=dict)
    saves: int = 0

    def take(self, lists: Iterable[tuple[datetime, Reading]]) -> None:
        """Take lists. What the sensor shows never falls, and is never less than the register that came."""
        for arrival, reading in lists:
            before = self.book.imported or 0
            self._note(self.book.take(reading, arrival))
            shown = self.book.imported
            assert shown is not None
            assert shown >= max(before, reading.values[Quantity.ENERGY_IMPORT])

    def restart(self) -> None:
        """Go on with what was saved when Home Assistant stopped."""
        self.book = Book.from_stored(json.loads(json.dumps(self.book.to_stored())))

    def statuses(self) -> Counter[Status]:
        """Return how the hours are known."""
        return Counter(hour.status for hour in self.hours.values())

    def _note(self, changes: Changes | None) -> None:
        if changes is not None:
            assert changes.events == ()
            self.saves += 1
            self.hours |= {hour.start: hour for hour in changes.hours}


def hours_of(start: datetime, count: int) -> list[datetime]:
    """Return so many hours."""
    return [start + n * HOUR for n in range(count)]


@pytest.mark.parametrize("offset", [0, 3, 9])
@pytest.mark.parametrize(
    ("start", "count", "is_civil"),
    [(WINTER, 24, False), (SPRING, 23, True), (AUTUMN, 25, True), (AUTUMN, 25, False)],
    ids=["winter", "spring, civil time", "autumn, civil time", "autumn, normal time"],
)
def test_a_day(start: datetime, count: int, is_civil: bool, offset: int) -> None:
    """Where a list is sent at the full hour, hours are exact; else power tells the seconds to it: to the Wh."""
    house, kept = House(start - HOUR, offset=offset * SECOND, is_civil=is_civil), Kept()
    kept.take(house.lists((count + 1) * HOUR))
    assert set(hours_of(start, count)) <= kept.hours.keys()
    for hour in hours_of(start, count):
        told = kept.hours[hour]
        assert told.status is Status.MEASURED
        for energy, true in zip((told.imported, told.exported), house.true(hour), strict=True):
            assert energy == pytest.approx(true, abs=1 if offset else 0)
    last = kept.book.hours(start, start + count * HOUR)
    assert sum(hour.imported or 0 for hour in last) == pytest.approx(
        sum(house.true(h)[0] for h in hours_of(start, count)), abs=1
    )


def test_nothing_grows() -> None:
    """An hour is saved once, as is the first register; and a day takes no more room than the hours of it."""
    house, kept = House(WINTER), Kept()
    sizes = []
    for number, one in enumerate(house.lists(24 * HOUR)):
        kept.take((one,))
        if number % 360 == 300:
            sizes.append(len(json.dumps(kept.book.to_stored())))
    assert kept.saves == 1 + 24
    assert max(sizes[12:]) - min(sizes[4:12]) < 24 * 40
    assert len(kept.book.comparisons) <= 24


def test_a_list_every_second() -> None:
    house, kept = House(WINTER, every=SECOND), Kept()
    kept.take(house.lists(6 * HOUR))
    assert kept.saves == 1 + 6
    for hour in hours_of(WINTER, 6):
        assert (kept.hours[hour].imported, kept.hours[hour].exported) == house.true(hour)


def test_lists_are_lost() -> None:
    """One of ten, whichever: hours stay measured."""
    lost = Random(7)
    house, kept = House(WINTER), Kept()
    kept.take(one for one in house.lists(24 * HOUR) if lost.random() > 0.1)
    assert kept.statuses()[Status.MEASURED] >= 23
    for hour in hours_of(WINTER, 24):
        told = kept.hours[hour]
        assert told.imported == pytest.approx(house.true(hour)[0], abs=8)


def test_outages_over_the_full_hour() -> None:
    """The hours on both sides are estimated, no other; their sum is what the registers say."""
    house, kept = House(WINTER), Kept()

    def is_out(at: datetime) -> bool:
        return any(abs(at - (WINTER + n * HOUR)) < length for n, length in ((5, 3 * MINUTE), (12, 20 * MINUTE)))

    kept.take(one for one in house.lists(24 * HOUR) if not is_out(one[0]))
    estimated = {hour.start for hour in kept.hours.values() if hour.status is Status.ESTIMATED}
    assert estimated == {WINTER + n * HOUR for n in (4, 5, 11, 12)}
    for before in (4, 11):
        pair = [WINTER + n * HOUR for n in (before, before + 1)]
        assert sum(kept.hours[hour].imported or 0 for hour in pair) == sum(house.true(hour)[0] for hour in pair)
        assert sum(kept.hours[hour].exported or 0 for hour in pair) == sum(house.true(hour)[1] for hour in pair)


def test_restarts() -> None:
    """A minute in which nothing is heard, in the middle of an hour or over its end."""
    house, kept = House(WINTER), Kept()
    stops = [WINTER + 2 * HOUR + 20 * MINUTE, WINTER + 7 * HOUR - 30 * SECOND, WINTER + 9 * HOUR]
    for one in house.lists(24 * HOUR):
        if stops and one[0] >= stops[0]:
            if one[0] < stops[0] + MINUTE:
                continue
            kept.restart()
            del stops[0]
        kept.take((one,))
    assert kept.statuses()[Status.MEASURED] >= 20
    total = sum(house.true(hour)[0] for hour in hours_of(WINTER, 24))
    assert sum(kept.hours[hour].imported or 0 for hour in hours_of(WINTER, 24)) == total


def test_the_scale_of_its_registers_is_checked() -> None:
    house, kept = House(WINTER), Kept()
    kept.take(house.lists(8 * HOUR))
    assert suggested_factor(kept.book.comparisons) is None
    house, kept = House(WINTER, times=10), Kept()
    kept.take(house.lists(8 * HOUR))
    assert suggested_factor(kept.book.comparisons) == 0.1
