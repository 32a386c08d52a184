"""DLMS APDUs that a meter pushes, and the date-time in them.

IEC 62056-5-3 (DLMS Green Book, 9.4 and 9.5) for the data-notification. Its data is read by axdr, or by descriptors
where a meter leaves out tags; the types that a caller meets are handed on from there.
"""

from datetime import datetime
from typing import NamedTuple

from . import axdr, descriptors
from .axdr import CosemError, Data, Leaf, Scalar

__all__ = [
    "DATA_NOTIFICATION",
    "GENERAL_GLO_CIPHERING",
    "LLC",
    "CosemError",
    "Data",
    "DateTime",
    "Leaf",
    "Notification",
    "Scalar",
    "date_time",
    "notification",
]

LLC = b"\xe6\xe7\x00"
"""The LLC header of a push (IEC 62056-46, 6.3): destination E6, source E7, quality 0."""

DATA_NOTIFICATION = 0x0F
GENERAL_GLO_CIPHERING = 0xDB

_DATE_TIME_SIZE = 12
_YEARS = range(1970, 2106)
"""What POSIX time of 32 bits tells. A clock that shows another year is not set, and breaks reckoning with time."""
_DEVIATIONS = range(-720, 841)
"""Minutes (Blue Book, 4.1.6.1). 8000 means that the meter does not say."""


class DateTime(NamedTuple):
    """A date-time (Blue Book, 4.1.6.1): the meter's wall clock and what it says of its time zone."""

    local: datetime
    """Without a time zone, to the second."""
    deviation: int | None
    """Minutes to add to get UTC; None where the meter does not say."""


class Notification(NamedTuple):
    """A data-notification."""

    body: Data
    varying: tuple[slice, slice]
    """Where the invoke id and the time of sending stand, which say nothing of the body."""
    time: Leaf | None
    """The time of sending; None where the meter sends none."""


def notification(octets: bytes, at: int = 0) -> Notification:
    """Read a data-notification APDU whose tag (0F) stands at `at`. Raises CosemError."""
    try:
        if octets[at] != DATA_NOTIFICATION:
            raise CosemError("not a data-notification")
        invoke_id = slice(at + 1, at + 5)
        at = invoke_id.stop
        if octets[at] == axdr.OCTET_STRING:  # Kaifa, and Kamstrup before 2018, put a tag before the time's length
            at += 1
        length, at = axdr.length(octets, at)
        time = slice(at, at + length)
        read = descriptors.data if descriptors.begin_at(octets, time.stop) else axdr.data
        body, at = read(octets, time.stop)
    except IndexError:
        raise CosemError("ends too early") from None
    if at > len(octets):
        raise CosemError("ends too early")
    has_time = length == _DATE_TIME_SIZE
    return Notification(body, (invoke_id, time), Leaf(octets[time], time.start, length, "") if has_time else None)


def date_time(octets: bytes) -> DateTime | None:
    """Read the twelve octets of a date-time. None where they are no point in time (unspecified fields included)."""
    year = octets[0] << 8 | octets[1]
    if year not in _YEARS:
        return None
    try:
        local = datetime(  # noqa: DTZ001 - the wall clock as sent; its zone is the dialect's affair
            year, octets[2], octets[3], octets[5], octets[6], octets[7]
        )
    except ValueError:
        return None
    deviation = int.from_bytes(octets[9:11], "big", signed=True)
    return DateTime(local, deviation if deviation in _DEVIATIONS else None)
