"""Input that is made to take long, a case each, and how long 4 KiB of it take.

Found by thinking of what each step of the decoder does at its worst, and by letting random mixtures of these blocks
breed for time.
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from time import thread_time
from typing import Final

from custom_components.han_port.wire.cipher import Keys
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.frame import LIMIT
from tests.meters import axdr
from tests.meters.hdlc import checksum
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION

from .costly import COSTLY
from .crowded import CROWDED, filled
from .stream import framed, header

APDU: Final = b"\x0f\0\0\0\0\0"
"""The head of a data-notification. The LLC header is left out: more lists fit in."""
KEYS: Final = Keys(ENCRYPTION, AUTHENTICATION)
KAMSTRUP: Final = axdr.visible("Kamstrup")


def lists(*bodies: bytes, translated: bool = False) -> bytes:
    """Return 4 KiB of lists in turn, a flag between two of them."""
    frames = [framed(APDU + body)[:-1] for body in bodies]
    return filled(frame.replace(b"\n", b"\r\n") if translated else frame for frame in frames)


def many(tag: int, element: bytes, first: bytes = b"") -> bytes:
    """Return an array or a structure of as many equal elements as a frame holds."""
    count = (2000 - len(first)) // len(element)
    return bytes((tag,)) + axdr._length(count + bool(first)) + first + element * count


def beginnings(step: int, between: bytes = b"", count: int = 512) -> Iterator[bytes]:
    """Yield headers that hold, each with another control octet, whose lengths reach over the others to a flag."""
    random = Random(1)
    for _ in range(count):
        yield header(step * random.randrange(1400 // step, 2047 // step) - 1, random.randrange(256)) + between


def shared(count: int = 820) -> Iterator[bytes]:
    """Yield headers that hold, one every five octets, each with a length that leads to the flag of a later one.

    The flag of the next one is their control octet, and its length their check sequence: addresses are found for which
    that is so.
    """
    random = Random(3)
    length = 0xA000 | 1999
    for _ in range(count):
        begin = length.to_bytes(2)
        while True:
            addresses = bytes((random.randrange(1, 256, 2), random.randrange(1, 256, 2)))
            length = int.from_bytes(checksum(begin + addresses + b"~"))
            if length >> 12 == 0xA and length & 0x7FF > 1000 and (length + 1 & 0x7FF) % 5 == 0:
                break
        yield b"~" + begin + addresses


def alternating(make: Callable[[bytes], bytes]) -> bytes:
    """Return lists of equal length whose types differ, so that none teaches anything of the next one."""
    return lists(make(b"\x11\1"), make(b"\x0f\1"))


def scattered(*, translated: bool) -> Iterator[bytes]:
    """Yield false beginnings with headers that do not hold, all of them different."""
    random = Random(2)
    for _ in range(2000):
        yield b"~\xa7" + bytes((random.randrange(256),)) + (b"\r\n" if translated else b"")


def unknown(count: int) -> Iterator[bytes]:
    """Yield items with codes that name nothing."""
    for number in range(count):
        yield axdr.octets(bytes((1, 0, number % 250, 99, number // 250, 255))) + b"\x11\1"


CASES: Final[Mapping[str, bytes]] = {
    "flags": filled([b"~"]),
    "beginnings that overlap": filled([b"~\xa7"]),
    "beginnings, all different": filled(scattered(translated=False)),
    "beginnings with CR LF": filled(scattered(translated=True)),
    "headers that hold, over each other": filled(beginnings(8)),
    "the same with CR LF between": filled(beginnings(10, b"\r\n")),
    "headers that hold and share octets": filled(shared()),
    "the same before CR LF": filled([*shared(410), *[b"~\r\n~~"] * 410]),
    "CR LF behind each header that holds": filled(header(2047, number) + b"\r\n" * 4 for number in range(240)),
    "CR LF alone after a header": filled([header(2047), b"\r\n" * 2045]),
    "nulls in an array": lists(many(1, b"\0")),
    "nulls in Kamstrup's list": lists(many(2, b"\0", KAMSTRUP)),
    "the same, translated": lists(many(2, b"\0", KAMSTRUP), translated=True),
    "numbers of one octet": lists(many(1, b"\x11\0")),
    "empty bit strings": lists(many(1, b"\x04\0")),
    "one long bit string": lists(b"\x01\x01\x04" + axdr._length(16_000) + b"\xff" * 2000),
    "empty structures": lists(many(1, b"\x02\0")),
    "structures in structures": lists(many(1, b"\x02\x01" * 6 + b"\x02\0")),
    "a text that is no UTF-8": lists(b"\x02\x01\x0a" + axdr._length(2000) + b"\xff" * 2000),
    "codes that name nothing": lists(many(1, b"\x02\x02\x09\x06\1\0\x63\x63\0\xff\x11\1")),
    "pairs that name nothing": lists(b"\x02" + axdr._length(402) + b"".join(unknown(201))),
    "Kaifa's shortest list, always another": alternating(lambda number: b"\x02\x01" + number),
    "Kamstrup's, always another": alternating(
        lambda number: axdr.structure(KAMSTRUP, axdr.obis("1-1:1.7.0.255"), number)
    ),
    "Aidon's, always another": alternating(
        lambda number: axdr.array(axdr.structure(axdr.obis("1-0:1.7.0.255"), number))
    ),
    "headers that hold between short lists": filled(
        part
        for number, head in zip((b"\x11\1", b"\x0f\1") * 100, beginnings(10, b"\r\n"), strict=False)
        for part in (head, framed(APDU + b"\x02\x01" + number))
    ),
    **CROWDED,
    **COSTLY,
}
"""4 KiB of each."""


def milliseconds(octets: bytes, *, before: bytes = b"", step: int = LIMIT, rounds: int = 5, enough: float = 0) -> float:
    """Return how long octets keep a core busy, the best of some rounds. What else runs on the machine hardly counts.

    Args:
        octets: what is fed.
        before: what is fed before, and is not timed.
        step: how much is fed at once.
        rounds: how often it is tried, each time with a new decoder.
        enough: a time, in ms, below which no other round is needed.

    """
    chunks = [octets[at : at + step] for at in range(0, len(octets), step)]
    best = float("inf")
    for _ in range(rounds):
        decoder = Decoder(KEYS)
        decoder.feed(before)
        began = thread_time()
        for chunk in chunks:
            decoder.feed(chunk)
        best = min(best, (thread_time() - began) * 1000)
        if best < enough:
            break
    return best


def backlog(octets: bytes) -> bytes:
    """Return what makes a decoder hold as much as it can of the same: a header that holds and promises a long frame."""
    return header(2047) + octets[:2030]
