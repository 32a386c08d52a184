"""What the entities of the capacity tariff have in common: who keeps the tariff."""

from homeassistant.helpers.entity import EntityDescription

from .capacity_keeper import CapacityKeeper
from .coordinator import HanPortCoordinator
from .entity import HanPortEntity


class CapacityEntity(HanPortEntity):
    """An entity of a meter with a capacity tariff."""

    def __init__(self, coordinator: HanPortCoordinator, keeper: CapacityKeeper, description: EntityDescription) -> None:
        super().__init__(coordinator, description)
        self._keeper = keeper
