"""Input that crowds the judges of M-Bus, telegrams and bare APDUs, and what puts messages together: a case each."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle
from typing import Final

from custom_components.han_port.wire.frame import LIMIT
from tests.meters import axdr, gbt, mbus

from .seal import LIST_APDU
from .stream import framed

LLC: Final = b"\xe6\xe7\0"
DEEP: Final = 1900
"""Octets of blocks in blocks."""


def filled(parts: Iterable[bytes]) -> bytes:
    """Return 4 KiB of these parts over and over."""
    whole = b""
    for part in cycle(list(parts)):
        if len(whole) >= LIMIT:
            break
        whole += part
    return whole[:LIMIT]


def telegrams(line: bytes, end: bytes, size: int = 3000) -> bytes:
    """Return text in which one telegram after the other seems to begin, up to one end of them all."""
    return line * (size // len(line)) + b"\n!" + end + b"\r\n"


def ciphered(length: int, titles: int = 4000) -> Iterator[bytes]:
    """Yield heads of ciphered APDUs, each of another meter."""
    for title in range(titles):
        yield b"\xdb\x08KFM" + title.to_bytes(5) + b"\x82" + length.to_bytes(2) + b"\x20"


def blocks_in_blocks() -> bytes:
    """Return an APDU in a block, that in another one, and so on."""
    apdu = LIST_APDU
    while len(apdu) < DEEP:
        apdu = bytes((gbt.TAG, gbt.LAST, 0, 1, 0, 0)) + axdr._length(len(apdu)) + apdu
    return apdu


CROWDED: Final[Mapping[str, bytes]] = {
    "start octets of M-Bus": filled([b"h"]),
    "heads of M-Bus, over each other": filled([b"h\x1f\x1fhS"]),
    "heads of M-Bus that lead to stop octets": filled([b"h\xf5\xf5hS\xff\0" * 35, b"\x16" * 260]),
    "the same with the length modulo 256": filled([b"h\x06\x06hS\xff\0" * 37, b"\x16" * 270]),
    "short frames of M-Bus": filled(mbus.frame(b"\x0f", 0x10 | number % 16) for number in range(16)),
    "beginnings of messages on M-Bus": filled([mbus.frame(b"\x0f", 0)]),
    "parts of a message on M-Bus": filled(mbus.frame(b"\x0f", number % 16) for number in range(16)),
    "slashes": filled([b"/"]),
    "identifications without an end": filled([b"/AAA5"]),
    "identifications in lines": filled([b"/AAA5\r\n\r\n"]),
    "telegrams over each other, with a checksum": filled([telegrams(b"/AAA5\n\n ", b"0001")]),
    "the same with CR LF": filled([telegrams(b"/AAA5\r\n\r\n ", b"0001")]),
    "telegrams over each other, without a checksum": filled([telegrams(b"/AAA5\n\n(/)", b"")]),
    "short telegrams over each other": filled([telegrams(b"/AAA5\n\n ", b"0001", 300)]),
    "telegrams without a checksum": filled([b"/AAA5\n1-0:1.7.0(1)\n!\n"]),
    "identifications before what is no text": filled([b"/AAA5\x80"]),
    "a telegram that does not end": b"/AAA5\r\n\r\n" + b"1" * LIMIT,
    "a telegram of empty lines": b"/AAA5\r\n\r\n" + b"\n" * LIMIT,
    "heads of ciphered APDUs": filled(ciphered(2030)),
    "heads of ciphered APDUs of one meter": filled(ciphered(2030, 1)),
    "heads of ciphered APDUs that reach over a frame": filled(
        [*ciphered(2030, 145), b"~\xa0" * 400, b"~\xa0\x30AAAAAA" + LLC]
    ),
    "short ciphered APDUs": filled([b"\xdb\x08KFM\1\2\3\4\5\x05\x20\0\0\0\1"]),
    "blocks in turns": filled(framed(gbt.block(b"", number, is_last=False))[:-1] for number in range(1, 200)),
    "blocks in blocks": filled([framed(blocks_in_blocks())[:-1]]),
    "first blocks": filled([framed(gbt.block(b"", 1, is_last=False))[:-1]]),
    "blocks whose length is long": filled([framed(b"\xe0\x40\0\1\0\0\xff" + b"\xff" * 200)[:-1]]),
}
"""4 KiB of each, or a little more."""
