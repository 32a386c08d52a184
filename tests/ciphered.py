"""Lists of simulated meters as they come where the grid company has them ciphered, with keys of our own."""

from typing import Final

from custom_components.han_port.wire.cipher import Keys

from .meters.cipher import general_glo
from .meters.hdlc import frame

TITLE: Final = b"KAM\x01\x02\x03\x04\x05"
"""The system title: the maker's letters, and five octets."""
KEYS: Final = Keys(bytes(range(0xA0, 0xB0)), bytes(range(0xC0, 0xD0)))
ENCRYPTION: Final = KEYS.encryption.hex()
AUTHENTICATION: Final = (KEYS.authentication or b"").hex()

_LLC: Final = b"\xe6\xe7\x00"
_TAIL: Final = 3
"""Octets after the APDU: the check sequence and the flag."""


def ciphered(list_: bytes, counter: int = 1, *, keys: Keys = KEYS, title: bytes = TITLE) -> bytes:
    """Return the frame of a list with its APDU ciphered. Without an authentication key there is no tag."""
    plain = list_[list_.index(_LLC) + len(_LLC) : -_TAIL]
    apdu = general_glo(
        plain, title=title, counter=counter, encryption=keys.encryption, authentication=keys.authentication
    )
    return frame(apdu, destination=b"\x41", source=b"\x03", control=0x13)
