"""One meter in Home Assistant: takes its readings, and tells the entities that they concern.

Home Assistant's coordinator polls; this one is pushed to. It owns the link to the port and the decoder, and remembers
in the config entry what the meter is and what it sends. Whether a list is our meter's is told by `whose`, whether the
meter is silent by `silence`, and whether its keys are to be asked for by `cipher_watch`.

What a list costs matters: some meters send one every 2 s. So a list reaches only the entities whose quantities it
carries, and the silence timer is not touched by it: it looks at the time of the last list when it fires.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
import logging
from typing import Any, Final, NamedTuple

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PORT, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .bookkeeper import Bookkeeper, closes_hour
from .capacity_keeper import CapacityKeeper
from .capacity_options import tariff_of
from .cipher_watch import CipherWatch
from .const import (
    CONF_BAUDRATE,
    CONF_INTERVAL,
    CONF_KEYS,
    CONF_METER,
    CONF_PARITY,
    CONF_POWER_INTERVAL,
    CONF_QUANTITIES,
    DEFAULT_INTERVAL,
    DEFAULT_POWER_INTERVAL,
    DOMAIN,
)
from .factors import Factors
from .known_meter import keys_from_stored, measured, meter_as_stored, meter_from_stored, meter_name
from .ledger.forecast import Forecast
from .link import Cause, Line, Link, LinkError, Parity, is_topic
from .mqtt_topic import opener
from .silence import POWER_CADENCE, Silence
from .whose import Whose
from .wire.decoder import Decoder
from .wire.reading import ListKind, Meter, Number, Quantity, Reading

_LOGGER = logging.getLogger(__name__)

LINK_INTERVAL: Final = 30.0
"""Seconds between updates of what tells about the link."""
STAYS: Final = 5.0
"""Seconds that a connection must last to count as open: some bridges take every one, and close it at once."""
REGISTERS_INTERVAL: Final = 10.0
"""Seconds between updates of registers, for meters that send them with every list: some do so every second."""
EARLY: Final = 1.0
"""Seconds that a list may come before an interval is over and still count: lists do not come to the millisecond."""

type HanPortConfigEntry = ConfigEntry[HanPortCoordinator]


class Pace(IntEnum):
    """How often an entity wants to hear of its quantity."""

    AT_ONCE = 0
    POWER = 1
    REST = 2


class Follower(NamedTuple):
    """Who wants a quantity, and how often."""

    pace: Pace
    tell: Callable[[Number], None]


ENERGIES: Final = frozenset(quantity for quantity in Quantity if "energy" in quantity)
EXPECTED: Final = frozenset(
    (
        Quantity.ENERGY_IMPORT,
        Quantity.ENERGY_EXPORT,
        Quantity.REACTIVE_ENERGY_IMPORT,
        Quantity.REACTIVE_ENERGY_EXPORT,
    )
)
"""What every meter sends with its hourly list, and so is there before the first one has come."""


class HanPortCoordinator(DataUpdateCoordinator[Reading]):
    """The meter of one config entry."""

    config_entry: HanPortConfigEntry

    def __init__(self, hass: HomeAssistant, entry: HanPortConfigEntry) -> None:
        super().__init__(hass, _LOGGER, config_entry=entry, name=entry.title)
        self.meter = meter_from_stored(entry.data[CONF_METER])
        self.identity = self.meter.id or entry.entry_id
        """The meter's number, or what takes the place of that for a meter that tells none. It never changes."""
        self.sent = {Quantity(name) for name in entry.data[CONF_QUANTITIES]}
        """What the meter has been seen to send."""
        self.values: dict[Quantity, Number] = {}
        """The last value of each quantity, with the factors of the options; energies outlive silence."""
        self.context = Context()
        """Of all states that come of the last list."""
        self.raw: dict[ListKind, Reading] = {}
        """The last list of each kind, as it was sent."""
        self.clock: datetime | None = None
        """The meter's clock in UTC, as the last list that tells it has it."""
        self.last_list: datetime | None = None

        self._keys = keys_from_stored(entry.data.get(CONF_KEYS))
        self.decoder = Decoder(self._keys, in_messages=is_topic(entry.data[CONF_PORT]))
        self.cipher_watch = CipherWatch()
        self.link = Link(
            entry.data[CONF_PORT],
            line_of(entry),
            on_data=self.feed,
            on_up=self._up,
            on_down=self._down,
            opener=opener(hass),
        )
        self.whose = Whose(self.meter, hass.loop.time, self._learn)
        self.silence = Silence(hass.loop, self.name, reason=self._reason, on_silence=self._silent)
        self.link.patience = self.silence.patience

        self._factors = Factors(entry.options)
        self.bookkeeper = Bookkeeper(hass, entry.entry_id, entry.title, self.identity, entry.options)
        tariff = tariff_of(entry.options)
        self.capacity = None if tariff is None else CapacityKeeper(self, tariff)
        self.made: set[str] = set()
        """The unique ids of the entities that have been made."""
        self._forecast: Forecast | None = None
        self._forecast_by: Reading | None = None
        self._power_interval = _interval(entry.options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL))
        self._interval = _interval(entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL))
        self._registers_interval = _interval(REGISTERS_INTERVAL)
        self._power_due = self._registers_due = self._due = self._link_due = 0.0

        self._followers: dict[Quantity, Follower] = {}
        self._clock_followers: list[Callable[[], None]] = []
        self._hour_followers: list[Callable[[], None]] = []
        self._link_followers: list[Callable[[], None]] = []
        self._discoverers: list[Callable[[Collection[Quantity]], None]] = []

        self._first_open: asyncio.Future[None] = hass.loop.create_future()
        self._fed_at_list = 0
        self._up_at = self._open_at = hass.loop.time()
        self._stop_listening = hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._home_assistant_stops)

    # Life and death.

    async def start(self) -> None:
        """Open the book and the port. Raises LinkError if the port does not open."""
        await self.bookkeeper.open()
        if self._keys is not None:
            self.bookkeeper.keep_counters(self._keys, self.decoder.cipher)
        if self.capacity is not None:
            self.capacity.start()
        self.link.start()
        await self._first_open
        self.silence.begin()

    async def stop(self) -> None:
        """Let go of the port and of all timers."""
        self._stop_listening()
        await self._release()

    async def _home_assistant_stops(self, _event: Event) -> None:
        self._stop_listening = lambda: None
        await self._release()

    async def _release(self) -> None:
        self.silence.stop()
        if self.capacity is not None:
            self.capacity.stop()
        if not self._first_open.done():
            self._first_open.set_exception(LinkError(Cause.LOST, "stopped before the port was open"))
        await self.link.stop()
        await self.bookkeeper.close()

    # The link.

    @callback
    def feed(self, data: bytes) -> None:
        """Take bytes from the port."""
        listed = False
        for reading in (readings := self.decoder.feed(data)):
            listed |= self.take(reading)
        if not readings or self.decoder.cipher.title:
            self._watch_cipher(listed=listed)
        if self._link_followers and (now := self.hass.loop.time()) >= self._link_due:
            self._link_due = now + LINK_INTERVAL
            for tell in self._link_followers:
                tell()

    @callback
    def _watch_cipher(self, *, listed: bool) -> None:
        """Ask for keys if the meter's lists are ciphered, and none that is known opens them."""
        counters = self.decoder.counters
        if self.cipher_watch.look(counters.ciphered + counters.wrong_key, counters.replayed, listed=listed):
            what = "its lists are ciphered" if self._keys is None else "its keys do not open its lists any more"
            _LOGGER.warning("%s: %s; the right keys are needed", self.name, what)
            self.config_entry.async_start_reauth(self.hass)

    async def forget_counters(self) -> None:
        """Take the frame counters of ciphered lists anew, and wait until that is written."""
        self.decoder.cipher.forget()
        self.cipher_watch.forget()
        await self.bookkeeper.close()

    @callback
    def _up(self) -> None:
        self.decoder.reset()
        self._up_at = self.hass.loop.time()
        if not self._first_open.done():
            self._first_open.set_result(None)

    @callback
    def _down(self, error: LinkError) -> None:
        if (now := self.hass.loop.time()) - self._up_at >= STAYS:
            self._open_at = now
        if not self._first_open.done():
            self._first_open.set_exception(error)

    @property
    def open_at(self) -> float:
        """The event loop's time when the port was last open, for more than a moment; first, when the port was asked."""
        now = self.hass.loop.time()
        return now if self.link.connected and now - self._up_at >= STAYS else self._open_at

    # Readings.

    @callback
    def take(self, reading: Reading) -> bool:
        """Take a list: if it is our meter's, remember it, and tell the entities that it concerns; return whether."""
        self.link.heard()
        if not self.whose.is_ours(reading.meter):
            return False
        now = self.silence.heard_at = self.hass.loop.time()
        self._fed_at_list = self.decoder.fed
        arrival = self.last_list = dt_util.utcnow()
        self.context = Context()
        self.raw[reading.kind] = reading
        if reading.kind is ListKind.POWER and self.silence.cadence != POWER_CADENCE:
            self.silence.quicken()
            self.link.patience = self.silence.patience
        reading = self.bookkeeper.take(self._factors.applied(reading), arrival)
        values = reading.values
        self.data = reading
        self.values.update(values)
        if reading.clock is not None:
            self.clock = _in_utc(reading.clock, reading.clock_offsets, arrival)
        if not values.keys() <= self.sent:
            self._discover(values)
        if self.last_update_success:
            self._distribute(reading, now, arrival)
        else:
            self._return(reading, now)
        return True

    @callback
    def _distribute(self, reading: Reading, now: float, arrival: datetime) -> None:
        """Tell those who follow a quantity of this list, if it is time again for them."""
        power_due = now >= self._power_due
        is_whole = reading.kind is not ListKind.HOURLY or self._registers_are_due(now, arrival)
        due = is_whole and now >= self._due
        wanted = (is_whole, power_due, due)
        followers = self._followers
        for quantity, value in reading.values.items():
            if (follower := followers.get(quantity)) is not None and wanted[follower.pace]:
                follower.tell(value)
        if power_due:
            self._power_due = now + self._power_interval
        if reading.kind is ListKind.POWER or not is_whole:
            return
        for tell in self._hour_followers:
            tell()
        if due:
            self._due = now + self._interval
            if reading.clock is not None:
                for tell in self._clock_followers:
                    tell()

    def _registers_are_due(self, now: float, arrival: datetime) -> bool:
        """Return whether to show the registers of a list: not every second, but always the last of an hour."""
        if now < self._registers_due and not closes_hour(arrival):
            return False
        self._registers_due = now + self._registers_interval
        return True

    @callback
    def _discover(self, values: Mapping[Quantity, Number]) -> None:
        """Remember what the meter has not sent before, and have the entities made."""
        if new := measured(values, self.meter.grid) - self.sent:
            self.sent |= new
            self._store({CONF_QUANTITIES: sorted(self.sent)})
            for discoverer in self._discoverers:
                discoverer(new)

    @property
    def forecast(self) -> Forecast | None:
        """What the running hour is going to come to, by the last list; None while nobody knows.

        Worked out once for each list, however many ask.
        """
        if not self.last_update_success or self.last_list is None:
            return None
        if self._forecast_by is not self.data:
            self._forecast_by = self.data
            self._forecast = self.bookkeeper.book.forecast(self.last_list)
        return self._forecast

    # Which meter it is.

    @callback
    def _learn(self, meter: Meter) -> None:
        """Take over what our meter says of itself, where that is new."""
        known = replace(
            meter,
            model=meter.model or self.meter.model,
            list_id=meter.list_id or self.meter.list_id,
            grid=meter.grid or self.meter.grid,
        )
        if known != self.meter:
            self.meter = known
            self._store({CONF_METER: meter_as_stored(known)})
            dr.async_get(self.hass).async_get_or_create(config_entry_id=self.config_entry.entry_id, **self.device_info)

    @property
    def device_info(self) -> DeviceInfo:
        """The meter, as the device page shows it."""
        return DeviceInfo(
            identifiers={(DOMAIN, self.identity)},
            manufacturer=self.meter.maker or None,
            model=self.meter.model or None,
            name=meter_name(self.meter),
            serial_number=self.meter.id or None,
        )

    @callback
    def _store(self, changes: Mapping[str, Any]) -> None:
        self.hass.config_entries.async_update_entry(self.config_entry, data={**self.config_entry.data, **changes})

    # Silence.

    @callback
    def _silent(self) -> None:
        """Show that the meter is silent."""
        self.last_update_success = False
        self.whose.doubt()
        self.values = {quantity: value for quantity, value in self.values.items() if quantity in ENERGIES}
        self.async_update_listeners()

    def _reason(self) -> str:
        """Say for the log why there are no lists."""
        if not self.link.connected:
            return str(self.link.error)
        if self.whose.stranger_since is not None:
            return "another meter is on the port"
        if (refusal := self.decoder.refusal) is not None:
            return f"lists came that are ciphered, and were not opened ({refusal.value})"
        if fed := self.decoder.fed - self._fed_at_list:
            return f"{fed} bytes came, and no list in them"
        return "the port is open, but nothing comes"

    @callback
    def _return(self, reading: Reading, now: float) -> None:
        """Show all that is known: the meter is back."""
        self.last_update_success = True
        self._power_due = now + self._power_interval
        if reading.kind is ListKind.HOURLY:
            self._registers_due = now + self._registers_interval
        self._due = now if reading.kind is ListKind.POWER else now + self._interval
        self.silence.end()
        self.async_update_listeners()

    # Entities.

    @callback
    def follow(self, quantity: Quantity, pace: Pace, tell: Callable[[Number], None]) -> Callable[[], None]:
        """Have `tell` called with each new value of a quantity, at its pace; return what ends it."""
        self._followers[quantity] = Follower(pace, tell)

        def end() -> None:
            del self._followers[quantity]

        return end

    @callback
    def follow_clock(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called when the meter told its clock; return what ends it."""
        self._clock_followers.append(tell)
        return lambda: self._clock_followers.remove(tell)

    @callback
    def follow_hour(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called when there may be more energy in the running hour; return what ends it."""
        self._hour_followers.append(tell)
        return lambda: self._hour_followers.remove(tell)

    @callback
    def follow_link(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called every now and then while bytes come; return what ends it."""
        self._link_followers.append(tell)
        return lambda: self._link_followers.remove(tell)

    @callback
    def on_discovery(self, discoverer: Callable[[Collection[Quantity]], None]) -> Callable[[], None]:
        """Have `discoverer` called with quantities that the meter has not sent before; return what ends it."""
        self._discoverers.append(discoverer)
        return lambda: self._discoverers.remove(discoverer)


def line_of(entry: HanPortConfigEntry) -> Line:
    """Return the line settings of an entry."""
    return Line(entry.data[CONF_BAUDRATE], Parity(entry.data[CONF_PARITY]))


def _in_utc(clock: datetime, offsets: Collection[timedelta], arrival: datetime) -> datetime | None:
    """Return a meter's clock in UTC: of the offsets that it may have, the one that lies nearest to arrival."""
    times = ((clock - offset).replace(tzinfo=UTC) for offset in offsets)
    return min(times, key=lambda time: abs(time - arrival), default=None)


def _interval(seconds: float) -> float:
    """Return the shortest time between updates that makes the option true for lists that come a little early."""
    return max(0.0, seconds - min(EARLY, seconds / 10))
