"""What a fuzzer wants ciphered, with keys that fit, or nearly so."""

from tests.meters import cipher
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION, title

LIST_APDU = bytes.fromhex("0f40000000 00")
"""What stands before a list: tag, invoke id, no time of sending."""
TITLES = tuple(title(letters, 0x6750000000) for letters in ("KAM", "KFM", "LGZ", "SAG", "ISK", "xyz"))


class Sealer:
    """Ciphers messages, with a frame counter that rises unless a message is to be one of before."""

    def __init__(self) -> None:
        self._counter = 100

    def seal(self, content: bytes) -> bytes:
        """Return a ciphered APDU. The first octet says what is wrong with it, the second whose it is."""
        how, who = content[:2].ljust(2, b"\0")
        plain = content[2:]
        if how & 1:
            plain = LIST_APDU + plain
        elif how & 2:
            plain = b"/LGF5E360\r\n\r\n" + plain + b"!0000\r\n"
        if not how & 4:
            self._counter += 1
        apdu = cipher.general_glo(
            plain,
            title=TITLES[who % len(TITLES)],
            counter=self._counter,
            encryption=ENCRYPTION if how & 0x30 != 0x10 else AUTHENTICATION,
            authentication=None if how & 8 else AUTHENTICATION if how & 0x30 != 0x20 else ENCRYPTION,
        )
        if how & 0x40:
            at = who * 7 % len(apdu)
            apdu = apdu[:at] + bytes((apdu[at] ^ 1 << who % 8,)) + apdu[at + 1 :]
        return apdu[: -1 - who % 3] if how & 0x80 else apdu


def pilot(content: bytes) -> bytes:
    """Return an APDU as Kaifa's pilot ciphered it, with one of two keys."""
    plain = LIST_APDU + content[1:130]
    return cipher.pilot(plain, encryption=AUTHENTICATION if content[:1] > b"\xe0" else ENCRYPTION)
