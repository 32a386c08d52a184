"""Frames of every framing out of one noisy stream of bytes.

Operations
    feed(octets)    takes any bytes, returns the frames that they complete, in order
    reset()         forgets what is buffered (a new connection begins)

Goals
    A byte that is lost, doubled or flipped costs the frame that it hits and no other. How the stream is cut into
    chunks changes nothing. No more than LIMIT bytes are ever held. Framings may change on a line from frame to frame.

Plan
    One buffer, looked through once. A candidate is whatever begins like a frame of any framing; its first octet says
    whose judge it comes before. That one tells the frame, or that there is none, or that more octets must come first.
    A good frame is jumped over. A candidate that fails is left behind by one byte, no more, so that a good frame that
    begins inside it is found.
"""

from collections import deque
import re
from typing import Final

from . import glo, hdlc, mbus, telegram
from .frame import BLOCK, Frame
from .record import Record

_FLAGS: Final = b"~~"
"""A flag at the end of a frame, and one at the beginning of the next."""
_BETWEEN: Final = b"~\r\n"
"""What may stand between frames, and is no noise: flags, and line ends."""
_candidate: Final = re.compile(b"(?s)" + b"|".join((hdlc.BEGINS, mbus.BEGINS, telegram.BEGINS, glo.BEGINS))).search


class FrameReader:
    """Takes a stream of bytes apart into frames."""

    def __init__(self) -> None:
        self._record = Record()
        self.counters: Final = self._record.counters
        """What became of the bytes."""
        self._hdlc = hdlc.Judge(self._record)
        self._telegram = telegram.Judge(self._record)
        self._judges: Final = {
            hdlc.FIRST: self._hdlc.judge,
            mbus.FIRST: mbus.Judge(self._record).judge,
            telegram.FIRST: self._telegram.judge,
            glo.FIRST: glo.Judge(self._record).judge,
        }
        """By the first octet of a candidate."""
        self._buffer = b""
        self._needed = 0
        """Bytes that the buffer must hold before another look at it is worth while."""

    @property
    def damaged(self) -> deque[bytes]:
        """The last damaged candidates, from their first octet on."""
        return self._record.damaged

    @property
    def checked_in_vain(self) -> int:
        """Octets that were checked in vain, or would have been if all that was allowed had been checked so."""
        return self._record.checked

    @property
    def held(self) -> int:
        """Bytes that are buffered now."""
        return len(self._buffer)

    def reset(self) -> None:
        """Forget what is buffered."""
        self._record.passed += len(self._buffer)
        self._record.is_delimited = False
        self._buffer = b""
        self._needed = 0
        self._hdlc.reset()
        self._telegram.reset()

    def feed(self, octets: bytes) -> list[Frame]:
        """Take any bytes; return the frames that are complete with them."""
        if len(octets) > BLOCK:
            blocks = (octets[start : start + BLOCK] for start in range(0, len(octets), BLOCK))
            return [frame for block in blocks for frame in self.feed(block)]
        self._buffer = buffer = self._buffer + octets
        return [] if len(buffer) < self._needed else self._take(buffer)

    def _take(self, buffer: bytes) -> list[Frame]:
        """Judge all that can be judged of what is buffered, and keep the rest."""
        frames: list[Frame] = []
        counters = self.counters
        at = 1 if buffer.startswith(_FLAGS) else 0
        self._needed = 0
        while (found := _candidate(buffer, at)) is not None:
            start = found.start()
            if start > at:
                counters.noise += len(buffer[at:start].translate(None, _BETWEEN))
                at = start
            judged = self._judges[buffer[at]](buffer, at)
            if judged is None:
                counters.noise += buffer[at] != hdlc.FIRST
                at += 1
            elif isinstance(judged, int):
                self._needed = judged
                break
            else:
                frames.append(judged)
                at += judged.wire_length
                if at == len(buffer) - 1 and buffer[at] == hdlc.FIRST:  # as after nearly every frame of HDLC
                    self._needed = 2
                    break
        else:
            counters.noise += len(buffer[at:].translate(None, _BETWEEN))
            at = len(buffer)
        counters.frames += len(frames)
        self._record.passed += at
        self._buffer = buffer[at:]
        return frames
