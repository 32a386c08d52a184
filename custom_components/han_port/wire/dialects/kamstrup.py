"""Kamstrup: Kamstrup_V0001 (OMNIPOWER 686… one phase, 684… three phases, 685… current transformers).

Sources: "OBIS List Information – KAMSTRUP", 12.05.2016; "Kamstrup HAN-NVE interface description" rev. 3.1; for "DLMS
push 1" (Denmark, Switzerland) "OMNIPOWER HAN interface specification", 5512-2584, A2. The list begins with its id,
without a code; pairs of codes and values follow, without scalers and units. Some meters send null for phases that they
do not have, others leave them out. Push 1 has the meter's number but not its model, power factors in hundredths, and
registers of each phase.
"""

from collections.abc import Mapping, Sequence

from ..axdr import Data, Leaf
from ..clock import doubtful_time
from ..items import Items, text
from ..layout import Layout, Premise
from ..reading import Grid, Number, Quantity
from . import coded, phases
from .transformers import sends_milliamperes

MAKER = "Kamstrup"
LIST_ID = "Kamstrup"

_TRANSFORMER_MODEL = "685"
_SCALERS = {
    # whether behind current transformers, whether in hundredths of a volt
    (transformers, centivolts): coded.scalers(
        current=-3 if transformers else -2, voltage=-2 if centivolts else 0, energy=1, power_factor=-2
    )
    for transformers in (False, True)
    for centivolts in (False, True)
}
_NO_VOLTAGE = 1000
"""Numbers beyond this are hundredths of a volt: some meters send those under the same list id."""

_VOLTAGES = (Quantity.VOLTAGE_L1, Quantity.VOLTAGE_L2, Quantity.VOLTAGE_L3)

_GRIDS = {"1": Grid.SINGLE_PHASE, "2": Grid.IT, "3": Grid.TN}


def sent(body: Sequence[Data]) -> bool:
    """Tell whether a list begins with Kamstrup's name."""
    match body:
        case (Leaf(str() as first), *_):
            return first.startswith(LIST_ID)
        case _:
            return False


def layout(body: Sequence[Data]) -> Layout | None:
    """Return the layout of a Kamstrup list.

    The registers of Norwegian meters count in 10 Wh. Others count in 1 Wh, and nothing in the list says so. Its clock
    cannot be trusted to keep normal time.
    """
    items = coded.sort_items(body, _SCALERS[False, False])
    items.model = items.second_id
    voltages = tuple(phase for phase in _VOLTAGES if phase in items.numbers)
    centivolts = any((items.number(phase) or 0) > _NO_VOLTAGE for phase in voltages)
    transformers = _has_transformers(items, centivolts)
    if transformers or centivolts:
        items = coded.sort_items(body, _SCALERS[transformers, centivolts])
        items.model = items.second_id
    if isinstance(body[0], Leaf):
        items.list_id = text(body[0].value)
    if not items.numbers:
        return None
    premise = None
    if voltages:
        premise = _premise(voltages, centivolts)
        if not items.model:
            premise = _premise_without_model(premise, transformers, centivolts)
    return Layout(items, MAKER, _grid(items), doubtful_time, premise)


def _has_transformers(items: Items, centivolts: bool) -> bool:
    """Tell whether currents are in mA: by the model, or by the power where there is none."""
    if items.model:
        return items.model.startswith(_TRANSFORMER_MODEL)
    raw = {quantity: items.number(quantity) or 0 for quantity in items.numbers}
    return sends_milliamperes(raw, _per_volt(centivolts)) or False


def _per_volt(centivolts: bool) -> int:
    return 100 if centivolts else 1


def _premise_without_model(of_voltages: Premise, transformers: bool, centivolts: bool) -> Premise:
    """Return what tells whether currents are still in that unit too, where the model does not."""

    def holds(sent: Mapping[Quantity, Number]) -> bool:
        return of_voltages(sent) and sends_milliamperes(sent, _per_volt(centivolts)) in (None, transformers)

    return holds


def _premise(voltages: tuple[Quantity, ...], centivolts: bool) -> Premise:
    """Return what tells whether voltages are still in that unit. One phase may be dead, and say nothing."""

    def holds(sent: Mapping[Quantity, Number]) -> bool:
        for phase in voltages:
            if sent[phase] > _NO_VOLTAGE:
                return centivolts
        return not centivolts

    return holds


def _grid(items: Items) -> Grid | None:
    """Tell the connection by the model's sixth digit: 6861111 has one phase, 6841121 three wires, 6841138 four.

    A list without a model is from where all have four.
    """
    if Quantity.VOLTAGE_L1 not in items.numbers:
        return None
    if Quantity.VOLTAGE_L3 not in items.numbers:
        return Grid.SINGLE_PHASE
    return _GRIDS.get(items.model[5:6]) if items.model else phases.grid(items)
