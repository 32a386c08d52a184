"""The options of a meter, behind the entry's cogwheel: how values are shown, the capacity tariff, the main fuse.

Each section is a form of its own (the tariff's takes three), and leaves the options of the others as they are. What a
person may type wrong is told at its field in words, with the form as it was filled in: so selectors set no limits.
Home Assistant reloads the entry afterwards.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.const import PERCENTAGE, UnitOfElectricCurrent, UnitOfPower, UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .capacity_options import (
    HIGHER,
    LOWER,
    MOST_AMPERES,
    MOST_DELAY,
    MOST_KILOWATTS,
    MOST_PRICE,
    MOST_STEPS,
    MOST_VAT,
    PER_MONTH,
    PER_YEAR,
    is_number,
    steps_of,
)
from .const import (
    CONF_ABOVE,
    CONF_AMPERES,
    CONF_BOUNDARY,
    CONF_CAPACITY,
    CONF_COUNT_ESTIMATED,
    CONF_CURRENT_FACTOR,
    CONF_DELAY,
    CONF_ENERGY_FACTOR,
    CONF_FUSE,
    CONF_INTERVAL,
    CONF_POWER_FACTOR,
    CONF_POWER_INTERVAL,
    CONF_PRICE,
    CONF_PRICE_PER,
    CONF_RULE,
    CONF_STEPS,
    CONF_TARGET,
    CONF_VAT,
    CONF_VOLTAGE_FACTOR,
    DEFAULT_INTERVAL,
    DEFAULT_OVERLOAD_DELAY,
    DEFAULT_POWER_INTERVAL,
)
from .elhub.import_flow import ImportSteps
from .ledger.capacity import Rule
from .presets import PRESETS, usual

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # probatio took its place in Home Assistant 2026.9, and answers to this name too

START: Final = "start"
"""The field that says what the table of steps begins with: one of the next two, or a preset."""
KEEP: Final = "keep"
USUAL: Final = "usual"
NO_TARGET: Final = "none"
OWN_LIMIT: Final = "own"
LIMIT: Final = "limit"
KRONER: Final = "kr"


def _number(unit: str | None = None) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX)
        if unit is None
        else NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX, unit_of_measurement=unit)
    )


def _seconds() -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=0, max=3600, step=1, mode=NumberSelectorMode.BOX, unit_of_measurement=UnitOfTime.SECONDS
        )
    )


def _factor() -> NumberSelector:
    return NumberSelector(NumberSelectorConfig(min=0.0001, max=100_000, step="any", mode=NumberSelectorMode.BOX))


def _choice(translation_key: str, options: Sequence[SelectOptionDict]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(options=options, translation_key=translation_key, mode=SelectSelectorMode.LIST)
    )


def _translated(*values: str) -> list[SelectOptionDict]:
    return [SelectOptionDict(value=value, label=value) for value in values]


_VALUES: Final = vol.Schema(
    {
        vol.Required(CONF_POWER_INTERVAL, default=DEFAULT_POWER_INTERVAL): _seconds(),
        vol.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): _seconds(),
        vol.Required(CONF_POWER_FACTOR, default=1): _factor(),
        vol.Required(CONF_ENERGY_FACTOR, default=1): _factor(),
        vol.Required(CONF_CURRENT_FACTOR, default=1): _factor(),
        vol.Required(CONF_VOLTAGE_FACTOR, default=1): _factor(),
    }
)

_STEPS: Final = vol.Schema(
    {
        vol.Required(CONF_STEPS): ObjectSelector(
            ObjectSelectorConfig(
                fields={
                    # As dicts: a selector inside of another fails in Home Assistant 2026.5.
                    CONF_ABOVE: {"selector": _number(UnitOfPower.KILO_WATT).serialize()["selector"]},
                    CONF_PRICE: {"selector": _number(KRONER).serialize()["selector"]},
                },
                multiple=True,
                translation_key="capacity_step",
            )
        ),
        vol.Required(CONF_PRICE_PER): _choice("capacity_price_per", _translated(PER_MONTH, PER_YEAR)),
        vol.Required(CONF_VAT): _number(PERCENTAGE),
        vol.Required(CONF_BOUNDARY): _choice("capacity_boundary", _translated(HIGHER, LOWER)),
    }
)

_LIMIT: Final = vol.Schema({vol.Required(CONF_TARGET): _number(UnitOfPower.KILO_WATT)})

_FUSE: Final = vol.Schema(
    {
        vol.Optional(CONF_AMPERES): _number(UnitOfElectricCurrent.AMPERE),
        vol.Required(CONF_DELAY, default=DEFAULT_OVERLOAD_DELAY): _number(UnitOfTime.SECONDS),
    }
)


class HanPortOptionsFlow(ImportSteps, OptionsFlowWithReload):
    """The menu and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self._tariff: dict[str, Any] = {}
        """What CONF_CAPACITY is to hold, as far as the forms have come."""

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what is to be set."""
        return self.async_show_menu(step_id="init", menu_options=["values", "capacity", "fuse", "import_hours"])

    async def async_step_values(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how often entities change, and for the factors of meters behind transformers."""
        if user_input is not None:
            return self._keep(user_input)
        return self._ask("values", _VALUES, self.config_entry.options)

    async def async_step_fuse(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the main fuse."""
        errors: dict[str, str] = {}
        if user_input is not None:
            fuse = {CONF_AMPERES: user_input.get(CONF_AMPERES, 0), CONF_DELAY: user_input[CONF_DELAY]}
            if not is_number(fuse[CONF_AMPERES], 0, MOST_AMPERES):
                errors[CONF_AMPERES] = "no_current"
            if not is_number(fuse[CONF_DELAY], 0, MOST_DELAY):
                errors[CONF_DELAY] = "no_delay"
            if not errors:
                return self._keep({CONF_FUSE: fuse})
        return self._ask("fuse", _FUSE, user_input or self.config_entry.options.get(CONF_FUSE, {}), errors)

    async def async_step_capacity(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask by what a month is billed, and with what the table of steps begins."""
        kept: Mapping[str, Any] = self.config_entry.options.get(CONF_CAPACITY, {})
        if user_input is None:
            starts = [*([KEEP] if CONF_STEPS in kept else []), USUAL]
            schema = vol.Schema(
                {
                    vol.Required(CONF_RULE): _choice(
                        "capacity_rule", _translated(Rule.THREE_DAYS, Rule.MONTH_MAXIMUM, Rule.OFF)
                    ),
                    vol.Required(START): _choice(
                        "capacity_start",
                        [
                            *_translated(*starts),
                            *(SelectOptionDict(value=key, label=preset.name) for key, preset in PRESETS.items()),
                        ],
                    ),
                    vol.Required(CONF_COUNT_ESTIMATED, default=False): BooleanSelector(),
                }
            )
            return self._ask("capacity", schema, {CONF_RULE: Rule.THREE_DAYS, **kept, START: starts[0]})
        start = user_input.pop(START)
        self._tariff = {**kept, **user_input}
        if user_input[CONF_RULE] == Rule.OFF:
            return self._keep({CONF_CAPACITY: self._tariff})
        if start != KEEP:
            self._tariff |= usual() if start == USUAL else PRESETS[start].options()
        return await self.async_step_steps()

    async def async_step_steps(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the steps and their prices."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._tariff |= {**user_input, CONF_STEPS: _in_order(user_input[CONF_STEPS])}
            if not (errors := _wrong(self._tariff)):
                return await self.async_step_target()
        rows = [
            {key: row[key] for key in (CONF_ABOVE, CONF_PRICE) if row.get(key) is not None}
            for row in self._tariff[CONF_STEPS]
        ]
        return self._ask("steps", _STEPS, {**self._tariff, CONF_STEPS: rows}, errors)

    async def async_step_target(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which step the user does not want to exceed."""
        steps = steps_of(self._tariff)
        uppers = {
            f"{upper / 1000:.12g}": upper / 1000 for n in range(len(steps)) if (upper := steps.upper(n)) is not None
        }
        if user_input is not None:
            if (chosen := user_input[CONF_TARGET]) == OWN_LIMIT:
                return await self.async_step_limit()
            return self._keep({CONF_CAPACITY: {**self._tariff, CONF_TARGET: uppers.get(chosen)}})
        labels = (
            steps.label(n) if step.price is None else f"{steps.label(n)} · {step.price:.0f} {KRONER}"
            for n, step in enumerate(steps)
        )
        schema = vol.Schema(
            {
                vol.Required(CONF_TARGET): _choice(
                    "capacity_target",
                    [
                        *_translated(NO_TARGET),
                        *(SelectOptionDict(value=key, label=label) for key, label in zip(uppers, labels, strict=False)),
                        *_translated(OWN_LIMIT),
                    ],
                )
            }
        )
        target = self._tariff.get(CONF_TARGET)
        known = next((key for key, upper in uppers.items() if upper == target), OWN_LIMIT)
        return self._ask("target", schema, {CONF_TARGET: NO_TARGET if target is None else known})

    async def async_step_limit(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a limit that is no boundary."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if is_number(user_input[CONF_TARGET], 0.001, MOST_KILOWATTS):
                return self._keep({CONF_CAPACITY: {**self._tariff, **user_input}})
            errors[CONF_TARGET] = "no_limit"
        return self._ask("limit", _LIMIT, user_input or self._tariff, errors)

    def _keep(self, section: Mapping[str, Any]) -> ConfigFlowResult:
        """End with the options of one section set, and those of the others as they are."""
        return self.async_create_entry(data={**self.config_entry.options, **section})

    def _ask(
        self,
        step_id: str,
        schema: vol.Schema,
        filled_in: Mapping[str, Any],
        errors: dict[str, str] | None = None,
    ) -> ConfigFlowResult:
        """Show a form."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, filled_in),
            errors=errors,
            last_step=step_id not in {"capacity", "steps"},
        )


def _in_order(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the table by their boundaries: one that was added stands last, wherever it belongs."""
    ordered = [{CONF_ABOVE: row.get(CONF_ABOVE), CONF_PRICE: row.get(CONF_PRICE)} for row in rows]
    if all(is_number(row[CONF_ABOVE], 0, MOST_KILOWATTS) for row in ordered):
        ordered.sort(key=itemgetter(CONF_ABOVE))
    return ordered


def _wrong(tariff: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the table of steps and what belongs to it, by field."""
    errors: dict[str, str] = {}
    rows = tariff[CONF_STEPS]
    if not is_number(tariff[CONF_VAT], 0, MOST_VAT):
        errors[CONF_VAT] = "no_vat"
    if len(rows) > MOST_STEPS:
        errors[CONF_STEPS] = "too_many_steps"
    elif not all(is_number(row[CONF_ABOVE], 0, MOST_KILOWATTS) for row in rows):
        errors[CONF_STEPS] = "no_boundary"
    elif not all(row[CONF_PRICE] is None or is_number(row[CONF_PRICE], 0, MOST_PRICE) for row in rows):
        errors[CONF_STEPS] = "no_price"
    else:
        try:
            steps_of(tariff)
        except ValueError as err:
            errors[CONF_STEPS] = err.args[0]
    return errors
