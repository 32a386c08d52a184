"""Ciphered APDUs as meters send them: general-glo-ciphering of security suite 0, and what Kaifa's pilot did instead.

DLMS Green Book, 9.2.7: AES-128 in Galois/Counter Mode, its nonce, what is authenticated, and the APDU around it.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TAG = 12
"""Octets of the tag that are sent, the first of 16."""
BLOCK = 16


def general_glo(
    plain: bytes, *, title: bytes, counter: int, encryption: bytes, authentication: bytes | None, suite: int = 0
) -> bytes:
    """Return the general-glo-ciphering APDU around an APDU or a telegram.

    The system title has eight octets, the first three the maker's letters; the frame counter is four octets long and
    rises with each message; a key has 16 octets. Without an authentication key there is no tag. Security suites 0 and 1
    cipher alike.
    """
    control = bytes(((0x20 if authentication is None else 0x30) | suite,))
    invocation = counter.to_bytes(4)
    encryptor = Cipher(algorithms.AES128(encryption), modes.GCM(title + invocation)).encryptor()
    if authentication is not None:
        encryptor.authenticate_additional_data(control + authentication)
    content = encryptor.update(plain) + encryptor.finalize()
    if authentication is not None:
        content += encryptor.tag[:TAG]
    sent = control + invocation + content
    return b"\xdb" + bytes((len(title),)) + title + _length(len(sent)) + sent


def pilot(plain: bytes, *, encryption: bytes) -> bytes:
    """Return an APDU as Kaifa's pilot in Norway ciphered it: filled up with zeros, each block of 16 by itself."""
    whole = plain + bytes(-len(plain) % BLOCK)
    encryptor = Cipher(algorithms.AES128(encryption), modes.ECB()).encryptor()  # noqa: S305 - so it was
    return encryptor.update(whole) + encryptor.finalize()


def _length(count: int) -> bytes:
    """Encode a length in BER: one octet up to 127, else 8n and n octets."""
    if count < 0x80:
        return bytes((count,))
    size = (count.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + count.to_bytes(size)
