"""The energy dashboard's settings, filled in by clicking."""

import asyncio
import re

from playwright.async_api import Page, expect

from scripts.home_assistant.client import Client
from scripts.home_assistant.meter import energy_issues

from . import history, pages, pictures
from .browser import Browser

STATISTICS_SECONDS = 330  # they are made every five minutes, ten seconds past


async def add_grid_connection(browser: Browser, *, meter: str) -> None:
    """Give the dashboard the energy and the power of a meter, both ways, as its grid connection."""
    page = await browser.open("/config/energy")
    await page.get_by_text("Add grid connection").click()
    dialog = page.locator("dialog-energy-grid-settings")
    await _pick(page, "Energy imported from grid", "Energy import", meter)
    await _pick(page, "Energy exported to grid", "Energy export", meter)
    await pictures.take(page, "energy-settings")
    await dialog.get_by_role("radio", name="Two sensors").click()
    await _pick(page, "Power imported from grid", "Power import", meter)
    await _pick(page, "Power exported to grid", "Power export", meter)
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.locator("ha-energy-grid-settings")).to_contain_text("Energy import")


async def _pick(page: Page, field: str, sensor: str, meter: str) -> None:
    """Pick a sensor of the meter in a field of the dialog."""
    choices = page.locator("ha-picker-combo-box ha-combo-box-item")
    await pages.choose(page.get_by_label(field), choices.filter(has_text=sensor).filter(has_text=meter))


async def statistics(client: Client) -> None:
    """Wait until Home Assistant has made statistics of the sensors, and the dashboard finds nothing wrong with them."""
    async with asyncio.timeout(STATISTICS_SECONDS):
        while True:
            if not await energy_issues(client):
                return
            await asyncio.sleep(1)


async def shows_power(browser: Browser) -> None:
    """See the power of right now on the energy dashboard."""
    page = await browser.open("/energy")
    await page.get_by_role("tab", name="Now").click()
    await expect(page.locator("ha-badge")).to_have_text(re.compile(r"\d\sk?W\b"))


async def picture_of_a_day(browser: Browser, client: Client, sensor: str) -> None:
    """Take a picture of the dashboard of the day before, which a test of some minutes has to be given first."""
    if not pictures.wanted():
        return
    await history.give(client, sensor)
    page = await browser.open("/energy/electricity")
    total = page.locator("hui-energy-sources-table-card td").last
    await expect(total).to_have_text(re.compile(r"\d\skWh"))
    today = await total.inner_text()
    await page.get_by_role("button", name="Previous").click()
    await expect(total).not_to_have_text(today)
    await pictures.take(page, "energy")
