"""The målepunkt-ID as a person types it: checked, forgiven its spaces, and shown so that it says nothing to others.

It is a GS1 Global Service Relation Number: 17 digits and a check digit (GS1 General Specifications, *Standard check
digit calculations*). It names the installation and stays when the meter is replaced; what is written on the meter is
the målernummer, a number of another kind.
"""

from typing import Final, TypeIs
from unicodedata import category

LENGTH: Final = 18
USUAL_PREFIX: Final = "7070575"
"""What GS1 Norway has given Elhub for metering points; those of before Elhub may have another."""
_METER_LENGTH: Final = 16
_METER_PREFIXES: Final = ("7359992", "6970631", "5706567")
"""Of Aidon, Kaifa and Kamstrup."""
_PARTING: Final = frozenset(("Zs", "Pd", "Cf", "Cc"))
"""Unicode categories of what people, and the pages that they copy from, put between digits."""
_SHOWN_FIRST: Final = 7
_SHOWN_LAST: Final = 4


class MeteringPointError(ValueError):
    """A text is no målepunkt-ID.

    `key` says why: metering_point_letters, metering_point_is_meter, metering_point_length or metering_point_check.
    `digits` is how many there are.
    """

    def __init__(self, key: str, digits: int) -> None:
        super().__init__(key)
        self.key: Final = key
        self.digits: Final = digits


def metering_point(text: str, meter_id: str = "") -> str:
    """Return the 18 digits of a målepunkt-ID as it was typed. Raises MeteringPointError.

    `meter_id` is the number of the meter itself, if it is known: it is often typed instead.
    """
    digits = _bare(text)
    if digits == _bare(meter_id) != "":
        raise MeteringPointError("metering_point_is_meter", len(digits))
    if not (digits.isascii() and digits.isdigit()):
        raise MeteringPointError("metering_point_letters", len(digits))
    if len(digits) == _METER_LENGTH or digits.startswith(_METER_PREFIXES):
        raise MeteringPointError("metering_point_is_meter", len(digits))
    if len(digits) != LENGTH:
        raise MeteringPointError("metering_point_length", len(digits))
    if digits[-1] != check_digit(digits[:-1]):
        raise MeteringPointError("metering_point_check", len(digits))
    return digits


def is_metering_point(stored: object) -> TypeIs[str]:
    """Tell whether what is stored is a målepunkt-ID."""
    return (
        isinstance(stored, str)
        and len(stored) == LENGTH
        and stored.isascii()
        and stored.isdigit()
        and stored[-1] == check_digit(stored[:-1])
    )


def check_digit(digits: str) -> str:
    """Return what GS1 puts after these digits: weighted 3, 1, 3, … from the right, they add up to a multiple of ten."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_unusual(point: str) -> bool:
    """Tell whether a målepunkt-ID begins otherwise than those of Norwegian homes do: it may be right all the same."""
    return not point.startswith(USUAL_PREFIX)


def masked(point: str) -> str:
    """Return a målepunkt-ID with its middle hidden: who knows it knows it again."""
    hidden = len(point) - _SHOWN_FIRST - _SHOWN_LAST
    return f"{point[:_SHOWN_FIRST]}{'•' * hidden}{point[-_SHOWN_LAST:]}" if hidden > 0 else "•" * len(point)


def _bare(text: str) -> str:
    return "".join(letter for letter in text if letter != "." and category(letter) not in _PARTING)
