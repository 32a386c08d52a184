"""The readings of a meter that is read by hand as they are kept: plain values with a version."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from .hand_periods import HandReading, seconds
from .stored import rows, whole

VERSION: Final = 1


class DamagedReadingsError(ValueError):
    """What is stored are no readings, or some of a later version."""


class LaterReadingsError(DamagedReadingsError):
    """What is stored are readings of a later version."""


class StoredReadings(NamedTuple):
    """What is kept of a meter that is read by hand."""

    digits: int
    readings: tuple[HandReading, ...]
    expected: int
    """Wh a year, as a person said."""


def readings_to_stored(digits: int, readings: Sequence[HandReading], expected: int) -> dict[str, Any]:
    """Return readings as they are kept."""
    return {
        "version": VERSION,
        "digits": digits,
        "expected": expected,
        "readings": [[seconds(reading.at), reading.register] for reading in readings],
    }


def readings_from_stored(stored: object) -> StoredReadings:
    """Return readings that were kept. Raises DamagedReadingsError, with the reason."""
    if not isinstance(stored, dict) or not isinstance(version := stored.get("version"), int):
        msg = "they have no version"
        raise DamagedReadingsError(msg)
    if version > VERSION:
        msg = f"they are of version {version}, and {VERSION} is the latest that is known"
        raise LaterReadingsError(msg)
    if version != VERSION:
        msg = f"there never was a version {version}"
        raise DamagedReadingsError(msg)
    try:
        readings = tuple(
            HandReading(datetime.fromtimestamp(whole(at), UTC), whole(register))
            for at, register in rows(stored["readings"])
        )
        return StoredReadings(whole(stored["digits"]), readings, whole(stored["expected"]))
    except (KeyError, TypeError, ValueError, ArithmeticError, OSError) as err:
        msg = f"they are damaged: {err!r}"
        raise DamagedReadingsError(msg) from err
