"""Meters without a dialect of their own: whatever carries OBIS codes is read by them.

Those of Austria (Kaifa MA110 and MA309, by M-Bus), Slovenia and Croatia (Iskra AM550, segmented), Switzerland
(Landis+Gyr E450, by general-block-transfer) and Czechia (Sagemcom XT211) are known from captured lists. What they have
in common is read here: codes, the scales that they send, and who they say they are.
"""

from typing import Final

from .. import obis
from ..axdr import Leaf
from ..clock import stated_time
from ..cosem import date_time
from ..items import Items, is_clock, text
from ..layout import Layout
from ..makers import maker, maker_of_title
from . import phases

_SHORTEST_NUMBER: Final = 6
"""Digits of a meter's number that stands in a list without a code."""


def layout(items: Items, title: str, time: Leaf | None, known_maker: str = "") -> Layout:
    """Return the layout of a list.

    Args:
        items: its items.
        title: the meter's system title in hexadecimal, where the list came ciphered.
        time: the APDU's time of sending: the clock of a list that has registers and no clock.
        known_maker: who made the meter, where it need not say so.

    """
    _take_loose(items)
    if items.clock is None and not obis.REGISTERS.isdisjoint(items.numbers):
        items.clock = time
    if items.meter_id:
        items.model = items.model or items.second_id
    else:
        items.meter_id = items.second_id or items.device_name
    return Layout(items, known_maker or _maker(items, title), phases.grid(items), stated_time)


def _maker(items: Items, title: str) -> str:
    told = (maker(items.device_name), maker_of_title(title), maker(items.meter_id))
    return next(filter(None, told), "")


def _take_loose(items: Items) -> None:
    """Find the clock, the meter's number and the list's name among the values without a code.

    Kaifa's lists in Lower Austria begin with a bare date-time and end with the meter's number.
    """
    for leaf in items.loose:
        if leaf.form or leaf.value is None:
            continue
        if items.clock is None and isinstance(leaf.value, bytes) and is_clock(leaf) and date_time(leaf.value):
            items.clock = leaf
        elif len(shown := text(leaf.value)) >= _SHORTEST_NUMBER and shown.isdigit():
            items.meter_id = items.meter_id or shown
        else:
            items.list_id = items.list_id or shown
