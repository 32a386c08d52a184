"""Lists without a code in them, of makers other than Kaifa: what stands where is known from captured lists.

A list's shape, the types of its items in order, tells which one it is. They are of Slovenia, Croatia and Austria. In
the captured ones the registers of the tariffs add up to the totals, and currents and voltages agree with the power.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ..axdr import Data, Leaf
from ..cosem import date_time
from ..items import Items, is_clock, text
from ..makers import maker
from . import coded

_NAME: Final = "0-0:42.0.0"
_NUMBER: Final = "0-0:96.1.0"
_CLOCK: Final = "0-0:1.0.0"
_LIST_ID: Final = "0-0:0.2.129"
_POWERS: Final = ("1.7.0", "2.7.0", "3.7.0", "4.7.0")
_VOLTAGES: Final = ("32.7.0", "52.7.0", "72.7.0")
_CURRENTS: Final = ("31.7.0", "51.7.0", "71.7.0")
_IMPORTS: Final = ("21.7.0", "41.7.0", "61.7.0")
_EXPORTS: Final = ("22.7.0", "42.7.0", "62.7.0")
_REGISTERS: Final = ("1.8.0", "2.8.0", "3.8.0", "4.8.0")
_TARIFFS: Final = ("1.8.0", "1.8.1", "1.8.2", "2.8.0", "2.8.1", "2.8.2")
_UNKNOWN: Final = ""
_ISKRA_LETTERS: Final = "ISK"


class _Known(NamedTuple):
    """A list that is known."""

    maker: str
    """Empty where the device name in it tells."""
    codes: tuple[str, ...]
    """Codes of the items in order, those of electricity without 1-0; empty for what is not known."""
    scalers: coded.Scalers


_LANDIS: Final = coded.scalers(current=-2, voltage=0, energy=0)
_ISKRA: Final = coded.scalers(current=-2, voltage=-1, energy=0)


def _landis(*codes: str) -> _Known:
    return _Known("Landis+Gyr", codes, _LANDIS)


def _iskra(*codes: str) -> _Known:
    return _Known("Iskra", codes, _ISKRA)


_LISTS: Final = {
    "HHHHHHIIIIHHHt": _landis(*_VOLTAGES, *_CURRENTS, *_POWERS[:2], *_REGISTERS[:2], *[_UNKNOWN] * 3, _NUMBER),
    "tHHHHHHHIIIIII": _landis(_NUMBER, "14.7.0", *_CURRENTS, *_VOLTAGES, *_IMPORTS, *_EXPORTS),
    "tIIIIIIII": _landis(_NUMBER, *_POWERS, *_REGISTERS),
    "nIIIIIIII": _iskra(_NAME, *_POWERS[:2], *_TARIFFS),
    "nnIIIIHII": _iskra(_NAME, _NUMBER, *_POWERS, _VOLTAGES[0]),
    "nnIIIIHHII": _iskra(_NAME, _NUMBER, *_POWERS, _VOLTAGES[0], _CURRENTS[0], _IMPORTS[0], _EXPORTS[0]),
    "ntHHHHHHIIII": _iskra(_NAME, _LIST_ID, *_VOLTAGES, *_CURRENTS, *_POWERS),
    "ntIIIIHHHHHHIIIIII": _iskra(_NAME, _LIST_ID, *_POWERS, *_VOLTAGES, *_CURRENTS, *_IMPORTS, *_EXPORTS),
    "ntBxIIIIIIII": _iskra(_NAME, _LIST_ID, "0-0:96.3.10", "0-0:96.14.0", *_TARIFFS, *_REGISTERS[2:]),
    "tBII": _iskra(_NUMBER, "0-0:96.3.10", *_REGISTERS[:2]),
    # Carinthia: the push set-up, and time and date after the number
    "xtxxIIIIIItt": _iskra(_UNKNOWN, _NUMBER, _UNKNOWN, _UNKNOWN, *_REGISTERS, *_POWERS[:2]),
    # Vienna: of Siemens, Iskra and Landis+Gyr alike
    "cIIIIIIII": _Known("", (_CLOCK, *_REGISTERS, *_POWERS), coded.UNSCALED),
    "ncIIIIIIII": _Known("", (_NAME, _CLOCK, *_REGISTERS, *_POWERS), coded.UNSCALED),
    # Croatia: after the number the time and the date, which the APDU has too; reactive registers and a factor of which
    # it is not known what they tell; at the end a limit and thresholds
    "txx" + "I" * 12 + "H" + "I" * 6 + "H" * 6 + "I...?": _iskra(
        *(_NUMBER, _UNKNOWN, _UNKNOWN, *_TARIFFS, *[_UNKNOWN] * 4, *_POWERS[:2], _UNKNOWN),
        *(*_IMPORTS, *_EXPORTS, *_VOLTAGES, *_CURRENTS),
    ),
}
"""By the forms of their items.

n is a text with a maker's letters first, t another, c a clock, x other octets, and . what holds more items.
"""
_LONGEST: Final = max(map(len, _LISTS))


def sort_items(body: Sequence[Data]) -> tuple[Items, str] | None:
    """Sort the items of a list that is known, and tell its maker. None where it is not known."""
    if len(body) > _LONGEST or (known := _LISTS.get("".join(map(_form, body)))) is None:
        return None
    items = Items()
    for position, leaf in enumerate(body):
        if not isinstance(leaf, Leaf):
            continue
        if position < len(known.codes) and known.codes[position]:
            code = _code(known.codes[position])
            items.add(code, leaf, coded.scaler(code, known.scalers))
        elif leaf.form:
            items.unknown[f"{position + 1}"] = leaf
    items.meter_id = items.meter_id.removeprefix(_ISKRA_LETTERS)  # some lists of a meter have them, others do not
    return items, known.maker


def _form(data: Data) -> str:
    if not isinstance(data, Leaf):
        return "."
    return data.form or _form_of_text(data)


def _form_of_text(leaf: Leaf) -> str:
    value = leaf.value
    if isinstance(value, bytes):
        if is_clock(leaf) and date_time(value):
            return "c"
        if not value.rstrip(b"\0").decode("latin-1").isprintable():
            return "x"
    return "n" if maker(text(value)[:3]) else "t"


def _code(short: str) -> bytes:
    whole = f"{short if ':' in short else '1-0:' + short}.255"
    return bytes(int(group) for group in whole.replace("-", ".").replace(":", ".").split("."))
