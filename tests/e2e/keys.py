"""The form for a meter's keys, filled in by clicking."""

from playwright.async_api import Page, expect

ENCRYPTION = "encryption"
AUTHENTICATION = "authentication"
"""The fields."""


async def fill_in(page: Page, encryption: str, authentication: str = "") -> None:
    """Type keys into the form, in the place of what is there, and send it."""
    form = page.locator("step-flow-form")
    await form.locator(f"input[name={ENCRYPTION}]").fill(encryption)
    await form.locator(f"input[name={AUTHENTICATION}]").fill(authentication)
    await page.get_by_role("button", name="Next").click()


async def told(page: Page, field: str, text: str) -> None:
    """Wait until the form says something wrong of one of its fields, and of no other."""
    alert = page.locator("step-flow-form ha-alert")
    await expect(alert).to_have_count(1)
    await expect(alert).to_contain_text(text)
    below = page.locator(f"step-flow-form ha-alert + * input[name={field}]")
    await expect(below).to_have_count(1)
