"""General block transfer (DLMS Green Book, 9.4.6.13): an APDU in blocks, each in an HDLC frame, as an E450 sends it."""

from collections.abc import Iterator
from itertools import count

from .hdlc import LLC, frame

TAG = 0xE0
LAST, STREAMING = 0x80, 0x40
MOST = 129
"""Octets of an E450's information field, LLC header included."""
_HEAD = 7


def blocks(apdu: bytes, *, most: int = MOST) -> Iterator[bytes]:
    """Yield the blocks, as long as fields of `most` octets allow; the first one leaves room for an LLC header."""
    at = 0
    for number in count(1):
        size = most - _HEAD - (len(LLC) if number == 1 else 0)
        part = apdu[at : at + size]
        at += size
        yield block(part, number, is_last=at >= len(apdu))
        if at >= len(apdu):
            return


def block(part: bytes, number: int, *, is_last: bool) -> bytes:
    """Return one block: streamed, with nothing acknowledged, of up to 127 octets."""
    control = STREAMING | (LAST if is_last else 0)
    return bytes((TAG, control)) + number.to_bytes(2) + bytes((0, 0, len(part))) + part


def frames(apdu: bytes, *, destination: bytes, source: bytes, control: int, most: int = MOST) -> bytes:
    """Return HDLC frames, a block in each; the first has the LLC header."""
    return b"".join(
        frame(part, destination=destination, source=source, control=control, llc=b"" if at else LLC)
        for at, part in enumerate(blocks(apdu, most=most))
    )
