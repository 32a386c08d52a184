"""The pages of Home Assistant that an owner of a meter walks through, by what stands on them."""

import contextlib
import re

from playwright.async_api import Locator, Page, TimeoutError as PageTimeoutError, expect

from scripts.simulated_meter import SimulatedMeter

from . import pictures
from .browser import Browser

ATTEMPTS = 3
WORDS_MS = 15_000

# The logo's place is inside several shadow roots, which a selector in the page does not see through.
LOGO_DRAWN = """() => {
  const images = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [...(one.localName === "img" ? [one] : []), ...(one.shadowRoot ? images(one.shadowRoot) : [])]);
  const drawn = images(document);
  return drawn.length > 0 && drawn.every((image) => image.complete);
}"""


async def choose(field: Locator, choice: Locator) -> None:
    """Open the list of a field and click one of its choices.

    A list that opens while its page still settles may close again: then it is opened again, as a person would.
    """
    for _ in range(ATTEMPTS - 1):
        await field.first.click()
        try:
            await choice.first.click(timeout=5000)
        except PageTimeoutError:
            continue
        return
    await field.first.click()
    await choice.first.click()


async def add_integration(browser: Browser) -> Page:
    """Add HAN Port by clicking, up to the first question.

    A page that comes before its words have is opened again, as a person would.
    """
    for _ in range(ATTEMPTS):
        page = await browser.open("/config/integrations/dashboard")
        with contextlib.suppress(PageTimeoutError):
            await page.get_by_role("button", name="Add integration").click(timeout=WORDS_MS)
            break
    await page.get_by_placeholder("Search for a brand name").fill("HAN Port")
    await page.locator("dialog-add-integration").get_by_text("HAN Port", exact=True).click()
    return page


async def add_han_port(browser: Browser, meter: SimulatedMeter, *, picture: str | None = None) -> str:
    """Add a meter by clicking, as a person does who has just installed HAN Port.

    Ends on the page of the new device. Returns the text of the page that says what was found. With `picture`, the
    steps are pictured under names that begin so; the meter is held silent while there is something to see.
    """
    page = await choose_port(browser, meter, picture=picture)
    return await take_found(page, picture=picture)


async def choose_port(browser: Browser, meter: SimulatedMeter, *, picture: str | None = None) -> Page:
    """Begin to add a meter, and choose its port; ends while HAN Port listens."""
    page = await add_integration(browser)
    await page.get_by_text("A meter with a HAN port").click()
    await choose(page.locator("ha-selector-serial_port ha-picker-field"), page.get_by_text("Enter manually"))
    await page.get_by_role("textbox", name=re.compile("^Port")).fill(meter.address)
    dialog = page.get_by_role("dialog").last
    if picture:
        await pictures.take(page, f"{picture}-port", dialog)
        await meter.control("pause")
    await page.get_by_role("button", name="Next").click()
    if picture:
        await expect(page.get_by_text("Listening")).to_be_visible()
        await pictures.take(page, f"{picture}-listening", dialog)
        await meter.control("resume")
    return page


async def take_found(page: Page, *, picture: str | None = None) -> str:
    """Add the meter as soon as it is found; ends on the page of its device. Returns what was said of it."""
    submit = page.get_by_role("button", name="Submit")
    await submit.wait_for()
    found = await page.locator("step-flow-form ha-markdown-element").first.inner_text()
    if picture:
        await pictures.take_form(page, f"{picture}-found")
    await submit.click()
    await page.get_by_role("button", name="Skip and finish").click()
    await page.wait_for_url("**/config/devices/device/*")
    return found


def row(page: Page, entity: str) -> Locator:
    """Return the row of an entity on the page of its device, by the entity's name."""
    return page.locator("hui-generic-entity-row").filter(has=page.get_by_title(entity, exact=True))


async def number(page: Page, entity: str, unit: str) -> None:
    """Wait until the row of an entity shows a number in this unit."""
    await expect(row(page, entity)).to_have_text(re.compile(rf"\b\d[\d,]*(\.\d+)?\s{re.escape(unit)}\b"))


async def changing(page: Page, entity: str, unit: str) -> None:
    """Wait until the row of an entity shows a number in this unit, and then another one.

    A house that sleeps uses a Wh in half a minute.
    """
    await number(page, entity, unit)
    shown = row(page, entity)
    await expect(shown).not_to_have_text(await shown.inner_text(), use_inner_text=True, timeout=60_000)
    await number(page, entity, unit)


async def unavailable(page: Page, entity: str) -> None:
    """Wait until the row of an entity says that it is unavailable."""
    await expect(row(page, entity)).to_contain_text("Unavailable", timeout=90_000)


async def settled(page: Page) -> None:
    """Wait until the page of a device has drawn all that it shows, for a picture."""
    await expect(page.locator("ha-spinner")).to_have_count(0)
    await expect(page.locator("hui-generic-entity-row ha-state-icon path").last).to_be_attached()
    await page.wait_for_function(LOGO_DRAWN)
