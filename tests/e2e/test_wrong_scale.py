"""Registers that are not on the scale of the power: Home Assistant says so, and a click mends it."""

from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path

from playwright.async_api import expect
import pytest

from scripts.home_assistant.client import Client, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.process import HomeAssistantProcess, free_port
from tests import conftest
from tests.meters import TcpLine
from tests.meters.maker import CIVIL_TIME

from . import pictures
from .browser import logged_in
from .virtual_day import RecorderStarter, VirtualDay

RESIDENT = User("Kari", "kari", "a password")
TITLE = "Energy and power of Aidon 6525 do not agree"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """See that the virtual day goes by without complaints. Spare what else is logged, of every statement."""
    for name in ("", "homeassistant", "sqlalchemy.engine"):
        caplog.set_level("WARNING", name)
    yield
    assert conftest.complaints(caplog) == []


async def test_a_wrong_scale_is_mended_by_a_click(tmp_path: Path, async_test_recorder: RecorderStarter) -> None:
    """A meter is read for a day with a factor ten times too large; the repair takes it back to 1."""
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    day = VirtualDay.of(datetime.now(CIVIL_TIME).date() - timedelta(days=1))
    port = free_port()
    await day.live(configuration.folder, port, async_test_recorder, energy_factor=10)

    home = HomeAssistantProcess(configuration)
    async with TcpLine(day.meter, port=port), home, Client(configuration.url) as client:
        await client.onboard(RESIDENT)
        async with logged_in(configuration.url, RESIDENT, wreck=tmp_path / "wreck.png") as browser:
            page = await browser.open("/config/repairs")
            await page.get_by_text(TITLE).first.click()
            await expect(page.get_by_text("Factor for energy: 10, then").last).to_be_visible()
            await pictures.take(page, "wrong-scale", page.get_by_role("dialog").last)
            await page.get_by_role("button", name="Submit").click()
            await expect(page.get_by_text("repaired")).to_be_visible()
            page = await browser.open("/config/repairs")
            await expect(page.get_by_text(TITLE)).to_have_count(0)
        (entry,) = await client.command("config_entries/get", domain="han_port")
        assert entry["state"] == "loaded"
        told = await client.rest("GET", f"/api/diagnostics/config_entry/{entry['entry_id']}")
        assert told["data"]["options"]["energy_factor"] == 1
    assert complaints(home.log(), "han_port") == []
