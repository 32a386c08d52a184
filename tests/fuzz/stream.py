"""Bytes of a fuzzer as a stream on the line: noise, headers and whole frames whose checksums hold.

A fuzzer does not find checksums. So its bytes are read as steps: an octet that says what comes, one or two that say
how much, and what is to be in it.
"""

from collections.abc import Iterator
from enum import IntEnum
from random import Random
from zlib import crc32

from custom_components.han_port.wire.hdlc import LIMIT
from tests.meters.hdlc import checksum

FLAG = b"~"
HEADER = bytes.fromhex("4121") + b"\x13"
"""Addresses and control of a meter's frames."""
MOST_FRAME = 2047 - 9
LIST = bytes.fromhex("e6e700 0f40000000 00")
"""What stands before a list in a frame: LLC header, tag, invoke id, no time of sending."""


class Step(IntEnum):
    """What comes next on the line."""

    RAW = 0
    FRAME = 1
    HEADER = 2
    TRANSLATED = 3
    BROKEN = 4
    """A frame that ends too early."""
    LIST = 5
    """A frame with a data-notification."""


def take_apart(steps: bytes) -> Iterator[bytes]:
    """Yield the parts of the stream that these steps make."""
    at = 0
    made = 0
    while at < len(steps) and made < 3 * LIMIT:
        kind = Step(steps[at] % len(Step))
        size = int.from_bytes(steps[at + 1 : at + 3]) % (MOST_FRAME + 1)
        content = b"" if kind is Step.HEADER else steps[at + 3 : at + 3 + size]
        at += 3 + len(content)
        match kind:
            case Step.RAW:
                part = content
            case Step.FRAME:
                part = framed(content)
            case Step.HEADER:
                part = header(size)
            case Step.TRANSLATED:
                part = framed(content).replace(b"\n", b"\r\n")
            case Step.BROKEN:
                part = framed(content)[: -1 - size % 3]
            case Step.LIST:
                part = framed(LIST + content[: MOST_FRAME - len(LIST)])
        made += len(part)
        yield part


def framed(information: bytes) -> bytes:
    """Return a frame that carries up to MOST_FRAME octets."""
    length = len(information) + 9
    head = (0xA000 | length).to_bytes(2) + HEADER
    body = head + checksum(head) + information
    return FLAG + body + checksum(body) + FLAG


def header(length: int, control: int = 0x13) -> bytes:
    """Return a flag and a header that holds, of a frame of any length."""
    head = (0xA000 | length & 0x7FF).to_bytes(2) + HEADER[:2] + bytes((control & 0xFF,))
    return FLAG + head + checksum(head)


def step(kind: Step, content: bytes) -> bytes:
    """Return the step that makes a part with this content, for a corpus."""
    return bytes((kind,)) + len(content).to_bytes(2) + content


def chunks(stream: bytes) -> Iterator[bytes]:
    """Yield a stream in chunks of any size, always the same ones of the same stream."""
    random = Random(crc32(stream))
    longest = random.choice((1, 3, 30, 300, 2000, 5000))
    at = 0
    while at < len(stream):
        end = at + random.randint(1, longest)
        yield stream[at:end]
        at = end
