"""What the makers of meters that cipher have in common: keys that are invented, and a frame counter that rises."""

from datetime import UTC, datetime, tzinfo

ENCRYPTION = bytes.fromhex("5AE1B0C7D94F3268A1770E5C9B24F68D")
AUTHENTICATION = bytes.fromhex("C03D8E16F7A5422B9E60D4187B3FA95C")
"""The usual keys of simulated meters. No meter has them."""
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def counter(clock: datetime, zone: tzinfo) -> int:
    """Return the frame counter of a message by what the meter's clock shows: so it rises, also when it is begun anew.

    It counts the seconds since 2020; before that it is 0.
    """
    return max(0, int((clock.replace(tzinfo=zone) - _FIRST).total_seconds()))


def title(letters: str, serial: int) -> bytes:
    """Return a system title: the maker's three letters and a number of five octets (DLMS Blue Book, 4.1.8.4)."""
    return letters.encode("ascii") + serial.to_bytes(5)
