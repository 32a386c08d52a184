"""Bytes of a fuzzer as a stream on the line: noise, headers, and frames and telegrams whose checksums and tags hold.

A fuzzer does not find checksums, let alone keys. So its bytes are read as steps: an octet that says what comes, two
that say how much, and what is to be in it.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from random import Random
from zlib import crc32

from custom_components.han_port.wire.frame import LIMIT
from tests.meters import gbt, mbus, segmented
from tests.meters.hdlc import checksum, frame as hdlc_frame
from tests.meters.p1 import crc

from .seal import LIST_APDU, Sealer, pilot

FLAG = b"~"
HEADER = bytes.fromhex("4121") + b"\x13"
"""Addresses and control of a meter's frames."""
MOST_FRAME = 2047 - 9
LIST = bytes.fromhex("e6e700") + LIST_APDU
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
    TELEGRAM = 6
    """Text between a slash and an exclamation mark, and its checksum."""
    MBUS = 7
    """Frames of the wired M-Bus."""
    SEGMENTED = 8
    """HDLC frames of one message."""
    BLOCKS = 9
    """Blocks of one APDU, each in an HDLC frame."""
    CIPHERED = 10
    """A ciphered APDU, in frames of any kind or in none."""
    PILOT = 11
    """An APDU as Kaifa's pilot ciphered it."""


def take_apart(steps: bytes) -> Iterator[bytes]:
    """Yield the parts of the stream that these steps make."""
    at = 0
    made = 0
    sealer = Sealer()
    while at < len(steps) and made < 3 * LIMIT:
        kind = Step(steps[at] % len(Step))
        size = int.from_bytes(steps[at + 1 : at + 3]) % (MOST_FRAME + 1)
        content = b"" if kind is Step.HEADER else steps[at + 3 : at + 3 + size]
        at += 3 + len(content)
        match kind:
            case Step.CIPHERED:
                part = carried(content[:1], sealer.seal(content[1:]))
            case Step.PILOT:
                part = framed(LIST[:3] + pilot(content))
            case _:
                part = plain_part(kind, size, content)
        made += len(part)
        yield part


def plain_part(kind: Step, size: int, content: bytes) -> bytes:
    """Return what a step makes that needs no key."""
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
        case Step.TELEGRAM:
            part = telegram(content)
        case _:
            part = in_parts(kind, content)
    return part


def telegram(text: bytes) -> bytes:
    """Return a telegram with this text after its first line, and a checksum that holds."""
    whole = b"/LGF5E360\r\n\r\n" + text + b"!"
    return whole + b"%04X\r\n" % crc(whole)


def in_parts(kind: Step, content: bytes) -> bytes:
    """Return a message in parts; the first octet says how long they are, the second what befalls them."""
    longest, fate = content[:2].ljust(2, b"\0")
    message = LIST_APDU + content[2:] if fate & 1 else content[2:]
    return befallen(fate, WAYS[kind](message, longest))


WAYS: Mapping[Step, Callable[[bytes, int], list[bytes]]] = {
    Step.MBUS: lambda message, longest: mbus_frames(message, 16 + longest),
    Step.SEGMENTED: lambda message, longest: segments(message, 16 + longest),
    Step.BLOCKS: lambda message, longest: [block_frame(one) for one in gbt.blocks(message, most=16 + longest % 112)],
}
"""What makes frames of a message, by step."""


def mbus_frames(message: bytes, most: int) -> list[bytes]:
    """Return the frames of the wired M-Bus that carry as much of a message as can be numbered."""
    parts = [message[at : at + most] for at in range(0, len(message), most)][:16]
    last = len(parts) - 1
    return [mbus.frame(part, number | (mbus.FINAL if number == last else 0)) for number, part in enumerate(parts)]


def segments(message: bytes, most: int) -> list[bytes]:
    """Return the segments of a message."""
    whole = segmented.frames(message, destination=b"\xcf", source=b"\x02\x23", control=0x13, most=most)
    frames = []
    while whole:
        end = (int.from_bytes(whole[1:3]) & 0x7FF) + 2
        frames.append(whole[:end])
        whole = whole[end:]
    return frames


def block_frame(block: bytes) -> bytes:
    """Return the frame of a block."""
    return hdlc_frame(block, destination=b"\xce\xff", source=b"\x03", control=0x13, llc=b"")


def befallen(fate: int, frames: list[bytes]) -> bytes:
    """Return frames of which one may be lost, doubled, or change places with the next."""
    if frames:
        at = (fate >> 3) % len(frames)
        match fate >> 1 & 3:
            case 1:
                del frames[at]
            case 2:
                frames.insert(at, frames[at])
            case 3:
                frames[at : at + 2] = frames[at : at + 2][::-1]
    return b"".join(frames)


def carried(how: bytes, apdu: bytes) -> bytes:
    """Return a ciphered APDU as it comes on the line; an octet says how."""
    match how[0] % 5 if how else 0:
        case 0:
            return framed(LIST[:3] + apdu[: MOST_FRAME - 3])
        case 1:
            return apdu
        case 2:
            return b"".join(mbus_frames(apdu, 245))
        case 3:
            return b"".join(segments(apdu, 154))
        case _:
            return b"".join(block_frame(one) for one in gbt.blocks(apdu, most=129))


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
