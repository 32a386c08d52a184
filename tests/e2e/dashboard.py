"""The dashboard of the docs, pasted into a Home Assistant, and what is to be seen on it."""

from pathlib import Path
from typing import Final

from homeassistant.util.yaml import load_yaml_dict
from playwright.async_api import Locator, Page, ViewportSize, expect

from scripts.home_assistant.client import Client

from .browser import Browser

FILE: Final = Path(__file__).parents[2] / "docs" / "dashboard.yaml"
PATH: Final = "capacity-charge"
ENERGY: Final = "sensor.aidon_6525_energy_import"
"""What the energy dashboard is set to, as one who has a meter has done."""

DRAWN: Final = "img => img.complete && img.naturalWidth > 0"
CHARTS: Final = 3
TALL: Final[ViewportSize] = {"width": 1280, "height": 1500}
PHONE: Final[ViewportSize] = {"width": 390, "height": 2400}
TROUBLE: Final = "hui-error-card, hui-warning, hui-warning-element, ha-alert"
"""What stands in the place of a card that is written wrongly, or has no entity."""


async def paste(client: Client) -> None:
    """Make a dashboard of the file, as it is."""
    grid = {"type": "grid", "cost_adjustment_day": 0.0, "stat_energy_from": ENERGY}
    await client.command("energy/save_prefs", energy_sources=[grid], device_consumption=[])
    config = load_yaml_dict(str(FILE))
    await client.command("lovelace/dashboards/create", url_path=PATH, title=config["title"], mode="storage")
    await client.command("lovelace/config/save", url_path=PATH, config=config)


async def open_it(browser: Browser) -> Page:
    """Show all of it, and wait until it is there: what is out of sight is not drawn."""
    page = await browser.open(f"/{PATH}")
    await page.set_viewport_size(TALL)
    await picture_drawn(page)
    await expect(page.locator("ha-chart-base canvas")).to_have_count(CHARTS)
    return page


async def picture_drawn(page: Page) -> None:
    """Wait until the picture has come."""
    image = picture(page).locator("img")
    await expect(image).to_be_visible()
    await page.wait_for_function(DRAWN, arg=await image.element_handle())


async def whole(page: Page) -> None:
    """See that nothing stands in the place of a card, and that all that the file has an entity for has a state."""
    await expect(page.locator(TROUBLE)).to_have_count(0)
    for text in ("Entity not found", "not available", "Unavailable", "Unknown", "Configuration error"):
        await expect(page.locator("hui-sections-view").get_by_text(text)).to_have_count(0)
    for name in ("Forecast", "Step", "Mean", "Target", "Peak 1", "Peak 2", "Peak 3"):
        await expect(page.get_by_text(name, exact=True).first).to_be_visible()


def picture(page: Page) -> Locator:
    """Return the card with the picture of the month."""
    return page.locator("hui-picture-entity-card")


def tile(page: Page, name: str) -> Locator:
    """Return the tile of this name."""
    return page.locator("hui-tile-card").filter(has=page.get_by_text(name, exact=True))
