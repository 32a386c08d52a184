"""What a frame is, whatever the framing, and how much of a stream is held. No way of finding one belongs in here."""

from enum import StrEnum
from typing import Final, NamedTuple

LIMIT: Final = 4096
"""Octets that are held at most."""
BLOCK: Final = 1024
"""A chunk is worked off in blocks of this size, so that a large one is never held whole."""
LONGEST: Final = LIMIT - BLOCK
"""Octets of the longest frame on the wire: of a longer one not all could be held."""


class Framing(StrEnum):
    """How what a meter sends is delimited."""

    HDLC = "hdlc"
    """ISO/IEC 13239, frame format type 3."""
    MBUS = "mbus"
    """Wired M-Bus, long frames (EN 13757-2)."""
    P1 = "p1"
    """Telegrams of text (DSMR P1 companion standard 5.0.2)."""
    GLO = "glo"
    """An APDU general-glo-ciphering (DLMS Green Book) with nothing around it."""


class Frame(NamedTuple):
    """A frame that holds by its own checks."""

    framing: Framing
    information: bytes
    """What it carries. HDLC: the information field. M-Bus: what comes after C, A, CI, STSAP and DTSAP. P1: the text
    from "/" to before "!". GLO: the APDU, from its tag on.
    """
    wire_length: int
    """Octets that it takes on the wire, from its first one on. What may begin the next frame is left out: HDLC's
    closing flag, and what looks so at the end of an APDU that nothing delimits.
    """
    more: bool = False
    """Whether the message goes on in the next frame. HDLC: the segmentation bit. M-Bus: CI does not say "final"."""
    sequence: int | None = None
    """M-Bus: which part of its message this is, counted from 0, modulo 16."""
    origin: bytes = b""
    """What the frames of one message have in common. HDLC: addresses, kind of frame. M-Bus: C and A.

    Not the access points of M-Bus: not all meters write them in all of the frames of a message.
    """
    noise: int = 0
    """HDLC: octets of noise, damaged frames among them, that had come before it since the stream began."""
