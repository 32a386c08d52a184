"""What a fuzzer begins with: lists of the simulated meters, in the form that each target takes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from tests.elhub_files import Form, Written, write
from tests.meters.make import MakerName, make_meter
from tests.wire.lists import frames

from .lists import CODES, DIALECTS
from .stream import Step, step

MAKERS: tuple[MakerName, ...] = ("aidon", "kaifa", "kamstrup", "embriq")
NIGHT = datetime(2026, 10, 24, 23, tzinfo=UTC)
APDU_AT = 12
"""Where the APDU of a simulated meter's frame begins, after flag, header and LLC (a source address of two octets)."""


def corpus(target: str) -> Iterator[bytes]:
    """Yield the beginnings of a target."""
    yield b""
    yield from norwegian(target)
    if target in DIALECTS:
        yield from shapes(target)
    elif target.startswith("book"):
        yield from books(target)
    elif target == "elhub":
        yield from files()
    elif target in ("decoder", "framings"):
        yield from abroad()
    else:
        yield from messages(target)


def norwegian(target: str) -> Iterator[bytes]:
    """Yield what Norwegian meters send, and what is in it."""
    for maker in MAKERS:
        whole = list(frames(maker, 12))
        match target:
            case "reader":
                yield from whole[:8]
                yield b"".join(whole).replace(b"\n", b"\r\n")
            case "decoder" | "framings":
                yield b"".join(step(Step.RAW, frame) for frame in whole)
                yield b"".join(step(Step.TRANSLATED, frame[APDU_AT - 3 : -3]) for frame in whole)
                yield step(Step.HEADER, bytes(500)) + b"".join(step(Step.LIST, body(frame)) for frame in whole)
            case "notification":
                yield from (apdu(frame)[1:] for frame in whole)
            case "text":
                yield from (b"6970631409999999", b"[click](http://evil.example)", "\u202ewww.a.no<img>".encode())
            case "clock":
                yield bytes.fromhex("07ea0b1802031405ff800000")
                yield bytes.fromhex("07ea0a19070205 00ffffc400")


def abroad() -> Iterator[bytes]:
    """Yield lists of other countries' meters, as they are and as steps."""
    for maker in ABROAD:
        meter = make_meter(maker, start=NIGHT)
        whole = [sent.frame for sent in islice(meter.lists(NIGHT), 3)]
        yield b"".join(step(Step.RAW, frame) for frame in whole)
    for kind in (Step.MBUS, Step.SEGMENTED, Step.BLOCKS):
        for fate in (1, 3, 5, 7):
            yield step(kind, bytes((20, fate)) + SHORT + bytes(200)) * 3
    for carrier in range(5):
        for how in (1, 5, 9, 0x11, 0x21, 0x41, 0x81):
            yield step(Step.CIPHERED, bytes((carrier, how, carrier)) + SHORT + bytes(60)) * 3
    lines = b"1-0:1.8.0(00001605.055*kWh)\r\n1-0:1.7.0(0006.000*kW)\r\n"
    yield step(Step.TELEGRAM, lines) + step(Step.CIPHERED, b"\1\2\0" + lines) + step(Step.PILOT, bytes(27))


ABROAD: tuple[MakerName, ...] = ("aidon-se", "p1", "kamstrup-dk", "kaifa-at", "landis-ch", "iskra-si")


def messages(target: str) -> Iterator[bytes]:
    """Yield parts in order and out of it, messages that are opened and refused, lines, and what a broker hands on."""
    match target:
        case "segments":
            yield bytes((0x11, 3, 1, 2, 3, 0x01, 2, 4, 5, 0x00, 1, 6)) * 3
            yield bytes((0x0B, 2, 1, 2, 0, 0x0B, 2, 3, 4, 1, 0x0A, 2, 5, 6, 2)) * 3
        case "blocks":
            yield bytes((0, 1, 3, 1, 2, 3, 0, 2, 1, 4, 1, 3, 2, 5, 6)) * 3
            yield bytes((0, 1, 3, 1, 2, 3, 0, 3, 1, 4, 1, 4, 2, 5, 6)) * 3
        case "cipher":
            yield from ((bytes((2, 9, how, 1)) + SHORT) * 3 for how in (1, 5, 9, 0x11, 0x21, 0x41, 0x81))
            yield bytes((1, 27)) + bytes(27)
        case "telegram":
            yield from (bytes((how, code, 3, 1, 2, 0)) * 20 for how in (0x20, 0xA3, 2, 1) for code in range(0, 60, 7))
        case "envelope":
            yield from (bytes((way,)) + step(Step.LIST, SHORT) * 3 for way in range(0, 48, 5))
            yield from (b"online", b'{"rssi": -61}')


SHORT = b"\2\1\6\0\0\1\2"
"""Kaifa's power list."""


def books(target: str) -> Iterator[bytes]:
    """Yield lists at odd times, and places of what is kept with something else in them."""
    if target == "book-lists":
        yield bytes((5, 0x52, 3, 1, 0x0D, 1)) * 30
        yield bytes((3, 0x11, 5, 1, 0, 0)) * 60 + bytes((5, 0x52, 3, 1, 0x1D, 1)) * 8
    else:
        yield from (bytes((place >> 8, place & 0xFF, value)) for place in range(0, 90, 7) for value in (0, 13, 19))


def files() -> Iterator[bytes]:
    """Yield Elhub's files of the night in which the clock goes back, in all their forms."""
    for minutes in (60, 15):
        rows = [Written(NIGHT + at * timedelta(minutes=minutes), 1234) for at in range(12)]
        yield from (write(rows, form, minutes=minutes) for form in Form)


def shapes(dialect: str) -> Iterator[bytes]:
    """Yield one item of every known code, alone and all together."""
    described = dialect in ("aidon", "embriq", "described")
    if dialect == "kaifa":
        for count in (9, 13, 14, 18):
            yield bytes((14, 16)) + b"6970631409999999" + bytes((14, 8)) + b"MA304H3E"[:8] + b"\3\0\0\1\2" * (count - 3)
        return
    items = [
        (b"\1" if described else b"") + bytes((number,)) + b"\3\0\0\1\2" + (b"\xff\x1b" if described else b"")
        for number in range(len(CODES))
    ]
    yield from items
    yield b"".join(items)


def apdu(frame: bytes) -> bytes:
    """Return the APDU of a frame."""
    return frame[frame.index(b"\xe6\xe7\x00") + 3 : -3]


def body(frame: bytes) -> bytes:
    """Return the list in a frame, after its APDU's head."""
    return apdu(frame)[6:]
