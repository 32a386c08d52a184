"""What all entities of a meter that is read by hand have in common: the device, the unique id, the name."""

from typing import override

from homeassistant.core import callback
from homeassistant.helpers.entity import Entity, EntityDescription

from .home import HandReadHome


class HandReadEntity(Entity):
    """An entity of one meter. Nothing is ever unavailable: a meter that nobody reads is as it was."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, home: HandReadHome, description: EntityDescription) -> None:
        self._home = home
        self.entity_description = description
        self._attr_unique_id = home.unique_id(description.key)
        self._attr_device_info = home.device_info

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow it."""
        await super().async_added_to_hass()
        self._show()
        self.async_on_remove(self._home.follow(self._look))

    @callback
    def _look(self) -> None:
        self._show()
        self.async_write_ha_state()

    def _show(self) -> None:
        """Take over what is known now."""
