"""A meter is found, confirmed, moved and refused; whatever is wrong with the port is said in words.

Real sockets and pseudo-terminals all the way; only the patience of listening is shortened where nothing comes.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import re
from string import Formatter
from typing import Any, cast

from homeassistant.components.usb import USBDevice, usb_device_matches_matcher
from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_USB,
    SOURCE_USER,
    ConfigEntryDisabler,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service_info.usb import UsbServiceInfo
from homeassistant.loader import USBMatcher
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.detect import Patience, detect
from custom_components.han_port.link import Cause
from custom_components.han_port.sensor import CLOCK, LINK, QUANTITIES

from .conftest import (
    AIDON,
    ENOUGH,
    KAMSTRUP,
    OTHER_AIDON,
    SINGLE_PHASE,
    Bridge,
    complaints,
    entity,
    entry_for,
    full,
    hourly,
    power,
    set_up,
    until,
)
from .meters import axdr
from .meters.apdu import notification
from .meters.hdlc import frame
from .serving import Client, Pty, locked

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

QUICK = Patience(silence=0.4, pause=0.05, burst=0.2, naming=0.6, enough=0.8, tick=0.02, flood=256)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have listening give up after fractions of a second."""
    assert detect.__kwdefaults__ is not None
    monkeypatch.setitem(detect.__kwdefaults__, "patience", QUICK)


@pytest.fixture
async def second(socket_enabled: None) -> AsyncGenerator[Bridge]:  # noqa: ARG001 - a real socket
    """Return another bridge."""
    async with Bridge() as running:
        yield running


@asynccontextmanager
async def speaking(pty: Pty, frame: bytes) -> AsyncGenerator[None]:
    """Send a frame now and then meanwhile, as a meter does."""

    async def speak() -> None:
        while True:
            pty.send(frame)
            await asyncio.sleep(0.1)

    task = asyncio.create_task(speak())
    yield
    task.cancel()


async def begin(hass: HomeAssistant, port: str) -> ConfigFlowResult:
    """Begin to add a meter and choose a port."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["port", "topic", "hand_read"]
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"next_step_id": "port"})
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "port"
    assert not result["errors"]
    return await choose(hass, result, port)


async def choose(hass: HomeAssistant, result: ConfigFlowResult, port: str) -> ConfigFlowResult:
    """Choose a port."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], {"port": port})


async def listened(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait until listening is over and return what is shown then."""
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert (result["step_id"], result["progress_action"]) == ("listen", "listen")
    async with asyncio.timeout(ENOUGH):
        await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(result["flow_id"])


async def confirm(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Agree to what a form says, and fill in nothing."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
    await hass.async_block_till_done()
    return result


def suggested(result: ConfigFlowResult) -> str:
    """Return the port that the form has filled in."""
    assert result["data_schema"] is not None
    (field,) = (field for field in result["data_schema"].schema if field == "port")
    value: str = field.description["suggested_value"]
    return value


# A new meter.


async def test_a_meter_behind_a_bridge(hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    bridge.greeting = power() + full()
    result = await listened(hass, await begin(hass, f" {bridge.url} "))
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "found"
    assert result["description_placeholders"] == {
        "meter": "Aidon 6525",
        "meter_id": AIDON.id,
        "grid": "three phases, IT (230 V between phases)",
        "power": "2526 W",
        "line": "2400 8E1",
    }

    result = await confirm(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert (entry.title, entry.unique_id) == ("Aidon 6525", AIDON.id)
    assert result["data"] == {
        "port": bridge.url,
        "baudrate": 2400,
        "parity": "E",
        "meter": {
            "maker": "Aidon",
            "model": "6525",
            "id": AIDON.id,
            "list_id": "AIDON_V0001",
            "grid": "it",
        },
        "quantities": sorted(AIDON.quantities("full")),
    }
    await until(hass, entity(hass, "power_import"), "2526")
    assert complaints(caplog) == []


async def test_a_meter_on_a_serial_device(hass: HomeAssistant) -> None:
    with Pty() as pty:
        async with speaking(pty, hourly(KAMSTRUP)):
            result = await listened(hass, await begin(hass, pty.path))
        assert result["description_placeholders"] is not None
        assert result["description_placeholders"]["meter"] == "Kamstrup 6841131BN243101040"
        assert result["description_placeholders"]["grid"] == "three phases, TN (400 V between phases)"
        result = await confirm(hass, result)
        assert result["title"] == "Kamstrup"
        assert result["data"]["port"] == pty.path
        pty.send(hourly(KAMSTRUP))
        await until(hass, entity(hass, "energy_import", KAMSTRUP), "12345.67")
        assert await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize(
    ("language", "grid"),
    [
        ("nb", "én fase"),
        ("nn", "éin fase"),
        ("sv", "en fas"),
        ("da", "én fase"),
        ("en", "one phase"),
        ("fr", "one phase"),
    ],
)
async def test_the_connection_in_the_language_of_the_house(
    hass: HomeAssistant, bridge: Bridge, language: str, grid: str
) -> None:
    hass.config.language = language
    bridge.greeting = full(SINGLE_PHASE)
    result = await listened(hass, await begin(hass, bridge.url))
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["grid"] == grid


async def test_listening_shows_its_progress(hass: HomeAssistant, bridge: Bridge) -> None:
    parts: list[float] = []
    enough = asyncio.Event()

    @callback
    def note(event: Event[dict[str, Any]]) -> None:
        parts.append(event.data["progress"])
        if len(parts) == 3:
            enough.set()

    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, note)
    result = await begin(hass, bridge.url)
    assert result["description_placeholders"] == {"port": bridge.url}
    (await bridge.client()).send(power())
    async with asyncio.timeout(ENOUGH):
        await enough.wait()
    again = await hass.config_entries.flow.async_configure(result["flow_id"])  # the page was loaded anew
    assert again["type"] is FlowResultType.SHOW_PROGRESS
    bridge.send(full())
    assert (await listened(hass, result))["step_id"] == "found"
    assert parts == sorted(parts)
    assert 0 <= parts[0] < parts[-1] <= 1


async def test_closing_the_dialogue_lets_go_of_the_port(hass: HomeAssistant, bridge: Bridge) -> None:
    result = await begin(hass, bridge.url)
    client = await bridge.client()
    hass.config_entries.flow.async_abort(result["flow_id"])
    async with asyncio.timeout(ENOUGH):
        await client.gone.wait()
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []
    assert hass.config_entries.async_entries(DOMAIN) == []


async def test_two_dialogues_for_one_meter(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    first = await listened(hass, await begin(hass, bridge.url))
    other = await listened(hass, await begin(hass, bridge.url))
    assert (await confirm(hass, first))["type"] is FlowResultType.CREATE_ENTRY
    # the meter is set up now: the other dialogue is over
    assert [flow["flow_id"] for flow in hass.config_entries.flow.async_progress()] == []
    assert other["flow_id"] != first["flow_id"]


# What may be wrong with the port.


async def failed(hass: HomeAssistant, port: str, error: str) -> ConfigFlowResult:
    """Choose a port, and expect to be told what is wrong with it."""
    result = await listened(hass, await begin(hass, port))
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "port"
    assert result["errors"] == {"base": error}
    assert suggested(result) == port
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["port"] == port
    return result


@pytest.mark.parametrize(
    ("port", "error"),
    [
        ("/dev/serial/by-id/usb-not-there", "not_found"),
        (__file__, "bad_address"),
        ("nonsense://127.0.0.1:1", "bad_address"),
        ("socket://127.0.0.1:{closed}", "refused"),
    ],
)
async def test_no_such_port(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, port: str, error: str
) -> None:
    closed = bridge.port
    await bridge.stop()
    await failed(hass, port.format(closed=closed), error)
    assert complaints(caplog) == []


async def test_a_port_in_use_by_another_program(hass: HomeAssistant) -> None:
    with Pty() as pty, locked(pty.path):
        await failed(hass, pty.path, "busy")


async def test_a_bridge_that_hangs_up(hass: HomeAssistant, bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "_on_client", Client.close)
    await failed(hass, bridge.url, "lost")


@pytest.mark.usefixtures("quick")
async def test_silence(hass: HomeAssistant, bridge: Bridge) -> None:
    await failed(hass, bridge.url, "silent")


@pytest.mark.usefixtures("quick")
async def test_no_list_in_what_comes(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20
    await failed(hass, bridge.url, "unreadable")


@pytest.mark.usefixtures("quick")
async def test_an_unknown_list(hass: HomeAssistant, bridge: Bridge) -> None:
    body = axdr.structure(axdr.visible("NEWMETER_V1"), axdr.u32(1), axdr.u32(2))
    apdu = notification(body, invoke=0x40000000)
    bridge.greeting = frame(apdu, destination=b"\x41", source=b"\x03", control=0x13)
    result = await failed(hass, bridge.url, "unknown_list")
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["list_id"] == "NEWMETER_V1"
    assert result["description_placeholders"]["items"] == "3"
    assert result["description_placeholders"]["issues"].endswith("/issues")


@pytest.mark.usefixtures("quick")
async def test_trying_again(hass: HomeAssistant, bridge: Bridge) -> None:
    result = await failed(hass, bridge.url, "silent")
    bridge.greeting = full()
    result = await listened(hass, await choose(hass, result, bridge.url))
    assert result["step_id"] == "found"
    assert not result["errors"]
    assert (await confirm(hass, result))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_port_that_another_entry_reads(hass: HomeAssistant, bridge: Bridge, tmp_path: Path) -> None:
    await set_up(hass, entry_for(bridge.url.replace("127.0.0.1", "LOCALHOST") + "/"))
    result = await begin(hass, bridge.url.replace("127.0.0.1", "localhost"))
    assert result["errors"] == {"base": "port_in_use"}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["name"] == "Aidon 6525"

    with Pty() as pty:
        by_id = tmp_path / "usb-adapter"
        by_id.symlink_to(pty.path)
        entry = await set_up(hass, entry_for(pty.path, KAMSTRUP))
        result = await choose(hass, result, str(by_id))
        assert result["errors"] == {"base": "port_in_use"}
        assert await hass.config_entries.async_unload(entry.entry_id)


# A known meter.


async def test_a_meter_on_another_port_takes_its_entry_there(
    hass: HomeAssistant, bridge: Bridge, second: Bridge
) -> None:
    entry = await set_up(hass, entry_for(bridge.url, sent=("power_import",)))
    old = await bridge.client()
    second.greeting = full(power_import=7)
    result = await listened(hass, await begin(hass, second.url))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "moved"
    await hass.async_block_till_done()
    assert entry.data["port"] == second.url
    await until(hass, entity(hass, "power_import"), "7")
    async with asyncio.timeout(ENOUGH):
        await old.gone.wait()
    assert hass.config_entries.async_entries(DOMAIN) == [entry]
    assert {one.config_entry_id for one in er.async_get(hass).entities.values()} == {entry.entry_id}


async def test_a_meter_whose_entry_is_disabled(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = full()
    entry = await set_up(hass, entry_for(bridge.url))
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    result = await listened(hass, await begin(hass, bridge.url))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry, port: str) -> ConfigFlowResult:
    """Choose another port for an entry."""
    result = await entry.start_reconfigure_flow(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "reconfigure"
    assert suggested(result) == entry.data["port"]
    return await choose(hass, result, port)


async def test_reconfigure(hass: HomeAssistant, bridge: Bridge, second: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    second.greeting = full(power_import=7)
    result = await listened(hass, await reconfigure(hass, entry, second.url))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert entry.data["port"] == second.url
    await until(hass, entity(hass, "power_import"), "7")


async def test_reconfigure_on_the_same_port(hass: HomeAssistant) -> None:
    """The port is busy with the entry itself, and is freed for listening."""
    with Pty() as pty:
        entry = await set_up(hass, entry_for(pty.path))
        async with speaking(pty, full()):
            result = await listened(hass, await reconfigure(hass, entry, pty.path))
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
        await hass.async_block_till_done()
        pty.send(full(power_import=7))
        await until(hass, entity(hass, "power_import"), "7")
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_two_meters_of_one_model_have_names_of_their_own(
    hass: HomeAssistant, bridge: Bridge, second: Bridge
) -> None:
    await set_up(hass, entry_for(bridge.url))
    second.greeting = full(OTHER_AIDON)
    result = await confirm(hass, await listened(hass, await begin(hass, second.url)))
    assert result["title"] == "Aidon 6525 (2)"


async def test_reconfigure_refuses_another_meter(hass: HomeAssistant, bridge: Bridge, second: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    second.greeting = full(OTHER_AIDON)
    result = await listened(hass, await reconfigure(hass, entry, second.url))
    assert result["step_id"] == "reconfigure"
    assert result["errors"] == {"base": "wrong_meter"}
    assert suggested(result) == second.url
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED  # it goes on with what it had
    assert entry.data["port"] == bridge.url

    second.greeting = full(power_import=7)
    result = await listened(hass, await choose(hass, result, second.url))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()


async def test_reconfigure_with_a_port_of_another_entry(hass: HomeAssistant, bridge: Bridge, second: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    await set_up(hass, entry_for(second.url, KAMSTRUP))
    result = await reconfigure(hass, entry, second.url)
    assert result["step_id"] == "reconfigure"
    assert result["errors"] == {"base": "port_in_use"}
    assert entry.state is ConfigEntryState.LOADED


async def test_reconfigure_closed_in_the_middle(hass: HomeAssistant, bridge: Bridge, second: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    result = await reconfigure(hass, entry, second.url)
    await second.client()
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["port"] == bridge.url


async def test_reconfigure_of_an_entry_that_is_removed_meanwhile(
    hass: HomeAssistant, bridge: Bridge, second: Bridge
) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    result = await reconfigure(hass, entry, second.url)
    await second.client()
    assert await hass.config_entries.async_remove(entry.entry_id)
    if hass.config_entries.flow.async_progress():
        hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert hass.config_entries.async_entries(DOMAIN) == []


# An adapter that is plugged in.


def adapter(device: str, description: str = "USB M-Bus adapter") -> UsbServiceInfo:
    """Return what Home Assistant tells of an adapter."""
    return UsbServiceInfo(
        device=device, vid="0403", pid="6015", serial_number="1", manufacturer="Maker", description=description
    )


async def discover(hass: HomeAssistant, info: UsbServiceInfo) -> ConfigFlowResult:
    """Have Home Assistant discover an adapter."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USB}, data=info)


async def test_an_adapter_is_plugged_in(hass: HomeAssistant) -> None:
    with Pty() as pty:
        result = await discover(hass, adapter(pty.path))
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "usb_confirm")
        assert result["description_placeholders"] is not None
        assert result["description_placeholders"]["name"] == "USB M-Bus adapter"
        async with speaking(pty, full()):
            result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
            result = await listened(hass, result)
        assert result["step_id"] == "found"
        result = await confirm(hass, result)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].unique_id == AIDON.id
        assert await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.usefixtures("quick")
async def test_nothing_on_the_adapter(hass: HomeAssistant) -> None:
    with Pty() as pty:
        result = await discover(hass, adapter(pty.path))
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
        result = await listened(hass, result)
        assert (result["step_id"], result["errors"]) == ("port", {"base": "silent"})
        assert suggested(result) == pty.path


async def test_a_radio_adapter_is_not_offered(hass: HomeAssistant) -> None:
    result = await discover(hass, adapter("/dev/ttyUSB0", "Wireless M-Bus stick"))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_supported")


async def test_an_adapter_is_offered_once(hass: HomeAssistant) -> None:
    await discover(hass, adapter("/dev/ttyUSB0"))
    result = await discover(hass, adapter("/dev/ttyUSB1"))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_in_progress")


async def test_an_adapter_that_was_ignored(hass: HomeAssistant) -> None:
    result = await discover(hass, adapter("/dev/ttyUSB0"))
    (flow,) = hass.config_entries.flow.async_progress()
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": flow["context"]["unique_id"], "title": "ignored"},
    )
    result = await discover(hass, adapter("/dev/ttyUSB0"))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_an_adapter_that_is_in_use(hass: HomeAssistant) -> None:
    with Pty() as pty:
        entry = await set_up(hass, entry_for(pty.path))
        result = await discover(hass, adapter(pty.path))
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
        await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
        result = await discover(hass, adapter(pty.path))
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_an_adapter_that_its_entry_waits_for(hass: HomeAssistant, tmp_path: Path) -> None:
    path = tmp_path / "usb-adapter"
    entry = await set_up(hass, entry_for(str(path)))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    with Pty() as pty:
        path.symlink_to(pty.path)
        result = await discover(hass, adapter(str(path)))
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
        await hass.async_block_till_done()
        pty.send(full())
        await until(hass, entity(hass, "power_import"), "2526")
        assert await hass.config_entries.async_unload(entry.entry_id)


# What people read.


INTEGRATION = Path(__file__).parents[1] / "custom_components" / DOMAIN
LANGUAGES = ("nb", "nn", "sv", "da")


def texts(language: str) -> dict[str, str]:
    """Return all texts of a language by their path."""

    def flat(node: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, str):
            yield path, node
        else:
            for key, child in node.items():
                yield from flat(child, f"{path}.{key}".removeprefix("."))

    return dict(flat(json.loads((INTEGRATION / "translations" / f"{language}.json").read_text("utf-8")), ""))


def placeholders(text: str) -> set[str]:
    """Return the names in braces in a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str) -> None:
    english, translated = texts("en"), texts(language)
    assert translated.keys() == english.keys()
    for path, text in english.items():
        assert placeholders(translated[path]) == placeholders(text), path


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_names_are_told_apart(language: str) -> None:
    names = [text for path, text in texts(language).items() if re.fullmatch(r"entity\.sensor\.\w+\.name", path)]
    assert len(names) == len(set(names))


def test_every_cause_has_a_sentence() -> None:
    errors = {path.removeprefix("config.error.") for path in texts("en") if path.startswith("config.error.")}
    assert {str(cause) for cause in Cause} <= errors
    assert {"silent", "unreadable", "ciphered", "wrong_key", "wrong_authentication_key"} <= errors
    assert {"key_malformed", "unknown_list", "port_in_use", "wrong_meter"} <= errors


def test_every_name_is_translated() -> None:
    names = {path.split(".")[2] for path in texts("en") if path.startswith("entity.sensor.")}
    described = (*QUANTITIES.values(), *LINK, CLOCK)
    assert {description.translation_key for description in described} <= names


@pytest.mark.parametrize(
    ("description", "offered"),
    [
        ("USB M-Bus Master", True),
        ("M-BUS converter", True),
        ("USB-MBUS slave", True),
        ("mbus reader", True),
        ("HAN", True),
        ("HAN port reader", True),
        ("AMS HAN", True),
        ("ams-han-adapter", True),
        ("FT230X Basic UART", False),
        ("CP2102N USB to UART Bridge Controller", False),
        ("USB Serial", False),
        ("Dual-channel UART", False),
        ("Enhanced Serial Adapter", False),
        ("Shanghai Electronics CDC", False),
        ("wM-Bus stick", False),
        ("iM871A wmbus", False),
        ("USB Modbus RS485", False),
        (None, False),
    ],
)
def test_only_adapters_that_say_so_are_offered(description: str | None, offered: bool) -> None:
    manifest = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
    device = USBDevice(
        device="/dev/ttyUSB0",
        vid="0403",
        pid="6015",
        serial_number="1",
        manufacturer="Maker",
        description=description,
    )
    matchers = [cast("USBMatcher", {"domain": DOMAIN, **one}) for one in manifest["usb"]]
    assert offered == any(usb_device_matches_matcher(device, matcher) for matcher in matchers)
