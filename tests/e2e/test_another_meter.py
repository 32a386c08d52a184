"""The grid company replaces the meter: Home Assistant says so, and a few clicks take the new one over."""

import os
from pathlib import Path

from playwright.async_api import expect
import pytest

from scripts.home_assistant.client import Client, Json, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.process import HomeAssistantProcess, free_port
from scripts.simulated_meter import SimulatedMeter

from . import pages, pictures
from .browser import logged_in

RESIDENT = User("Kari", "kari", "a password")
TITLE = "Another meter is on the port of Aidon 6525"
TOLD_MS = 400_000
"""Another meter's lists are told of after five minutes."""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(900),
    pytest.mark.skipif("HAN_PORT_LONG" not in os.environ, reason="takes seven minutes; set HAN_PORT_LONG"),
]


async def entities(client: Client, entry: Json) -> dict[str, Json]:
    """Return the entities of an entry, by their ids."""
    everything = await client.command("config/entity_registry/list")
    return {one["entity_id"]: one for one in everything if one["config_entry_id"] == entry["entry_id"]}


async def test_another_meter_is_taken_over_by_clicks(tmp_path: Path) -> None:
    """A Kamstrup comes in the place of an Aidon: it has a device of its own then, and the Aidon keeps its entities."""
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    place = f"127.0.0.1:{free_port()}"
    aidon = SimulatedMeter("--meter", "aidon", "--tcp", place)
    kamstrup = SimulatedMeter("--meter", "kamstrup", "--tcp", place)
    home = HomeAssistantProcess(configuration)
    async with home, Client(configuration.url) as client:
        await client.onboard(RESIDENT)
        async with logged_in(configuration.url, RESIDENT, wreck=tmp_path / "wreck.png") as browser:
            async with aidon:
                await pages.add_han_port(browser, aidon)
                await pages.number(browser.page, "Power import", "W")
            (old,) = await client.command("config_entries/get", domain="han_port")
            had = await entities(client, old)
            async with kamstrup:
                page = await browser.open("/config/repairs")
                await page.get_by_text(TITLE).first.click(timeout=TOLD_MS)
                dialog = page.get_by_role("dialog").last
                await expect(page.get_by_text("Lists of another meter (Kamstrup)")).to_be_visible()
                await pictures.take(page, "another-meter", dialog)
                await kamstrup.control("pause")
                await page.get_by_role("button", name="Submit").click()
                await expect(page.get_by_text("Listening to the meter")).to_be_visible()
                await pictures.take(page, "another-meter-listening", dialog)
                await kamstrup.control("resume")
                await expect(page.get_by_text("Meter number: 5706567000000017")).to_be_visible()
                await pictures.take(page, "another-meter-found", dialog)
                await page.get_by_role("button", name="Submit").click()
                await expect(page.get_by_text("repaired")).to_be_visible()

                entries = await client.command("config_entries/get", domain="han_port")
                (new,) = (one for one in entries if one["entry_id"] != old["entry_id"])
                (off,) = (one for one in entries if one["entry_id"] == old["entry_id"])
                assert (new["state"], new["disabled_by"]) == ("loaded", None)
                assert (off["state"], off["disabled_by"]) == ("not_loaded", "user")
                kept = await entities(client, old)
                assert {id_: one["disabled_by"] for id_, one in kept.items()} == {
                    id_: one["disabled_by"] or "config_entry" for id_, one in had.items()
                }

                (device,) = {one["device_id"] for one in (await entities(client, new)).values()}
                page = await browser.open(f"/config/devices/device/{device}")
                await pages.number(page, "Power import", "W")
                page = await browser.open("/config/repairs")
                await expect(page.get_by_text("no repairs pending")).to_be_visible()
    assert complaints(home.log(), "han_port") == []
