"""The dashboards of the documentation, as they are pasted into Home Assistant."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util.yaml import load_yaml_dict
import pytest

from .capacity_home import capacity
from .conftest import Bridge, entry_for, full, hourly, set_up

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

DOCS: Final = Path(__file__).parent.parent / "docs"
DASHBOARDS: Final = {"en": DOCS / "dashboard.yaml", "nb": DOCS / "dashboard.nb.yaml"}
DOMAINS: Final = ("sensor.", "binary_sensor.", "image.", "number.")


def entity_ids(node: Any) -> Iterator[str]:
    """Yield the entity ids in a dashboard."""
    if isinstance(node, str):
        if node.startswith(DOMAINS):
            yield node
    elif node is not None and not isinstance(node, int | float):
        for child in node.values() if isinstance(node, dict) else node:
            yield from entity_ids(child)


def without_words(node: Any) -> Any:
    """Return a dashboard without what differs from one language to another."""
    if isinstance(node, dict):
        return {
            key: without_words(child) for key, child in node.items() if key not in {"title", "name", "heading", "path"}
        }
    if isinstance(node, list):
        return [without_words(child) for child in node]
    return node.partition(".")[0] if isinstance(node, str) and node.startswith(DOMAINS) else node


@pytest.mark.parametrize("language", DASHBOARDS)
async def test_a_dashboard_shows_entities_that_are_there(hass: HomeAssistant, bridge: Bridge, language: str) -> None:
    hass.config.language = language
    entry = await set_up(hass, entry_for(bridge.url, **capacity(target=5)))
    await bridge.client()
    bridge.send(hourly(), full())
    await hass.async_block_till_done()
    wanted = {*entity_ids(load_yaml_dict(str(DASHBOARDS[language])))}
    assert len(wanted) > 12
    assert wanted <= {*hass.states.async_entity_ids()}
    await hass.config_entries.async_unload(entry.entry_id)


def test_all_languages_have_the_same_dashboard() -> None:
    english, *others = (without_words(load_yaml_dict(str(file))) for file in DASHBOARDS.values())
    for other in others:
        assert other == english
