"""The bars of the energy dashboard: a day of one sensor, and what each bar says when one points at it."""

from datetime import date
import re
from typing import Final

from playwright.async_api import Locator, Page, expect

from scripts.home_assistant.client import Client

from .browser import Browser

POINTED_AT: Final = re.compile(r"^(\d\d:\d\d – \d\d:\d\d)\n.*: ([\d.]+) kWh$")
NARROW: Final = 4
"""Pixels: less than a bar has."""
NEXT_FRAME: Final = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


async def show(browser: Browser, client: Client, sensor: str, day: date) -> Locator:
    """Have the dashboard show a day of one sensor, as a user does who has picked that for what comes from the grid."""
    source = {"type": "grid", "cost_adjustment_day": 0.0, "stat_energy_from": sensor}
    await client.command("energy/save_prefs", energy_sources=[source], device_consumption=[])
    page = await browser.open("/energy/electricity")
    period, wanted = page.locator("hui-energy-period-selector"), f"{day:%b} {day.day}"
    await expect(period).to_contain_text(re.compile(r"\d"))
    if wanted not in await period.inner_text():  # in the first hour of a day it begins with the day before
        await page.get_by_role("button", name="Previous").click()
    await expect(period).to_contain_text(wanted)
    await expect(page.locator("hui-energy-sources-table-card td").last).to_have_text(re.compile(r"[1-9]\S*\skWh"))
    return page.locator("hui-energy-usage-graph-card")


async def read(page: Page, card: Locator) -> list[tuple[str, float]]:
    """Point at one bar after the other, and return what they say: `01:00 – 02:00` and kWh."""
    tooltip = card.locator("ha-chart-base div[style*=absolute]").filter(has_text="kWh")
    box = await card.locator("ha-chart-base canvas").first.bounding_box()
    assert box
    said: list[tuple[str, float]] = []
    for x in range(0, int(box["width"]), NARROW):
        await page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)
        await page.evaluate(NEXT_FRAME)
        for text in await tooltip.all_inner_texts():
            if told := POINTED_AT.match(text.replace("\n ", "\n").strip()):
                bar = (told[1], float(told[2]))
                if bar not in said[-1:]:
                    said.append(bar)
    await page.mouse.move(0, 0)
    await expect(tooltip).to_be_hidden()
    return said


async def alone(page: Page) -> None:
    """Hide what stands close below the bars, for a picture of them."""
    await page.locator("hui-energy-sources-table-card").evaluate("card => card.style.visibility = 'hidden'")
