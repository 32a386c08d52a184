"""Mends registers that are not on the scale of the power: sets a factor for them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntryState

from ..bookkeeper import LIVE
from ..const import CONF_CORRECT_HISTORY, CONF_ENERGY_FACTOR
from ..coordinator import HanPortConfigEntry

if TYPE_CHECKING:
    from homeassistant.components.repairs import RepairsFlowResult
    import probatio as vol
else:
    import voluptuous as vol

_SCHEMA: Final = vol.Schema({vol.Required(CONF_CORRECT_HISTORY, default=False): bool})


class WrongScaleFlow(RepairsFlow):
    """Shows what another factor for energy would do, and sets it."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._entry_id: str = found["entry_id"]
        self._before: float = found["factor"]
        self._times: float = found["times"]
        self._register: float = found["register"]
        self._power: float = found["power"]

    @property
    def _entry(self) -> HanPortConfigEntry | None:
        """The entry, as long as it is as it was when the issue came up."""
        entry: HanPortConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or float(entry.options.get(CONF_ENERGY_FACTOR, 1)) != self._before:
            return None
        return entry

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say what will be done, and do it when the user agrees."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="changed")
        after = float(f"{self._before * self._times:.6g}")
        if user_input is not None:
            options = {**entry.options, CONF_ENERGY_FACTOR: after, **user_input}
            self.hass.config_entries.async_update_entry(entry, options=options)
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
            return self.async_create_entry(data={})
        shown = None
        if entry.state is ConfigEntryState.LOADED:
            shown = entry.runtime_data.bookkeeper.shown(LIVE[0])
        return self.async_show_form(
            step_id="confirm",
            data_schema=_SCHEMA,
            description_placeholders={
                "name": entry.title,
                "times": f"{1 / self._times:.3g}",
                "factor": f"{self._times:g}",
                "before": f"{self._before:g}",
                "after": f"{after:g}",
                "power": _kwh(self._power),
                "register": _kwh(self._register),
                "register_after": _kwh(self._register * self._times),
                "shown": _kwh(shown),
                "shown_after": _kwh(None if shown is None else shown * self._times),
            },
        )


def _kwh(energy: float | None) -> str:
    return "–" if energy is None else f"{energy / 1000:.3f}"
