"""Messages whose checksums and tags hold, and that are made to cost much to read: a case each."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

from tests.meters import axdr, cipher
from tests.meters.hdlc import LLC
from tests.meters.p1 import crc
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION

from .crowded import filled
from .seal import LIST_APDU, pilot
from .stream import framed

POWER: Final = LIST_APDU + b"\2\1\6\0\0\1\2"
ONE: Final = bytes(16)


def telegram(*lines: bytes) -> bytes:
    """Return a telegram of these lines."""
    whole = b"".join(line + b"\r\n" for line in (b"/LGF5E360", b"", *lines)) + b"!"
    return whole + b"%04X\r\n" % crc(whole)


def shapes() -> Iterator[bytes]:
    """Yield short telegrams, no two of the same shape."""
    for first, second in product(range(1, 9), repeat=2):
        yield telegram(b"1-0:1.7.0(" + b"1" * first + b"." + b"1" * second + b"*kW)")


def ciphered(*, title: int = 0, counter: int = 1, encryption: bytes = ENCRYPTION, tagged: bool = True) -> bytes:
    """Return a frame with a ciphered list."""
    apdu = cipher.general_glo(
        POWER,
        title=b"KAM" + title.to_bytes(5),
        counter=counter,
        encryption=encryption,
        authentication=AUTHENTICATION if tagged else None,
    )
    return framed(LLC + apdu)[:-1]


def objects(count: int) -> bytes:
    """Return a list that begins with as many objects, and their values."""
    described = (
        axdr.structure(axdr.u16(3), axdr.octets(bytes((1, 0, number % 250, 7, 0, 255))), axdr.i8(2), axdr.u16(0))
        for number in range(count)
    )
    return axdr.structure(axdr.array(*described), *[b"\x11\1"] * count)


COSTLY: Final[Mapping[str, bytes]] = {
    "telegrams, always of another shape": filled(shapes()),
    "a telegram of many lines": filled([telegram(*(b"1-0:%d.7.0(1*kW)" % (number % 99) for number in range(170)))]),
    "a telegram of lines that name nothing": filled(
        [telegram(*(b"1-0:%d.%d.9(1)" % divmod(number, 99) for number in range(200)))]
    ),
    "a telegram of brackets": filled([telegram(b"1-0:1.7.0" + b"(1)" * 900)]),
    "a telegram of digits": filled([telegram(b"1-0:1.7.0(" + b"1" * 2900 + b")")]),
    "ciphered lists": filled(ciphered(counter=number) for number in range(1, 80)),
    "ciphered lists without a tag": filled(ciphered(counter=number, tagged=False) for number in range(1, 80)),
    "ciphered lists, always of another meter": filled(ciphered(title=number) for number in range(80)),
    "ciphered lists that come again": filled([ciphered()]),
    "ciphered lists with another key": filled([ciphered(encryption=ONE)]),
    "lists of Kaifa's pilot": filled([framed(LLC + pilot(bytes(27)))[:-1]]),
    "lists that begin with their objects": filled([framed(LIST_APDU + objects(80))[:-1]]),
}
"""4 KiB of each."""
