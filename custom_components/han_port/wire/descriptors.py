"""Lists whose items name a COSEM attribute without tags: what the meters of EG.D in Czechia push (Sagemcom XT211).

Such a list is a structure of an enumeration and an array. Each of the array's elements is announced as a structure of
two, but its first part is a cosem-attribute-descriptor as it stands in an APDU (IEC 62056-5-3, Green Book 9.5): class
(2 octets), logical name (6), attribute (1), none of them tagged. The value that follows has its tag. So it cannot be
read as A-XDR data.

Source: EG.D, "Komunikační rozhraní RS485", 2025, and captured lists.
"""

from . import axdr
from .axdr import CosemError, Data, Leaf

_ITEM = bytes((axdr.STRUCTURE, 2))
_ANNOUNCED = 3
"""Tag and value of the enumeration, tag of the array."""


def begin_at(octets: bytes, at: int) -> bool:
    """Tell whether such a list stands at `at`.

    Where its first element's tag should be is the class, the first octet of which is 0.
    """
    begin = octets[at : at + 9]
    tags = (begin[:3], begin[4:5], begin[6:])
    return tags == (_ITEM + bytes((axdr.ENUM,)), bytes((axdr.ARRAY,)), _ITEM + b"\0")


def data(octets: bytes, at: int) -> tuple[Data, int]:
    """Read the list at `at`; return it and where it ends, as axdr.data does.

    It is given the form of a list that begins with the objects it is of (class, logical name, attribute), followed by
    their values. Raises CosemError, or IndexError where the octets end too early.
    """
    count, at = axdr.length(octets, at + len(_ITEM) + _ANNOUNCED)
    objects: list[Data] = []
    values: list[Data] = []
    for _ in range(count):
        if octets[at : at + 2] != _ITEM:
            raise CosemError("an attribute descriptor where none can stand")
        at += 2
        if at + 9 > len(octets):
            raise CosemError("ends too early")
        objects.append(
            (
                Leaf(octets[at] << 8 | octets[at + 1], at, 2, "H"),
                Leaf(octets[at + 2 : at + 8], at + 2, 6, ""),
                Leaf(octets[at + 8], at + 8, 1, "B"),
            )
        )
        value, at = axdr.data(octets, at + 9, 1)
        values.append(value)
    return (objects, *values), at
