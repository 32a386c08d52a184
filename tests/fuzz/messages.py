"""Targets for what lies between a frame and a list: segments, blocks, ciphering, telegrams, what a broker hands on."""

from collections.abc import Iterator
from contextlib import suppress
from time import thread_time
from typing import Final

from custom_components.han_port.wire import envelope as unpacking
from custom_components.han_port.wire.cipher import TITLES, Cipher, CipherError, Keys, Refusal
from custom_components.han_port.wire.decoder import Decoder
from custom_components.han_port.wire.frame import LIMIT, Frame, Framing
from custom_components.han_port.wire.gbt import Blocks
from custom_components.han_port.wire.p1 import Telegrams
from custom_components.han_port.wire.reading import Reading
from custom_components.han_port.wire.segments import Segments
from tests.meters import gbt
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION
from tests.pulse import pulse

from .lists import Octets
from .patience import MOST_SECONDS, Patience
from .sane import MOST_UNKNOWN, check_reading
from .seal import LIST_APDU, Sealer, pilot
from .stream import take_apart

KEYS: Final = Keys(ENCRYPTION, AUTHENTICATION)
LLC: Final = b"\xe6\xe7\0"
ORIGINS: Final = (b"\xcf\x02\x23\x13", b"\x41\x21\x13", b"\x53\xff\x01\x67")
WHOLE: Final = LLC + LIST_APDU + b"\2\1\6\0\0\0\1"
ROUNDS: Final = 5


def segments(data: bytes) -> None:
    """Any parts in any order: what comes out is of parts of one origin that came one after another."""
    octets = Octets(data)
    joining = Segments()
    came: list[Frame] = []
    while octets.has_more:
        frame = part(octets)
        came.append(frame)
        before = joining.incomplete
        message = joining.take(frame)
        assert joining.held <= LIMIT
        assert before <= joining.incomplete <= before + 2
        if message is not None:
            assert not frame.more
            assert message in joined(came)
    assert joining.incomplete <= 2 * len(came)
    # A message after it is read: whole, in segments, and numbered.
    for frames in (
        [Frame(Framing.HDLC, WHOLE, 30, False, None, ORIGINS[0])],
        [
            Frame(Framing.HDLC, WHOLE[:9], 30, True, None, ORIGINS[0]),
            Frame(Framing.HDLC, WHOLE[9:], 30, False, None, ORIGINS[0]),
        ],
        [
            Frame(Framing.MBUS, WHOLE[:9], 30, True, 0, ORIGINS[2]),
            Frame(Framing.MBUS, WHOLE[9:], 30, False, 1, ORIGINS[2]),
        ],
    ):
        *first, last = map(joining.take, frames)
        assert first == [None] * len(first)
        assert last == WHOLE
        assert joining.held == 0 or not first  # what is whole passes one in the making
    joining.reset()
    assert joining.held == 0


def part(octets: Octets) -> Frame:
    """Return a frame that carries a part of a message, or all of it."""
    how = octets.one()
    content = octets.take(octets.one() * (8 if how & 0x80 else 1))
    if how & 0x10:
        content = LLC + content
    origin = ORIGINS[how // 4 % 3]
    more = bool(how & 1)
    if how & 2:
        return Frame(Framing.MBUS, content, len(content) + 11, more, octets.one() % 16, origin)
    return Frame(Framing.HDLC, content, len(content) + 9, more, None, origin)


def joined(came: list[Frame]) -> Iterator[bytes]:
    """Yield what the last frame and those of its origin right before it carry together.

    Whole messages of other origins may lie between, parts may not.
    """
    message = b""
    for frame in reversed(came):
        if frame.origin == came[-1].origin:
            message = frame.information + message
            yield message
        elif frame.more or frame.sequence:
            return


def blocks(data: bytes) -> None:
    """Any blocks in any order: what comes out is of blocks that came in their order, from the first to the last."""
    octets = Octets(data)
    joining = Blocks()
    contents: list[bytes] = []
    count = 0
    while octets.has_more:
        count += 1
        block, content, number = some_block(octets)
        if number == 1:
            contents.clear()
        contents.append(content)
        whole = joining.take(block)
        assert joining.held <= LIMIT
        if whole is not None:
            assert b"".join(contents).endswith(whole)
    assert joining.incomplete <= 2 * count
    for most in (12, 60):
        *first, last = (joining.take(block) for block in gbt.blocks(WHOLE, most=most))
        assert first == [None] * len(first)
        assert last == WHOLE
        assert joining.held == 0
    assert joining.take(WHOLE) == WHOLE


def some_block(octets: Octets) -> tuple[bytes, bytes, int]:
    """Return a block, well formed or not, what it carries and its number."""
    how, number = octets.one(), octets.one() % 64
    content = octets.take(octets.one() % 128)
    block = gbt.block(content, number, is_last=bool(how & 1))
    match how >> 1 & 7:
        case 1:
            block = LLC + block
        case 2:
            block = block[: octets.one()]
            return block, block[7:], int.from_bytes(block[2:4])
        case 3:
            content = octets.take(4 * octets.one())
            block = block[:6] + b"\x82" + len(content).to_bytes(2) + content
        case 4:
            block = block[:6] + octets.take(octets.one())
            return block, block[7:], number
        case _:
            pass
    return block, content, number


def cipher(data: bytes) -> None:
    """Any APDU, and such as were ciphered: refused, or opened, and never what was altered or sent before."""
    opening = Cipher(KEYS)
    sealer = Sealer()
    octets = Octets(data)
    began = thread_time()
    while octets.has_more:
        how, content = octets.one(), octets.take(octets.one())
        before = dict(opening.counters)
        if how == 0xFF:
            opening.forget()
            assert not opening.counters
            continue
        if how & 1:
            _open_pilot(opening, content)
            continue
        is_sealed = bool(how & 2)
        opened = _opened(opening, sealer.seal(content) if is_sealed else b"\xdb\x08" + content)
        if isinstance(opened, Refusal):
            assert opening.counters == before
            assert not (is_sealed and is_sound(content) and opened not in (Refusal.REPLAYED, Refusal.MALFORMED))
            assert not (is_sealed and opened is Refusal.MALFORMED and is_sound(content) and len(content) > 2)
            continue
        assert opening.counters[opening.title] > before.get(opening.title, -1)
        assert len(opening.counters) <= TITLES
        assert int(opening.title, 16) < 1 << 64
        assert len(opening.title) == 16
        if is_sealed and not content[0] & 8:
            assert is_sound(content)
            assert content[2:] in opened
    took = thread_time() - began
    assert took <= Patience.times * MOST_SECONDS * max(1.0, 4 * len(data) / LIMIT)


def _opened(opening: Cipher, apdu: bytes) -> bytes | Refusal:
    """Return what is in an APDU, or why it was refused."""
    try:
        return opening.open(apdu)
    except CipherError as error:
        return error.refusal


def is_sound(content: bytes) -> bool:
    """Whether what the sealer makes of this has a tag that holds: neither another key, nor altered, nor cut."""
    how = int.from_bytes(content[:1])
    return not how & 0xC8 and how & 0x30 in (0, 0x30)


def _open_pilot(opening: Cipher, content: bytes) -> None:
    information = LLC + pilot(content)
    if opening.looks_like_pilot(information):
        with suppress(CipherError):
            assert opening.open_pilot(information).startswith(LIST_APDU + content[1:130])
            assert content[:1] <= b"\xe0"
    assert len(opening.title) in (0, 16)


CODES: Final = (
    *(f"1-0:{c}.7.0" for c in (1, 2, 3, 4, 21, 22, 23, 24, 41, 61, 31, 51, 71, 32, 52, 72, 13, 33, 14)),
    *(f"1-0:{c}.8.{e}" for c in (1, 2, 3, 4) for e in (0, 1, 2, 3)),
    *("0-0:1.0.0", "0-0:96.1.0", "0-0:96.1.1", "0-0:42.0.0", "0-0:0.9.1", "0-0:0.9.2", "0-1:24.2.1", "0-1:96.1.0"),
    *("1-0:4:24.7.0", "1-0:1.8.0.255", "1-0:1.8.0*255", "1-0:99.97.0", "0-0:96.13.0", "0-0:96.14.0"),
)
UNITS: Final = ("*kWh", "*kW", "*V", "*A", "*kvarh", "*kVAr", "*Wh", "*W", "", "*var", "*m3", "*kVA", "*MWh")


def telegram(data: bytes) -> None:
    """Lines of codes and numbers, and anything else between: what the like has taught makes no difference."""
    text = lines(Octets(data))
    knowing = Telegrams()
    for one in (text, *likes(text), text, data):
        began = thread_time()
        again = knowing.read(one)
        took = thread_time() - began
        reading = Telegrams().read(one)
        assert again == reading
        if reading is not None:
            check_reading(reading)
            assert len(reading.unknown) <= MOST_UNKNOWN
        check_time(one, took)


def check_time(text: bytes, took: float) -> None:
    """Raise AssertionError where a telegram takes too long each time that it is read anew."""
    most = Patience.times * MOST_SECONDS * max(1.0, len(text) / LIMIT)
    for _ in range(ROUNDS):
        if took <= most:
            return
        began = thread_time()
        Telegrams().read(text)
        took = thread_time() - began
    assert took <= most


def likes(text: bytes) -> Iterator[bytes]:
    """Yield the telegram with other digits, in all places and in some."""
    yield text.translate(bytes.maketrans(b"0123456789", b"1234567890"))
    half = len(text) // 2
    yield text[:half] + text[half:].translate(bytes.maketrans(b"0123456789", b"9876543210"))


def lines(octets: Octets) -> bytes:
    """Return a telegram."""
    made = [b"/LGF5E360", b""]
    while octets.has_more:
        how = octets.one()
        code = CODES[octets.one() % len(CODES)].encode()
        match how & 7:
            case 0:
                made.append(octets.take(octets.one() % 64).translate(None, b"!\r\n"))
            case 1:
                made.append(code + b"(" + octets.take(octets.one() % 40).translate(None, b"!\r\n") + b")")
            case 2:
                made.append(code + b"(2601121834" + b"%02d" % (octets.one() % 100) + b"SWX"[how >> 3 & 1 :][:1] + b")")
            case _:
                digits = b"".join(b"%d" % (digit % 10) for digit in octets.take(how >> 3 & 15))
                decimals = b".%03d" % (octets.one() * 4) if how & 0x80 else b""
                unit = UNITS[octets.one() % len(UNITS)].encode()
                made.append(code + b"(" + (b"-" if how == 0xFF else b"") + digits + decimals + unit + b")")
    return b"\r\n".join(made) + b"\r\n"


MOST_PAYLOAD: Final = 65_536
SPARE: Final = 64
"""Octets that are put around what stands in a payload: flags, a header, the end of a line."""


def envelope(data: bytes) -> None:
    """Any payload, and what readers make of a stream: opened within bounds."""
    for payload in payloads(data):
        began = thread_time()
        parts = unpacking.parts(payload)
        took = thread_time() - began
        assert took <= Patience.times * MOST_SECONDS * 16
        packed = max(len(payload), MOST_PAYLOAD if payload.startswith(b"\x08\xdc\xd9\x02") else 0)
        assert sum(len(one.octets) for one in parts) <= packed + SPARE * max(1, len(parts))
        decoder = Decoder(KEYS, in_messages=True)
        began = thread_time()
        readings: list[Reading] = decoder.feed(payload)
        took = thread_time() - began
        assert took <= Patience.times * MOST_SECONDS * (1 + sum(len(one.octets) for one in parts) / LIMIT)
        assert decoder.held <= 3 * LIMIT
        for reading in readings:
            check_reading(reading)


def payloads(data: bytes) -> Iterator[bytes]:
    """Yield what a broker may hand on."""
    yield data
    stream = b"".join(take_apart(data[1:]))
    match (data[0] if data else 0) % 6:
        case 0:
            yield stream
        case 1:
            yield (stream.hex(" ") if data[0] & 8 else stream.hex()).upper().encode()
        case 2:
            yield pulse(stream[: len(stream) // 2], stream[len(stream) // 2 :])
        case 3:
            yield pulse(stream, *[bytes(30_000)] * (data[0] // 6 % 8), compressed=True)
        case 4:
            yield pulse(data, compressed=True)[: -1 - data[0] // 6]
        case _:
            yield b"\x08\xdc\xd9\x02" + data
