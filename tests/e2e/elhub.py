"""A file from Elhub imported by clicking, and the målepunkt-ID of a meter given."""

from pathlib import Path
import re
from typing import Final

from playwright.async_api import Page, expect

from . import options, pictures
from .browser import Browser
from .hand_read import choose_file

COUNTED: Final = {
    "hours": r"The file has (\d+) hours",
    "energy": r"([\d.]+) kWh in all",
    "new": r"(\d+) hours are new",
    "replaced": r"(\d+) hours replace estimates",
    "measured_replaced": r"(\d+) hours replace what your meter has measured",
    "unchanged": r"(\d+) hours are there already",
    "kept": r"(\d+) hours were measured by your meter",
    "later": r"(\d+) hours are too recent",
    "disagreeing": r"differ from the file: (\d+)",
    "difference": r"Meter less file: ([+\-\d.]+) kWh in all",
    "largest": r"in the hour that differs most ([\d.]+) kWh",
}
"""What a preview says, by what it is about."""


async def give_metering_point(browser: Browser, metering_point: str) -> None:
    """Give the målepunkt-ID of the only meter, behind *Reconfigure*. The port stays as it is."""
    page = await browser.open("/config/integrations/integration/han_port")
    await page.locator("ha-config-entry-row").get_by_role("button", name="Menu").first.click()
    await page.get_by_text("Reconfigure", exact=True).click()
    await page.locator("step-flow-form input[name=metering_point]").fill(metering_point)
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_text("The målepunkt-ID has been kept.")).to_be_visible()


async def preview(browser: Browser, path: Path) -> tuple[Page, dict[str, float]]:
    """Choose a file behind the cogwheel of the only meter; return the page, and what it says will happen."""
    page = await options.open_section(browser, "Import hours from Elhub")
    await choose_file(page.locator("step-flow-form"), path)
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_text("What will be imported")).to_be_visible()
    said = await page.locator("step-flow-form ha-markdown-element").first.inner_text()
    await pictures.take(page, "import-preview", page.get_by_role("dialog").last)
    found = {about: re.search(pattern, said) for about, pattern in COUNTED.items()}
    return page, {about: float(match[1]) for about, match in found.items() if match}


async def confirm(page: Page) -> str:
    """Have it done; return what is said then."""
    await page.get_by_role("button", name="Submit").click()
    done = page.get_by_text("hours have been imported")
    await expect(done).to_be_visible()
    return await done.inner_text()
