"""What a Tibber Pulse makes of what it hears: the message that it sends, in the form of `wire.envelope`'s description.

What belongs here: an encoder of its own, which shares nothing with what reads it.
"""

import zlib


def _varint(value: int) -> bytes:
    octets = bytearray()
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def _octets(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def pulse(*heard: bytes, label: bytes = b"HAN", compressed: bool = False) -> bytes:
    """Return the message for what was heard, 10 s apart."""
    stream = zlib.compressobj(level=1, wbits=11)
    message = b"\x08" + _varint(44252) + (b"\x18\x01" if compressed else b"")
    for number, octets in enumerate(heard, 1):
        packed = stream.compress(octets) + stream.flush(zlib.Z_SYNC_FLUSH) if compressed else octets
        item = b"\x09" + (10_000 * number).to_bytes(8, "little") + _octets(2, label) + _octets(3, packed)
        message += _octets(2, item + b"\x20" + _varint(len(octets)))
    return message
