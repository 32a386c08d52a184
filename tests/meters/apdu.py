"""The DLMS data-notification APDU (IEC 62056-5-3) and the three ways in which meters write its date-time."""

from . import axdr

NO_TIME = b"\x00"
"""The date-time of a meter that sends none (Aidon, Embriq)."""


def plain_time(clock: bytes) -> bytes:
    """Return the date-time as the standard has it: a length and twelve octets (Kamstrup)."""
    return bytes((len(clock),)) + clock


def tagged_time(clock: bytes) -> bytes:
    """Return the date-time as a tagged octet string (Kaifa, Kamstrup's firmware of 2017)."""
    return axdr.octets(clock)


def notification(body: bytes, *, invoke: int, time: bytes = NO_TIME) -> bytes:
    """Return the APDU: tag, long invoke id and priority, date-time in one of the forms above, data."""
    return b"\x0f" + invoke.to_bytes(4) + time + body
