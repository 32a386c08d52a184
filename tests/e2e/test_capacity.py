"""The capacity tariff of a winter evening: filled in, looked at, nearly exceeded, and corrected, in a browser."""

from collections.abc import Generator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from typing import Final, Literal

from playwright.async_api import Page, ViewportSize, expect
import pytest

from scripts.home_assistant.client import Client, Json, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.process import HomeAssistantProcess, free_port
from tests import conftest

from . import actions, dashboard, options, pages, pictures
from .browser import Browser, logged_in
from .clocked_line import ClockedLine
from .shared_clock import PROGRAM, SharedClock
from .virtual_day import RecorderStarter
from .virtual_month import CAR, VirtualMonth

OWNER = User("Kari", "kari", "a password")
NOW: Final = datetime(2026, 11, 26, 17, 18, tzinfo=UTC)
"""18:18 on a Thursday."""
SEEN: Final = timedelta(hours=12) if pictures.wanted() else timedelta(hours=1, minutes=20)
FAST: Final = 20
TARGET: Final = 5.0
"""kWh in an hour."""
NEAR: Final = 0.3
"""kWh by which the forecast may move while Home Assistant starts."""
UNSEEN: Final = 0.03
"""kWh by which what the house drew may differ from what was seen of it, or from the mean of before and after."""
HIGH: Final[ViewportSize] = {"width": 1280, "height": 1400}
HIGHER: Final[ViewportSize] = {"width": 1280, "height": 1880}

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """See that the virtual month goes by without complaints. Spare what else is logged, of every statement."""
    for name in ("", "homeassistant", "sqlalchemy.engine"):
        caplog.set_level("WARNING", name)
    yield
    assert conftest.complaints(caplog) == []


class Evening:
    """The house on that evening: its Home Assistant, a browser in it, and the clock that they all go by."""

    def __init__(self, client: Client, browser: Browser, clock: SharedClock, month: VirtualMonth) -> None:
        self.client = client
        self.clock = clock
        self.month = month
        self._browser = browser

    async def browser(self) -> Browser:
        """Return the browser: what it opens next shows what time it is."""
        await self._browser.page.context.clock.set_fixed_time(self.clock.now())
        return self._browser

    async def state(self, entity: str) -> Json:
        """Return the state of an entity of the meter."""
        domain, _, name = entity.partition(".")
        return await self.client.rest("GET", f"/api/states/{domain}.aidon_6525_{name}")

    async def number(self, entity: str) -> float:
        """Return the number that an entity of the meter shows."""
        return float((await self.state(entity))["state"])

    async def device_page(self) -> Page:
        """Show the page of the meter."""
        devices = await self.client.command("config/device_registry/list")
        (device,) = (device["id"] for device in devices if device["name"] == "Aidon 6525")
        return await (await self.browser()).open(f"/config/devices/device/{device}")

    async def shows(self, page: Page, peaks: Sequence[int], step: str, cost: int) -> None:
        """See that the page of the meter shows these peaks (Wh), highest first, and what comes of them."""
        for number, peak in enumerate(peaks, start=1):
            await expect(pages.row(page, f"Month's peak {number}")).to_contain_text(f"{peak / 1000:.3f} kWh")
        await expect(pages.row(page, "Capacity mean")).to_contain_text(f"{sum(peaks) / 3000:.3f} kW")
        await expect(pages.row(page, "Capacity step")).to_contain_text(step)
        await expect(pages.row(page, "Capacity cost")).to_contain_text(re.compile(rf"\b{cost}\b"))

    def agrees(self, before: Json, after: Json) -> None:
        """See that what the hour has come to has risen between two states by what the house used."""
        rise = after["attributes"]["so_far"] - before["attributes"]["so_far"]
        assert rise == pytest.approx(self.month.used(updated(before), updated(after)) / 1000, abs=UNSEEN)


async def test_an_evening_with_a_tariff(tmp_path: Path, async_test_recorder: RecorderStarter) -> None:
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    month = VirtualMonth.until(NOW)
    port = free_port()
    await month.live(configuration.folder, port, async_test_recorder, seen=SEEN)
    clock = SharedClock.make(tmp_path / "clock", NOW)
    home = HomeAssistantProcess(configuration, program=(str(PROGRAM), str(clock.path)))
    async with ClockedLine(month.meter, clock, port), home, Client(configuration.url) as client:
        await client.onboard(OWNER)
        async with logged_in(configuration.url, OWNER, wreck=tmp_path / "wreck.png") as browser:
            evening = Evening(client, browser, clock, month)
            await fill_in_options(evening)
            await see_the_month(evening)
            await see_the_dashboard(evening)
            await charge_the_car(evening)
            assert complaints(home.log(), "han_port") == []
            await restart(evening, home)
            await correct_a_peak(evening)
            issues = (await client.command("repairs/list_issues"))["issues"]
            assert [issue for issue in issues if issue["domain"] == "han_port"] == []
    assert complaints(home.log(), "han_port") == []


def updated(state: Json) -> datetime:
    """Return when a state was written last."""
    return datetime.fromisoformat(state["last_updated"])


async def fill_in_options(evening: Evening) -> None:
    browser = await evening.browser()
    await options.fill_in_tariff(
        browser, company="Elvia", row=3, price=5620, target="2–5 kW · 250 kr", picture="capacity-options"
    )
    await options.fill_in_fuse(browser, 63)


async def see_the_month(evening: Evening) -> None:
    """See on the page of the meter what its registers have come to."""
    page = await evening.device_page()
    await evening.shows(page, evening.month.peaks(), "2–5 kW", 250)
    today = evening.month.maxima()[NOW.date()]
    await expect(pages.row(page, "Peak of the day")).to_contain_text(f"{today / 1000:.3f} kWh")
    await pages.number(page, "This hour's forecast", "kWh")
    await pages.number(page, "Available power", "W")
    await expect(pages.row(page, "Over target")).to_contain_text("OK")
    await expect(pages.row(page, "Overload")).to_contain_text("OK")
    await expect(pages.row(page, "Fuse load")).to_contain_text(re.compile(r"\d%"))
    await pages.settled(page)
    await page.set_viewport_size(HIGH)
    await pictures.take(page, "capacity-device")

    (entry,) = await evening.client.command("config_entries/get", domain="han_port")
    told = await evening.client.rest("GET", f"/api/diagnostics/config_entry/{entry['entry_id']}")
    kept = told["data"]["options"]
    assert kept["capacity"]["steps"][2:4] == [{"above": 5, "price": 4032}, {"above": 10, "price": 5620}]
    assert (kept["capacity"]["rule"], kept["capacity"]["target"]) == ("three_days", 5)
    assert kept["fuse"]["amperes"] == 63


async def see_the_dashboard(evening: Evening) -> None:
    """See that every card of it has something to show, in the light and in the dark, and on a phone."""
    await dashboard.paste(evening.client)
    page = await dashboard.open_it(await evening.browser())
    await dashboard.whole(page)
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme, name in zip(schemes, ("", "-dark"), strict=True):
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size(dashboard.TALL)
        await dashboard.picture_drawn(page)
        await pictures.take(page, f"capacity-dashboard{name}")
        await page.set_viewport_size(dashboard.PHONE)
        await dashboard.picture_drawn(page)
        await pictures.take(page, f"month-{scheme}", dashboard.picture(page), margin=0)


async def charge_the_car(evening: Evening) -> None:
    """Charge a car until the hour is about to exceed its target, and stop that in time."""
    page = await dashboard.open_it(await evening.browser())
    over = dashboard.tile(page, "Over target")
    await expect(over).to_contain_text("OK")
    before = await evening.state("sensor.this_hour_s_forecast")
    available = await evening.number("sensor.available_power")
    assert float(before["state"]) < TARGET
    assert available > 0

    evening.month.car.switch(evening.clock.now(), on=True)
    evening.clock.go(FAST)
    await expect(over).to_contain_text("Problem")
    assert await evening.number("sensor.this_hour_s_forecast") > TARGET
    assert available - 1.2 * sum(CAR) < await evening.number("sensor.available_power") < 0

    evening.month.car.switch(evening.clock.now(), on=False)
    await expect(over).to_contain_text("OK")
    evening.clock.go(1)
    after = await evening.state("sensor.this_hour_s_forecast")
    assert float(after["state"]) < TARGET
    evening.agrees(before, after)
    assert await evening.number("sensor.available_power") > 0


async def restart(evening: Evening, home: HomeAssistantProcess) -> None:
    """Start Home Assistant anew in the middle of the hour. What it has come to is known as before."""
    before = await evening.state("sensor.this_hour_s_forecast")
    await home.stop()
    await home.start()
    await evening.client.keep_http_settings()
    page = await evening.device_page()
    await evening.shows(page, evening.month.peaks(), "2–5 kW", 250)
    await pages.number(page, "This hour's forecast", "kWh")
    after = await evening.state("sensor.this_hour_s_forecast")
    assert float(after["state"]) == pytest.approx(float(before["state"]), abs=NEAR)
    evening.agrees(before, after)
    await expect(pages.row(page, "Over target")).to_contain_text("OK")


async def correct_a_peak(evening: Evening) -> None:
    """Say that a day's peak was another one than the meter tells, and see it on the page of the meter."""
    page, response = await actions.correct_peak(await evening.browser(), day=12, energy=6.2)
    await expect(response).to_contain_text("step: 5–10 kW")
    await page.set_viewport_size(HIGHER)
    await expect(page.get_by_role("button", name="Perform action")).to_be_visible()
    await pictures.take(page, "capacity-action")
    first, second, _ = evening.month.peaks()
    await evening.shows(await evening.device_page(), (6200, first, second), "5–10 kW", 420)
