"""Has the recorder's hourly rows of the meter reading follow the hours of the meter, whenever either changes."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from homeassistant.components.recorder import is_entity_recorded  # type: ignore[attr-defined]  # core re-exports it
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    EVENT_RECORDER_5MIN_STATISTICS_GENERATED,
    Platform,
    UnitOfEnergy,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..ledger.hand_read import HandRead
from .home import HandReadHome
from .write_hours import WriteHours

METER_READING: Final = "meter_reading"
"""The key of the sensor whose statistics these are."""
LOOK_BACK: Final = timedelta(hours=3)
"""What every run looks at; it goes further back where it finds that the rows before are not right."""
_ALL: Final = datetime.min.replace(tzinfo=UTC)
_NONE: Final = datetime.max.replace(tzinfo=UTC)


class HandStatistics:
    """Keeps the hourly statistics of one meter's sensor. Without a recorder nothing happens."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, home: HandReadHome) -> None:
        self._hass = hass
        self._entry = entry
        self._home = home
        self._due = _ALL
        self._copy: HandRead | None = None
        self._woken = False
        self._task: asyncio.Task[None] | None = None

    @callback
    def start(self) -> None:
        """Begin, until the entry is unloaded: look at everything once Home Assistant is up, then at each new row."""
        unload = self._entry.async_on_unload
        unload(self._home.follow_hours(self._rewrite))
        unload(async_at_started(self._hass, self._wake))
        unload(self._hass.bus.async_listen(EVENT_RECORDER_5MIN_STATISTICS_GENERATED, self._wake))

    @callback
    def _rewrite(self, start: datetime) -> None:
        self._due = min(self._due, start)
        self._wake()

    @callback
    def _wake(self, _: HomeAssistant | Event | None = None) -> None:
        """See to it that a run begins after now. A recorder that is slow has one run wait for it, not many."""
        self._woken = True
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._work(), f"{DOMAIN} statistics of {self._entry.title}"
            )

    async def _work(self) -> None:
        while self._woken:
            self._woken = False
            due, self._due = self._due, _NONE
            if not await self._write(due):
                self._due = min(self._due, due)

    async def _write(self, due: datetime) -> bool:
        """Return whether all rows from an hour on are right now, as far as the recorder has come."""
        hass, home = self._hass, self._home
        entity_id = er.async_get(hass).async_get_entity_id(Platform.SENSOR, DOMAIN, home.unique_id(METER_READING))
        recorder = hass.data.get(DATA_INSTANCE)
        if recorder is None or entity_id is None or hass.is_stopping or not is_entity_recorded(hass, entity_id):
            return False
        if (state := hass.states.get(entity_id)) is None:
            return False
        since, first = home.since, home.first_hour
        meter = await self._copy_of(home.meter)
        done: asyncio.Future[bool] = hass.loop.create_future()
        recorder.queue_task(
            WriteHours(
                statistic_id=entity_id,
                unit=state.attributes.get(ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy.KILO_WATT_HOUR),
                meter=meter,
                since=since,
                start=min(due, _full_hour(dt_util.utcnow()) - LOOK_BACK),
                done=done,
            )
        )
        if not await done:
            return False
        if since < first and (since, first) == (home.since, home.first_hour):
            home.since = first  # what was before is gone
            await home.save()
        return True

    async def _copy_of(self, meter: HandRead) -> HandRead:
        """Return a meter with the same readings, to be read in another thread while this one may change."""
        copy = self._copy
        now = meter.digits, meter.readings, meter.expected, meter.profile
        if copy is None or (copy.digits, copy.readings, copy.expected, copy.profile) != now:
            copy = self._copy = await self._hass.async_add_executor_job(HandRead, *now)
        return copy


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
