"""The book as it is kept: a dictionary of plain values with a version, and how it is read again.

Registers at full hours are written as the first one and the differences from one to the next.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import accumulate, pairwise
from operator import sub
from typing import Any, Final

from .hours import Anchor, Chain
from .integral import HOUR, Point

VERSION: Final = 1
_DIGITS: Final = b"01" + bytes(254)
"""The digit for each octet of a chain's marks, which are 0 or 1."""
_LARGEST: Final = 1e17
"""Seconds, W·s or Wh: more than any meter has counted, and little enough for what is reckoned from it."""
_LAST_HOUR: Final = 10_000_000
"""In hours since 1970: what a calendar of four digits still knows."""

type Stored = dict[str, Any]

MIGRATIONS: Final[Mapping[int, Callable[[Stored], Stored]]] = {}
"""What makes a stored book of a version one of the next version."""


class DamagedBookError(ValueError):
    """What is stored is no book, or one of a later version."""


class LaterBookError(DamagedBookError):
    """What is stored is a book of a later version."""


def migrate(stored: object) -> Stored:
    """Return a stored book in today's form. Raises DamagedBookError if it has no known version."""
    if not isinstance(stored, dict) or not isinstance(version := stored.get("version"), int):
        msg = "it has no version"
        raise DamagedBookError(msg)
    while version in MIGRATIONS:
        stored = MIGRATIONS[version](stored)
        version += 1
    if version > VERSION:
        msg = f"it is of version {version}, and {VERSION} is the latest that is known"
        raise LaterBookError(msg)
    if version != VERSION:
        msg = f"there never was a version {version}"
        raise DamagedBookError(msg)
    return stored


def chain_to_stored(chain: Chain) -> Stored:
    """Return a chain as it is kept."""
    return {
        "start": chain.start,
        "import": _differences(chain.imported),
        "export": _differences(chain.exported),
        "exact": chain.exact.translate(_DIGITS).decode(),
    }


def chains_from_stored(stored: object) -> list[Chain]:
    """Return chains that were kept. Raises DamagedBookError."""
    chains = []
    end = 0
    for one in rows(stored):
        chain = Chain(hour(one["start"]))
        chain.imported.extend(_sums(one["import"]))
        chain.exported.extend(_sums(one["export"]))
        chain.exact.extend(int(digit, 2) for digit in one["exact"])
        if not len(chain.imported) == len(chain.exported) == len(chain.exact) or chain.start < end - 1:
            msg = "its hours do not fit together"
            raise DamagedBookError(msg)
        end = chain.end
        chains.append(chain)
    return chains


def anchor_to_stored(anchor: Anchor | None) -> list[Any] | None:
    """Return the last registers as they are kept."""
    if anchor is None:
        return None
    points = [anchor.import_point.to_stored(), anchor.export_point.to_stored()]
    return [anchor.at, anchor.imported, anchor.exported, int(anchor.exact), *points]


def anchor_from_stored(stored: object, chains: list[Chain]) -> Anchor | None:
    """Return the last registers that were kept. Raises DamagedBookError, also if they do not go on where chains end."""
    if stored is None:
        return None
    at, imported, exported, exact, *points = rows(stored)
    import_point, export_point = map(point, points)
    anchor = Anchor(number(at), whole(imported), whole(exported), bool(exact), import_point, export_point)
    if (
        not chains
        or chains[-1].end != int(anchor.at // HOUR) + 1
        or (chains[-1] and (chains[-1].imported[-1] > anchor.imported or chains[-1].exported[-1] > anchor.exported))
    ):
        msg = "its last registers do not fit its hours"
        raise DamagedBookError(msg)
    return anchor


def points_from_stored(stored: object) -> list[Point]:
    """Return an integral's points that were kept. Raises DamagedBookError."""
    points = [point(row) for row in rows(stored)]
    if any(second.at < first.at or second.energy < first.energy for first, second in pairwise(points)):
        msg = "its times are out of order"
        raise DamagedBookError(msg)
    return points


def point(stored: object) -> Point:
    """Return a point of an integral that was kept."""
    at, energy, seen, epoch = rows(stored)
    return Point(number(at), number(energy), number(seen), 0.0, whole(epoch))


def clock(stored: object) -> datetime | None:
    """Return a clock without a zone that was kept."""
    return None if stored is None else datetime.fromisoformat(str(stored)).replace(tzinfo=None)


def rows(stored: object) -> list[Any]:
    """Return a list that was kept."""
    if not isinstance(stored, list):
        msg = "there is no list where one should be"
        raise DamagedBookError(msg)
    return stored


def whole(stored: object) -> int:
    """Return a whole number, not negative, that was kept."""
    if not isinstance(stored, int) or isinstance(stored, bool) or not 0 <= stored < 1 << 62:
        msg = "there is no whole number where one should be"
        raise DamagedBookError(msg)
    return stored


def hour(stored: object) -> int:
    """Return a full hour that was kept, in hours since 1970."""
    if (number := whole(stored)) > _LAST_HOUR:
        msg = "there is an hour that nobody will see"
        raise DamagedBookError(msg)
    return number


def maybe_whole(stored: object) -> int | None:
    """Return a whole number that was kept, or None."""
    return None if stored is None else whole(stored)


def number(stored: object) -> float:
    """Return a number that was kept."""
    if not isinstance(stored, int | float) or not abs(stored) < _LARGEST:
        msg = "there is no number where one should be"
        raise DamagedBookError(msg)
    return float(stored)


def _differences(values: array[int]) -> list[int]:
    return [*values[:1], *map(sub, values[1:], values[:-1], strict=True)]


def _sums(stored: object) -> Iterable[int]:
    return accumulate(map(whole, rows(stored)))
