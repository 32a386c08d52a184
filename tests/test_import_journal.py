"""What is needed to take imports back outlives a restart, and does not grow for ever."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.han_port.elhub.history_rows import NO_ROW, Edit
from custom_components.han_port.elhub.import_journal import MOST_HOURS, Imported, ImportJournal
from custom_components.han_port.ledger import Direction

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE = {
    **dict.fromkeys(range(470_000, 470_100), NO_ROW),
    470_100: Edit(12_345_678.9, 0.1 + 0.2),
    470_101: Edit(None, -4.5),
    **dict.fromkeys(range(470_200, 470_201), NO_ROW),
}


@pytest.fixture
def journal(hass: HomeAssistant, hass_storage: dict[str, Any]) -> ImportJournal:
    """Return an empty journal."""
    del hass_storage
    return ImportJournal(hass, "an_entry")


async def test_it_is_read_as_it_was_written(hass: HomeAssistant, journal: ImportJournal) -> None:
    assert await journal.load() == []
    imports = [
        Imported(NOW, Direction.CONSUMPTION, 1.0, BEFORE),
        Imported(NOW, Direction.PRODUCTION, 0.1, {470_000: Edit(5.0, 1.0)}),
    ]
    await journal.save(imports)
    assert await ImportJournal(hass, "an_entry").load() == imports
    assert await ImportJournal(hass, "another").load() == []
    await journal.remove()
    assert await journal.load() == []


async def test_the_oldest_are_dropped_when_they_are_many(journal: ImportJournal) -> None:
    each = MOST_HOURS // 3
    imports = [Imported(NOW, Direction.CONSUMPTION, float(n), dict.fromkeys(range(each), NO_ROW)) for n in range(1, 6)]
    await journal.save(imports)
    assert await journal.load() == imports[-3:]
