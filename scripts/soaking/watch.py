"""What a user sees while it runs: states as they are written, and the log."""

from array import array
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
import itertools
import logging
from pathlib import Path
from typing import Any, override

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from custom_components.han_port.const import DOMAIN
from tests.meters import Maker, Meter

from .bridge import Bridge
from .clock import Clock
from .plan import HOUR, Fault

ENERGIES = ("energy_import", "energy_export")

LIVE = 30.0
LIVE_SHARE = 0.01
"""The live register's bar: so many Wh, or this share of the hour, beside the resolution of the meter's register."""

_SEEN = timedelta(seconds=5)
"""After which a list has been seen, in fast time."""
_NOT_KNOWN = ("unavailable", "unknown")


def entity_id(hass: HomeAssistant, maker: Maker, quantity: str) -> str:
    """Return the id of a quantity's entity. Raises KeyError if there is none."""
    if (found := er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{maker.id}_{quantity}")) is None:
        raise KeyError(quantity)
    return found


@dataclass(slots=True)
class Live:
    """How right the energy sensors were when they changed, Wh."""

    worst: float = 0.0
    """The largest error of all, outages included."""
    checks: int = 0
    """How often they were looked at in an hour whose list came, while nothing had gone wrong since then."""
    worst_checked: float = 0.0
    beyond: int = 0
    """How many of these were beyond the bar."""

    def add(self, error: float, bar: float) -> None:
        """Count a check."""
        self.checks += 1
        self.worst_checked = max(self.worst_checked, error)
        self.beyond += error > bar


def true_energy(meter: Meter, at: datetime) -> Mapping[str, float]:
    """Return the registers at an instant, as fine as they are, in Wh."""
    energy = meter.household.energy(at)
    first, second, *_ = meter.registers
    return dict(zip(ENERGIES, (first + energy.imported, second + energy.exported), strict=True))


@lru_cache(maxsize=4)
def live_bar(meter: Meter, hour: datetime) -> float:
    """Return how far the energy sensors may be from the truth in an hour, Wh."""
    before, after = true_energy(meter, hour), true_energy(meter, hour + HOUR)
    energy = max(after[name] - before[name] for name in ENERGIES)
    return max(LIVE, LIVE_SHARE * energy) + resolution(meter)


def resolution(meter: Meter) -> float:
    """Return what the meter's registers count, Wh."""
    return 10.0 ** max(0, meter.maker.scaler(ENERGIES[0]))


class Watch:
    """Looks at each state of the power and of the energy that is written."""

    def __init__(
        self,
        hass: HomeAssistant,
        meter: Meter,
        bridge: Bridge,
        clock: Clock,
        *,
        faults: Sequence[Fault],
        hours: Container[datetime],
    ) -> None:
        """Begin.

        Args:
            hass: Home Assistant, in which the entities are.
            meter: of which all this is.
            bridge: that sends its lists.
            clock: of the event loop.
            faults: all that will happen to the line, in order.
            hours: what will happen to hourly lists, by their full hour.

        """
        self.lags = array("f")
        """How long after it was due each list was seen in a state, s."""
        self.falls = 0
        """How often a total fell."""
        self._bridge = bridge
        self._clock = clock
        self._faults = faults
        self._powers = {entity_id(hass, meter.maker, "power_import")}
        self.live = Live()
        self.shown: dict[str, tuple[float, float]] = {}
        """What each energy sensor shows, and by how much that was wrong when it changed, Wh."""
        self._meter = meter
        self._hours = hours
        self._energies = {entity_id(hass, meter.maker, quantity): quantity for quantity in ENERGIES}
        self._waiting: list[Fault] = []
        self._next = 0
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._power, self._is_power)
        hass.bus.async_listen(EVENT_STATE_REPORTED, self._power, self._is_power)
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._energy, self._is_energy)

    @callback
    def _is_power(self, data: Mapping[str, Any]) -> bool:
        return data["entity_id"] in self._powers

    @callback
    def _is_energy(self, data: Mapping[str, Any]) -> bool:
        return data["entity_id"] in self._energies

    @callback
    def _power(self, event: Event[Any]) -> None:
        state = event.data["new_state"]
        if state is None or state.state in _NOT_KNOWN:
            return
        now = self._clock.time()
        bridge = self._bridge
        if bridge.due is not None:
            self.lags.append(now - bridge.due)
            bridge.due = None
        faults = self._faults
        today = self._clock.now()
        while self._next < len(faults) and faults[self._next].end <= today:
            self._waiting.append(faults[self._next])
            self._next += 1
        if self._waiting:
            for fault in self._waiting:
                if fault.ended < now:
                    fault.healed = now - fault.ended
            self._waiting = [fault for fault in self._waiting if fault.healed is None]

    @callback
    def _energy(self, event: Event[Any]) -> None:
        state = event.data["new_state"]
        if state is None or state.state in _NOT_KNOWN:
            return
        quantity = self._energies[state.entity_id]
        now = self._clock.now()
        energy = float(state.state) * 1000
        self.falls += energy < self.shown.get(quantity, (0.0, 0.0))[0]
        error = abs(energy - true_energy(self._meter, now)[quantity])
        self.shown[quantity] = energy, error
        self.live.worst = max(self.live.worst, error)
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._has_register(hour, now):
            self.live.add(error, live_bar(self._meter, hour))

    def _has_register(self, hour: datetime, now: datetime) -> bool:
        """Return whether this hour's list came, and nothing went wrong since then."""
        begin = self._clock.loop_time(hour)
        if hour in self._hours or now - hour < self._meter.maker.hourly_at + _SEEN:
            return False
        begun = itertools.takewhile(lambda fault: fault.start <= now, self._faults[max(0, self._next - 1) :])
        return all(fault.healed is not None and fault.ended + fault.healed < begin for fault in begun)


class Lines(logging.Handler):
    """Counts what the log says of the integration, at the level of INFO and above, by the fault it is said in."""

    def __init__(self, *names: str) -> None:
        super().__init__(logging.INFO)
        self.fault: Callable[[], Fault | None] = lambda: None
        self.lines: list[str] = []
        self.retries: list[str] = []
        """What Home Assistant says of setting the entry up again, below the level that its log has by default."""
        self.others: list[str] = []
        """Warnings and worse that name nothing of the integration."""
        self.names = set(names)
        """What a line must name to be one of the integration."""

    def begin(self) -> None:
        """Forget what was said while Home Assistant started."""
        self.lines.clear()
        self.others.clear()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        line = f"{record.levelname} {record.name}: {message}"
        if not any(name in record.name or name in message for name in self.names):
            if record.levelno >= logging.WARNING:
                self.others.append(line)
            return
        if record.levelno < logging.WARNING and Path(record.pathname).name == "config_entries.py":
            self.retries.append(line)
            return
        self.lines.append(line)
        if (fault := self.fault()) is not None:
            fault.lines.append(line)
