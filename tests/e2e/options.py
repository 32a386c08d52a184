"""The options of a meter, filled in by clicking: the capacity tariff and the main fuse."""

from playwright.async_api import Page, expect

from . import pictures
from .browser import Browser


async def open_section(browser: Browser, section: str) -> Page:
    """Click the cogwheel of the only meter, and a line of the menu."""
    page = await browser.open("/config/integrations/integration/han_port")
    await page.get_by_role("button", name="Configure").first.click()
    await page.get_by_text(section, exact=True).click()
    return page


async def fill_in_tariff(browser: Browser, *, company: str, row: int, price: float, target: str, picture: str) -> None:
    """Take a company's price list, correct the price of one step, and choose the step not to exceed.

    The list is pictured under the name `picture`.
    """
    page = await open_section(browser, "Capacity tariff")
    await page.get_by_text(f"{company} –").click()
    await page.get_by_role("button", name="Next").click()

    rows = page.locator("ha-selector-object ha-md-list-item")
    await expect(rows).to_have_count(10)
    await pictures.take(page, picture, page.get_by_role("dialog").last)
    await rows.nth(row).get_by_role("button", name="Edit").click()
    form = page.locator("dialog-form")
    await form.locator("input").last.fill(str(price))
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("button", name="Save")).to_have_count(0)  # before, what is behind it is inert
    await expect(rows.nth(row)).to_contain_text(f"kW · {price} kr")

    vat = page.locator("step-flow-form ha-selector-number input").last
    await vat.fill("250")
    await expect(vat).to_have_value("250")
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_text("VAT is a percentage between 0 and 100.")).to_be_visible()
    await expect(rows.nth(row)).to_contain_text(f"kW · {price} kr")
    await vat.fill("25")
    await expect(vat).to_have_value("25")
    await page.get_by_role("button", name="Next").click()

    await page.get_by_text(target).click()
    await submit(page)


async def fill_in_fuse(browser: Browser, amperes: float) -> None:
    """Give the current of the main fuse."""
    page = await open_section(browser, "Main fuse")
    await page.locator("ha-selector-number input").first.fill(str(amperes))
    await submit(page)


async def submit(page: Page) -> None:
    """Send the last form, and wait until the options are kept."""
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Finish").click()
