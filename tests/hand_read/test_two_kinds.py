"""A meter with a HAN port beside one that is read by hand: each action finds its own."""

from datetime import datetime, timedelta
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.ledger.profile import ProfileKind
from tests.conftest import Bridge, entry_for, set_up
from tests.hour_by_hour import CAPACITY
from tests.test_actions import ask, refusal

from .hand_home import BEGIN, START, entry_data

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

NOW = START + timedelta(days=10)


@pytest.fixture(autouse=True)
def now(freezer: FrozenDateTimeFactory) -> datetime:
    """Have it be ten days after the first reading."""
    freezer.move_to(NOW)
    return NOW


def by_hand(**other: Any) -> MockConfigEntry:
    """Return the entry of a meter that is read by hand."""
    return MockConfigEntry(domain=DOMAIN, title="Cabin", data=entry_data(**other))


async def test_each_action_finds_its_own(hass: HomeAssistant, bridge: Bridge) -> None:
    """Without a word about which meter, where there is one of a kind."""
    port = await set_up(hass, entry_for(bridge.url, capacity=CAPACITY))
    cabin = await set_up(hass, by_hand())
    day = NOW.date().isoformat()
    assert (await ask(hass, "submit_reading", reading=BEGIN + 400))["use"] == 400
    assert (await ask(hass, "correct_peak", day=day, energy=1))["after"]["energy"] == 1
    span = {"start": START.isoformat(), "end": NOW.isoformat()}
    assert await refusal(hass, "get_hours", **span) == "which_meter"
    assert (await ask(hass, "get_hours", config_entry=cabin.entry_id, **span))["estimated"] == 240
    assert (await ask(hass, "get_hours", config_entry=port.entry_id, **span))["estimated"] == 0

    about = {"config_entry": cabin.entry_id, "day": day, "energy": 1}
    assert await refusal(hass, "correct_peak", **about) == "peak_of_estimates"
    assert await refusal(hass, "submit_reading", config_entry=port.entry_id, reading=1) == "not_read_by_hand"
    assert await refusal(hass, "submit_reading", config_entry="none", reading=1) == "no_such_meter"
    await hass.config_entries.async_unload(cabin.entry_id)
    assert await refusal(hass, "submit_reading", reading=1) == "meter_not_loaded"
    await hass.config_entries.async_remove(cabin.entry_id)
    assert await refusal(hass, "submit_reading", reading=1) == "not_read_by_hand"


async def test_no_peak_of_estimates(hass: HomeAssistant) -> None:
    """Nothing of the capacity tariff is made for it."""
    cabin = await set_up(hass, by_hand())
    known = er.async_entries_for_config_entry(er.async_get(hass), cabin.entry_id)
    assert sorted(one.unique_id.removeprefix(f"{cabin.entry_id}_") for one in known) == [
        "expected_use",
        "last_reading",
        "meter_reading",
        "next_reading_due",
        "reading",
        "reading_due",
        "use_since_reading",
    ]


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        ({"profile": "flat"}, ProfileKind.FLAT),
        ({"profile": "monthly"}, ProfileKind.MONTHLY),
        ({"profile": "open_data", "area": ""}, ProfileKind.MONTHLY),
        ({"profile": "csv", "profile_csv": "what?"}, ProfileKind.MONTHLY),
        ({"profile": "csv", "profile_csv": "1;" * 11 + "1"}, ProfileKind.CSV),
    ],
)
async def test_profiles(hass: HomeAssistant, other: dict[str, Any], kind: ProfileKind) -> None:
    """The one that was chosen; where it cannot be used, the shares of months."""
    cabin = await set_up(hass, by_hand(**other))
    assert cabin.state is ConfigEntryState.LOADED
    assert cabin.runtime_data.meter.profile.kind is kind


async def test_open_data_that_cannot_be_had(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker, caplog: pytest.LogCaptureFixture
) -> None:
    """Set-up goes on with the shares of months, and says so."""
    aioclient_mock.get(re.compile("^https://api.elhub.no/"), status=503)
    cabin = await set_up(hass, by_hand(profile="open_data", area="NO1"))
    assert cabin.state is ConfigEntryState.LOADED
    assert cabin.runtime_data.meter.profile.kind is ProfileKind.MONTHLY
    assert aioclient_mock.call_count == 1
    assert "Elhub's open data cannot be had" in caplog.text
