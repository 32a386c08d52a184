"""The forms for readings of a meter that is read by hand: one more, or another in the place of one that was wrong."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlow, ConfigFlowResult
from homeassistant.const import UnitOfEnergy
from homeassistant.helpers.selector import (
    BooleanSelector,
    DateTimeSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..ledger.hand_periods import HandReading
from ..ledger.reading_check import shown as shown_register
from ..ledger.reading_error import ReadingError
from .home import HandReadHome
from .refusal import refusal_key

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # probatio took its place in Home Assistant 2026.9, and answers to this name too

READING: Final = "reading"
TIME: Final = "time"
CONFIRMED: Final = "confirmed"
WHICH: Final = "which"
FORGET: Final = "forget"
_TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"
_MOST_LISTED: Final = 60
"""Readings that can be put right: five years of one a month."""


def kilowatt_hours() -> NumberSelector:
    """Return a field for kWh."""
    return NumberSelector(
        NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX, unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR)
    )


def now_as_typed() -> str:
    """Return the time that it is, as a form's field of a time has it."""
    return dt_util.now().strftime(_TIME_FORMAT)


def time_of(typed: str) -> datetime:
    """Return the time of a form's field (UTC): it is by the clock of this Home Assistant."""
    at = datetime.fromisoformat(typed)
    return dt_util.as_utc(at)


class ReadingSteps(ConfigFlow):
    """The forms, behind *Reconfigure*."""

    async def async_step_reading(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a reading, and when it was taken."""
        if (home := self._home()) is None:
            return self.async_abort(reason="meter_not_loaded")
        error: ReadingError | None = None
        if user_input is not None:
            at, confirmed = time_of(user_input[TIME]), user_input.get(CONFIRMED, False)
            error = await _refusal(lambda: home.submit(at, user_input[READING], confirmed))
            if error is None:
                return self.async_abort(reason="reading_kept")
        fields = {vol.Required(READING): kilowatt_hours(), vol.Required(TIME): DateTimeSelector()}
        return self._ask_reading("reading", fields, user_input or {TIME: now_as_typed()}, error)

    async def async_step_correct(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which reading is wrong, and what it should be."""
        if (home := self._home()) is None:
            return self.async_abort(reason="meter_not_loaded")
        error: ReadingError | None = None
        if user_input is not None:
            at, confirmed = datetime.fromisoformat(user_input[WHICH]), user_input.get(CONFIRMED, False)
            if user_input[FORGET]:
                error = await _refusal(lambda: home.remove(at))
            elif READING in user_input:
                error = await _refusal(lambda: home.correct(at, user_input[READING], confirmed))
            else:
                error = ReadingError("reading_missing")
            if error is None:
                return self.async_abort(reason="reading_corrected")
        known = home.meter.readings[: -_MOST_LISTED - 1 : -1]
        fields = {
            vol.Required(WHICH): SelectSelector(
                SelectSelectorConfig(options=[_option(reading) for reading in known], mode=SelectSelectorMode.DROPDOWN)
            ),
            vol.Optional(READING): kilowatt_hours(),
            vol.Required(FORGET, default=False): BooleanSelector(),
        }
        return self._ask_reading("correct", fields, user_input or {WHICH: known[0].at.isoformat()}, error)

    def _home(self) -> HandReadHome | None:
        """Return the meter, if it is set up."""
        entry = self._get_reconfigure_entry()
        home: HandReadHome | None = entry.runtime_data if entry.state is ConfigEntryState.LOADED else None
        return home

    def _ask_reading(
        self, step_id: str, fields: Mapping[Any, Any], filled_in: Mapping[str, Any], error: ReadingError | None
    ) -> ConfigFlowResult:
        """Show a form; with a box to tick, where what is unlikely may be right all the same."""
        if error is not None and error.confirmable:
            fields = {**fields, vol.Required(CONFIRMED, default=False): BooleanSelector()}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), filled_in),
            errors=None if error is None else {"base": refusal_key(error)},
            description_placeholders=None if error is None else error.placeholders,
            last_step=True,
        )


async def _refusal(do: Callable[[], Awaitable[object]]) -> ReadingError | None:
    """Return why a reading is not taken."""
    try:
        await do()
    except ReadingError as err:
        return err
    return None


def _option(reading: HandReading) -> SelectOptionDict:
    time = dt_util.as_local(reading.at)
    return SelectOptionDict(
        value=reading.at.isoformat(), label=f"{time:%Y-%m-%d %H:%M} · {shown_register(reading.register)} kWh"
    )
