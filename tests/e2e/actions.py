"""The page on which actions are tried, filled in by clicking."""

from playwright.async_api import Locator, Page, expect

from .browser import Browser


async def correct_peak(browser: Browser, *, day: int, energy: float) -> tuple[Page, Locator]:
    """Set the peak of a day of this month, in kWh; return the page, and what it says in response."""
    page = await _pick(browser, "correct_peak")
    form = page.locator("ha-service-control")
    await form.locator("ha-date-input").click()
    dates = page.locator("ha-dialog-date-picker")
    await dates.get_by_text(str(day), exact=True).click()
    await dates.get_by_role("button", name="OK").click()
    row = form.locator("ha-settings-row").filter(has_text="Energy")
    await row.locator("ha-checkbox").click()
    await row.locator("input").last.fill(str(energy))
    await page.get_by_role("button", name="Perform action").click()
    response = page.locator(".response")
    await expect(response).to_contain_text("price:")
    return page, response


async def undo_import(browser: Browser, *, hours: int) -> None:
    """Take back the last import, which has changed so many hours."""
    page = await _pick(browser, "undo_import")
    await page.get_by_role("button", name="Perform action").click()
    await expect(page.locator(".response")).to_contain_text(f"hours: {hours}")


async def _pick(browser: Browser, action: str) -> Page:
    """Open the page, and pick an action of ours on it."""
    page = await browser.open("/config/developer-tools/action")
    await page.locator("ha-service-picker").click()
    await page.get_by_placeholder("Search").fill(action)  # names may still be on their way
    await page.locator("ha-combo-box-item").get_by_text(f"han_port.{action}").click()
    return page
