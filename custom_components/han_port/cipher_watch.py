"""When to ask for the keys of ciphered lists, and when to tell of a frame counter that has fallen.

What belongs here: the decision alone, from counts of the messages that were not opened. It knows no Home Assistant and
no clock; the coordinator looks whenever bytes have come.

A single message proves nothing: noise may pass for a ciphered one, and a bridge may send one twice. But a meter's lists
are all ciphered with one key, and each has a higher frame counter than the one before.
"""

from typing import Final

CLOSED: Final = 3
"""Messages in a row that no key opens, before the keys are asked for."""
FALLEN: Final = 6
"""Messages in a row whose frame counter is not above the last one, before that is told."""


class CipherWatch:
    """Watches over the ciphered messages of one meter that are not opened."""

    def __init__(self) -> None:
        self.has_fallen = False
        """Whether the frame counter stays below the one that was kept."""
        self._closed = self._replayed = 0
        """All up to the last look."""
        self._closed_run = self._replayed_run = 0
        """Since the last list."""
        self._has_asked = False

    def look(self, closed: int, replayed: int, *, listed: bool) -> bool:
        """Take what has been refused; return whether the keys are to be asked for: once, until lists have come.

        Args:
            closed: how many messages no key has opened, in all.
            replayed: how many messages had a frame counter that is not above the last one, in all.
            listed: whether a list of our meter has come since the last look.

        """
        self._closed_run += closed - self._closed
        self._replayed_run += replayed - self._replayed
        self._closed, self._replayed = closed, replayed
        if listed:
            self._closed_run = self._replayed_run = 0
            self._has_asked = False
        self.has_fallen = self._replayed_run >= FALLEN
        if self._has_asked or self._closed_run < CLOSED:
            return False
        self._has_asked = True
        return True

    def forget(self) -> None:
        """Take note that the frame counters were forgotten: any counter may come next."""
        self._replayed_run = 0
        self.has_fallen = False
