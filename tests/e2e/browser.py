"""A real browser, looking at a real Home Assistant as its owner does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import shutil

from playwright.async_api import BrowserContext, Error, Page, async_playwright, expect

from scripts.home_assistant.client import User

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
STEP_SECONDS = 30  # for one thing to appear on a page, on a busy machine


class NoBrowserError(Exception):
    """This machine has no Chromium."""


def find_chromium() -> str:
    """Return the path of a Chromium: HAN_PORT_CHROMIUM, else the first on PATH."""
    named = os.environ.get("HAN_PORT_CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else CHROMIUM)), None)
    if found is None:
        raise NoBrowserError(
            f"no Chromium at {named} (HAN_PORT_CHROMIUM)"
            if named
            else "the end-to-end test needs Chromium: `apt install chromium`, or name one in HAN_PORT_CHROMIUM"
        )
    return found


class Browser:
    """A browser in which the owner of the Home Assistant at `url` is logged in. It shows one page at a time."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self._context = context
        self._url = url
        self.page = page
        """What it shows."""

    async def open(self, path: str) -> Page:
        """Show a page, in a new tab: a dialog that was closed may still take the old one a step back in its history."""
        old, self.page = self.page, await self._context.new_page()
        await old.close()
        await self.page.goto(self._url + path)
        return self.page

    @property
    def path(self) -> str:
        """Where it is."""
        return self.page.url.removeprefix(self._url)

    async def log_in(self, user: User) -> None:
        """Log in by the login page."""
        page = await self.open("/")
        await page.locator("input[name=username]").fill(user.username)
        await page.locator("input[name=password]").fill(user.password)
        await page.keyboard.press("Enter")
        await page.locator("home-assistant-main").wait_for()


@asynccontextmanager
async def logged_in(url: str, user: User, *, wreck: Path) -> AsyncGenerator[Browser]:
    """Open a browser and log in. If that, or what follows, ends badly, the picture `wreck` shows how it looked."""
    expect.set_options(timeout=STEP_SECONDS * 1000)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            context = await chromium.new_context(
                viewport={"width": 1280, "height": 800},
                device_scale_factor=1,
                locale="en-GB",
                timezone_id="Europe/Oslo",
                color_scheme="light",
                reduced_motion="reduce",
                service_workers="block",  # a new one reloads the page once, at a moment of its own choice
            )
            context.set_default_timeout(STEP_SECONDS * 1000)
            browser = Browser(context, await context.new_page(), url)
            try:
                await browser.log_in(user)
                yield browser
            except (AssertionError, Error) as failure:
                await browser.page.screenshot(path=wreck)
                failure.add_note(f"the page at the end: {wreck}")
                raise
        finally:
            await chromium.close()
