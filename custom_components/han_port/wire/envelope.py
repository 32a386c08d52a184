"""What readers of meters put into an MQTT message → the octets that the meter sent.

What belongs here: telling by the payload alone how a reader has wrapped what it heard, and unwrapping it. Nothing about
what the octets mean, but for their first ones.

What is known of readers that send on what they hear:

- Raw octets of the line: HDLC frames, one or several, with whatever stands before them; a telegram of P1. A reader with
  a small buffer sends half a frame, and the rest in the next message: both are handed on as they are.
- HDLC frames without their flags, and what a frame carries without the frame: from the LLC header E6 E7 00 on, or from
  the APDU's tag on.
- Any of these as hexadecimal text, with or without separators. amsreader-firmware in its pass-through mode sends HDLC
  and M-Bus frames this way and then, on the same topic, the list that it found in them once more, without the APDU's
  header; its older "Raw data (bytes)" sends the list alone (PassthroughMqttHandler.cpp, PassiveMeterCommunicator.cpp).
- P1 telegrams as text whose line ends have been changed: LF alone, CR alone, CR NUL (amshan-homeassistant #29), or
  nothing at all at the end.
- The Tibber Pulse (firmware 1.2 and later, and all that read P1) packs what it heard into a protocol buffer. No
  description of it is public; this is read off messages in the trackers of amshan-homeassistant (#71, #97, #101) and
  ElWiz (#29):

      1: varint   44252, always
      3: varint   1: compressed; one zlib stream goes on from each item of this message to the next
      2: item     one for each list or telegram that was heard since the last message
           1: fixed64  milliseconds since the Pulse started
           2: string   "HAN" or "P1"
           3: octets   an HDLC frame with its flags, or a telegram; compressed, it ends with a sync flush (00 00 FF FF)
           4: varint   how many octets that is, decompressed

- Texts on how the reader is ("online", JSON with Wi-Fi strength): no meter sends such, they are left out silently.
"""

from collections.abc import Iterator
import re
from typing import Final, NamedTuple
import zlib

LIMIT: Final = 65_536
"""Octets, of a payload and of what is packed into it: room for a hundred lists; `link` takes no more at once."""


class Part(NamedTuple):
    """Something that the meter sent."""

    octets: bytes
    is_bare: bool
    """An APDU, perhaps after its LLC header; else octets of the line, in which frames and telegrams are to be found."""


def parts(payload: bytes) -> list[Part]:
    """Open a message.

    Returns what the meter sent, in order; empty for a text that no meter sends, and for more than `LIMIT` octets. Does
    not raise, and costs no more than a few passes over the payload.
    """
    if len(payload) > LIMIT:
        return []
    if payload.startswith(_PULSE):
        try:
            return [_part(octets) for octets in _pulse(payload)]
        except _NotAPulseError:
            pass  # cut short, or of another version: the frames in it can be found all the same
    if not _is_text(payload) or _TELEGRAM.search(payload):
        return [_part(payload)]
    octets = _from_hex(payload)
    if _LIST.match(octets):
        return [Part(_HEADER + octets, is_bare=True)]
    is_of_a_meter = _APDU.match(octets) or _FRAME.search(octets) or _TELEGRAM.search(octets)
    return [_part(octets)] if is_of_a_meter else []


def _part(octets: bytes) -> Part:
    """Tell what octets are by how they begin."""
    if _APDU.match(octets):
        return Part(octets, is_bare=True)
    if len(octets) > 2 and octets[0] & 0xF0 == 0xA0 and (octets[0] & 0x07) << 8 | octets[1] == len(octets):
        return Part(_FLAG + octets + _FLAG, is_bare=False)
    if _is_text(octets):
        return Part(_as_sent(octets), is_bare=False)
    return Part(octets, is_bare=False)


# Octets.

_FRAME: Final = re.compile(rb"\x7e[\xa0-\xaf]|\x68..\x68|\xdb\x08", re.DOTALL)
"""How frames begin: HDLC (ISO/IEC 13239, 4.9: format type 3), M-Bus (EN 13757-2: 68 L L 68), general-glo-ciphering."""
_LIST: Final = re.compile(rb"[\x01\x02][\x01-\x7f][\x00-\x02\x05\x06\x09\x0a\x0c\x0f-\x16]")
"""A list without the APDU's header: an array or a structure, its length, and a first element (Green Book, 9.5). It
comes as text alone; of octets, the second half of a frame may look like it."""
_APDU: Final = re.compile(rb"\xe6[\xe6\xe7]\x00|\x0f.{4}(\x00|\x0c|\x09\x0c)|\xe0.{5}|\xdb\x08", re.DOTALL)
"""LLC header; data-notification; general-block-transfer; general-glo-ciphering."""
_HEADER: Final = b"\x0f\x00\x00\x00\x00\x00"
"""Of a data-notification without a date-time (Green Book, 9.5: tag, long-invoke-id-and-priority, date-time)."""
_FLAG: Final = b"\x7e"


# Text.

_TELEGRAM: Final = re.compile(rb"(?:^|(?<=[\r\n\x00]))(?:/[A-Za-z]{3}|\d-\d:\d+\.\d+\.\d+\(|![0-9A-F]{4})")
"""A line of a telegram, for a message may hold only a piece: the first, with the maker's three letters, one with a
value, the last with a checksum (IEC 62056-21, 6.3.2; DSMR P1 companion 5.0.2, 5.2 and 6.2)."""
_LINE_END: Final = re.compile(rb"\r[\n\x00]?|\n")
_TEXT: Final = bytes((0, 9, 10, 13, *range(0x20, 0x7F)))
_BETWEEN: Final = b" \t\r\n\x00.,:;-_"
_CHECKSUM: Final = re.compile(rb"!(?:[0-9A-Fa-f]{4})?$")


def _is_text(payload: bytes) -> bool:
    """Return whether the payload is text, in UTF-8."""
    if not (rest := payload.translate(None, _TEXT)):
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return min(rest) >= 0x80  # no control characters


def _as_sent(telegram: bytes) -> bytes:
    """Return a telegram with the line ends that its checksum was made with, and with one at its end."""
    if b"\r\n" not in telegram:
        telegram = _LINE_END.sub(b"\r\n", telegram)
    return telegram + b"\r\n" if _CHECKSUM.search(telegram[-5:]) else telegram


def _from_hex(text: bytes) -> bytes:
    """Return what hexadecimal digits stand for; nothing if that is not all there is."""
    text = text.rstrip()
    if text.endswith(b")"):  # ESPHome adds how many octets it wrote
        text = text.rpartition(b"(")[0]
    digits = text.replace(b"0x", b"").replace(b"0X", b"").translate(None, _BETWEEN)
    try:
        return bytes.fromhex(digits.decode())
    except ValueError:
        return b""


# The Pulse.

_PULSE: Final = b"\x08\xdc\xd9\x02"
_COMPRESSED: Final = 3
_ITEM: Final = 2
_OCTETS: Final = 3


class _NotAPulseError(ValueError):
    """The message is not what a Pulse sends."""


def _pulse(payload: bytes) -> list[bytes]:
    """Return what a Pulse has heard. Raises `_NotAPulseError`."""
    message = list(_fields(payload))
    items = [
        octets
        for number, item in message
        if number == _ITEM and isinstance(item, bytes)
        for field, octets in _fields(item)
        if field == _OCTETS and isinstance(octets, bytes)
    ]
    return _inflated(items) if (_COMPRESSED, 1) in message else items


def _inflated(items: list[bytes]) -> list[bytes]:
    """Decompress the items of one message, up to `LIMIT` octets in all. Raises `_NotAPulseError`."""
    stream = zlib.decompressobj()
    room = LIMIT
    inflated = []
    for item in items:
        if not room:
            break
        try:
            octets = stream.decompress(item, room)
        except zlib.error as error:
            raise _NotAPulseError from error
        room -= len(octets)
        inflated.append(octets)
    return inflated


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field (Protocol Buffers, "Encoding"). Raises `_NotAPulseError`."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        match key & 0x07:
            case 0:
                value, at = _varint(message, at)
                yield key >> 3, value
                continue
            case 1:
                length = 8
            case 2:
                length, at = _varint(message, at)
            case 5:
                length = 4
            case _:
                raise _NotAPulseError
        if length > len(message) - at:
            raise _NotAPulseError
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return an integer, and where it ends. Raises `_NotAPulseError`."""
    value = 0
    for shift, octet in enumerate(message[at : at + 10]):
        value |= (octet & 0x7F) << 7 * shift
        if octet < 0x80:
            return value, at + shift + 1
    raise _NotAPulseError
