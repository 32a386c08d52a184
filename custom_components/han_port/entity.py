"""What all entities of a meter have in common: the device, the unique id, the name."""

from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .coordinator import HanPortCoordinator


class HanPortEntity(CoordinatorEntity[HanPortCoordinator]):
    """An entity of one meter. Its unique id, `{identity}_{key}`, never changes."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: HanPortCoordinator, description: EntityDescription) -> None:
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{coordinator.identity}_{description.key}"
        self._attr_device_info = coordinator.device_info
        coordinator.made.add(self._attr_unique_id)
