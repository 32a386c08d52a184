"""Messages out of frames that carry a part of one each.

HDLC: the segmentation bit says that more follows (ISO/IEC 13239, 4.9.2), as Iskra's AM550 uses it; the LLC header
stands in the first part alone, by which a new message is told. The parts are not numbered, but a frame that was damaged
between two of them has left its octets as noise. M-Bus: CI numbers the parts and marks the last one
(EN 13757-3). A message of which a part is missing is given up, and the next one is read.
"""

from typing import Final

from .cosem import LLC
from .frame import LIMIT, Frame, Framing

_FIRST: Final = 0
_BETWEEN: Final = 8
"""Octets of noise between two parts of a message, such as line ends that a reader has added: no frame is so short."""


class Segments:
    """Puts the parts of messages together. One message can be in the making; frames that carry a whole one pass it."""

    def __init__(self) -> None:
        self.incomplete = 0
        """Messages of which a part is missing or out of order, and those that were too long: each counts once."""
        self._parts: list[bytes] = []
        """Of the message in the making."""
        self._held = 0
        self._origin: bytes | None = None
        """Where the message in the making comes from, or the last one that was in parts."""
        self._noise = 0
        """What had come before the last part."""
        self._is_given_up = False
        """Whether the rest of a message that cannot be completed is awaited."""

    @property
    def held(self) -> int:
        """Octets of the message in the making."""
        return self._held

    def reset(self) -> None:
        """Forget the message in the making."""
        self._forget()
        self._origin = None
        self._is_given_up = False

    def take(self, frame: Frame) -> bytes | None:
        """Take the next frame; return the message that is complete with it, from the LLC header on where it has one."""
        if frame.origin != self._origin and not frame.more and not frame.sequence:
            return frame.information
        return self._numbered(frame) if frame.framing is Framing.MBUS else self._chained(frame)

    def _chained(self, frame: Frame) -> bytes | None:
        """Take a part of a message whose parts are not numbered."""
        begins = frame.information.startswith(LLC)
        if begins or frame.origin != self._origin:
            self._begin(frame)
            if not begins:  # so the frames before it were lost
                self._give_up()
        elif not self._is_given_up and (not self._parts or frame.noise > self._noise + _BETWEEN):
            self._give_up()
        self._noise = frame.noise
        return self._add(frame)

    def _numbered(self, frame: Frame) -> bytes | None:
        """Take a part of a message whose parts are numbered."""
        if frame.sequence == _FIRST:
            self._begin(frame)
        elif frame.origin != self._origin:
            self._begin(frame)
            self._give_up()
        elif frame.sequence != len(self._parts) and not self._is_given_up:
            self._give_up()
        return self._add(frame)

    def _begin(self, frame: Frame) -> None:
        """Begin a message."""
        if self._parts:
            self.incomplete += 1
        self._forget()
        self._is_given_up = False
        self._origin = frame.origin

    def _add(self, frame: Frame) -> bytes | None:
        """Add a part to the message in the making, if it can still be completed."""
        if not self._is_given_up:
            self._parts.append(frame.information)
            self._held += len(frame.information)
            if self._held > LIMIT:
                self._give_up()
        if frame.more:
            return None
        message = None if self._is_given_up else b"".join(self._parts)
        self._forget()
        self._is_given_up = False
        return message

    def _give_up(self) -> None:
        self.incomplete += 1
        self._forget()
        self._is_given_up = True

    def _forget(self) -> None:
        self._parts.clear()
        self._held = 0
