"""Long frames of the wired M-Bus (EN 13757-2), as many as a message needs, as meters in Austria send them."""

CONTROL, ADDRESS = 0x53, 0xFF
"""SND-UD, to all."""
FINAL = 0x10
"""In CI, beside the number of the part: no other follows."""
SAPS = bytes((0x01, 0x67))
"""The service access points of source and destination."""
MOST = 245
"""Octets of a message in a frame whose length is 250, the most that Kaifa sends."""


def frames(message: bytes, *, most: int = MOST) -> bytes:
    """Return the frames that carry a message, up to `most` octets of it in each.

    A length above 255 is written modulo 256, as Sagemcom does. Raises ValueError for more than the 16 parts that CI
    can number.
    """
    parts = [message[at : at + most] for at in range(0, len(message), most)]
    if len(parts) > FINAL:
        msg = f"{len(parts)} parts cannot be numbered"
        raise ValueError(msg)
    last = len(parts) - 1
    return b"".join(frame(part, number | (FINAL if number == last else 0)) for number, part in enumerate(parts))


def frame(part: bytes, information: int) -> bytes:
    """Return one frame; `information` is CI."""
    user = bytes((CONTROL, ADDRESS, information)) + SAPS + part
    length = len(user) & 0xFF
    return bytes((0x68, length, length, 0x68)) + user + bytes((sum(user) & 0xFF, 0x16))
