"""HDLC frames of type 3 (ISO/IEC 13239) without octet stuffing, around an LLC header and an APDU, or a part of one."""

FLAG = b"\x7e"
LLC = b"\xe6\xe7\x00"


def _entry(octet: int) -> int:
    for _ in range(8):
        octet = (octet >> 1) ^ (0x8408 if octet & 1 else 0)
    return octet


_TABLE = tuple(_entry(octet) for octet in range(256))


def checksum(data: bytes) -> bytes:
    """Return the two octets of CRC-16/X-25 over `data`, low octet first."""
    crc = 0xFFFF
    table = _TABLE
    for octet in data:
        crc = (crc >> 8) ^ table[(crc ^ octet) & 0xFF]
    return (crc ^ 0xFFFF).to_bytes(2, "little")


def frame(
    apdu: bytes, *, destination: bytes, source: bytes, control: int, llc: bytes = LLC, more: bool = False
) -> bytes:
    """Return the whole frame, flags included.

    The addresses are given as they stand on the wire; `llc` is empty for what continues a message, and `more` sets the
    segmentation bit. Raises ValueError above the 2 047 octets that the length field can tell.
    """
    addressed = destination + source + bytes((control,))
    # Format, addresses, control, header checksum, LLC and APDU, frame checksum.
    length = 2 + len(addressed) + 2 + len(llc) + len(apdu) + 2
    if length > 0x7FF:
        msg = f"{length} octets do not fit in one frame"
        raise ValueError(msg)
    header = ((0xA800 if more else 0xA000) | length).to_bytes(2) + addressed
    body = header + checksum(header) + llc + apdu
    return FLAG + body + checksum(body) + FLAG
