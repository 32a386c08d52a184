"""The målepunkt-ID of a meter with a HAN port: asked for, checked, shown masked, taken back, and told to nobody."""

from collections.abc import Mapping
import json
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.diagnostics import async_get_config_entry_diagnostics

from .conftest import AIDON, KAMSTRUP, OTHER_AIDON, Bridge, complaints, entity, entry_for, full, set_up, until
from .hand_read_flow import OTHER_POINT, POINT, about, add as add_hand_read, fields
from .test_config_flow import begin, listened, texts

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

MASKED = "7070575•••••••5671"


async def found(hass: HomeAssistant, bridge: Bridge) -> ConfigFlowResult:
    """Begin to add a meter, as far as the form that says which one was found."""
    bridge.greeting = full()
    result = await listened(hass, await begin(hass, bridge.url))
    assert result["step_id"] == "found"
    return result


async def fill_in(hass: HomeAssistant, result: ConfigFlowResult, **filled_in: Any) -> ConfigFlowResult:
    """Send a form."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], filled_in)
    await hass.async_block_till_done()
    return result


def known_meter(bridge: Bridge, point: str | None = POINT) -> MockConfigEntry:
    """Return the entry of a meter whose målepunkt-ID is known."""
    entry = entry_for(bridge.url)
    data = dict(entry.data) if point is None else {**entry.data, "metering_point": point}
    return MockConfigEntry(domain=DOMAIN, title=entry.title, unique_id=entry.unique_id, data=data)


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry, **filled_in: Any) -> ConfigFlowResult:
    """Reconfigure a meter, on the port that it is on unless another is filled in."""
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "reconfigure"
    return await fill_in(hass, result, **{"port": entry.data["port"], **filled_in})


# A new meter.


async def test_with_a_new_meter(hass: HomeAssistant, bridge: Bridge) -> None:
    result = await fill_in(hass, await found(hass, bridge), metering_point="7070 5750 0012 3456 71")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["data"]["metering_point"], result["result"].unique_id) == (POINT, AIDON.id)
    await until(hass, entity(hass, "power_import"), "2526")


@pytest.mark.parametrize("typed", [{}, {"metering_point": ""}, {"metering_point": "  "}])
async def test_it_is_optional(hass: HomeAssistant, bridge: Bridge, typed: Mapping[str, str]) -> None:
    result = await fill_in(hass, await found(hass, bridge), **typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "metering_point" not in result["data"]


@pytest.mark.parametrize(
    ("typed", "error", "says"),
    [
        ("707057500012345678", "metering_point_check", "check digit"),
        ("70705750001234567", "metering_point_length", "This has 17 digits"),
        ("7070575 0001234567 one", "metering_point_letters", "digits only"),
        (AIDON.id, "metering_point_is_meter", "number of the meter"),
        ("6970631000000338", "metering_point_is_meter", "names the installation"),
    ],
)
async def test_what_is_wrong_is_said(hass: HomeAssistant, bridge: Bridge, typed: str, error: str, says: str) -> None:
    result = await fill_in(hass, await found(hass, bridge), metering_point=typed)
    assert (result["step_id"], result["errors"]) == ("found", {"metering_point": error})
    assert fields(result) == {"metering_point": typed}
    assert says in texts("en")[f"config.error.{error}"].format(**about(result))
    assert about(result)["meter_id"] == AIDON.id  # the rest of the page is as it was
    result = await fill_in(hass, result, metering_point=POINT)
    assert result["data"]["metering_point"] == POINT


async def test_another_prefix_is_asked_for_twice(hass: HomeAssistant, bridge: Bridge) -> None:
    unusual = "707057600012345678"
    result = await fill_in(hass, await found(hass, bridge), metering_point=unusual)
    assert result["errors"] == {"metering_point": "metering_point_unusual"}
    result = await fill_in(hass, result, metering_point=unusual)
    assert result["data"]["metering_point"] == unusual


async def test_two_meters_have_not_the_same(hass: HomeAssistant, bridge: Bridge) -> None:
    await add_hand_read(hass, metering_point=POINT)
    result = await fill_in(hass, await found(hass, bridge), metering_point=POINT)
    assert result["errors"] == {"metering_point": "metering_point_used"}
    assert about(result)["name"] == "The cabin"


# A known meter.


async def test_it_is_shown_masked(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, known_meter(bridge))
    result = await entry.start_reconfigure_flow(hass)
    assert about(result)["metering_point"] == MASKED
    assert fields(result) == {"port": bridge.url, "metering_point": None, "remove_metering_point": None}
    assert POINT not in str(about(result))


@pytest.mark.parametrize(
    ("known", "typed", "kept", "reason"),
    [
        (None, {"metering_point": POINT}, POINT, "metering_point_kept"),
        (POINT, {"metering_point": OTHER_POINT}, OTHER_POINT, "metering_point_kept"),
        (POINT, {"remove_metering_point": True}, None, "metering_point_removed"),
        (POINT, {"metering_point": OTHER_POINT, "remove_metering_point": True}, OTHER_POINT, "metering_point_kept"),
    ],
)
async def test_changing_it_does_not_stop_the_meter(
    hass: HomeAssistant,
    bridge: Bridge,
    *,
    known: str | None,
    typed: dict[str, Any],
    kept: str | None,
    reason: str,
) -> None:
    entry = await set_up(hass, known_meter(bridge, known))
    client = await bridge.client()
    result = await reconfigure(hass, entry, **typed)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)
    assert entry.data.get("metering_point") == kept
    assert ("metering_point" in entry.data) is (kept is not None)
    client.send(full())
    await until(hass, entity(hass, "power_import"), "2526")
    assert len(bridge.clients) == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [({}, POINT), ({"metering_point": OTHER_POINT}, OTHER_POINT), ({"remove_metering_point": True}, None)],
)
async def test_with_a_new_port(hass: HomeAssistant, bridge: Bridge, typed: dict[str, Any], kept: str | None) -> None:
    entry = await set_up(hass, known_meter(bridge))
    async with Bridge() as second:
        second.greeting = full(power_import=7)
        result = await listened(hass, await reconfigure_port(hass, entry, second, **typed))
        assert result["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert (entry.data["port"], entry.data.get("metering_point")) == (second.url, kept)
        await hass.config_entries.async_unload(entry.entry_id)


async def reconfigure_port(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: Bridge, **typed: Any
) -> ConfigFlowResult:
    """Fill in another port."""
    result = await entry.start_reconfigure_flow(hass)
    return await hass.config_entries.flow.async_configure(result["flow_id"], {"port": bridge.url, **typed})


async def test_what_was_typed_is_there_after_another_meter_was_heard(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, known_meter(bridge))
    async with Bridge() as second:
        second.greeting = full(OTHER_AIDON)
        result = await reconfigure_port(hass, entry, second, metering_point=OTHER_POINT)
        result = await listened(hass, result)
        assert result["errors"] == {"base": "wrong_meter"}
        assert fields(result).items() >= {"port": second.url, "metering_point": OTHER_POINT}.items()
        assert entry.data["metering_point"] == POINT
    await hass.async_block_till_done()


async def test_what_is_wrong_is_said_of_a_known_meter(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, known_meter(bridge))
    result = await reconfigure(hass, entry, metering_point=AIDON.id, port=" socket://192.0.2.1:1 ")
    assert (result["step_id"], result["errors"]) == ("reconfigure", {"metering_point": "metering_point_is_meter"})
    assert fields(result)["port"] == "socket://192.0.2.1:1"
    assert entry.data["metering_point"] == POINT
    result = await fill_in(hass, result, port=entry.data["port"], metering_point=OTHER_POINT)
    assert result["reason"] == "metering_point_kept"


async def test_a_meter_that_somebody_reads_has_no_port(hass: HomeAssistant, bridge: Bridge) -> None:
    await add_hand_read(hass)
    result = await fill_in(hass, await found(hass, bridge))
    assert result["type"] is FlowResultType.CREATE_ENTRY


# Who is told.


async def test_it_is_not_in_the_download(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, known_meter(bridge))
    told = json.dumps(await async_get_config_entry_diagnostics(hass, entry))
    assert "metering_point" in told
    assert POINT not in told


async def test_it_is_not_in_the_log(hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    result = await fill_in(hass, await found(hass, bridge), metering_point=POINT[:-1] + "9")
    entry = (await fill_in(hass, result, metering_point=POINT))["result"]
    await until(hass, entity(hass, "power_import"), "2526")
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    await fill_in(hass, result, port=bridge.url, metering_point=OTHER_POINT)
    assert entry.data["metering_point"] == OTHER_POINT
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert bridge.url.removeprefix("socket://") in caplog.text  # the log was listened to
    for point in (POINT, OTHER_POINT):
        assert point[:-1] not in caplog.text


@pytest.mark.parametrize("damaged", [None, 707057500012345671, "7070575", "707057500012345678", ["x"], "a" * 18])
async def test_one_that_is_damaged_is_forgotten(
    hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture, damaged: Any
) -> None:
    entry = entry_for(bridge.url, KAMSTRUP)
    data = {**entry.data, "metering_point": damaged}
    entry = await set_up(hass, MockConfigEntry(domain=DOMAIN, title=entry.title, unique_id=entry.unique_id, data=data))
    assert "metering_point" not in entry.data
    (complaint,) = complaints(caplog)
    assert complaint.endswith("metering_point")
