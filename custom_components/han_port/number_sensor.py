"""A sensor of which mostly nothing but the number is new.

Home Assistant's ordinary write works out everything about an entity each time: its name, unit, icon, classes, and
whether all that fits together. That costs three times as much as putting the state into the state machine, and a meter
has a dozen numbers in each of up to 1 800 lists an hour. So a number alone is put straight into the state machine, by
its public `async_set`, beside the very attributes that the last ordinary write has made.

What keeps this true to the ordinary write:
  - whatever else changes (the user's unit, name, icon or device class, another entity id, availability), Home Assistant
    or this integration follows it with an ordinary write. Whenever that changes the attributes, the state machine has a
    new mapping of them, and so has it if anybody else writes the state. Only as long as the state has the mapping that
    this sensor knows is a number written alone;
  - the user's own attributes in `configuration.yaml` (`customize:`) are the one thing that nothing follows: they are
    compared each time, as the ordinary write reads them each time;
  - the numbers of one list have one context, as Home Assistant means it: all that comes of one cause. To make one for
    each number would cost more than all the rest;
  - a number is written alone only while the last ordinary write has shown it without conversion to another unit.
"""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import callback
from homeassistant.core_config import DATA_CUSTOMIZE
from homeassistant.helpers.entity import FLOAT_PRECISION
from homeassistant.helpers.entity_values import EntityValues

from .entity import HanPortEntity
from .wire.reading import Number


class NumberSensor(HanPortEntity, SensorEntity):
    """A sensor whose value is a number, in the unit of its description; None while it is not known."""

    _number: Number | None = None
    _known: Mapping[str, Any] | None = None
    """The attributes beside which a number may be written alone."""
    _customized: EntityValues | None = None
    """The user's `customize:` when these were made."""

    @property
    @override
    def native_value(self) -> Number | None:
        """The number."""
        return self._number

    @callback
    def write_number(self, number: Number, attributes: Mapping[str, Any] | None = None) -> None:
        """Show a number that is known now; nothing else is new, but for those of its own attributes that are given.

        `extra_state_attributes` must tell the same.
        """
        self._number = number
        states, entity_id, coordinator = self.hass.states, self.entity_id, self.coordinator
        state = states.get(entity_id)
        if (
            state is not None
            and (known := state.attributes) is self._known
            and coordinator.last_update_success
            and self.hass.data.get(DATA_CUSTOMIZE) is self._customized
        ):
            new = known if attributes is None else {**known, **attributes}
            states.async_set(entity_id, _text(number), new, context=coordinator.context, state_info=state.state_info)
            if attributes is not None and (state := states.get(entity_id)) is not None:
                self._known = state.attributes
            return
        self.async_write_ha_state()
        self._know(number)

    def _know(self, number: Number) -> None:
        """Remember what an ordinary write has made of a number."""
        self._known = None
        state = self.hass.states.get(self.entity_id)
        if state is None or state.state != _text(number):
            return
        if state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) == self.native_unit_of_measurement and not self.force_update:
            self._known = state.attributes
            self._customized = self.hass.data.get(DATA_CUSTOMIZE)


def _text(number: Number) -> str:
    """Return a number as Home Assistant writes it."""
    return f"{number:.{FLOAT_PRECISION}}" if isinstance(number, float) else str(number)
