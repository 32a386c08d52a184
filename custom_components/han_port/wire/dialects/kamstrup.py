"""Kamstrup: Kamstrup_V0001 (OMNIPOWER 686… one phase, 684… three phases, 685… current transformers).

Sources: "OBIS List Information – KAMSTRUP", 12.05.2016; "Kamstrup HAN-NVE interface description" rev. 3.1. The list
begins with its id, without a code; pairs of codes and values follow, without scalers and units. Some meters send null
for phases that they do not have, others leave them out.
"""

from collections.abc import Mapping

from ..clock import doubtful_time
from ..cosem import Data, Leaf
from ..items import Items, text
from ..layout import Layout, Premise
from ..reading import Grid, Number, Quantity
from . import pairs

MAKER = "Kamstrup"
LIST_ID = "Kamstrup"

_TRANSFORMER_MODEL = "685"
_SCALERS = {
    # whether behind current transformers, whether in hundredths of a volt
    (transformers, centivolts): pairs.scalers(
        current=-3 if transformers else -2, voltage=-2 if centivolts else 0, energy=1
    )
    for transformers in (False, True)
    for centivolts in (False, True)
}
_NO_VOLTAGE = 1000
"""Numbers beyond this are hundredths of a volt: some meters send those under the same list id."""

_VOLTAGES = (Quantity.VOLTAGE_L1, Quantity.VOLTAGE_L2, Quantity.VOLTAGE_L3)

_GRIDS = {"1": Grid.SINGLE_PHASE, "2": Grid.IT, "3": Grid.TN}


def layout(body: tuple[Data, ...]) -> Layout | None:
    """Return the layout of a Kamstrup list.

    The registers of Norwegian meters count in 10 Wh. Others count in 1 Wh, and nothing in the list says so. Its clock
    cannot be trusted to keep normal time.
    """
    items = pairs.sort_items(body, _SCALERS[False, False])
    transformers = items.model.startswith(_TRANSFORMER_MODEL)
    phases = tuple(phase for phase in _VOLTAGES if phase in items.numbers)
    centivolts = any((items.number(phase) or 0) > _NO_VOLTAGE for phase in phases)
    if transformers or centivolts:
        items = pairs.sort_items(body, _SCALERS[transformers, centivolts])
    if isinstance(body[0], Leaf):
        items.list_id = text(body[0].value)
    if not items.numbers:
        return None
    return Layout(items, MAKER, _grid(items), doubtful_time, _premise(phases, centivolts) if phases else None)


def _premise(phases: tuple[Quantity, ...], centivolts: bool) -> Premise:
    """Return what tells whether voltages are still in that unit. One phase may be dead, and say nothing."""

    def holds(sent: Mapping[Quantity, Number]) -> bool:
        for phase in phases:
            if sent[phase] > _NO_VOLTAGE:
                return centivolts
        return not centivolts

    return holds


def _grid(items: Items) -> Grid | None:
    """Tell the connection by the model's sixth digit: 6861111 has one phase, 6841121 three wires, 6841138 four."""
    if Quantity.VOLTAGE_L1 not in items.numbers:
        return None
    if Quantity.VOLTAGE_L3 not in items.numbers:
        return Grid.SINGLE_PHASE
    return _GRIDS.get(items.model[5:6])
