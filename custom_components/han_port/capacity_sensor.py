"""Sensors of the capacity tariff: what the running hour is going to come to, and what the month has come to so far.

What the month has come to is known whether the meter is silent or not; what the running hour comes to is not. Each of
the latter is written at most once for a full list.
"""

from abc import abstractmethod
import math
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy, UnitOfPower
from homeassistant.core import callback

from .capacity_entity import CapacityEntity
from .capacity_keeper import CapacityKeeper
from .coordinator import HanPortCoordinator
from .ledger.capacity import OSLO, Peak, Rule, month_span
from .number_sensor import NumberSensor
from .wire.reading import Number

ATTR_SO_FAR: Final = "so_far"
"""kWh since the full hour."""
ATTR_POWER: Final = "power"
"""W that the forecast goes on with."""
ATTR_ROOM: Final = "room"
"""W that may be drawn in all for the rest of the hour."""
ATTR_LIMIT: Final = "limit"
"""kWh that the hour may come to."""
ATTR_WHEN: Final = "when"
"""The start of the hour, ISO 8601 by the Norwegian clock; None where the peak was set by hand."""
ATTR_DAY: Final = "day"
ATTR_STATUS: Final = "status"
ATTR_NUMBER: Final = "number"
"""Of the step; the lowest is 1."""

_CURRENCY: Final = "NOK"


def _energy(key: str, **placeholders: str) -> SensorEntityDescription:
    """Describe an energy without a state class, so that nobody picks it for the energy dashboard by mistake."""
    return SensorEntityDescription(
        key=key,
        translation_key="month_peak" if placeholders else key,
        translation_placeholders=placeholders or None,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=3,
    )


_FORECAST: Final = _energy("capacity_forecast")
_DAY_PEAK: Final = _energy("day_peak")
_MONTH_PEAKS: Final = tuple(_energy(f"month_peak_{number}", number=str(number)) for number in (1, 2, 3))
_MEAN: Final = SensorEntityDescription(
    key="capacity_mean",
    translation_key="capacity_mean",
    device_class=SensorDeviceClass.POWER,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=UnitOfPower.KILO_WATT,
    suggested_display_precision=3,
)
_STEP: Final = SensorEntityDescription(
    key="capacity_step", translation_key="capacity_step", device_class=SensorDeviceClass.ENUM
)
_COST: Final = SensorEntityDescription(
    key="capacity_cost",
    translation_key="capacity_cost",
    device_class=SensorDeviceClass.MONETARY,
    state_class=SensorStateClass.TOTAL,
    native_unit_of_measurement=_CURRENCY,
    suggested_display_precision=0,
)
_AVAILABLE: Final = SensorEntityDescription(
    key="available_power",
    translation_key="available_power",
    device_class=SensorDeviceClass.POWER,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=UnitOfPower.WATT,
    suggested_display_precision=0,
)


def capacity_sensors(coordinator: HanPortCoordinator) -> list[SensorEntity]:
    """Return the forecast, which every meter has, and what the tariff of the options asks for."""
    forecast = ForecastSensor(coordinator, _FORECAST)
    if (keeper := coordinator.capacity) is None:
        return [forecast]
    peaks = [
        MonthPeakSensor(coordinator, keeper, description, place)
        for place, description in enumerate(_MONTH_PEAKS[: 1 if keeper.tariff.rule is Rule.MONTH_MAXIMUM else 3])
    ]
    sensors: list[SensorEntity] = [
        forecast,
        DayPeakSensor(coordinator, keeper, _DAY_PEAK),
        *peaks,
        MeanSensor(coordinator, keeper, _MEAN),
        StepSensor(coordinator, keeper, _STEP),
        AvailablePowerSensor(coordinator, keeper, _AVAILABLE),
    ]
    if any(step.price is not None for step in keeper.tariff.steps):
        sensors.append(CostSensor(coordinator, keeper, _COST))
    return sensors


# The running hour.


class RunningHourNumber(NumberSensor):
    """A number that follows the running hour, with attributes that do so too and are not recorded."""

    _unrecorded_attributes = frozenset((ATTR_SO_FAR, ATTR_POWER, ATTR_ROOM, ATTR_LIMIT))

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the hour."""
        await super().async_added_to_hass()
        self._show()
        self.async_on_remove(self.coordinator.follow_hour(self._look))

    @abstractmethod
    def _work_out(self) -> tuple[Number, dict[str, Any]] | None:
        """Return the number of now and its attributes; None where it is not known."""

    def _show(self) -> None:
        self._number = None
        self._attr_extra_state_attributes = {}
        if (known := self._work_out()) is not None:
            self._number, self._attr_extra_state_attributes = known

    @callback
    def _look(self) -> None:
        before = self._number, self._attr_extra_state_attributes
        self._show()
        if (self._number, self._attr_extra_state_attributes) == before:
            return
        if self._number is None:
            self.async_write_ha_state()
        else:
            self.write_number(self._number, self._attr_extra_state_attributes)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show that the meter has fallen silent, or is back."""
        self._show()
        self.async_write_ha_state()


class ForecastSensor(RunningHourNumber):
    """What the running hour is going to come to: what has been used, and the recent power for what is left of it."""

    @override
    def _work_out(self) -> tuple[Number, dict[str, Any]] | None:
        if (forecast := self.coordinator.forecast) is None:
            return None
        attributes = {ATTR_SO_FAR: round(forecast.so_far) / 1000, ATTR_POWER: round(forecast.power)}
        return round(forecast.expected) / 1000, attributes


class AvailablePowerSensor(CapacityEntity, RunningHourNumber):
    """The power that may be drawn in addition for the rest of the hour, for the target to be kept.

    Negative where it must be reduced.
    """

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the target too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._keeper.follow(self._change))

    @property
    @override
    def available(self) -> bool:
        """Whether lists come, and there is a target that can be kept."""
        return super().available and self._keeper.limit is not None

    @override
    def _work_out(self) -> tuple[Number, dict[str, Any]] | None:
        limit, forecast = self._keeper.limit, self._keeper.forecast
        if limit is None or forecast is None:
            return None
        attributes = {ATTR_ROOM: round(forecast.room(limit)), ATTR_LIMIT: limit / 1000}
        return round(forecast.available(limit)), attributes

    @callback
    def _change(self) -> None:
        """Show another target, or limit; a forecast of the hour before says nothing of that of a new day."""
        if self._keeper.forecast is not None:
            self._show()
        self.async_write_ha_state()


# The month.


class MonthSensor(CapacityEntity, SensorEntity):
    """Something that the month has come to. It is known whether the meter is silent or not."""

    @override
    async def async_added_to_hass(self) -> None:
        """Show what is known, and follow the month."""
        await super().async_added_to_hass()
        self._show()
        self.async_on_remove(self._keeper.follow(self._handle_coordinator_update))

    @property
    @override
    def available(self) -> bool:
        """Whether the meter is silent or not."""
        return True

    @abstractmethod
    def _show(self) -> None:
        """Take over what is known."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._show()
        self.async_write_ha_state()


class PeakSensor(MonthSensor):
    """The highest hour of a day."""

    @abstractmethod
    def _peak(self) -> Peak | None:
        """Return which."""

    @override
    def _show(self) -> None:
        if (peak := self._peak()) is None:
            self._attr_native_value = None
            self._attr_extra_state_attributes = {}
            return
        self._attr_native_value = peak.energy / 1000
        self._attr_extra_state_attributes = {
            ATTR_WHEN: None if peak.start is None else peak.start.astimezone(OSLO).isoformat(),
            ATTR_DAY: peak.day.isoformat(),
            ATTR_STATUS: peak.origin.value,
        }


class DayPeakSensor(PeakSensor):
    """The highest hour of today."""

    @override
    def _peak(self) -> Peak | None:
        return self._keeper.month.peak_of(self._keeper.today)


class MonthPeakSensor(PeakSensor):
    """One of the hours that the month is billed by."""

    def __init__(
        self, coordinator: HanPortCoordinator, keeper: CapacityKeeper, description: SensorEntityDescription, place: int
    ) -> None:
        """Take the place, of which 0 is the highest."""
        super().__init__(coordinator, keeper, description)
        self._place = place

    @override
    def _peak(self) -> Peak | None:
        counting = self._keeper.month.counting
        return counting[self._place] if self._place < len(counting) else None


class MeanSensor(MonthSensor):
    """The mean of the peaks that count, to the watt below: so one that is below a boundary is shown below it."""

    @override
    def _show(self) -> None:
        mean = self._keeper.month.mean
        self._attr_native_value = None if mean is None else math.floor(mean) / 1000


class StepSensor(MonthSensor):
    """The step that the month has come to, among those of the options."""

    @override
    def _show(self) -> None:
        steps, step = self._keeper.tariff.steps, self._keeper.month.step
        self._attr_options = list(steps.labels)
        self._attr_native_value = None if step is None else steps.label(step)
        self._attr_extra_state_attributes = {} if step is None else {ATTR_NUMBER: step + 1}


class CostSensor(MonthSensor):
    """What the month is going to cost, if it stays at the step it has come to. It begins anew with each month."""

    @override
    def _show(self) -> None:
        month = self._keeper.month
        self._attr_native_value = month.price
        self._attr_last_reset = month_span(month.first)[0]
