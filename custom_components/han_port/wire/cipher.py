"""Ciphered pushes: general-glo-ciphering and the form of Kaifa's pilot, a meter's keys, and why a message is refused.

Operations
    open(apdu)                  general-glo-ciphering (tag DB; DLMS Green Book, 9.2.7), suites 0 and 1: AES-128 in
                                Galois/Counter Mode, with a tag of 12 octets (security control 3x) or without (2x)
    open_pilot(information)     what Kaifa's first Norwegian meters sent: AES-128, block by block, zeros behind the APDU
    forget()                    another meter, or another key, begins its frame counter anew

Goals
    What was altered, cut or sent before is never taken for a message, as far as the keys can tell. A wrong encryption
    key is told from a wrong authentication key, so that the user can be asked for the right one. A message costs a
    microsecond or two. No key and no content is in what is raised or shown.

Plan
    In counter mode ciphering and deciphering are the same, so a message is opened by ciphering it once more; ciphering
    what came out, together with the data that belongs to it, makes the tag that it should have. That is faster than the
    library's streaming way, whose objects are made anew for each message, and its ready one knows tags of 16 octets
    only. Nothing that is made here is sent, so that a nonce is used twice does no harm.

    Where no tag can be verified, a message is open if it begins as a data-notification or a telegram does. A wrong key
    gets past that about once in 16 000 messages.

    The frame counter is judged last: with a new key a meter counts anew, and what is wrong then is the key.
"""

from collections.abc import Mapping
from enum import StrEnum
from hmac import compare_digest
import re
from typing import Final, Literal, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import cosem

TITLES: Final = 4
"""System titles whose counters are remembered: a port has one meter, and now and then another."""

_BEGINNING: Final = b"\xdb\x08"
"""The tag of general-glo-ciphering and the length of the system title."""
_LENGTH_AT: Final = 10
_SHORTEST: Final = 17
"""Tag, title with its length (9), length (1), security control (1), frame counter (4), one octet of content."""
_HEADER: Final = 5
"""Security control and frame counter, the first that the length counts."""
_UNTAGGED: Final = 0x20
_TAGGED: Final = 0x30
_SUITES: Final = (0, 1)
"""Their symmetric part is the same (DLMS Green Book, 9.2.3.7). Kaifa's MA309M in Austria says 1."""
"""Security control: encryption alone, and with authentication; suite 0, the global unicast key, no compression."""
_TAG: Final = 12
_FULL_TAG: Final = 16

_begins: Final = re.compile(rb"(?s)\x0f.{4}(?:\x00|\x09?\x0c)|/[A-Za-z]{3}").match
"""Finds a data-notification up to its date-time, which is absent or has twelve octets, or a telegram's first line."""

_PILOT_SIZES: Final = range(32, 145, 16)
"""A power list has 32 octets, a full list 96 (one phase) or 112; Kaifa's longest list would have 144."""
_plain: Final = re.compile(rb"(?s)\x0f.{4}(?:\x00|\x09?\x0c)|\xdb\x08|\xe0.\x00").match
"""Finds an APDU that a meter pushes as it stands: data-notification, general-glo-ciphering, general-block-transfer."""

_between: Final = re.compile(r"0x|[\s:-]").sub
_is_key: Final = re.compile("[0-9a-f]{32}").fullmatch


class Keys(NamedTuple):
    """A meter's keys, 16 octets each. They are not shown."""

    encryption: bytes
    """The global unicast encryption key. Kamstrup calls it GPK60."""
    authentication: bytes | None = None
    """The authentication key, GPK61. Without it messages are opened, but what was altered may be taken for good."""

    def __repr__(self) -> str:
        return "Keys(…)"


class KeyTextError(ValueError):
    """A text is no key."""

    def __init__(self, field: Literal["encryption", "authentication"]) -> None:
        super().__init__(f"the {field} key is not 32 hex digits")
        self.field: Literal["encryption", "authentication"] = field


def keys_from_text(encryption: str, authentication: str = "") -> Keys:
    """Read keys as grid companies write them: 32 hex digits, perhaps with spaces, colons, dashes or 0x.

    No authentication key is a text without digits. Raises KeyTextError.
    """
    first, second = (_between("", text.lower()) for text in (encryption, authentication))
    if not _is_key(first):
        raise KeyTextError("encryption")
    if second and not _is_key(second):
        raise KeyTextError("authentication")
    return Keys(bytes.fromhex(first), bytes.fromhex(second) if second else None)


class Refusal(StrEnum):
    """Why a message was not opened."""

    NO_KEY = "no_key"
    """It is ciphered, and there is no key."""
    WRONG_KEY = "wrong_key"
    """The encryption key does not open it."""
    WRONG_TAG = "wrong_tag"
    """The encryption key opens it; its tag is missing or does not hold: the authentication key is wrong, or it was
    altered.
    """
    REPLAYED = "replayed"
    """The keys open it, and its frame counter is not above the last one: it was sent before, or the meter began to
    count anew.
    """
    MALFORMED = "malformed"
    """It is cut or too long, or ciphered in a way that no meter's push is known to be."""


class CipherError(ValueError):
    """A message was not opened."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class Cipher:
    """Opens the ciphered messages of one port."""

    def __init__(self, keys: Keys | None = None, counters: Mapping[str, int] = {}) -> None:
        self.title = ""
        """The system title of the last ciphered message, opened or not: 16 hex digits in upper case, the first six
        of which are the maker's letters. Empty where there was none, or it had none.
        """
        self.counters = dict(list(counters.items())[-TITLES:])
        """The highest frame counter that was accepted, by system title."""
        self._tagged: set[str] = set()
        """Titles of which a tag was verified."""
        self._suite = None if keys is None else _Suite(keys)

    def open(self, apdu: bytes) -> bytes:
        """Open a general-glo-ciphering APDU; return the APDU or the telegram in it. Raises CipherError.

        A tag is verified where the authentication key is known. A meter that has once sent a tag that holds is held to
        it: what comes of it without one is refused. One that never sends a tag is read in spite of a needless key.
        """
        message = _message(apdu)
        title = self.title = message.title.hex().upper()
        if self._suite is None:
            raise CipherError(Refusal.NO_KEY)
        plain, is_verified = self._suite.open(message)
        if not is_verified and title in self._tagged:
            raise CipherError(Refusal.WRONG_TAG)
        counter = int.from_bytes(message.counter)
        if counter <= self.counters.get(title, -1):
            raise CipherError(Refusal.REPLAYED)
        if title not in self.counters and len(self.counters) >= TITLES:
            oldest = next(iter(self.counters))
            del self.counters[oldest]
            self._tagged.discard(oldest)
        self.counters[title] = counter
        if is_verified:
            self._tagged.add(title)
        return plain

    def looks_like_pilot(self, information: bytes) -> bool:
        """Whether an information field has the form of Kaifa's pilot: whole blocks after the LLC, and no known APDU."""
        begins = len(cosem.LLC)
        return (
            len(information) - begins in _PILOT_SIZES
            and information.startswith(cosem.LLC)
            and not _plain(information, begins)
        )

    def open_pilot(self, information: bytes) -> bytes:
        """Open a message of Kaifa's pilot; return the APDU and the zeros behind it. Raises CipherError.

        It has neither title, counter nor tag: a message that was sent before cannot be told.
        """
        if not self.looks_like_pilot(information):
            raise CipherError(Refusal.MALFORMED)
        self.title = ""
        if self._suite is None:
            raise CipherError(Refusal.NO_KEY)
        apdu = self._suite.blocks.update(information[len(cosem.LLC) :])
        if not _begins(apdu):
            raise CipherError(Refusal.WRONG_KEY)
        return apdu

    def forget(self) -> None:
        """Forget the frame counters: the meter was replaced or reset, or has a new key."""
        self.counters.clear()
        self._tagged.clear()


class _Message(NamedTuple):
    """A general-glo-ciphering APDU taken apart."""

    title: bytes
    """8 octets."""
    suite: int
    """The security suite."""
    counter: bytes
    """4 octets."""
    content: bytes
    """Ciphered, never empty."""
    tag: bytes
    """12 octets, or none."""


def _message(apdu: bytes) -> _Message:
    """Take an APDU apart. Raises CipherError where its length or its security control is not what it should be."""
    if len(apdu) < _SHORTEST or not apdu.startswith(_BEGINNING):
        raise CipherError(Refusal.MALFORMED)
    length, at = apdu[_LENGTH_AT], _LENGTH_AT + 1
    if length >= 0x80:  # BER: how many octets the length has
        at += length & 0x7F
        length = int.from_bytes(apdu[_LENGTH_AT + 1 : at])
    end = at + length
    if end != len(apdu) or length <= _HEADER:
        raise CipherError(Refusal.MALFORMED)
    suite = apdu[at] & 0x0F
    if apdu[at] - suite not in (_TAGGED, _UNTAGGED) or suite not in _SUITES:
        raise CipherError(Refusal.MALFORMED)
    if apdu[at] - suite == _TAGGED:
        end -= _TAG
    begins = at + _HEADER
    if begins >= end:
        raise CipherError(Refusal.MALFORMED)
    return _Message(apdu[2:_LENGTH_AT], suite, apdu[at + 1 : begins], apdu[begins:end], apdu[end:])


class _Suite:
    """The symmetric part of security suites 0 and 1, with a meter's keys."""

    def __init__(self, keys: Keys) -> None:
        self.blocks: CipherContext = BlockCipher(algorithms.AES(keys.encryption), modes.ECB()).decryptor()  # noqa: S305
        """Deciphers Kaifa's blocks. They do not depend on each other: one beginning is enough for all messages."""
        self._gcm = AESGCM(keys.encryption)
        key = keys.authentication
        self._associated = () if key is None else tuple(bytes((_TAGGED | suite,)) + key for suite in _SUITES)

    def open(self, message: _Message) -> tuple[bytes, bool]:
        """Return what a message holds, and whether a tag vouches for it. Raises CipherError."""
        nonce = message.title + message.counter
        plain = self._gcm.encrypt(nonce, message.content, None)[:-_FULL_TAG]
        if not self._associated:
            is_good = True
        elif message.tag:
            if self._holds(message.suite, nonce, plain, message.tag):
                return plain, True
            is_good = False
        else:  # it may have had a tag, which is now taken for content
            is_good = not self._holds(message.suite, nonce, plain[:-_TAG], message.content[-_TAG:])
        if not _begins(plain):
            raise CipherError(Refusal.WRONG_KEY)
        if not is_good:
            raise CipherError(Refusal.WRONG_TAG)
        return plain, False

    def _holds(self, suite: int, nonce: bytes, plain: bytes, tag: bytes) -> bool:
        return compare_digest(self._gcm.encrypt(nonce, plain, self._associated[suite])[len(plain) :][:_TAG], tag)
