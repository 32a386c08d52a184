"""The main job, as its user does it: two meters added by clicking, read, lost and found again."""

from pathlib import Path

import pytest

from scripts.home_assistant.client import Client, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.meter import NO_STATISTICS_YET, energy_issues
from scripts.home_assistant.process import HomeAssistantProcess, free_port
from scripts.simulated_meter import SimulatedMeter

from . import energy, pages, pictures
from .browser import logged_in

OWNER = User("Kari", "kari", "a password")

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


async def test_from_the_meter_to_the_energy_dashboard(tmp_path: Path) -> None:
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    aidon = SimulatedMeter("--meter", "aidon", "--tcp", "127.0.0.1:0", "--first-hourly")
    kamstrup = SimulatedMeter("--meter", "kamstrup", "--pty", str(tmp_path / "ttyKamstrup"), "--first-hourly")
    home = HomeAssistantProcess(configuration, asyncio_debug=True)
    async with aidon, kamstrup, home, Client(configuration.url) as client:
        await client.onboard(OWNER)
        async with logged_in(configuration.url, OWNER, wreck=tmp_path / "wreck.png") as browser:
            found = await pages.add_han_port(browser, aidon, picture="setup")
            for told in ("Aidon", "6525", "IT", "7359992000000017", " W"):
                assert told in found
            aidon_path = browser.path
            await pages.number(browser.page, "Power import", "W")
            await pages.number(browser.page, "Voltage L1", "V")
            await pages.number(browser.page, "Current L1", "A")
            await pages.number(browser.page, "Energy import", "kWh")
            await pages.number(browser.page, "Voltage L2", "V")
            await pages.settled(browser.page)
            await pictures.take(browser.page, "device")

            found = await pages.add_han_port(browser, kamstrup)
            assert "Kamstrup" in found
            kamstrup_path = browser.path
            await pages.number(browser.page, "Power import", "W")

            await energy.add_grid_connection(browser, meter="Aidon 6525")
            assert (await energy_issues(client)).keys() <= {NO_STATISTICS_YET}

            for meter, path in ((aidon, aidon_path), (kamstrup, kamstrup_path)):
                page = await browser.open(path)
                await pages.number(page, "Power import", "W")
                await meter.control("refuse")
                await pages.unavailable(page, "Power import")
                await meter.control("resume")
                await pages.number(page, "Power import", "W")

            await energy.statistics(client)
            await energy.shows_power(browser)
            await energy.picture_of_a_day(browser, client, "sensor.aidon_6525_energy_import")
    assert complaints(home.log(), "han_port") == []
