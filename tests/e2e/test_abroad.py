"""Meters of Sweden and Denmark: without a number, with telegrams, ciphered, over MQTT; added and read in a browser."""

from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page, expect
import pytest

from scripts.home_assistant.client import Client, User
from scripts.home_assistant.configuration import Configuration
from scripts.home_assistant.flow import add_integration
from scripts.home_assistant.log import complaints
from scripts.home_assistant.process import HomeAssistantProcess, free_port
from scripts.simulated_meter import SimulatedMeter
from tests.meters import make_meter
from tests.meters.sealed import AUTHENTICATION, ENCRYPTION
from tests.mqtt.broker import HOST, Broker

from . import keys, pages, pictures
from .browser import logged_in
from .mqtt_reader import MqttReader

OWNER = User("Astrid", "astrid", "a password")
DANISH: Final = ("--meter", "kamstrup-dk", "--first-hourly")
OTHER_ENCRYPTION: Final = "1D62F90A4C8B7735E0A9C418D6502BFE"
OTHER_AUTHENTICATION: Final = "884B0F3DE1296AC75D13F07E92B846C0"
TOPIC: Final = "amsreader/raw"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


async def shows_all(page: Page) -> None:
    """Wait until the page of a device shows what the lists have: registers too, as they are in each of them."""
    await pages.number(page, "Power import", "W")
    await pages.number(page, "Energy import", "kWh")
    for phase in (1, 2, 3):
        await pages.number(page, f"Voltage L{phase}", "V")


async def test_swedish_meters_without_a_number(tmp_path: Path) -> None:
    """One sends lists without any name, the other telegrams: two devices, neither of which has a number."""
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    aidon = SimulatedMeter("--meter", "aidon-se", "--tcp", "127.0.0.1:0", "--first-hourly", "--seed", "2")
    telegrams = SimulatedMeter("--meter", "p1", "--tcp", "127.0.0.1:0", "--first-hourly")
    home = HomeAssistantProcess(configuration)
    async with aidon, telegrams, home, Client(configuration.url) as client:
        await client.onboard(OWNER)
        async with logged_in(configuration.url, OWNER, wreck=tmp_path / "wreck.png") as browser:
            found = await pages.add_han_port(browser, aidon)
            assert "Aidon" in found
            first = browser.path
            await shows_all(browser.page)

            found = await pages.add_han_port(browser, telegrams)
            assert "Landis+Gyr E360" in found
            assert browser.path != first
            await shows_all(browser.page)
            await pages.changing(browser.page, "Energy import", "kWh")
            await pages.changing(await browser.open(first), "Energy import", "kWh")
    assert complaints(home.log(), "han_port") == []


async def test_a_danish_meter_and_its_keys(tmp_path: Path) -> None:
    """It ciphers its lists; later the grid company gives it other keys."""
    configuration = Configuration(tmp_path / "config", free_port(), log_level="debug")
    configuration.write()
    line = (*DANISH, "--tcp", f"127.0.0.1:{free_port()}")
    meter = SimulatedMeter(*line)
    changed = SimulatedMeter(
        *line, "--encryption-key", OTHER_ENCRYPTION, "--authentication-key", OTHER_AUTHENTICATION, "--seed", "2"
    )
    home = HomeAssistantProcess(configuration)
    async with home, Client(configuration.url) as client:
        await client.onboard(OWNER)
        async with logged_in(configuration.url, OWNER, wreck=tmp_path / "wreck.png") as browser:
            async with meter:
                page = await pages.choose_port(browser, meter)
                await expect(page.get_by_text("Maker: Kamstrup")).to_be_visible()
                await pictures.take_form(page, "keys-form")
                await keys.fill_in(page, ENCRYPTION.hex()[:-1])
                await keys.told(page, keys.ENCRYPTION, "This is no key")
                await keys.fill_in(page, AUTHENTICATION.hex(), ENCRYPTION.hex())
                await keys.told(page, keys.ENCRYPTION, "This key does not open the meter's lists")
                await pictures.take_form(page, "keys-wrong")
                await keys.fill_in(page, spaced(ENCRYPTION), OTHER_AUTHENTICATION)
                await keys.told(page, keys.AUTHENTICATION, "this authentication key is not")
                await keys.fill_in(page, spaced(ENCRYPTION), AUTHENTICATION.hex())
                found = await pages.take_found(page, picture="keys")
                assert "Kamstrup" in found
                assert "29000001" in found
                device = browser.path
                await shows_all(browser.page)
            async with changed:
                await pages.unavailable(browser.page, "Power import")
                page = await browser.open("/config/integrations/dashboard")
                card = page.locator("ha-config-flow-card")
                await expect(card).to_contain_text("Kamstrup")
                await card.get_by_role("button").first.click()
                await expect(page.get_by_text("The meter's keys have changed")).to_be_visible()
                await pictures.take_form(page, "keys-changed")
                await keys.fill_in(page, OTHER_ENCRYPTION, OTHER_AUTHENTICATION)
                await expect(page.get_by_text("The keys are right.")).to_be_visible()
                await shows_all(await browser.open(device))
        (entry,) = await client.command("config_entries/get", domain="han_port")
        diagnosed = await client.rest("GET", f"/api/diagnostics/config_entry/{entry['entry_id']}")
    log = home.log()
    (asked,) = complaints(log, "han_port")
    assert "the right keys are needed" in asked
    for key in (ENCRYPTION.hex(), AUTHENTICATION.hex(), OTHER_ENCRYPTION, OTHER_AUTHENTICATION):
        assert key.casefold() not in log.casefold()
        assert key.casefold() not in str(diagnosed).casefold()


async def test_the_same_meter_over_mqtt(tmp_path: Path) -> None:
    configuration = Configuration(tmp_path / "config", free_port())
    configuration.write()
    meter = make_meter("kamstrup-dk")
    home = HomeAssistantProcess(configuration)
    async with Broker() as broker, home, Client(configuration.url) as client:
        await client.onboard(OWNER)
        await add_integration(client, "mqtt", {"broker": mqtt_form(broker)})
        async with logged_in(configuration.url, OWNER, wreck=tmp_path / "wreck.png") as browser:
            async with MqttReader(meter, broker, TOPIC):
                page = await pages.add_integration(browser)
                await page.get_by_text("A meter on MQTT").click()
                await page.get_by_role("textbox", name="Topic").fill(TOPIC)
                await pictures.take_form(page, "mqtt-topic")
                await page.get_by_role("button", name="Next").click()
                await expect(page.get_by_text("Maker: Kamstrup")).to_be_visible()
                await keys.fill_in(page, ENCRYPTION.hex(), AUTHENTICATION.hex())
                assert "29000001" in await pages.take_found(page)
                await shows_all(browser.page)
            await broker.stop()
            await pages.unavailable(browser.page, "Power import")
            await broker.start()
            async with MqttReader(meter, broker, TOPIC):
                await shows_all(browser.page)
    assert complaints(home.log(), "han_port") == []


def mqtt_form(broker: Broker) -> dict[str, Any]:
    """Return what the form of Home Assistant's MQTT integration asks for. The broker speaks version 3.1.1."""
    return {
        "broker": HOST,
        "port": broker.port,
        "protocol": "3.1.1",
        "other_settings": {"set_client_cert": False, "set_ca_cert": "off", "transport": "tcp"},
    }


def spaced(key: bytes) -> str:
    """Return a key as grid companies print it."""
    return key.hex(" ", 4).upper()
