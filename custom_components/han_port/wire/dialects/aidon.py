"""Aidon: AIDON_V0001 (models 6515, 6525, 6534, 6540, 6550), and Sweden's list, which does not say whose it is.

Sources: "OBIS List Information – AIDON", 10.05.2016; "Aidon HAN Interface Description" v1.1A, 15.02.2019; for Sweden
Aidon's "RJ12 HAN Interface" v1.6P, 17.05.2021 (27 items, among them the clock and the registers, every 10 s).
Scalers and units are in the list. Currents are signed: the sign is the direction. The registers count in 10 Wh, in
Sweden in 1 Wh.
"""

from collections.abc import Sequence

from ..axdr import Data
from ..clock import normal_time
from ..items import Items
from ..layout import Layout
from ..reading import Grid, Quantity

MAKER = "Aidon"
LIST_ID = "AIDON"


def sent(body: Sequence[Data], items: Items) -> bool:
    """Tell whether a plain list is Aidon's: it says so, or it is an array and says nothing of the meter at all.

    That is how the power list is, and Sweden's. Other makers whose lists describe themselves send structures.
    """
    if items.list_id:
        return items.list_id.startswith(LIST_ID)
    return isinstance(body, list) and not (items.meter_id or items.second_id or items.device_name)


def layout(items: Items) -> Layout:
    """Return the layout of an Aidon list.

    In Norway its clock stands at the full hour, the registers' instant, although the list is sent ten seconds later. It
    keeps UTC+1 in summer too, and its deviation, 0000 or 8000, says nothing.
    """
    return Layout(items, MAKER, _grid(items), normal_time)


def _grid(items: Items) -> Grid | None:
    """Tell the connection by what is absent: on an IT net the 6525 sends no current for L2."""
    if Quantity.VOLTAGE_L1 not in items.numbers:
        return None
    if Quantity.VOLTAGE_L2 not in items.numbers:
        return Grid.SINGLE_PHASE
    return Grid.TN if Quantity.CURRENT_L2 in items.numbers else Grid.IT
