"""An Aidon in a house with a capacity tariff: its hours, one by one, and what Home Assistant shows of its month."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from custom_components.han_port.capacity_keeper import CapacityKeeper
from custom_components.han_port.const import DOMAIN
from custom_components.han_port.coordinator import HanPortCoordinator

from .conftest import AIDON, Bridge, entry_for, hourly, set_up

HOUR: Final = timedelta(hours=1)
SECOND: Final = timedelta(seconds=1)
REGISTER: Final = 12_345_670

TARIFF: Final[Mapping[str, Any]] = {
    "rule": "three_days",
    "steps": [
        {"above": above, "price": price}
        for above, price in ((0, 125), (2, 200), (5, 335), (10, 470), (15, 600), (20, None))
    ],
    "price_per": "month",
    "vat": 0,
    "boundary": "higher",
    "count_estimated": False,
    "target": None,
}


def capacity(**changes: Any) -> dict[str, Any]:
    """Return the options of a tariff."""
    return {"capacity": {**TARIFF, **changes}}


def oslo(day: int, hour: int = 0, minute: int = 0, *, month: int = 11) -> datetime:
    """Return a time in November 2026 or later that winter by the Norwegian clock, in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - HOUR


class Home:
    """The house. Its meter's register rises by what hours have, and by nothing else."""

    def __init__(self, hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory) -> None:
        self.hass = hass
        self.bridge = bridge
        self.freezer = freezer
        self.register = REGISTER
        self.entry = entry_for(bridge.url)

    async def begin(self, at: datetime, **options: Any) -> None:
        """Have the meter be set up a minute before a full hour, and tell its register at that."""
        self.freezer.move_to(at - timedelta(minutes=1))
        self.entry = await set_up(self.hass, entry_for(self.bridge.url, **options))
        await self._connect()
        await self.tell_register(at)

    async def restart(self) -> None:
        """Set the entry up again."""
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()
        await self._connect()

    async def _connect(self) -> None:
        """Wait until the port is open, and have it stay so when time leaps: what a link does then is another matter."""
        await self.bridge.client()
        self.coordinator.link.patience = 1e9

    async def set_options(self, **options: Any) -> None:
        """Have the user set other options, whereupon Home Assistant sets the entry up again."""
        self.hass.config_entries.async_update_entry(self.entry, options=options)
        await self.restart()

    @property
    def coordinator(self) -> HanPortCoordinator:
        """Return the coordinator of now."""
        coordinator: HanPortCoordinator = self.entry.runtime_data
        return coordinator

    @property
    def keeper(self) -> CapacityKeeper:
        """Return what keeps the tariff."""
        assert self.coordinator.capacity is not None
        return self.coordinator.capacity

    # What the meter sends.

    async def hear(self, at: datetime, frame: bytes) -> None:
        """Have a list come at an instant, and wait until it has been taken."""
        self.freezer.move_to(at)
        decoder = self.coordinator.decoder
        before = decoder.counters.readings
        self.bridge.send(frame)
        while decoder.counters.readings == before:
            await self.hass.async_block_till_done()
        await self.hass.async_block_till_done()

    async def tell_register(self, at: datetime, *, power: float = 0) -> None:
        """Have the hourly list of a full hour come, ten seconds later."""
        clock = (at + HOUR).replace(tzinfo=None)
        await self.hear(at + 10 * SECOND, hourly(clock=clock, energy_import=self.register, power_import=power))

    async def hour(self, start: datetime, energy: int, *, hours: int = 1) -> None:
        """Have an hour be settled that had so much, in Wh; with `hours`, so many together, after an outage."""
        self.register += energy
        await self.tell_register(start + hours * HOUR)

    async def hours(self, hours: Iterable[tuple[datetime, int]]) -> None:
        """Have hours be settled, each with a register at its beginning, and nothing known of those between them."""
        for start, energy in hours:
            await self.tell_register(start)
            await self.hour(start, energy)

    async def until(self, at: datetime) -> None:
        """Let time pass, without a list."""
        self.freezer.move_to(at)
        await self.hass.async_block_till_done()

    # What there is to see.

    def entity_id(self, key: str) -> str | None:
        """Return the id of an entity, if it is registered."""
        registry = er.async_get(self.hass)
        unique_id = f"{AIDON.id}_{key}"
        kinds = ("sensor", "binary_sensor", "number")
        found = (registry.async_get_entity_id(kind, DOMAIN, unique_id) for kind in kinds)
        return next((entity_id for entity_id in found if entity_id is not None), None)

    def unique_ids(self) -> set[str]:
        """Return which entities are registered."""
        registry = er.async_get(self.hass)
        return {one.unique_id for one in er.async_entries_for_config_entry(registry, self.entry.entry_id)}

    def state(self, key: str) -> State:
        """Return the state of an entity."""
        entity_id = self.entity_id(key)
        assert entity_id is not None, key
        state = self.hass.states.get(entity_id)
        assert state is not None, key
        return state

    def shown(self, *keys: str) -> tuple[str, ...]:
        """Return what entities show."""
        return tuple(self.state(key).state for key in keys)

    @property
    def month(self) -> tuple[str, ...]:
        """Return the month's peaks, their mean, and the step."""
        return self.shown("month_peak_1", "month_peak_2", "month_peak_3", "capacity_mean", "capacity_step")
