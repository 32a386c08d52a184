"""The way from bytes to readings: frames, APDUs, dialects, and the count of what became of them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from . import cosem, dialects
from .hdlc import FrameReader
from .items import text
from .layout import Layout
from .reading import Reading


@dataclass(slots=True)
class Counters:
    """What became of the bytes since the decoder was made."""

    bytes: int = 0
    """Bytes fed."""
    frames: int = 0
    """Frames whose checksums hold."""
    readings: int = 0
    """Frames that were read."""
    damaged: int = 0
    """Frames whose length or checksum does not hold."""
    ciphered: int = 0
    """Good frames whose content is ciphered."""
    not_understood: int = 0
    """Good frames whose APDU or list is not a known one."""
    translated: int = 0
    """Good frames in which LF had become CR LF."""
    noise: int = 0
    """Bytes, flags apart, that belong to no good frame."""


class UnknownList(NamedTuple):
    """A list that no dialect knows."""

    list_id: str
    """The first text in it; empty where there is none."""
    items: int
    """How many items it has."""


class Decoder:
    """Reads the push of one meter. Nothing that is fed to it raises."""

    def __init__(self) -> None:
        self.unknown_list: UnknownList | None = None
        """The last list that no dialect knows."""
        self._frames = FrameReader()
        self._layouts: dict[int, Layout] = {}
        """By length: a meter's lists differ in it."""
        self._bytes = 0
        self._readings = 0
        self._ciphered = 0
        self._not_understood = 0

    @property
    def counters(self) -> Counters:
        """The counts up to now."""
        framing = self._frames.counters
        return Counters(
            bytes=self._bytes,
            frames=framing.frames,
            readings=self._readings,
            damaged=framing.damaged,
            ciphered=self._ciphered,
            not_understood=self._not_understood,
            translated=framing.translated,
            noise=framing.noise,
        )

    @property
    def damaged(self) -> deque[bytes]:
        """The last damaged frames, from their opening flag on. They may hold the meter's number."""
        return self._frames.damaged

    @property
    def held(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return self._frames.held

    def reset(self) -> None:
        """Forget the half frame that is waiting: another connection begins. Counters go on."""
        self._frames.reset()

    def feed(self, data: bytes) -> list[Reading]:
        """Take any bytes, in any chunks; return the readings that are complete with them."""
        self._bytes += len(data)
        readings = []
        for frame in self._frames.feed(data):
            if frame.segmented:  # no Norwegian meter segments
                self._not_understood += 1
            elif (reading := self.read(frame.information)) is not None:
                readings.append(reading)
        return readings

    def read(self, information: bytes) -> Reading | None:
        """Read what one frame carried: an APDU, after its LLC header if it has one."""
        layout = self._layouts.get(len(information))
        reading = layout.read(information) if layout else None
        if reading is None and (layout := self._learn(information)) is not None:
            reading = layout.read(information)
        if reading is not None:
            self._readings += 1
        return reading

    def _learn(self, information: bytes) -> Layout | None:
        """Take a list apart by its codes."""
        begins = len(cosem.LLC) if information.startswith(cosem.LLC) else 0
        if information[begins : begins + 1] == _CIPHERED:
            self._ciphered += 1
            return None
        try:
            notification = cosem.notification(information, begins)
        except cosem.CosemError:
            self._not_understood += 1
            return None
        layout = dialects.layout(notification.body)
        if layout is None:
            self._not_understood += 1
            self.unknown_list = _unknown_list(notification.body)
            return None
        layout.fit(information, notification.varying)
        if len(self._layouts) >= _MOST_LAYOUTS:
            self._layouts.clear()
        self._layouts[len(information)] = layout
        return layout


_CIPHERED = bytes((cosem.GENERAL_GLO_CIPHERING,))
_OBIS_LENGTH = 6
_MOST_LAYOUTS = 16
"""A meter has three lists. This leaves room for a few others before all are forgotten."""


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
