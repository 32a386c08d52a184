"""A fuzzer's bytes as what a book may meet: a file that was tampered with, lists that say odd things at odd times."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
import json
from math import inf, nan
from typing import Any, Final

from custom_components.han_port.ledger import Book, DamagedBookError, suggested_factor
from custom_components.han_port.wire.reading import ListKind, Meter, Number, Quantity, Reading

from .lists import Octets

START: Final = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
METERS: Final = (None, Meter("Aidon", "6525", "1", "AIDON_V0001"), Meter("Aidon", "6525", "2", "AIDON_V0001"))
VALUES: Final[tuple[Any, ...]] = (
    *(None, True, "", "x", "2026-01-12", "9999-12-31T23:59:59", [], {}, [[]], [0, 0, 0, 0]),
    *(0, -1, 1, 1.5, 1e300, nan, inf, 10**30, 2**61, 2**62 - 1, 2**31, 490_000, 253_402_300_800),
)
"""What may stand where something else should."""
MOST_NUMBER: Final = 10**13
MOST_FACTOR: Final = 100_000
"""That a person may set."""
MOST_AHEAD: Final = 100_000
"""Wh. What was shown further ahead of a register than this was of another scale, or of another meter."""
MOST_REGISTER: Final = MOST_NUMBER * MOST_FACTOR


def kept() -> dict[str, Any]:
    """Return what a book with some of everything keeps."""
    book = Book()
    register = 1_000_000
    for number in range(1, 12 * 360):
        at = START + number * timedelta(seconds=10)
        power = {Quantity.POWER_IMPORT: 1800, Quantity.POWER_EXPORT: 0}
        hourly = (at.minute, at.second) == (0, 10)
        if hourly:
            register = (1_000_000 if at - START < 6 * HOUR else 500) + 5 * number
            energies = {Quantity.ENERGY_IMPORT: register, Quantity.ENERGY_EXPORT: 0}
            wall = (at + HOUR - timedelta(seconds=10)).replace(tzinfo=None)
            book.take(Reading(ListKind.HOURLY, {**power, **energies}, METERS[1], wall, (HOUR,)), at)
        else:
            book.take(Reading(ListKind.FULL, power, METERS[1]), at)
    stored: dict[str, Any] = json.loads(json.dumps(book.to_stored()))
    return stored


KEPT: Final = kept()


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths to all values in what is kept."""
    yield path
    for key, inner in content.items() if isinstance(content, dict) else enumerate(content):
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))
        else:
            yield (*path, key)


PLACES: Final = [path for path in places(KEPT) if path]


def restored(data: bytes) -> None:
    """Read a file that was tampered with: refused as damaged, or a book that can be used and kept again."""
    octets = Octets(data)
    content = deepcopy(KEPT)
    while octets.has_more:
        tamper(content, PLACES[int.from_bytes(octets.take(2)) % len(PLACES)], octets)
    try:
        book = Book.from_stored(content)
    except DamagedBookError:
        return
    use(book, START + 12 * HOUR)


def tamper(content: Any, path: tuple[Any, ...], octets: Octets) -> None:
    """Put something else at a place, if it is there yet."""
    choice = octets.one()
    for key in path[:-1]:
        content = content[key] if _has(content, key) else None
    if not _has(content, path[-1]):
        return
    if choice == 0xFF:
        del content[path[-1]]
    elif choice >= len(VALUES):
        content[path[-1]] = int.from_bytes(octets.take(choice % 8), signed=True)
    else:
        content[path[-1]] = deepcopy(VALUES[choice])


def _has(content: Any, key: Any) -> bool:
    if isinstance(content, list):
        return isinstance(key, int) and key < len(content)
    return isinstance(content, dict) and key in content


def taken(data: bytes) -> None:
    """Take lists that say odd things at odd times: no sum falls but by an event, and the book can be kept."""
    octets = Octets(data)
    book = Book()
    now = START
    while octets.has_more:
        now = min(max(now + STEPS[octets.one() % len(STEPS)], EARLIEST), LATEST)
        shown = book.imported
        changes = book.take(reading(octets, now), now)
        if shown is not None and not (changes and changes.events):
            assert book.imported is not None
            assert book.imported >= shown or book.imported < shown - MOST_AHEAD
    use(book, now)


STEPS: Final = (
    *(timedelta(seconds=seconds) for seconds in (0, 2, 2.5, 10, 30, 3600, 86_400, -1, -10, -4000, 3590, 7200)),
    *(timedelta(days=days) for days in (500, -500, 20_000, -20_000)),
)
"""How the computer's clock goes on."""
EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
LATEST: Final = datetime(2199, 1, 1, tzinfo=UTC)
NUMBERS: Final[tuple[Number, ...]] = (0, 1, 1800, 1e-300, 1_000_000, 1_000_001, 2**31, MOST_NUMBER, 0.001)


def reading(octets: Octets, now: datetime) -> Reading:
    """Return a list such as the wire may bring, after factors."""
    choice = octets.one()
    kind = tuple(ListKind)[choice % 3]
    values: dict[Quantity, Number] = {}
    for quantity in (Quantity.POWER_IMPORT, Quantity.POWER_EXPORT, Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT):
        if (how := octets.one()) & 1:
            number = NUMBERS[(how >> 1) % 16] if (how >> 1) % 16 < len(NUMBERS) else int.from_bytes(octets.take(4))
            if "energy" in quantity:
                values[quantity] = int(number) * (MOST_FACTOR if how & 0x40 else 1)
            else:
                values[quantity] = -number if how & 0x80 else number
    clock = None
    if choice & 0x10:
        clock = (now + HOUR).replace(tzinfo=None)
    elif choice & 0x20:
        clock = datetime(1970 + octets.one() % 136, 1, 1 + octets.one() % 31, octets.one() % 24)  # noqa: DTZ001
    offsets = (HOUR,) if choice & 0x40 else (HOUR, 2 * HOUR)
    return Reading(kind, values, METERS[choice // 4 % 3], clock, () if clock is None else offsets)


def use(book: Book, now: datetime) -> None:
    """Do with a book what the integration does with it, as long as a register may be what it has."""
    if max(book.imported or 0, book.exported or 0) > MOST_REGISTER:
        return
    for number in range(1, 4):
        at = now + number * HOUR
        register = (book.imported or 0) + 1000
        energies = {Quantity.ENERGY_IMPORT: register, Quantity.ENERGY_EXPORT: book.exported or 0}
        wall = (at + HOUR).replace(tzinfo=None)
        book.take(Reading(ListKind.FULL, {Quantity.POWER_IMPORT: 1000}, METERS[1]), at - timedelta(seconds=10))
        book.take(Reading(ListKind.HOURLY, energies, METERS[1], wall, (HOUR,)), at)
    hours = book.hours(now - 12 * HOUR, now + 3 * HOUR)
    assert all((hour.imported or 0) >= 0 for hour in hours)
    assert book.last_hour is None or book.last_hour.start.tzinfo is UTC
    assert book.since is None or book.since.tzinfo is UTC
    so_far = book.this_hour(now + 3 * HOUR)
    assert (so_far.imported or 0) >= 0
    book.register_at(now)
    suggested_factor(book.comparisons)
    again = Book.from_stored(json.loads(json.dumps(book.to_stored(), allow_nan=False)))
    assert (again.imported, again.exported) == (book.imported, book.exported)
    assert again.hours(now - 12 * HOUR, now) == book.hours(now - 12 * HOUR, now)
