"""The meter that a P1 telegram names."""

from collections.abc import Collection
import re
from typing import Final

from .items import text
from .makers import maker
from .p1_lines import DEVICE_ID, METER_IDS, SECOND_ID, Lines
from .reading import Grid, Meter, Quantity

LIST_ID: Final = "P1"
"""The list id of every telegram: none names its version in one way."""

_IDENT: Final = re.compile(rb"/([A-Za-z]{3})[0-9A-Z](?:\\[0-9A-Za-z])*([^\r\n]*)")
"""Three letters of the maker, the digit of the baud rate, escapes, and what the maker likes (IEC 62056-21, 6.3.2)."""
_SERIAL_NUMBER: Final = re.compile("[0-9]{6}")


def named_meter(telegram: bytes, lines: Lines) -> Meter:
    """Return the meter that the telegram's first line and its identifiers name."""
    ident = _IDENT.match(telegram)
    letters, rest = (part.decode("latin-1") for part in ident.groups()) if ident else ("", "")
    model = text(rest.strip(" :"))
    if lines.ids.get(DEVICE_ID):
        model = lines.ids.get(SECOND_ID) or model
    if _SERIAL_NUMBER.search(model):
        model = ""
    number = next((lines.ids[group] for group in METER_IDS if lines.ids.get(group)), "")
    known = maker(letters) or maker(number)  # Luxembourg's first line is the grid company's, the number the maker's
    return Meter(known or text(letters), model, number, LIST_ID, _grid(lines.numbers))


def _grid(quantities: Collection[Quantity]) -> Grid | None:
    """Tell the connection by what is absent.

    Sweden's telegrams measure each phase against the neutral (branschrekommendation v2.0). Elsewhere three voltages may
    be those between phases (Belgium).
    """
    if Quantity.VOLTAGE_L1 in quantities and Quantity.VOLTAGE_L2 not in quantities:
        return Grid.SINGLE_PHASE
    return Grid.TN if Quantity.REACTIVE_POWER_IMPORT_L2 in quantities else None
