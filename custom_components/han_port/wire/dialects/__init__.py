"""What each maker means by its lists. One dialect a file; what stands in the list decides which."""

from ..cosem import Data, Leaf
from ..layout import Layout
from . import aidon, described, embriq, kaifa, kamstrup

__all__ = ["layout"]


def layout(body: Data) -> Layout | None:
    """Return the layout of a list, or None where no dialect knows it."""
    match body:
        case list():
            items = described.sort_items(body)
            dialect = embriq if items.list_id.startswith(embriq.LIST_ID) else aidon
            return dialect.layout(items) if items.numbers else None
        case (Leaf(int()),):
            return kaifa.layout(body)
        case (Leaf(bytes() as first), *_) if first.startswith(kaifa.LIST_ID):
            return kaifa.layout(body)
        case (Leaf(bytes() as first), *_) if len(first) == 6:
            return kaifa.layout_of_pairs(body)
        case (Leaf(str() as first), *_) if first.startswith(kamstrup.LIST_ID):
            return kamstrup.layout(body)
        case _:
            return None
