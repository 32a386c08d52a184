"""The way from bytes to readings: frames, messages, ciphering, dialects, and the count of what became of them.

What comes is read by what it is: each frame says how it is framed, each message whether it is one of several blocks,
ciphered, a telegram or a list. Nothing of this is set by anybody, so a line may carry all of them in turns.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from . import cosem, dialects, envelope
from .cipher import Cipher, CipherError, Keys, Refusal
from .frame import Frame, Framing
from .gbt import GENERAL_BLOCK_TRANSFER, Blocks
from .items import text
from .layout import Layout
from .p1 import Telegrams
from .reading import Reading
from .segments import Segments
from .stream import FrameReader
from .telegram import sound_text


@dataclass(slots=True)
class Counters:
    """What became of the bytes since the decoder was made."""

    bytes: int = 0
    """Bytes fed."""
    frames: int = 0
    """Frames whose checksums hold."""
    readings: int = 0
    """Messages that were read."""
    damaged: int = 0
    """Frames whose length or checksum does not hold."""
    incomplete: int = 0
    """Messages of which a frame or a block is missing, or out of order."""
    ciphered: int = 0
    """Ciphered messages for which there is no key."""
    wrong_key: int = 0
    """Ciphered messages that the keys do not open."""
    replayed: int = 0
    """Ciphered messages whose frame counter is not above the last one."""
    not_understood: int = 0
    """Messages that are no list, or not a known one."""
    translated: int = 0
    """Good frames in which LF had become CR LF."""
    noise: int = 0
    """Bytes, flags and line ends apart, that belong to no good frame."""


class UnknownList(NamedTuple):
    """A list that no dialect knows."""

    list_id: str
    """The first text in it; empty where there is none."""
    items: int
    """How many items it has."""


class Decoder:
    """Reads the push of one meter. Nothing that is fed to it raises."""

    def __init__(
        self, keys: Keys | None = None, counters: Mapping[str, int] = {}, *, in_messages: bool = False
    ) -> None:
        """Begin.

        Args:
            keys: of a meter that ciphers its lists.
            counters: the highest frame counter that was accepted before, by system title.
            in_messages: what will be fed are whole messages of a broker, not pieces of a stream.

        """
        self.cipher = Cipher(keys, counters)
        """What opens ciphered messages."""
        self.refusal: Refusal | None = None
        """Why the last ciphered message was not opened; None where it was."""
        self.unknown_list: UnknownList | None = None
        """The last list that no dialect knows."""
        self.unknown: deque[bytes] = deque(maxlen=_KEPT)
        """The beginnings of the last messages that could not be read, deciphered. They may hold the meter's number."""
        self.fed = 0
        """Bytes fed; of a broker's messages what a meter sent, not what is around it."""
        self._in_messages = in_messages
        self._frames = FrameReader()
        self._segments = Segments()
        self._blocks = Blocks()
        self._telegrams = Telegrams()
        self._layouts: dict[tuple[str, int], Layout] = {}
        """By system title and length: a meter's lists differ in their lengths."""
        self._readings = 0
        self._not_understood = 0
        self._refused = dict.fromkeys(Refusal, 0)

    @property
    def counters(self) -> Counters:
        """The counts up to now."""
        framing = self._frames.counters
        refused = self._refused
        return Counters(
            bytes=self.fed,
            frames=framing.frames,
            readings=self._readings,
            damaged=framing.damaged,
            incomplete=self._segments.incomplete + self._blocks.incomplete,
            ciphered=refused[Refusal.NO_KEY],
            wrong_key=refused[Refusal.WRONG_KEY] + refused[Refusal.WRONG_TAG],
            replayed=refused[Refusal.REPLAYED],
            not_understood=self._not_understood + refused[Refusal.MALFORMED],
            translated=framing.translated,
            noise=framing.noise,
        )

    @property
    def damaged(self) -> deque[bytes]:
        """The last damaged frames, from their first byte on. They may hold the meter's number."""
        return self._frames.damaged

    @property
    def held(self) -> int:
        """Bytes that wait for the rest of their frame or their message."""
        return self._frames.held + self._segments.held + self._blocks.held

    def reset(self) -> None:
        """Forget what is waiting for its rest: another connection begins. Counters go on."""
        self._frames.reset()
        self._segments.reset()
        self._blocks.reset()

    def feed(self, data: bytes) -> list[Reading]:
        """Take any bytes, in any chunks; return the readings that are complete with them."""
        if self._in_messages:
            return self._feed_message(data)
        self.fed += len(data)
        return [reading for frame in self._frames.feed(data) if (reading := self._take(frame)) is not None]

    def _feed_message(self, payload: bytes) -> list[Reading]:
        """Take a message of a broker. Some readers send half a frame, and the rest in the next one."""
        found: list[Reading | None] = []
        for part in envelope.parts(payload):
            self.fed += len(part.octets)
            if part.is_bare:
                found.append(self.read(part.octets))
            else:
                found += map(self._take, self._frames.feed(part.octets))
        return [reading for reading in found if reading is not None]

    def _take(self, frame: Frame) -> Reading | None:
        if frame.framing is Framing.P1:
            return self._read_telegram(frame.information)
        information = self._segments.take(frame)
        return None if information is None else self.read(information)

    def read(self, information: bytes) -> Reading | None:
        """Read what a frame, or several, carried: an APDU, after its LLC header if it has one."""
        layout = self._layouts.get(("", len(information)))
        reading = layout.read(information) if layout else None
        if reading is None:
            return self._unwrap(information)
        self._readings += 1
        return reading

    def _unwrap(self, information: bytes) -> Reading | None:
        """Read what is no list of a layout that is known: it may be wrapped in something."""
        begins = len(cosem.LLC) if information.startswith(cosem.LLC) else 0
        tag = information[begins : begins + 1]
        if self.cipher.looks_like_pilot(information):  # first: what is ciphered may begin with any octet
            return self._open(information)
        if tag == _CIPHERED:
            return self._open(information[begins:])
        if tag == _BLOCK:
            whole = self._blocks.take(information[begins:])
            return None if whole is None else self.read(whole)
        return self._read_list(information, begins, "")

    def _open(self, message: bytes) -> Reading | None:
        """Read a ciphered message."""
        try:
            plain = self.cipher.open(message) if message.startswith(_CIPHERED) else self.cipher.open_pilot(message)
        except CipherError as error:
            self.refusal = error.refusal
            self._refused[error.refusal] += 1
            return None
        self.refusal = None
        if plain.startswith(b"/"):
            if (telegram := sound_text(plain)) is not None:
                return self._read_telegram(telegram)
            self._not_understood += 1
            return None
        title = self.cipher.title
        layout = self._layouts.get((title, len(plain)))
        reading = layout.read(plain) if layout else None
        if reading is None:
            return self._read_list(plain, 0, title)
        self._readings += 1
        return reading

    def _read_telegram(self, telegram: bytes) -> Reading | None:
        reading = self._telegrams.read(telegram)
        if reading is None:
            self._note_unknown(telegram, UnknownList(self._telegrams.list_id, telegram.count(b"(")))
        else:
            self._readings += 1
        return reading

    def _read_list(self, octets: bytes, begins: int, title: str) -> Reading | None:
        """Take a list apart by its codes, and remember how."""
        try:
            notification = cosem.notification(octets, begins)
        except cosem.CosemError:
            self._note_unknown(octets, None)
            return None
        layout = dialects.layout(notification.body, title, notification.time)
        if layout is None:
            self._note_unknown(octets, _unknown_list(notification.body))
            return None
        if title:  # it tells one meter from another as well as a number does
            layout.identify(title)
        layout.fit(octets, notification.varying)
        if len(self._layouts) >= _MOST_LAYOUTS:
            self._layouts.clear()
        self._layouts[title, len(octets)] = layout
        reading = layout.read(octets)
        if reading is not None:
            self._readings += 1
        return reading

    def _note_unknown(self, octets: bytes, unknown: UnknownList | None) -> None:
        self._not_understood += 1
        self.unknown.append(octets[:_KEPT_BYTES])
        if unknown is not None:
            self.unknown_list = unknown


_BLOCK = bytes((GENERAL_BLOCK_TRANSFER,))
_CIPHERED = bytes((cosem.GENERAL_GLO_CIPHERING,))
_OBIS_LENGTH = 6
_MOST_LAYOUTS = 16
"""A meter has three lists. This leaves room for a few others before all are forgotten."""
_KEPT = 3
"""Messages that could not be read, kept for diagnostics, and"""
_KEPT_BYTES = 1024
"""how much of each."""


def _unknown_list(body: cosem.Data) -> UnknownList:
    items = len(body) if isinstance(body, list) or not isinstance(body, cosem.Leaf) else 1
    return UnknownList(next(_texts(body), ""), items)


def _texts(body: cosem.Data) -> Iterator[str]:
    """Every text in a list, octet strings that are no OBIS codes among them."""
    if not isinstance(body, cosem.Leaf):
        for element in body:
            yield from _texts(element)
    elif isinstance(body.value, str) or (isinstance(body.value, bytes) and len(body.value) > _OBIS_LENGTH):
        yield text(body.value)
