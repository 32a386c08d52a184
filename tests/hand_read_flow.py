"""Walking through the forms for a meter that somebody reads."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.han_port.const import DOMAIN

POINT = "707057500012345671"
OTHER_POINT = "707057500000000001"
METER: Mapping[str, Any] = {
    "name": "The cabin",
    "first_reading": 12_345.6,
    "first_time": "2026-09-01 08:00:00",
    "digits": "6",
    "expected": 9000,
    "every": "2",
    "profile": "monthly",
}


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a meter that somebody reads."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.MENU
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"next_step_id": "hand_read"})
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "hand_read", {})
    return result


async def fill_in(hass: HomeAssistant, result: ConfigFlowResult, **filled_in: Any) -> ConfigFlowResult:
    """Send a form."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], filled_in)


async def describe(hass: HomeAssistant, **other: Any) -> ConfigFlowResult:
    """Begin, and fill in the first form."""
    return await fill_in(hass, await begin(hass), **{**METER, **other})


async def add(hass: HomeAssistant, **other: Any) -> ConfigEntry:
    """Add a meter whose profile asks for nothing more."""
    result = await describe(hass, **other)
    assert (result["step_id"], result["errors"]) == ("profile", {})
    result = await fill_in(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return result["result"]


async def change(hass: HomeAssistant, entry: ConfigEntry, step: str) -> ConfigFlowResult:
    """Choose what is to be done with a meter behind *Reconfigure*."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    assert result["type"] is FlowResultType.MENU
    assert (result["step_id"], result["menu_options"]) == ("hand_read_menu", ["reading", "correct", "change"])
    return await hass.config_entries.flow.async_configure(result["flow_id"], {"next_step_id": step})


def fields(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form has filled in already, by field."""
    assert result["data_schema"] is not None
    return {str(field): (field.description or {}).get("suggested_value") for field in result["data_schema"].schema}


def about(result: ConfigFlowResult) -> Mapping[str, str]:
    """Return what a form's texts name."""
    assert result["description_placeholders"] is not None
    return result["description_placeholders"]
