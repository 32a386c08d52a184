"""The bars of the energy dashboard: a day or a year of one sensor, and what each bar says when one points at it."""

from datetime import date
import re
from typing import Final

from playwright.async_api import Locator, Page, expect

from scripts.home_assistant.client import Client

from .browser import Browser

POINTED_AT: Final = re.compile(r"^(.+)\n.*: ([\d,.]+) kWh$")
NARROW: Final = 4
"""Pixels: less than a bar has."""
NEXT_FRAME: Final = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


async def show(browser: Browser, client: Client, sensor: str, day: date) -> Locator:
    """Have the dashboard show a day of one sensor, as a user does who has picked that for what comes from the grid."""
    page, period = await _open(browser, client, sensor)
    wanted = f"{day:%b} {day.day}"
    if not await period.get_by_text(wanted).count():  # in the first hour of a day it begins with the day before
        await page.get_by_role("button", name="Previous").click()
    await expect(period).to_contain_text(wanted)
    return await _drawn(page)


async def show_year(browser: Browser, client: Client, sensor: str, year: int) -> Locator:
    """Have the dashboard show the year that it is, of one sensor."""
    page, period = await _open(browser, client, sensor)
    await period.get_by_role("button", name="Select time period").click()
    await page.get_by_text("This year", exact=True).click()
    await expect(period).to_contain_text(str(year))
    return await _drawn(page)


async def _open(browser: Browser, client: Client, sensor: str) -> tuple[Page, Locator]:
    """Open the dashboard of one sensor; return it, and what says which time it shows."""
    source = {"type": "grid", "cost_adjustment_day": 0.0, "stat_energy_from": sensor}
    await client.command("energy/save_prefs", energy_sources=[source], device_consumption=[])
    page = await browser.open("/energy/electricity")
    period = page.locator("hui-energy-period-selector")
    await expect(period).to_contain_text(re.compile(r"\d"))
    return page, period


async def _drawn(page: Page) -> Locator:
    """Wait until there is something to see, and return the card with the bars."""
    await expect(page.locator("hui-energy-sources-table-card td").last).to_have_text(re.compile(r"[1-9]\S*\skWh"))
    return page.locator("hui-energy-usage-graph-card")


async def read(page: Page, card: Locator) -> list[tuple[str, float]]:
    """Point at one bar after the other, and return what they say: kWh of `01:00 – 02:00`, or of `January`."""
    tooltip = card.locator("ha-chart-base div[style*=absolute]").filter(has_text="kWh")
    box = await card.locator("ha-chart-base canvas").first.bounding_box()
    assert box
    said: list[tuple[str, float]] = []
    for x in range(0, int(box["width"]), NARROW):
        await page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)
        await page.evaluate(NEXT_FRAME)
        for text in await tooltip.all_inner_texts():
            if told := POINTED_AT.match(text.replace("\n ", "\n").strip()):
                bar = (told[1], float(told[2].replace(",", "")))
                if bar not in said[-1:]:
                    said.append(bar)
    await page.mouse.move(0, 0)
    await expect(tooltip).to_be_hidden()
    return said


async def alone(page: Page) -> None:
    """Hide what stands close below the bars, for a picture of them."""
    await page.locator("hui-energy-sources-table-card").evaluate("card => card.style.visibility = 'hidden'")
