"""Messages in every framing, and what puts them together again, for tests of that way."""

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import NamedTuple

from custom_components.han_port.wire.frame import LIMIT
from custom_components.han_port.wire.gbt import Blocks
from custom_components.han_port.wire.segments import Segments
from custom_components.han_port.wire.stream import FrameReader
from tests.meters import cipher, gbt, hdlc, mbus, p1, segmented

DESTINATION, SOURCE, CONTROL = b"\xce\xff", b"\x03", 0x13
KEY = bytes(range(16))


class Message(NamedTuple):
    """One message."""

    wire: bytes
    """All of its frames."""
    carried: bytes
    """What is to come out."""


def apdu(number: int, size: int) -> bytes:
    """Return what is no list but looks like one from outside: all octets occur in it, flags among them."""
    return b"\x0f" + Random(number).randbytes(size - 1)


def in_hdlc(number: int, size: int = 300) -> Message:
    """Return a message in one HDLC frame."""
    one = apdu(number, size)
    wire = hdlc.frame(one, destination=DESTINATION, source=SOURCE, control=CONTROL)
    return Message(wire, hdlc.LLC + one)


def in_segments(number: int, size: int = 300) -> Message:
    """Return a message in segmented HDLC."""
    one = apdu(number, size)
    wire = segmented.frames(one, destination=b"\xcf", source=b"\x02\x23", control=CONTROL, most=120)
    return Message(wire, hdlc.LLC + one)


def in_blocks(number: int, size: int = 300) -> Message:
    """Return a message in blocks, each in an HDLC frame."""
    one = apdu(number, size)
    return Message(gbt.frames(one, destination=DESTINATION, source=SOURCE, control=CONTROL), one)


def in_mbus(number: int, size: int = 300) -> Message:
    """Return a message in frames of M-Bus."""
    one = apdu(number, size)
    return Message(mbus.frames(one), one)


def in_text(number: int, checksum: str = "{:04X}", after: str = "\r\n") -> Message:
    """Return a telegram."""
    random = Random(number)
    lines = ["/XYZ5test", "", f"0-0:1.0.0(26011218{number % 60:02}00W)"]
    lines += [f"1-0:{code}.7.0({random.randrange(10**7) / 1000:08.3f}*kW)" for code in (1, 2, 21, 41, 61, 22, 42, 62)]
    text = "".join(line + "\r\n" for line in lines).encode()
    end = checksum.format(p1.crc(text + b"!")) + after
    return Message(text + b"!" + end.encode(), text)


def in_nothing(number: int, size: int = 300) -> Message:
    """Return a ciphered APDU with nothing around it."""
    one = cipher.general_glo(
        apdu(number, size), title=b"XYZ\1\2\3\4\5", counter=number + 1, encryption=KEY, authentication=KEY
    )
    return Message(one, one)


CHECKED: Mapping[str, Callable[[int], Message]] = {
    "hdlc": in_hdlc,
    "segments": in_segments,
    "blocks": in_blocks,
    "mbus": in_mbus,
    "p1": in_text,
}
"""What checksums guard."""
FRAMINGS: Mapping[str, Callable[[int], Message]] = {**CHECKED, "glo": in_nothing}
"""All of them."""


class Line:
    """Puts messages together."""

    def __init__(self) -> None:
        self.frames = FrameReader()
        self.segments = Segments()
        self.blocks = Blocks()

    def feed(self, *chunks: bytes) -> list[bytes]:
        """Return the messages that are complete with these octets."""
        messages = []
        for chunk in chunks:
            for frame in self.frames.feed(chunk):
                message = self.segments.take(frame)
                if message is not None and (whole := self.blocks.take(message)) is not None:
                    messages.append(whole)
            assert self.frames.held <= LIMIT
            assert self.segments.held <= LIMIT
            assert self.blocks.held <= LIMIT
        return messages

    @property
    def state(self) -> tuple[object, ...]:
        """All that can be counted."""
        held = self.frames.held, self.segments.held, self.blocks.held
        return self.frames.counters, self.segments.incomplete, self.blocks.incomplete, held


def wire(messages: Iterable[Message]) -> bytes:
    """Return the stream of some messages."""
    return b"".join(message.wire for message in messages)


def carried(messages: Iterable[Message]) -> list[bytes]:
    """Return what is to come out."""
    return [message.carried for message in messages]
