"""The forms of a meter that somebody reads, filled in by clicking."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
import re

from playwright.async_api import Locator, Page, ViewportSize, expect

from . import pages, pictures
from .browser import Browser

HIGH: ViewportSize = {"width": 1280, "height": 1680}
"""For a form that is longer than a screen."""
TYPINGS = 5
"""How often a time is typed: the form may put the one of before back, when it is drawn anew meanwhile."""
SOON, LATE = 2_000, 30_000
"""ms."""
DRAWN = "img => img.complete && img.naturalWidth > 0"


async def add(
    browser: Browser, *, name: str, metering_point: str, register: float, at: datetime, expected: int, profile: Path
) -> None:
    """Add a meter with a profile from a file, as a person does who has just installed HAN Port.

    `register` is in kWh, `at` a local time of this month, `expected` in kWh a year. Ends on the page of the device.
    """
    page = await pages.add_integration(browser)
    dialog = page.get_by_role("dialog").last
    await expect(page.get_by_text("A meter with a HAN port")).to_be_visible()
    await pictures.take(page, "hand-read-menu", dialog)
    await page.get_by_text("A meter I read myself").click()

    form = page.locator("step-flow-form")
    await form.locator("input[name=name]").fill(name)
    await form.locator("input[name=metering_point]").fill(metering_point)
    first_reading, expected_use = (form.locator("ha-selector-number input").nth(number) for number in range(2))
    await first_reading.fill(str(register))
    await expected_use.fill(str(expected))
    await pick_time(page, form.locator("ha-selector-datetime"), at)
    await form.get_by_text("My own, from a CSV file").click()
    small = page.viewport_size
    await page.set_viewport_size(HIGH)
    await expect(page.get_by_role("button", name="Next")).to_be_in_viewport()
    await pictures.take(page, "hand-read-form", dialog)
    if small is not None:
        await page.set_viewport_size(small)
    await page.get_by_role("button", name="Next").click()

    await choose_file(form, profile)
    await page.get_by_role("button", name="Next").click()

    image = form.locator("img")
    await page.wait_for_function(DRAWN, arg=await image.element_handle())
    await expect(page.get_by_text("What the profile means")).to_be_visible()
    await pictures.take(page, "hand-read-profile", dialog)
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Skip and finish").click()
    await page.wait_for_url("**/config/devices/device/*")


async def submit(browser: Browser, *, register: float, at: datetime) -> None:
    """Submit a reading (kWh) of a local time of this month, behind *Reconfigure* of the only entry."""
    page = await browser.open("/config/integrations/integration/han_port")
    row = page.locator("ha-config-entry-row")
    await row.get_by_role("button", name="Menu").first.click()
    await expect(row.get_by_role("button", name="Configure")).to_have_count(0)
    await page.get_by_text("Reconfigure", exact=True).click()
    await page.get_by_text("Submit a reading", exact=True).click()
    form = page.locator("step-flow-form")
    await form.locator("ha-selector-number input").fill(str(register))
    await pick_time(page, form.locator("ha-selector-datetime"), at)
    await pictures.take(page, "hand-read-reading", page.get_by_role("dialog").last)
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("The reading has been taken")).to_be_visible()
    await page.get_by_role("button", name="Close").last.click()


async def type_number(page: Page, register: float) -> None:
    """Submit a reading (kWh) of now, on the page of the device."""
    await pages.row(page, "Reading").locator("input").fill(str(register))
    await page.keyboard.press("Enter")
    await expect(pages.row(page, "Last reading")).to_contain_text(f"{round(register):,} kWh")
    await expect(pages.row(page, "Use since last reading")).to_have_text(re.compile(r"\b0\.\d kWh"))
    await expect(pages.row(page, "Next reading due")).not_to_contain_text("Next week")


async def pick_time(page: Page, field: Locator, at: datetime) -> None:
    """Pick a day of the month that the field shows, and type the time."""
    await field.locator("ha-date-input").click()
    dates = page.locator("ha-dialog-date-picker")
    await dates.get_by_text(str(at.day), exact=True).click()
    await dates.get_by_role("button", name="OK").click()
    await expect(dates).to_be_hidden()
    # Only then has the form taken the day; until then it puts the time of before back.
    await expect(field.locator("ha-date-input input")).to_have_value(f"{at.month}/{at.day}/{at.year}")
    parts = {"hours": at.hour, "minutes": at.minute, "seconds": at.second}
    for _ in range(TYPINGS):
        for part, number in parts.items():
            shown = field.locator(f"input[name={part}]")
            await shown.fill(str(number))
            await shown.press("Tab")
        with suppress(AssertionError):
            await shows_time(field, parts, SOON)
            return
    await shows_time(field, parts, LATE)


async def shows_time(field: Locator, parts: Mapping[str, int], limit: float) -> None:
    """Wait until the form has taken the time (limit in ms)."""
    for part, number in parts.items():
        await expect(field.locator(f"input[name={part}]")).to_have_value(re.compile(f"^0?{number}$"), timeout=limit)


async def choose_file(form: Locator, path: Path) -> None:
    """Choose a file of this machine, and wait until it has been handed over."""
    await form.locator("input[type=file]").set_input_files(path)
    await expect(form.get_by_text(path.name, exact=True)).to_be_visible()
