"""What each maker means by its lists. One dialect a file; what stands in the list decides which."""

from collections.abc import Sequence

from ..axdr import Data, Leaf
from ..layout import Layout
from . import aidon, coded, embriq, kaifa, kamstrup, others, positional, pushed

__all__ = ["layout"]


def layout(body: Data, title: str = "", time: Leaf | None = None) -> Layout | None:
    """Return the layout of a list, or None where no dialect knows it.

    Args:
        body: the data of a data-notification.
        title: the system title that it came ciphered under, in hexadecimal; empty where it came plain.
        time: the data-notification's time of sending, where it has one.

    """
    if isinstance(body, Leaf):
        return None
    if kaifa.is_positional(body):
        return kaifa.layout(body)
    if kamstrup.sent(body):
        return kamstrup.layout(body)
    if (known := positional.sort_items(body)) is not None:
        items, maker = known
        return others.layout(items, title, time, maker)
    return _layout_by_codes(body, title, time)


def _layout_by_codes(body: Sequence[Data], title: str, time: Leaf | None) -> Layout | None:
    items = coded.sort_items(body, pushed.scalers(body))
    if items.list_id.startswith(kaifa.PAIRS_ID):
        return kaifa.layout_of_pairs(body)
    if not items.numbers:
        return None
    if items.list_id.startswith(embriq.LIST_ID):
        return embriq.layout(items)
    if not title and aidon.sent(body, items):
        return aidon.layout(items)
    return others.layout(items, title, time)
