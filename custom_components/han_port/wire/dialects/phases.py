"""What the voltages in a list tell of how the house is connected."""

from ..items import Items
from ..reading import Grid, Quantity


def grid(items: Items) -> Grid | None:
    """Tell the connection by the phases that have a voltage. A phase that is missing is left out, or sent as 0 V.

    On an IT net L2 has none: its voltage would be that between the other two.
    """
    if Quantity.VOLTAGE_L1 not in items.numbers:
        return None
    if not items.number(Quantity.VOLTAGE_L3):
        return Grid.SINGLE_PHASE
    return Grid.TN if items.number(Quantity.VOLTAGE_L2) else Grid.IT
