"""The sensors of a meter that is read by hand: one table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy
from homeassistant.helpers.restore_state import RestoreEntity

from .entity import HandReadEntity
from .home import LAST_READING, HandReadHome
from .shown_before import ATTR_AT
from .statistics import METER_READING


@dataclass(frozen=True, kw_only=True)
class HandReadDescription(SensorEntityDescription):
    """A sensor, and what it shows."""

    value: Callable[[HandReadHome], float | datetime | None]
    about: Callable[[HandReadHome], dict[str, Any]] = lambda _: {}
    """Its attributes."""


def _kwh(energy: int | None) -> float | None:
    return None if energy is None else energy / 1000


def _energy(
    key: str,
    value: Callable[[HandReadHome], int | None],
    *,
    about: Callable[[HandReadHome], dict[str, Any]] = lambda _: {},
    state_class: SensorStateClass | None = None,
    precision: int = 1,
) -> HandReadDescription:
    return HandReadDescription(
        key=key,
        translation_key=key,
        # Without a state class, as these are no counts: no statistics, and none of the energy dashboard's choices.
        device_class=SensorDeviceClass.ENERGY,
        state_class=state_class,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=precision,
        value=lambda home: _kwh(value(home)),
        about=about,
    )


def _last(home: HandReadHome) -> dict[str, Any]:
    return {ATTR_AT: home.meter.last.at.isoformat()}


def _how_known(home: HandReadHome) -> dict[str, Any]:
    return {"learned": home.meter.learned is not None}


_METER_READING: Final = _energy(
    METER_READING, lambda home: home.shown, state_class=SensorStateClass.TOTAL_INCREASING, precision=1
)
_LAST_READING: Final = _energy(LAST_READING, lambda home: home.meter.last.register, about=_last, precision=0)
_SENSORS: Final = (
    _energy("use_since_reading", lambda home: home.use),
    _energy("expected_use", lambda home: home.meter.annual, about=_how_known, precision=0),
    HandReadDescription(
        key="next_reading_due",
        translation_key="next_reading_due",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=lambda home: home.due,
    ),
)


def hand_read_sensors(home: HandReadHome) -> list[SensorEntity]:
    """Return the sensors of a meter."""
    return [
        MeterReading(home, _METER_READING),
        LastReading(home, _LAST_READING),
        *(HandReadSensor(home, description) for description in _SENSORS),
    ]


class HandReadSensor(HandReadEntity, SensorEntity):
    """Something that the meter's readings tell."""

    entity_description: HandReadDescription

    @override
    def _show(self) -> None:
        self._attr_native_value = self.entity_description.value(self._home)
        self._attr_extra_state_attributes = self.entity_description.about(self._home)


class MeterReading(HandReadSensor, RestoreSensor):
    """The register as it is estimated now. It never falls, also not over a restart."""

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from what was shown before."""
        before = await self.async_get_last_sensor_data()
        if before is not None and isinstance(before.native_value, int | float):
            self._home.restore(round(before.native_value * 1000))
        await super().async_added_to_hass()


class LastReading(HandReadSensor, RestoreEntity):
    """The last reading. Home Assistant remembers it, for a meter whose own file is lost: see `shown_before`."""
