"""Segmented HDLC (ISO/IEC 13239, the segmentation bit of the frame format field), as Iskra's AM550 sends its lists."""

from .hdlc import LLC, frame

MOST = 154
"""Octets of an AM550's information field, LLC header included."""
POLL_FINAL = 0x10
"""The bit of the control field that is set in the last frame alone."""


def frames(apdu: bytes, *, destination: bytes, source: bytes, control: int, most: int = MOST) -> bytes:
    """Return the frames that carry an APDU, up to `most` octets in each; the first has the LLC header.

    `control` is that of the last frame.
    """
    whole = LLC + apdu
    parts = [whole[at : at + most] for at in range(0, len(whole), most)]
    last = len(parts) - 1
    return b"".join(
        frame(
            part,
            destination=destination,
            source=source,
            control=control if at == last else control & ~POLL_FINAL,
            llc=b"",
            more=at < last,
        )
        for at, part in enumerate(parts)
    )
