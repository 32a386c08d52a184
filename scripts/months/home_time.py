"""Home Assistant's time, in a loop whose time passes fast: of states and automations, templates and timers.

Home Assistant takes the time from several places; all of them have to tell the same, or an automation's minute is one
of the wall.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Protocol
from unittest.mock import patch

from homeassistant.helpers import entity, event
from homeassistant.util import dt as dt_util

from scripts.soaking.clock import Clock


class Now(Protocol):
    """What says what time it is, UTC."""

    def now(self) -> datetime:
        """Say it."""


@contextmanager
def home_time(clock: Now) -> Iterator[None]:
    """Have all of Home Assistant live by this clock."""

    def stamp() -> float:
        return clock.now().timestamp()

    def local(time_zone: tzinfo | None = None) -> datetime:
        return clock.now().astimezone(time_zone or dt_util.DEFAULT_TIME_ZONE)

    with (
        patch("time.time", stamp),
        patch.object(entity, "timer", stamp),
        patch.object(dt_util, "DEFAULT_TIME_ZONE", dt_util.DEFAULT_TIME_ZONE),  # which Home Assistant sets
        patch.object(dt_util, "utcnow", clock.now),
        patch.object(dt_util, "now", local),
        patch.object(event, "time_tracker_utcnow", clock.now),
        patch.object(event, "time_tracker_timestamp", stamp),
    ):
        yield


@contextmanager
def fast(clock: Clock, times: float) -> Iterator[None]:
    """Have time pass so many times as fast."""
    clock.times = times
    try:
        yield
    finally:
        clock.times = 1
