"""The book of one meter in Home Assistant: on disk, and towards whoever wants to hear of its hours.

Saved whenever an hour has been settled, so that a power cut loses none of them. A file that cannot be read is set
aside and said once; the book begins anew, and set-up goes on.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .ledger import Book, Changes, DamagedBookError, Event, Hour
from .wire.reading import ListKind, Quantity, Reading

_LOGGER = logging.getLogger(__name__)

STORE_VERSION: Final = 1
LIVE: Final = (Quantity.ENERGY_IMPORT, Quantity.ENERGY_EXPORT)
"""The registers that the book keeps, and that rise between two hourly lists."""


def store_of(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where the book of an entry is kept."""
    return Store(hass, STORE_VERSION, f"{DOMAIN}.{entry_id}", atomic_writes=True, serialize_in_event_loop=False)


class Bookkeeper:
    """Keeps the book of one entry's meter."""

    def __init__(self, hass: HomeAssistant, entry_id: str, name: str, meter_id: str, factor: float) -> None:
        """Begin with an empty book.

        Args:
            hass: Home Assistant.
            entry_id: of the config entry.
            name: of the meter, for people.
            meter_id: its number.
            factor: what its registers are multiplied by before the book gets them.

        """
        self.book = Book(meter_id)
        self.same_scale = True
        """Whether the sensors' values of before this start are on today's scale."""
        self._hass = hass
        self._entry_id = entry_id
        self._name = name
        self._factor = factor
        self._store = store_of(hass, entry_id)
        self._followers: list[Callable[[Changes], None]] = []
        self._saving: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Read what has been kept."""
        try:
            if (kept := await self._store.async_load()) is None:
                return
            book = Book.from_stored(kept["book"])
            factor = float(kept["factor"])
        except (HomeAssistantError, DamagedBookError, KeyError, TypeError, ValueError, NotImplementedError) as err:
            await self._set_aside(err)
            return
        self.same_scale = factor == self._factor
        if not self.same_scale:
            book.begin_anew()
        self.book = book

    async def _set_aside(self, err: Exception) -> None:
        """Put a file that cannot be read out of the way, and say so."""
        path = Path(self._store.path)
        aside = path.with_name(f"{path.name}.damaged.{dt_util.utcnow():%Y%m%dT%H%M%S}")
        with suppress(OSError):  # what cannot be moved will be written over
            await self._hass.async_add_executor_job(path.rename, aside)
        _LOGGER.warning("%s: the hours of before cannot be read (%s); the file is now %s", self._name, err, aside)
        # Said again with each start until the owner says to ignore it: what was lost may be in a backup.
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"book_damaged_{self._entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="book_damaged",
            translation_placeholders={"name": self._name, "file": str(aside)},
        )

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
            self._save()
            for event in changes.events:
                self._report(event)
            for tell in self._followers:
                tell(changes)
        if (reading.kind is ListKind.POWER and not _closes_hour(arrival)) or self.book.imported is None:
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

    def registers(self, quantity: Quantity) -> Callable[[datetime, datetime], Iterator[tuple[datetime, int]]]:
        """Return what gives the settled hours of a time span: start, and the register at the end in Wh."""

        def of_hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
            for hour in self.book.hours(start, end):
                if (register := _register(hour, quantity)) is not None:
                    yield hour.start, register

        return of_hours

    @callback
    def _save(self) -> None:
        # The task is not the entry's: it must not be cancelled when that is unloaded.
        task = self._hass.async_create_task(
            self._store.async_save({"factor": self._factor, "book": self.book.to_stored()}), f"{DOMAIN} book"
        )
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    @callback
    def _report(self, event: Event) -> None:
        """Say that the registers do not go on where they were."""
        _LOGGER.warning("%s: a register has %s; a new count begins", self._name, event.kind.value)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"register_{event.kind.value}_{self._entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=f"register_{event.kind.value}",
            translation_placeholders={
                "name": self._name,
                "before": f"{event.before.imported / 1000:.3f}",
                "after": f"{event.after.imported / 1000:.3f}",
            },
        )


def _register(hour: Hour, quantity: Quantity) -> int | None:
    return hour.import_register if quantity is Quantity.ENERGY_IMPORT else hour.export_register


def _closes_hour(arrival: datetime) -> bool:
    """Return whether no lists but those of power may come any more in this hour: full ones come every 10 s."""
    return arrival.minute == 59 and arrival.second >= 50
