"""What a fuzzer begins with: lists of the simulated meters, in the form that each target takes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tests.elhub_files import Form, Written, write
from tests.meters.make import MakerName
from tests.wire.lists import frames

from .lists import CODES
from .stream import Step, step

MAKERS: tuple[MakerName, ...] = ("aidon", "kaifa", "kamstrup", "embriq")
NIGHT = datetime(2026, 10, 24, 23, tzinfo=UTC)
APDU_AT = 12
"""Where the APDU of a simulated meter's frame begins, after flag, header and LLC (a source address of two octets)."""


def corpus(target: str) -> Iterator[bytes]:
    """Yield the beginnings of a target."""
    yield b""
    for maker in MAKERS:
        whole = list(frames(maker, 12))
        match target:
            case "reader":
                yield from whole[:8]
                yield b"".join(whole).replace(b"\n", b"\r\n")
            case "decoder":
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
    if target in ("aidon", "embriq", "kaifa", "kaifa-pairs", "kamstrup"):
        yield from shapes(target)
    if target.startswith("book"):
        yield from books(target)
    if target == "elhub":
        yield from files()


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
    described = dialect in ("aidon", "embriq")
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
