"""Whether the hour that is running will exceed its target: steady enough for automations to act on.

In the first minutes of an hour the forecast is that of a power alone: a kettle is enough, or what the hour before has
left to end. Five minutes of silence spare a tenth to a fifth of the warnings that do not come true, and cost little:
what is used too much in them is made up for in the fifty-five that follow. Ten minutes would spare twice as many, but
they are a sixth of the hour.
"""

from datetime import datetime, timedelta
from typing import Final

from .forecast import Forecast

SILENT: Final = 300.0
"""Seconds from the full hour in which the forecast is not listened to."""
_ON_AFTER: Final = timedelta(seconds=30)
"""With the minute after which a forecast follows a car that has begun to charge, this is told within two."""
_OFF_AFTER: Final = timedelta(seconds=120)
_MARGIN: Final = 0.03
"""Part of the limit by which a forecast must be below it, to end it."""
_LEAST_MARGIN: Final = 100
"""Wh."""
_HOUR: Final = timedelta(hours=1)


class OverTarget:
    """Takes each forecast, and tells whether the target is exceeded.

    It begins when forecasts have been above the limit for half a minute, or when more than the limit has been used. It
    ends when they have been clearly below for two minutes, when the limit is moved above them, and with the hour.
    """

    __slots__ = ("_limit", "_since", "_start", "on")

    def __init__(self) -> None:
        self.on = False
        self._start: datetime | None = None
        self._limit = 0
        self._since: datetime | None = None
        """Since when forecasts have said otherwise."""

    def update(self, forecast: Forecast | None, limit: int, now: datetime) -> bool:
        """Take a forecast, or that there is none, and the limit (Wh that the hour may come to); return `on`."""
        if forecast is None:
            if self._start is not None and not self._start <= now < self._start + _HOUR:
                self._begin(None)
            return self.on
        if forecast.start != self._start:
            self._begin(forecast.start)
        elif limit != self._limit:
            self.on = forecast.expected > limit and forecast.passed >= SILENT
            self._since = None
        self._limit = limit
        if forecast.so_far > limit:
            self.on = True
            self._since = None
        else:
            self._weigh(forecast, limit, now)
        return self.on

    def _begin(self, start: datetime | None) -> None:
        """Begin an hour."""
        self.on = False
        self._start = start
        self._since = None

    def _weigh(self, forecast: Forecast, limit: int, now: datetime) -> None:
        """Change once forecasts have said otherwise for long enough."""
        bar = limit - max(_LEAST_MARGIN, limit * _MARGIN) if self.on else limit
        if (forecast.expected > bar) == self.on:
            self._since = None
            return
        self._since = since = now if self._since is None else min(self._since, now)
        if forecast.passed >= SILENT and now - since >= (_OFF_AFTER if self.on else _ON_AFTER):
            self.on = not self.on
            self._since = None
