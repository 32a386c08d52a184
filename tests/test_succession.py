"""A meter takes over what the one before it has left, as far as it can be read. Adoption: `test_repairs_port`."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import CONF_REPLACES
from custom_components.han_port.kept_book import Kept
from custom_components.han_port.ledger import Book, Hour, Status
from custom_components.han_port.succession import options_of_heir, take_over

from .conftest import OTHER_AIDON, Bridge, complaints, entry_for, set_up
from .hour_by_hour import CAPACITY, HOUR, Hours, hours as hours  # noqa: PLC0414 - a fixture

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def hour(start: datetime, imported: int | None = 1000, status: Status = Status.MEASURED) -> Hour:
    """Return an hour."""
    return Hour(start, imported, 0, status)


def test_this_month_and_the_one_before_are_taken_over() -> None:
    """A month that has just ended is still to be billed. It begins by the Norwegian clock."""
    october = datetime(2026, 9, 30, 22, tzinfo=UTC)
    kept = Kept(Book(), 1.0)
    left = Kept(Book(), 1.0, before=(hour(october - HOUR), hour(october), hour(NOW - DAY, status=Status.ESTIMATED)))
    left.corrections = {date(2026, 9, 30): 1, date(2026, 10, 1): 2, date(2026, 11, 1): None}
    take_over(kept, left, NOW)
    assert kept.before == (hour(october), hour(NOW - DAY, status=Status.ESTIMATED))
    assert kept.corrections == {date(2026, 10, 1): 2, date(2026, 11, 1): None}


def test_in_january() -> None:
    kept, left = Kept(Book(), 1.0), Kept(Book(), 1.0, corrections={date(2025, 12, 1): 1, date(2025, 11, 30): 2})
    take_over(kept, left, datetime(2026, 1, 1, 0, 30, tzinfo=UTC))
    assert kept.corrections == {date(2025, 12, 1): 1}


def test_the_other_one_was_here_before() -> None:
    """Its own hours stay; of its corrections those that are newer than what it knows are taken."""
    own = Kept(Book(), 1.0, before=(hour(NOW - 100 * DAY), hour(NOW - 3 * DAY)))
    own.corrections = {date(2026, 8, 1): 5, date(2026, 10, 30): 6}
    left = Kept(Book(), 1.0, before=(hour(NOW - 3 * DAY), hour(NOW - 2 * DAY)), corrections={date(2026, 10, 31): 7})
    take_over(own, left, NOW)
    assert own.before == (hour(NOW - 100 * DAY), hour(NOW - 3 * DAY), hour(NOW - 2 * DAY))
    assert own.corrections == {date(2026, 8, 1): 5, date(2026, 10, 31): 7}


def test_options() -> None:
    left = {"interval": 60, "energy_factor": 2.0, "correct_history": True, "later": 1}
    own = {"power_factor": 3.0, "interval": 10, "capacity": dict(CAPACITY)}
    assert options_of_heir(left, own) == {"power_factor": 3.0, "interval": 60, "later": 1}
    assert options_of_heir({}, {}) == {}


@pytest.fixture
async def old(
    hass: HomeAssistant,
    bridge: Bridge,
    hours: Hours,
    enable_custom_integrations: None,  # noqa: ARG001 - for the entry
) -> MockConfigEntry:
    """Return the disabled entry of a meter that has had peaks on two days."""
    entry = await set_up(hass, entry_for(bridge.url, capacity=CAPACITY))
    await hours.use(entry, datetime(2026, 11, 10, 9, tzinfo=UTC), 4000)
    await hours.use(entry, datetime(2026, 11, 11, 9, tzinfo=UTC), 3000)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    return entry


async def set_up_heir(hass: HomeAssistant, bridge: Bridge, old: MockConfigEntry) -> MockConfigEntry:
    """Set up the meter that has come in the place of the old one."""
    entry = entry_for(bridge.url, OTHER_AIDON, capacity=CAPACITY)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_REPLACES: old.entry_id})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def peaks(entry: MockConfigEntry) -> list[int]:
    """Return the peaks of the month that count, in Wh."""
    return [peak.energy for peak in entry.runtime_data.capacity.month.counting]


async def test_the_old_entry_may_go(hass: HomeAssistant, bridge: Bridge, old: MockConfigEntry) -> None:
    """What was taken over is kept with the new one, and is not asked for again."""
    entry = await set_up_heir(hass, bridge, old)
    assert peaks(entry) == [4000, 3000]
    assert CONF_REPLACES not in entry.data
    assert await hass.config_entries.async_remove(old.entry_id)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert peaks(entry) == [4000, 3000]


async def test_another_factor_is_not_for_the_old_ones_hours(
    hass: HomeAssistant, bridge: Bridge, hours: Hours, old: MockConfigEntry
) -> None:
    entry = await set_up_heir(hass, bridge, old)
    await hours.use(entry, datetime(2026, 11, 12, 9, tzinfo=UTC), 3500, OTHER_AIDON)
    assert peaks(entry) == [4000, 3500, 3000]
    options = {**entry.options, "energy_factor": 2.0, "correct_history": True}
    hass.config_entries.async_update_entry(entry, options=options)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert peaks(entry) == [7000, 4000, 3000]


def _gone(stored: dict[str, Any], key: str) -> None:
    del stored[key]


def _changed(stored: dict[str, Any], key: str) -> None:
    stored[key]["data"]["factor"] = 10


def _emptied(stored: dict[str, Any], key: str) -> None:
    stored[key]["data"] = {}


def _of_a_later_version(stored: dict[str, Any], key: str) -> None:
    content = stored[key]["data"]
    del content["check"]
    content["book"]["version"] = 99


@pytest.fixture(params=[_gone, _changed, _emptied, _of_a_later_version])
def unusable(request: pytest.FixtureRequest, hass_storage: dict[str, Any], old: MockConfigEntry) -> MockConfigEntry:
    """Return the old meter's entry, of which nothing that is kept can be used."""
    damage: Callable[[dict[str, Any], str], None] = request.param
    damage(hass_storage, f"han_port.{old.entry_id}")
    return old


async def test_nothing_can_be_taken_over(
    hass: HomeAssistant,
    bridge: Bridge,
    hass_storage: dict[str, Any],
    unusable: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The new meter goes on without, and that is said once. What is left of the old one's file stays."""
    left = hass_storage.get(f"han_port.{unusable.entry_id}")
    entry = await set_up_heir(hass, bridge, unusable)
    assert peaks(entry) == []
    assert await hass.config_entries.async_reload(entry.entry_id)
    (said,) = complaints(caplog)
    assert "the meter before" in said
    assert OTHER_AIDON.id not in said
    assert hass_storage.get(f"han_port.{unusable.entry_id}") == left
