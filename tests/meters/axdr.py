"""A-XDR data (IEC 62056-5-3, IEC 61334-6) as bytes: just the types that meters send on a HAN port.

Every function returns one whole data element, tag included, except `date_time`, whose callers add the tag that
their form of it has.
"""

from datetime import datetime
from functools import cache
import re
import struct

NULL = b"\x00"
UNSPECIFIED = -0x8000
"""The deviation of a clock that does not say how far from UTC it is."""


def _length(count: int) -> bytes:
    """Encode a length: one octet up to 127, else 8n and n octets."""
    if count < 0x80:
        return bytes((count,))
    size = (count.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + count.to_bytes(size)


def array(*items: bytes) -> bytes:
    """Return an array of elements that are already encoded."""
    return b"\x01" + _length(len(items)) + b"".join(items)


def structure(*items: bytes) -> bytes:
    """Return a structure of elements that are already encoded."""
    return b"\x02" + _length(len(items)) + b"".join(items)


def octets(value: bytes) -> bytes:
    """Return an octet string."""
    return b"\x09" + _length(len(value)) + value


def visible(text: str) -> bytes:
    """Return a visible string; ASCII only."""
    return b"\x0a" + _length(len(text)) + text.encode("ascii")


def i8(value: int) -> bytes:
    """Return a signed octet (DLMS integer)."""
    return struct.pack(">Bb", 0x0F, value)


def i16(value: int) -> bytes:
    """Return a signed 16-bit number (DLMS long)."""
    return struct.pack(">Bh", 0x10, value)


def u16(value: int) -> bytes:
    """Return an unsigned 16-bit number (DLMS long-unsigned)."""
    return struct.pack(">BH", 0x12, value)


def u32(value: int) -> bytes:
    """Return an unsigned 32-bit number (DLMS double-long-unsigned)."""
    return struct.pack(">BI", 0x06, value)


def u64(value: int) -> bytes:
    """Return an unsigned 64-bit number (DLMS long64-unsigned)."""
    return struct.pack(">BQ", 0x15, value)


def enum(value: int) -> bytes:
    """Return an enumeration value, for instance a unit."""
    return struct.pack(">BB", 0x16, value)


@cache
def obis(code: str) -> bytes:
    """Return the logical name `A-B:C.D.E.F` as an octet string."""
    groups = re.fullmatch(r"(\d+)-(\d+):(\d+)\.(\d+)\.(\d+)\.(\d+)", code)
    if groups is None:
        msg = f"not an OBIS code: {code}"
        raise ValueError(msg)
    return octets(bytes(int(group) for group in groups.groups()))


def date_time(
    wall: datetime,
    *,
    weekday: int | None = None,
    hundredths: int = 0xFF,
    deviation: int = UNSPECIFIED,
    status: int = 0,
) -> bytes:
    """Return the twelve octets of a clock, without a tag.

    `wall` is what the meter's clock shows; a time zone in it is ignored. The weekday is 1 (Monday) to 7 unless one
    is given; the deviation is in minutes, UTC minus local time. Hundredths are unspecified unless given.
    """
    day = wall.isoweekday() if weekday is None else weekday
    return struct.pack(
        ">HBBBBBBBhB",
        wall.year,
        wall.month,
        wall.day,
        day,
        wall.hour,
        wall.minute,
        wall.second,
        hundredths,
        deviation,
        status,
    )
