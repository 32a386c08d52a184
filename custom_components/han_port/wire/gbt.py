"""APDUs out of the blocks of a general-block-transfer (DLMS Green Book), as Landis+Gyr's E450 sends them.

E0, control (80: the last block; 40: streaming; the low six bits: the window), block number and acknowledged block (two
octets each), the length of the block's data, the data. Blocks are numbered from 1. A meter that pushes sends each block
once: an APDU of which one is missing is given up, and the next one is read. No block has blocks in it.
"""

from typing import Final

from .cosem import LLC
from .frame import LIMIT

GENERAL_BLOCK_TRANSFER: Final = 0xE0
"""The tag of a block."""

_LAST: Final = 0x80
_FIRST: Final = 1
_CONTROL, _NUMBER, _LENGTH = 1, slice(2, 4), 6
"""Where things stand, from the tag on. What is acknowledged does not matter to who only listens."""
_SHORT: Final = 0x80
"""A length below it is an octet; else its low bits say how many octets of length follow."""


class Blocks:
    """Puts the blocks of APDUs together."""

    def __init__(self) -> None:
        self.incomplete = 0
        """APDUs of which a block is missing, out of order or not well formed, and those that were too long or blocks
        themselves: each counts once.
        """
        self._blocks: list[bytes] = []
        """Of the APDU in the making."""
        self._held = 0
        self._is_given_up = False
        """Whether the rest of an APDU that cannot be completed is awaited."""

    @property
    def held(self) -> int:
        """Octets of the APDU in the making."""
        return self._held

    def reset(self) -> None:
        """Forget the APDU in the making."""
        self._forget()
        self._is_given_up = False

    def take(self, apdu: bytes) -> bytes | None:
        """Take an APDU, after its LLC header if it has one; return the one that is complete with it.

        What is no block is returned as it is, LLC header included. What was in blocks is returned without one.
        """
        at = len(LLC) if apdu.startswith(LLC) else 0
        if apdu[at : at + 1] != _TAGGED:
            return apdu
        return self._take(apdu[at:])

    def _take(self, block: bytes) -> bytes | None:
        number = int.from_bytes(block[_NUMBER])
        data = _data(block)
        if number == _FIRST:
            if self._blocks:
                self.incomplete += 1
            self.reset()
        if not self._is_given_up:
            if data is None or number != len(self._blocks) + 1 or self._held + len(data) > LIMIT:
                self._give_up()
            else:
                self._blocks.append(data)
                self._held += len(data)
        if len(block) <= _CONTROL or not block[_CONTROL] & _LAST:
            return None
        whole = b"" if self._is_given_up else b"".join(self._blocks)
        if whole.startswith(_TAGGED):
            self.incomplete += 1
            whole = b""
        self.reset()
        return whole or None

    def _give_up(self) -> None:
        self.incomplete += 1
        self._forget()
        self._is_given_up = True

    def _forget(self) -> None:
        self._blocks.clear()
        self._held = 0


_TAGGED: Final = bytes((GENERAL_BLOCK_TRANSFER,))


def _data(block: bytes) -> bytes | None:
    """Return a block's data, None where the length does not tell just what is there."""
    if len(block) <= _LENGTH:
        return None
    length = block[_LENGTH]
    start = _LENGTH + 1
    if length >= _SHORT:
        size = length - _SHORT
        length = int.from_bytes(block[start : start + size])
        start += size
    return block[start:] if len(block) == start + length else None
