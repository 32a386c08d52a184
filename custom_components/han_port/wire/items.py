"""The items of a list, sorted by what their OBIS codes say they are."""

from dataclasses import dataclass, field
import re
from typing import Final, NamedTuple

from . import obis
from .axdr import Leaf, Scalar
from .reading import Number, Quantity
from .values import MOST_UNKNOWN

_LONGEST_TEXT: Final = 40
"""Characters kept of a text from the wire. The longest that a meter is known to send has 18."""
_UNFIT: Final = re.compile(r"[^A-Za-z0-9 _+/.-]|(?<![0-9])\.|\.(?![0-9])")
"""What is not shown of a text. Whoever reaches the line can send one, and set-up and repairs show it as Markdown, where
brackets, www. and a scheme's colon would make a link or an image of it. Real meters' have letters, digits and _ alone.
"""
_SCALERS: Final = range(-9, 10)
_CLOCK_SIZE: Final = 12

_LIST_ID: Final = "list_id"
_METER_ID: Final = "meter_id"
_MODEL: Final = "model"
_SECOND_ID: Final = "second_id"
_DEVICE_NAME: Final = "device_name"
_IDENTITY: Final = {
    obis.LIST_ID: _LIST_ID,
    **dict.fromkeys(obis.METER_IDS, _METER_ID),
    **dict.fromkeys(obis.MODELS, _MODEL),
    obis.SECOND_ID: _SECOND_ID,
    obis.DEVICE_NAME: _DEVICE_NAME,
}
_WHOLE: Final = frozenset("bBhHiIqQ")
"""Forms of whole numbers: some meters send theirs as one."""


class ScaledNumber(NamedTuple):
    """A number as it stands in the list, and the power of ten that makes it W, var, A, V, Wh or varh."""

    leaf: Leaf
    scaler: int


@dataclass(slots=True)
class Items:
    """The items of one list."""

    list_id: str = ""
    meter_id: str = ""
    model: str = ""
    second_id: str = ""
    device_name: str = ""
    clock: Leaf | None = None
    numbers: dict[Quantity, ScaledNumber] = field(default_factory=dict)
    unknown: dict[str, Leaf] = field(default_factory=dict)
    """By OBIS code, or by position in a list without codes.

    What has no quantity, or is not what its code says, or is on no known scale.
    """
    loose: list[Leaf] = field(default_factory=list)
    """Values that stand in the list itself, without a code."""

    def add(self, code: bytes, leaf: Leaf, scaler: int | None = None, unit: int | None = None) -> None:
        """Take an item: its OBIS code (six octets), its value, and the power of ten and the DLMS unit it comes with.

        Null says that the meter does not have the quantity. Without a power of ten, only what is W, var, Wh or varh as
        a matter of course is on a known scale.
        """
        group = code[2:5]
        if leaf.value is None:
            return
        if (known := obis.QUANTITIES.get(group)) is not None and obis.is_own(code):
            quantity, usual_unit = known
            if scaler is None and usual_unit in obis.SELF_EVIDENT:
                scaler = 0
            if _is_number(leaf) and scaler is not None and scaler in _SCALERS and unit in (None, usual_unit):
                self.numbers[quantity] = ScaledNumber(leaf, scaler)
                return
        elif group == obis.CLOCK:
            if is_clock(leaf):
                self.clock = leaf
                return
        elif (name := _IDENTITY.get(group)) is not None and _is_identity(code, leaf):
            setattr(self, name, text(leaf.value))
            return
        if len(self.unknown) < MOST_UNKNOWN:
            self.unknown[obis.text(code)] = leaf

    def number(self, quantity: Quantity) -> Number | None:
        """Return a quantity's number as it stands in the list, or None where the list does not have it."""
        found = self.numbers.get(quantity)
        value = found.leaf.value if found else None
        return value if isinstance(value, int | float) else None


def is_clock(leaf: Leaf) -> bool:
    """Tell whether a value can be a date-time."""
    return isinstance(leaf.value, bytes) and leaf.size == _CLOCK_SIZE


def _is_number(leaf: Leaf) -> bool:
    return leaf.form not in ("", "?")


def _is_identity(code: bytes, leaf: Leaf) -> bool:
    return (not leaf.form or leaf.form in _WHOLE) and not obis.is_of_other_device(code)


def text(value: Scalar) -> str:
    """Make what stands on the wire fit to be shown: letters, digits and a few signs, no padding, of bounded length.

    Octets that are anything else are written in hexadecimal, and characters as the replacement character.
    """
    if isinstance(value, bytes):
        unpadded = value.rstrip(b"\0 ")
        plain = unpadded.isascii() and not _UNFIT.search(unpadded.decode("ascii"))
        value = unpadded.decode("ascii") if plain else value[: _LONGEST_TEXT // 2].hex()
    shown = str(value).rstrip("\0").strip()[:_LONGEST_TEXT]
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", shown)
