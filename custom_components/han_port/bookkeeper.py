"""The book of one meter in Home Assistant: on disk, and towards whoever wants to hear of its hours.

Saved whenever an hour has been settled, so that a power cut loses none of them. A file that cannot be read is set
aside and said once; the book begins anew, and set-up goes on. Where the book is older than what the recorder has, as
after the restoring of a backup, it goes on from that. Where the factor for energy is another one than when the book was
saved, the book goes on with it, and remembers for whose statistics that is still to be mended.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .book_file import BadFileError, BookFile, LaterFileError
from .const import CONF_CORRECT_HISTORY, CONF_ENERGY_FACTOR, DOMAIN
from .factor_change import Change, moved
from .frame_counters import FrameCounters
from .kept_book import Kept
from .ledger import Book, Changes, DamagedBookError, Event, Hour, LaterBookError, suggested_factor
from .recall import shown_since
from .succession import inherit
from .wire.cipher import Cipher, Keys
from .wire.reading import ListKind, Quantity, Reading

_LOGGER = logging.getLogger(__name__)

LIVE: Final = (Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT)
"""The registers that the book keeps, and that rise between two hourly lists."""
_ISSUES: Final = (
    "wrong_scale",
    "book_damaged",
    "book_not_saved",
    "register_fell",
    "register_leapt",
    "options_damaged",
)
"""What there may be to tell of a book."""


async def forget(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the book of an entry, and all that was told of it. What was set aside stays."""
    for issue in _ISSUES:
        ir.async_delete_issue(hass, DOMAIN, f"{issue}_{entry_id}")
    await BookFile(hass, entry_id).remove()


def wrong_scale_id(entry_id: str) -> str:
    """Return the id of the issue that an entry's registers and power are not on one scale."""
    return f"wrong_scale_{entry_id}"


class Bookkeeper:
    """Keeps the book of one entry's meter."""

    def __init__(
        self, hass: HomeAssistant, entry_id: str, name: str, meter_id: str, options: Mapping[str, Any]
    ) -> None:
        """Begin with an empty book.

        Args:
            hass: Home Assistant.
            entry_id: of the config entry.
            name: of the meter, for people.
            meter_id: its number, or what takes the place of that.
            options: of the entry: what its registers are multiplied by before the book gets them.

        """
        self._factor = float(options.get(CONF_ENERGY_FACTOR, 1))
        self._kept = Kept(Book(meter_id), self._factor)
        self._meter_id = meter_id
        self._hass = hass
        self._entry_id = entry_id
        self._name = name
        self._history = bool(options.get(CONF_CORRECT_HISTORY, False))
        self._file = BookFile(hass, entry_id)
        self._followers: list[Callable[[Changes], None]] = []
        self._saving: set[asyncio.Task[None]] = set()
        self._cipher: tuple[Keys, Cipher] | None = None

    @property
    def book(self) -> Book:
        """The book."""
        return self._kept.book

    @property
    def changes(self) -> list[Change]:
        """The last change of the factor, and those before it that were not done with yet."""
        return self._kept.changes

    @property
    def waiting(self) -> dict[Quantity, datetime]:
        """The energies whose statistics are still to be put on one scale: from which change on."""
        return self._kept.waiting

    @property
    def before(self) -> tuple[Hour, ...]:
        """The hours of a meter that this one has come in the place of."""
        return self._kept.before

    @property
    def corrections(self) -> Mapping[date, int | None]:
        """The maxima of days that were corrected by hand, in Wh; None: the day does not count."""
        return self._kept.corrections

    @callback
    def correct(self, day: date, energy: int | None) -> None:
        """Keep the maximum of a day as somebody says that it is, in Wh; None: the day does not count."""
        self._kept.corrections[day] = energy
        self._save()

    @callback
    def uncorrect(self, day: date) -> None:
        """Drop what was said of a day."""
        if self._kept.corrections.pop(day, day) is not day:
            self._save()

    @callback
    def keep_counters(self, keys: Keys, cipher: Cipher) -> None:
        """Have the frame counters of ciphered lists go on where they were, and keep them with the book."""
        if (kept := self._kept.frame_counters) is not None:
            cipher.counters.update(kept.with_keys(keys))
        self._cipher = keys, cipher

    async def open(self) -> None:
        """Read what has been kept, and take over what the meter before has left."""
        await self._read()
        await inherit(self._hass, self._entry_id, self._kept, self.close)

    async def _read(self) -> None:
        await self._look_for_set_aside()
        try:
            if (content := await self._file.load()) is None:
                return
            self._kept = Kept.from_stored(content, self._meter_id)
        except (BadFileError, DamagedBookError, HomeAssistantError) as err:
            await self._set_aside(err)
            return
        await self._recall()
        if self._kept.factor != self._factor:
            await self._rescale(self._factor / self._kept.factor)
        else:
            self._check_scale()

    async def _rescale(self, factor: float) -> None:
        """Go on with another factor. What there is to remember of it is kept before anything shows it."""
        kept = self._kept
        registers = self.book.rescale(factor, history=self._history)
        change = Change(dt_util.utcnow(), factor, self._history, registers)
        kept.factor = self._factor
        kept.waiting = {
            quantity: self.waiting.get(quantity, change.at) for quantity in Quantity if "energy" in quantity
        }
        since = min(self.waiting.values())
        kept.changes = [one for one in (*self.changes, change) if one.at >= since]
        ir.async_delete_issue(self._hass, DOMAIN, wrong_scale_id(self._entry_id))
        await self.close()

    async def _recall(self) -> None:
        """Go on from what the recorder has seen the sensors show, where that is later than the book."""
        if (last := self.book.last_register) is None:
            return
        for quantity in LIVE:
            shown = await shown_since(self._hass, f"{self._meter_id}_{quantity}", last)
            self.book.recall(quantity, [(at, round(self.moved(quantity, energy, at) * 1000)) for at, energy in shown])

    async def _look_for_set_aside(self) -> None:
        """Tell no more of a file that was set aside, once somebody has used or removed it."""
        issue_id = f"book_damaged_{self._entry_id}"
        if (issue := ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id)) is None:
            return
        aside = Path((issue.translation_placeholders or {}).get("file", ""))
        if not await self._hass.async_add_executor_job(aside.exists):
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    async def _set_aside(self, err: Exception) -> None:
        """Put a file that cannot be read out of the way, and say so."""
        kind = LaterFileError.kind if isinstance(err, LaterFileError | LaterBookError) else BadFileError.kind
        if (aside := await self._file.set_aside(kind)) is None:
            _LOGGER.warning("%s: the hours of before cannot be read (%s), nor their file be moved", self._name, err)
            self._say("book_not_saved", file=str(self._file.path), error=str(err))
            return
        _LOGGER.warning("%s: the hours of before cannot be read (%s); the file is now %s", self._name, err, aside)
        # What was lost may be in a backup: it is to be seen after a restart too, but told anew of another file.
        ir.async_delete_issue(self._hass, DOMAIN, f"book_damaged_{self._entry_id}")
        self._say("book_damaged", is_persistent=True, file=str(aside), original=self._file.path.name)

    async def close(self) -> None:
        """Keep all that is known, and wait until it is written."""
        self._save()
        await asyncio.gather(*self._saving)

    @callback
    def take(self, reading: Reading, arrival: datetime) -> Reading:
        """Take a list: keep and tell what it settles; return it with the registers that the sensors show.

        Power lists carry no registers and get none, as every other list is often enough, but for the last of an hour:
        what was used at one price would else be paid at the next.
        """
        if (changes := self.book.take(reading, arrival)) is not None:
            if changes.hours:
                self._kept.forget(changes.hours[0].start)
            self._save()
            for event in changes.events:
                self._report(event)
            self._check_scale()
            for tell in self._followers:
                tell(changes)
        if (reading.kind is ListKind.POWER and not closes_hour(arrival)) or self.book.imported is None:
            return reading
        shown = {quantity: value for quantity in LIVE if (value := self.shown(quantity)) is not None}
        return reading._replace(values={**reading.values, **shown})

    @callback
    def follow(self, tell: Callable[[Changes], None]) -> Callable[[], None]:
        """Have `tell` called when hours have been settled; return what ends it."""
        self._followers.append(tell)
        return lambda: self._followers.remove(tell)

    def shown(self, quantity: Quantity) -> int | None:
        """Return what the sensor of a live register shows, in Wh."""
        return self.book.imported if quantity is Quantity.ENERGY_IMPORT else self.book.exported

    def restore(self, quantity: Quantity, shown: int) -> None:
        """Have a live register go on from what its sensor showed before (Wh)."""
        if quantity is Quantity.ENERGY_IMPORT:
            self.book.restore(shown, None)
        else:
            self.book.restore(None, shown)

    def moved(self, quantity: Quantity, shown: float, at: datetime) -> float:
        """Return on today's scale what the sensor of an energy showed at an instant, in kWh or kvarh."""
        if changes := [change for change in self.changes if change.at > at]:
            return round(moved(changes, quantity, shown * 1000)) / 1000
        return shown

    async def done(self, quantity: Quantity) -> None:
        """Take note that the statistics of an energy are on one scale, and wait until that is written."""
        del self.waiting[quantity]
        await self.close()

    def registers(self, quantity: Quantity) -> Callable[[datetime, datetime], Iterator[tuple[datetime, int]]]:
        """Return what gives the settled hours of a time span: start, and the register at the end in Wh."""

        def of_hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
            for hour in self.book.hours(start, end):
                if (register := _register(hour, quantity)) is not None:
                    yield hour.start, register

        return of_hours

    @callback
    def _save(self) -> None:
        if self._cipher is not None:
            keys, cipher = self._cipher
            self._kept.frame_counters = FrameCounters.of(keys, cipher.counters)
        # The task is not the entry's: it must not be cancelled when that is unloaded.
        task = self._hass.async_create_task(self._write(self._kept.to_stored()), f"{DOMAIN} book")
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    async def _write(self, content: dict[str, Any]) -> None:
        if not self._file.writable:
            return
        await self._file.save(content)
        if (error := self._file.error) is not None:
            self._say("book_not_saved", file=str(self._file.path), error=str(error))
        else:
            ir.async_delete_issue(self._hass, DOMAIN, f"book_not_saved_{self._entry_id}")

    @callback
    def _say(self, key: str, *, is_persistent: bool = False, **about: str) -> None:
        """Raise an issue that a click does not mend."""
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{key}_{self._entry_id}",
            is_fixable=False,
            is_persistent=is_persistent,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"name": self._name, **about},
        )

    @callback
    def _check_scale(self) -> None:
        """Say that registers and power do not agree, as soon as that is clear, and as long as it is so."""
        factor = suggested_factor(self.book.comparisons)
        if factor is None:
            ir.async_delete_issue(self._hass, DOMAIN, wrong_scale_id(self._entry_id))
            return
        last = self.book.comparisons[-1]
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            wrong_scale_id(self._entry_id),
            data={
                "entry_id": self._entry_id,
                "factor": self._factor,
                "times": factor,
                "register": last.register,
                "power": last.power,
            },
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="wrong_scale",
            translation_placeholders={"name": self._name},
        )

    @callback
    def _report(self, event: Event) -> None:
        """Say that the registers do not go on where they were."""
        _LOGGER.warning("%s: a register has %s; a new count begins", self._name, event.kind.value)
        self._say(
            f"register_{event.kind.value}",
            before=f"{event.before.imported / 1000:.3f}",
            after=f"{event.after.imported / 1000:.3f}",
        )


def _register(hour: Hour, quantity: Quantity) -> int | None:
    return hour.import_register if quantity is Quantity.ENERGY_IMPORT else hour.export_register


def closes_hour(arrival: datetime) -> bool:
    """Return whether no lists but those of power may come any more in this hour: full ones come every 10 s."""
    return arrival.minute == 59 and arrival.second >= 50
