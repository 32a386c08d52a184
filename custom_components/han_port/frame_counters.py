"""The frame counters of a meter's ciphered lists, as they are kept with its book.

They are kept so that a message of before is not taken for a new one after a restart either. They count for the keys
that the messages were opened with: with a new key the meter counts anew (DLMS Green Book, 9.2.3.3.7, on the invocation
counter).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple, Self

from .ledger import DamagedBookError
from .ledger.stored import whole
from .wire.cipher import Keys

_MOST: Final = 0xFFFF_FFFF
_LONGEST: Final = 16
"""Hex digits of a system title."""


class FrameCounters(NamedTuple):
    """The highest frame counter of each system title."""

    mark: str
    """Tells whether the keys are still the same, and nothing more about them."""
    counters: Mapping[str, int]

    @classmethod
    def of(cls, keys: Keys, counters: Mapping[str, int]) -> Self:
        """Return the counters that messages have reached with these keys."""
        return cls(_mark(keys), dict(counters))

    def with_keys(self, keys: Keys) -> Mapping[str, int]:
        """Return the counters, if they are those of these keys."""
        return self.counters if self.mark == _mark(keys) else {}

    def to_stored(self) -> dict[str, Any]:
        """Return them as plain values, fit for JSON."""
        return {"mark": self.mark, "counters": dict(self.counters)}

    @classmethod
    def from_stored(cls, stored: Any) -> Self:  # noqa: ANN401 - whatever a file holds
        """Return what was stored. Raises DamagedBookError, or what comes of another shape."""
        counters = {str(title): whole(counter) for title, counter in stored["counters"].items()}
        if any(len(title) > _LONGEST or counter > _MOST for title, counter in counters.items()):
            msg = "there is a frame counter that no meter has"
            raise DamagedBookError(msg)
        return cls(str(stored["mark"]), counters)


def _mark(keys: Keys) -> str:
    """Return 32 bits that come of both keys: too few to try keys with, as there are 2^96 of them for each."""
    return sha256(b"han_port" + keys.encryption + (keys.authentication or b"")).hexdigest()[:8]
