"""Lists that describe themselves: an array of structures {OBIS code, value, {scaler, unit}}.

Aidon and Embriq send these ("OBIS List Information – AIDON", 10.05.2016). Texts and the clock have no scaler and unit.
"""

from collections.abc import Iterable

from ..cosem import Data, Leaf
from ..items import Items


def sort_items(body: Iterable[Data]) -> Items:
    """Sort the items of a list that describes itself. What is no item is passed over."""
    items = Items()
    for item in body:
        match item:
            case (Leaf(bytes() as code), Leaf() as value, *scaling) if len(code) == 6:
                match scaling:
                    case [(Leaf(int() as scaler), Leaf(int() as unit))]:
                        items.add(code, value, scaler, unit)
                    case _:
                        items.add(code, value)
            case _:
                pass
    return items
