"""The pictures of the month in Home Assistant."""

from collections.abc import AsyncGenerator
from datetime import date, timedelta
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final
from unittest.mock import patch
from xml.etree import ElementTree as ET

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.image import async_get_image
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.han_port.picture import month_scene

from .capacity_home import Home, capacity, oslo
from .conftest import AIDON, Bridge, entity, entry_for, full, set_up, until

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

SVG: Final = "image.aidon_6525_capacity_picture"
PNG: Final = "image.aidon_6525_capacity_picture_for_notifications"
TARIFF: Final = capacity(target=5)
TOKENS: Final = timedelta(minutes=5)
"""How often Home Assistant renews access tokens."""
MINUTE: Final = timedelta(minutes=1)
SECOND: Final = timedelta(seconds=1)


@pytest.fixture
async def home(hass: HomeAssistant, bridge: Bridge, freezer: FrozenDateTimeFactory) -> AsyncGenerator[Home]:
    """Return a house that has used 4 200 Wh in its first hour."""
    house = Home(hass, bridge, freezer)
    await house.begin(oslo(3, 15), **TARIFF)
    await house.hour(oslo(3, 15), 4200)
    yield house
    await hass.config_entries.async_unload(house.entry.entry_id)


def state(hass: HomeAssistant, entity_id: str = SVG) -> State:
    """Return the state of a picture."""
    found = hass.states.get(entity_id)
    assert found is not None
    return found


async def seen(hass: HomeAssistant) -> list[str]:
    """Return all texts of the picture."""
    image = await async_get_image(hass, SVG)
    assert image.content_type == "image/svg+xml"
    return [(element.text or "").replace("\N{NO-BREAK SPACE}", " ") for element in ET.fromstring(image.content).iter()]  # noqa: S314 - our own


async def tokens_renewed(home: Home) -> None:
    """Let so much time pass that Home Assistant renews the access tokens."""
    home.freezer.tick(TOKENS)
    async_fire_time_changed(home.hass)
    await home.hass.async_block_till_done()


async def test_both_are_served_to_who_has_the_token(
    hass: HomeAssistant, bridge: Bridge, hass_client_no_auth: ClientSessionGenerator
) -> None:
    entry = await set_up(hass, entry_for(bridge.url, **TARIFF))
    client = await hass_client_no_auth()
    response = await client.get(state(hass, SVG).attributes["entity_picture"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/svg+xml"
    assert ET.fromstring(await response.read()).tag.endswith("svg")  # noqa: S314 - our own
    response = await client.get(state(hass, PNG).attributes["entity_picture"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "image/png"
    assert Image.open(BytesIO(await response.read())).size == (1200, 600)
    response = await client.get(f"/api/image_proxy/{SVG}?token=guessed")
    assert response.status == HTTPStatus.FORBIDDEN
    await hass.config_entries.async_unload(entry.entry_id)


async def test_the_unique_ids_never_change(home: Home) -> None:
    registry = er.async_get(home.hass)
    for entity_id, key in ((SVG, "month_picture"), (PNG, "month_picture_png")):
        entity = registry.async_get(entity_id)
        assert entity is not None
        assert entity.unique_id == f"{AIDON.id}_{key}"


async def test_it_shows_what_has_been_measured(home: Home) -> None:
    said = await seen(home.hass)
    assert {"4.20 kW", "2–5 kW", "200 kr", "November", "Target 5 kW", "3. November: 4.20 kWh, counts"} <= {*said}
    await home.hour(oslo(3, 16), 6000)
    assert "3. November: 6.00 kWh, counts" in await seen(home.hass)


async def test_it_shows_the_running_hour_as_of_now(home: Home) -> None:
    await home.hear(oslo(3, 16, 10), full(power_import=3000, energy_import=home.register))
    await home.hear(oslo(3, 16, 20), full(power_import=3000, energy_import=home.register))
    assert home.keeper.forecast is not None
    so_far, expected = home.keeper.forecast.so_far, home.keeper.forecast.expected
    about = [text for text in await seen(home.hass) if text.startswith("This hour, ")]
    assert [float(text.split()[-2]) for text in about] == [
        pytest.approx(expected / 1000, abs=0.011),
        pytest.approx(so_far / 1000, abs=0.011),
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [("nb", {"4,20 kW", "Mål 5 kW", "Snitt"}), ("sv", {"4,20 kW", "Mål 5 kW", "Snitt"}), ("de", {"4.20 kW", "Mean"})],
)
async def test_it_speaks_the_language_of_home_assistant(home: Home, language: str, words: set[str]) -> None:
    await home.hass.config.async_update(language=language)
    await home.restart()
    assert words <= {*await seen(home.hass)}


async def test_corrections_are_seen(home: Home) -> None:
    home.keeper.correct(date(2026, 11, 3), 3100)
    assert "3. November: 3.10 kWh, counts, corrected" in await seen(home.hass)
    home.keeper.correct(date(2026, 11, 2), None)
    assert "2. November: corrected" in await seen(home.hass)


async def test_its_time_moves_with_peaks_target_and_day(home: Home) -> None:
    hass = home.hass
    times = [state(hass).state]
    await home.hour(oslo(3, 16), 6000)
    times.append(state(hass).state)
    home.freezer.tick(MINUTE)
    home.keeper.set_target(4)
    await hass.async_block_till_done()
    times.append(state(hass).state)
    home.freezer.tick(MINUTE)
    home.keeper.correct(date(2026, 11, 3), None)
    await hass.async_block_till_done()
    times.append(state(hass).state)
    assert times == sorted(set(times))
    midnight = oslo(4) + SECOND
    home.freezer.move_to(midnight)
    await until(hass, SVG, midnight.isoformat())


async def test_the_running_hour_writes_no_states_of_its_own(home: Home) -> None:
    hass = home.hass
    await home.hear(oslo(3, 16, 1), full(power_import=3000, energy_import=home.register))
    before = state(hass)
    for seconds in range(10, 120, 10):
        now = oslo(3, 16, 1) + seconds * SECOND
        await home.hear(now, full(power_import=3000, energy_import=home.register))
    assert state(hass) is before
    await tokens_renewed(home)
    assert state(hass).state > before.state
    assert state(hass).attributes["access_token"] != before.attributes["access_token"]


async def test_its_time_stands_still_when_nothing_changes(home: Home) -> None:
    hass = home.hass
    await tokens_renewed(home)
    await home.restart()  # with which nobody knows the power, so nothing is expected of the hour
    before = state(hass).state
    forecast = home.keeper.forecast
    await tokens_renewed(home)
    assert home.keeper.forecast == forecast
    assert state(hass).state == before


async def test_nothing_is_drawn_until_someone_asks_and_nothing_twice(home: Home) -> None:
    with patch("custom_components.han_port.image.month_scene", side_effect=month_scene) as drawn:
        await home.hour(oslo(3, 16), 6000)
        await tokens_renewed(home)
        assert drawn.call_count == 0
        first = await async_get_image(home.hass, PNG)
        second = await async_get_image(home.hass, PNG)
        assert drawn.call_count == 1
        assert second.content == first.content
        home.keeper.set_target(4)
        assert (await async_get_image(home.hass, PNG)).content != first.content
        assert drawn.call_count == 2


async def test_a_silent_meter_keeps_its_picture(home: Home) -> None:
    home.freezer.move_to(oslo(3, 18))
    await until(home.hass, entity(home.hass, "energy_import"), "unavailable")
    assert state(home.hass).state != "unavailable"
    said = await seen(home.hass)
    assert "4.20 kW" in said
    assert "This hour" not in said


async def test_without_a_tariff_there_is_none(home: Home) -> None:
    options: dict[str, Any] = {}
    await home.set_options(**options)
    assert home.hass.states.get(SVG) is None
    assert er.async_get(home.hass).async_get(PNG) is None
    await home.set_options(**TARIFF)
    assert "4.20 kW" in await seen(home.hass)
