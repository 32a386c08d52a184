"""The capacity tariff of one meter in Home Assistant: what the book, corrections and the target make of this month.

It works out the month anew when an hour has been settled, a peak corrected, the target moved, or a day has begun, and
tells whoever shows it. A day begins by a timer, for at midnight no list need come. Nothing is kept here: hours and
corrections are in the book's file, the tariff and its target in the options of the entry.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from .capacity_options import target_of, with_target
from .ledger import Changes
from .ledger.capacity import Month, Tariff, allowed, assess, day_of, month_span, next_midnight, within_reach
from .ledger.forecast import Forecast
from .ledger.over_target import OverTarget

if TYPE_CHECKING:
    from .coordinator import HanPortCoordinator

_HOUR: Final = timedelta(hours=1)
_UNKNOWN: Final = date.min


class CapacityKeeper:
    """What the capacity tariff says of one meter, as of now."""

    def __init__(self, coordinator: HanPortCoordinator, tariff: Tariff) -> None:
        """Begin once the book is open, by `start`."""
        self.tariff: Final = tariff
        self.over = OverTarget()
        """Whether the running hour is about to exceed its limit."""
        self._coordinator = coordinator
        self._hass: HomeAssistant = coordinator.hass
        self._bookkeeper = coordinator.bookkeeper
        self._day = _UNKNOWN
        """The day that followers have been told of."""
        self._month: Month | None = None
        self._limit: tuple[date, int | None] | None = None
        """The limit of a day."""
        self._settled = False
        """Whether hours have been settled of which followers have not been told yet."""
        self._followers: list[Callable[[], None]] = []
        self._ends: list[Callable[[], None]] = []
        self._stop_timer: Callable[[], None] = lambda: None

    # Life and death.

    @callback
    def start(self) -> None:
        """Begin to follow the book, the meter and the clock."""
        self._day = self.today
        self._ends = [
            self._bookkeeper.follow(self._settle),
            self._coordinator.follow_hour(self._look),
            self._coordinator.async_add_listener(self._look),
        ]
        self._wait_for_midnight()

    @callback
    def stop(self) -> None:
        """Let go of all that it follows."""
        self._stop_timer()
        for end in self._ends:
            end()
        self._ends.clear()

    @callback
    def follow(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called when peaks, target, limit or the day have changed; return what ends it."""
        self._followers.append(tell)
        return lambda: self._followers.remove(tell)

    # The month.

    @property
    def today(self) -> date:
        """The day by the Norwegian clock."""
        return day_of(dt_util.utcnow())

    @property
    def month(self) -> Month:
        """What the hours settled so far make of this month."""
        today = self.today
        if self._month is None or self._month.first != today.replace(day=1):
            self._month = self.month_at(today)
        return self._month

    def month_at(self, day: date) -> Month:
        """Return what the hours that are known make of the month in which a day lies."""
        hours = (*self._bookkeeper.before, *self._bookkeeper.book.hours(*month_span(day)))
        return assess(hours, self.corrections, self.tariff, day)

    # Corrections by hand.

    @property
    def corrections(self) -> Mapping[date, int | None]:
        """What the user has said of days: their maximum in Wh; None if the day does not count."""
        return self._bookkeeper.corrections

    @callback
    def correct(self, day: date, energy: int | None) -> None:
        """Let a day's maximum be this one (Wh), whatever was measured; None: the day does not count."""
        self._bookkeeper.correct(day, energy)
        self._change()

    @callback
    def uncorrect(self, day: date) -> None:
        """Let a day's maximum be what was measured."""
        self._bookkeeper.uncorrect(day)
        self._change()

    # The target, and how the running hour stands to it.

    @property
    def target(self) -> int | None:
        """The mean that the user does not want to exceed, in W; None as long as there is no target."""
        return target_of(self._coordinator.config_entry.options)

    @callback
    def set_target(self, kilowatts: float | None) -> None:
        """Keep another target in the options of the entry, which is not set up anew for it."""
        entry = self._coordinator.config_entry
        self._hass.config_entries.async_update_entry(entry, options=with_target(entry.options, kilowatts))
        self._change()

    @property
    def kept_target(self) -> int | None:
        """The target that is kept, in W: the user's, or the next that is within reach this month; None if none is."""
        return None if (target := self.target) is None else within_reach(self.month, self.tariff, target)

    @property
    def limit(self) -> int | None:
        """What an hour of today may come to, in Wh, for the target to be kept; None as long as none is kept."""
        today = self.today
        if self._limit is None or self._limit[0] != today:
            target = self.kept_target
            self._limit = today, None if target is None else allowed(self.month, self.tariff, target, today)
        return self._limit[1]

    @property
    def forecast(self) -> Forecast | None:
        """What the running hour is going to come to, by the last list; None while nobody knows, or none came in it."""
        forecast = self._coordinator.forecast
        return None if forecast is None or dt_util.utcnow() - forecast.start >= _HOUR else forecast

    # What changes it.

    @callback
    def _settle(self, _changes: Changes) -> None:
        """Take note that hours have been settled. The list that did so is still to be distributed: `_look` tells."""
        self._month = self._limit = None
        self._settled = True

    @callback
    def _look(self) -> None:
        """Look at the running hour after a list, or in silence, before those who show it."""
        if self._settled or self._day != self.today:
            self._change()
        else:
            self._compare()

    @callback
    def _compare(self) -> None:
        if (limit := self.limit) is not None:
            self.over.update(self.forecast, limit, dt_util.utcnow())
        elif self.over.on:
            self.over = OverTarget()

    @callback
    def _change(self) -> None:
        """Tell of what is new."""
        self._settled = False
        self._month = self._limit = None
        if self._day != (today := self.today):
            self._day = today
            self._wait_for_midnight()
        self._compare()
        for tell in self._followers:
            tell()

    @callback
    def _wait_for_midnight(self) -> None:
        self._stop_timer()
        self._stop_timer = async_track_point_in_utc_time(self._hass, self._begin_day, next_midnight(dt_util.utcnow()))

    @callback
    def _begin_day(self, _now: datetime) -> None:
        self._stop_timer = lambda: None
        self._change()
