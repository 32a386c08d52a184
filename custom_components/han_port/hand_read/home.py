"""One meter that is read by hand, in Home Assistant: takes its readings, keeps them, and tells whoever shows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from math import isfinite
from typing import Any, Final, TypeIs

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..const import CONF_KIND, DOMAIN, KIND_HAND_READ
from ..ledger.hand_periods import HandReading, Span
from ..ledger.hand_read import HandRead
from ..ledger.hours import Hour, Status
from ..ledger.profile import Profile
from ..ledger.reading_due import next_due
from ..ledger.reading_error import ReadingError
from .readings_file import ReadingsFile
from .reminder import forget_reminder, remind
from .settings import Settings
from .shown_before import shown_before

_LOGGER = logging.getLogger(__name__)

HOUR: Final = timedelta(hours=1)
LAST_READING: Final = "last_reading"
"""The key of the sensor that shows it."""
FIVE_MINUTES: Final = timedelta(minutes=5)
_STEP: Final = timedelta(minutes=4, seconds=50)
"""The register rises just before the recorder's five minutes are over: so its rows are near to what they are to be."""
_QUARTERS: Final = 4
_LITTLE: Final = 100_000
"""Wh."""

type HandReadConfigEntry = ConfigEntry[HandReadHome]


def is_hand_read(entry: ConfigEntry[Any]) -> TypeIs[HandReadConfigEntry]:
    """Return whether an entry stands for a meter that is read by hand."""
    return entry.data.get(CONF_KIND) == KIND_HAND_READ


@dataclass(frozen=True, slots=True)
class Submitted:
    """What has become of a reading. Energies are in Wh."""

    use: int | None
    """Since the reading before; None: there is none."""
    expected: int | None
    """What had been expected for that time; None: nothing had."""
    hours: int
    """How many hours that are over were estimated anew."""


class HandReadHome:
    """The meter of one config entry: `entry.runtime_data`."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, settings: Settings, profile: Profile) -> None:
        self._hass = hass
        self._entry = entry
        self._settings = settings
        self._profile = profile
        self._file = ReadingsFile(hass, entry.entry_id, entry.title)
        self._followers: list[Callable[[], None]] = []
        self._rewriters: list[Callable[[datetime], None]] = []
        self._shown: int | None = None
        self._tick_job = HassJob(self._tick, f"{DOMAIN} {entry.entry_id}", cancel_on_shutdown=True)
        self._stop_waiting: Callable[[], None] = lambda: None
        self.meter: HandRead
        """The readings, and what follows from them. Changed by the methods below alone."""
        self.since: datetime
        """The start of the first hour of which there may be anything in the recorder."""
        self.device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)}, name=entry.title, model="Meter that is read by hand"
        )

    def unique_id(self, key: str) -> str:
        """Return the unique id of an entity. It does not change when a målepunkt-ID is given later."""
        return f"{self._entry.entry_id}_{key}"

    # Life and death.

    async def open(self) -> None:
        """Read what has been kept. Raises ConfigEntryError if nothing is, and the entry does not tell either."""
        kept = await self._file.load(self._profile)
        settings = self._settings
        if kept is not None:
            self.meter, since = kept
            self.since = min(dt_util.utc_from_timestamp(since), self.first_hour)
            if settings.expected is not None:
                self.meter.expect(settings.expected)
            if settings.digits != self.meter.digits:
                self._use_digits(settings.digits)
            return
        first = shown_before(self._hass, self.unique_id(LAST_READING)) or settings.first
        if first is None or settings.expected is None:
            raise _damaged()
        try:
            self.meter = HandRead(settings.digits, [first], settings.expected, self._profile)
        except ValueError as err:
            raise _damaged() from err
        self.since = self.first_hour
        await self.save()

    def _use_digits(self, digits: int) -> None:
        meter = self.meter
        registers = [reading.register for reading in meter.readings]
        if registers != sorted(registers):
            return  # its digits have rolled over, so it is known how many there are
        try:
            self.meter = HandRead(digits, meter.readings, meter.expected, meter.profile)
        except ReadingError:
            _LOGGER.warning("%s: a reading has more than %d digits; %d it is", self._entry.title, digits, meter.digits)

    @callback
    def start(self) -> None:
        """Rise with time, and remind, until the entry is unloaded."""
        self._look(dt_util.utcnow())
        self._wait()
        self._entry.async_on_unload(self._stop)

    async def save(self) -> None:
        """Keep all that is known, and wait until it is written."""
        await self._file.save(self.meter, int(self.since.timestamp()))

    # What is known.

    @property
    def first_hour(self) -> datetime:
        """The start of the first hour that the meter has anything to tell of."""
        return self.meter.readings[0].at.replace(minute=0, second=0, microsecond=0)

    @property
    def shown(self) -> int | None:
        """The register as the sensor shows it (Wh): it stands still rather than falls."""
        return self._shown

    @property
    def use(self) -> int | None:
        """Wh since the last reading, as they are estimated now: what is shown may be ahead of a reading, and wait."""
        last, now = (self.meter.register_at(at) for at in (self.meter.last.at, dt_util.utcnow()))
        return None if last is None or now is None else max(0, now - last)

    @property
    def due(self) -> datetime:
        """When the meter is to be read next, or should have been."""
        meter = self.meter
        return next_due(meter.last.at, meter.annual, self._settings.every, dt_util.utcnow())

    @property
    def is_due(self) -> bool:
        """Whether a reading is due."""
        return self.due <= dt_util.utcnow()

    def hours(self, start: datetime, end: datetime) -> tuple[Hour, ...]:
        """Return the estimated hours from the one in which `start` lies to the last that begins before `end`."""
        begin, last = (at.replace(minute=0, second=0, microsecond=0) for at in (start, end))
        hours = self.meter.hours(begin, last if last == end else last + HOUR)
        return tuple(hour for hour in hours if hour.status is not Status.MISSING)

    # Readings.

    async def submit(self, at: datetime, kwh: float, confirmed: bool = False) -> Submitted:
        """Take a reading (kWh) of a time that may be past. Raises ReadingError, and then nothing has changed.

        `confirmed`: a person says that it is right although it is unlikely.
        """
        reading = HandReading(at, wh(kwh))
        expected = self.meter.register_at(at)
        spans = self.meter.add(reading, dt_util.utcnow(), confirmed=confirmed)
        return await self._changed(spans, self._known(at), expected)

    async def correct(
        self, at: datetime, kwh: float, confirmed: bool = False, *, new_at: datetime | None = None
    ) -> Submitted:
        """Take a reading (kWh) in the place of the one of a time, to the minute. Raises ReadingError."""
        known = self._known(at)
        reading = HandReading(known if new_at is None else new_at, wh(kwh))
        spans = self.meter.replace(known, reading, dt_util.utcnow(), confirmed=confirmed)
        return await self._changed(spans, self._known(reading.at), None)

    async def remove(self, at: datetime) -> Submitted:
        """Forget the reading of a time, to the minute. Raises ReadingError."""
        return await self._changed(self.meter.remove(self._known(at)), None, None)

    def _known(self, at: datetime) -> datetime:
        """Return the time of the reading that people mean by a time: they see minutes only."""
        for reading in self.meter.readings:
            if reading.at == at.replace(microsecond=0):
                return reading.at
        for reading in self.meter.readings:
            if reading.at.replace(second=0) == at.replace(second=0, microsecond=0):
                return reading.at
        return at

    async def _changed(self, spans: Sequence[Span], at: datetime | None, expected: int | None) -> Submitted:
        now = dt_util.utcnow()
        before = [reading.at for reading in self.meter.readings if at is not None and reading.at < at]
        start = self.meter.register_at(before[-1]) if before else None
        register = None if at is None else self.meter.register_at(at)
        if spans:
            self.since = min(self.since, self.first_hour)
            self._look(now)
            await self.save()
            for rewrite in self._rewriters:
                rewrite(spans[0].start)
        return Submitted(
            use=None if start is None or register is None else register - start,
            expected=None if start is None or expected is None else expected - start,
            hours=_over(spans, now),
        )

    # Who wants to know.

    @callback
    def follow(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called when anything that is shown may have changed; return what ends it."""
        self._followers.append(tell)
        return lambda: self._followers.remove(tell)

    @callback
    def follow_hours(self, rewrite: Callable[[datetime], None]) -> Callable[[], None]:
        """Have `rewrite` called with the start of the first hour that has changed; return what ends it."""
        self._rewriters.append(rewrite)
        return lambda: self._rewriters.remove(rewrite)

    @callback
    def restore(self, shown: int) -> None:
        """Go on from what the sensor showed before (Wh)."""
        self._shown = shown if self._shown is None else max(self._shown, shown)
        self._rise(dt_util.utcnow())

    @callback
    def _stop(self) -> None:
        self._stop_waiting()
        forget_reminder(self._hass, self._entry.entry_id)

    @callback
    def _wait(self) -> None:
        now = dt_util.utcnow()
        mark = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) + _STEP
        at = mark if mark > now else mark + FIVE_MINUTES
        self._stop_waiting = async_call_later(self._hass, at - now, self._tick_job)

    @callback
    def _tick(self, _: datetime) -> None:
        self._look(dt_util.utcnow())
        self._wait()

    @callback
    def _look(self, now: datetime) -> None:
        self._rise(now)
        if self.is_due:
            remind(self._hass, self._entry.entry_id, self._entry.title, self.due, self.meter.last.at)
        else:
            forget_reminder(self._hass, self._entry.entry_id)
        for tell in tuple(self._followers):
            tell()

    def _rise(self, now: datetime) -> None:
        """Show the register if that is more than what is shown.

        It is shown too if it is so much less that it would take three months to catch up: then a number was wrong.
        """
        if (register := self.meter.register_at(now)) is None:
            return
        shown = self._shown
        if shown is None or not register < shown <= register + max(self.meter.annual // _QUARTERS, _LITTLE):
            self._shown = register


def wh(kwh: float) -> int:
    """Return kWh in whole Wh. Raises ReadingError if that is no number."""
    if not isfinite(kwh):
        raise ReadingError("reading_negative", found=str(kwh))
    return round(kwh * 1000)


def _over(spans: Sequence[Span], now: datetime) -> int:
    """Return how many hours of spans are over."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return sum(max(0, (min(span.end or hour, hour) - span.start) // HOUR) for span in spans)


def _damaged() -> ConfigEntryError:
    return ConfigEntryError(translation_domain=DOMAIN, translation_key="no_reading")
