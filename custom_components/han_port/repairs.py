"""Which dialog mends which issue. The dialogs are in `repair_flows`."""

from typing import TYPE_CHECKING

from .adapter import ADAPTER_MOVED
from .repair_flows.adapter_moved import AdapterMovedFlow
from .repair_flows.another_meter import AnotherMeterFlow
from .repair_flows.counter_fell import CounterFellFlow
from .repair_flows.unreadable import UnreadableFlow
from .repair_flows.wrong_scale import WrongScaleFlow
from .troubles import Kind

if TYPE_CHECKING:
    from homeassistant.components.repairs import RepairsFlow
    from homeassistant.core import HomeAssistant


async def async_create_fix_flow(
    _hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow for an issue."""
    about = data or {}
    if issue_id.startswith(Kind.UNREADABLE):
        return UnreadableFlow(str(about["entry_id"]))
    if issue_id.startswith(Kind.ANOTHER_METER):
        return AnotherMeterFlow(str(about["entry_id"]))
    if issue_id.startswith(Kind.COUNTER_FELL):
        return CounterFellFlow(str(about["entry_id"]))
    if issue_id.startswith(ADAPTER_MOVED):
        return AdapterMovedFlow(str(about["entry_id"]), str(about["port"]))
    return WrongScaleFlow(about)
