"""A meter that ciphers: its keys are asked for, checked with its next list, kept, changed, and shown to nobody."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.wire.cipher import Keys

from .ciphered import AUTHENTICATION, ENCRYPTION, KEYS, TITLE, ciphered
from .conftest import AIDON, KAMSTRUP, Bridge, complaints, entity, entry_for, full, set_up, until
from .serving import Pty
from .test_config_flow import (
    begin,
    confirm,
    listened,
    quick as quick,  # noqa: PLC0414 - a fixture
    reconfigure,
    second as second,  # noqa: PLC0414 - a fixture
    speaking,
)

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

BOTH = {"encryption": ENCRYPTION, "authentication": AUTHENTICATION}
OTHER = "0f" * 16
NEW = Keys(bytes(range(0x30, 0x40)), bytes(range(0x50, 0x60)))
NEW_BOTH = {"encryption": NEW.encryption.hex(), "authentication": (NEW.authentication or b"").hex()}


@pytest.fixture(autouse=True)
async def no_key_is_shown(caplog: pytest.LogCaptureFixture) -> AsyncGenerator[None]:
    """No key is in the log."""
    yield
    shown = caplog.text.lower()
    for key in (*BOTH.values(), *NEW_BOTH.values(), OTHER):
        assert key not in shown


async def type_in(hass: HomeAssistant, result: ConfigFlowResult, typed: dict[str, str]) -> ConfigFlowResult:
    """Fill in a form."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], typed)


async def checked(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait until keys have been checked and return what is shown then."""
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert (result["step_id"], result["progress_action"]) == ("listen", "check_keys")
    await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(result["flow_id"])


def asks(result: ConfigFlowResult, step_id: str, **errors: str) -> None:
    """See that keys are asked for."""
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == step_id
    assert (result["errors"] or {}) == errors


def entry_with(url: str, keys: dict[str, str] | None = None) -> MockConfigEntry:
    """Return the entry of a meter that ciphers."""
    entry = entry_for(url, KAMSTRUP)
    return MockConfigEntry(
        domain=DOMAIN, title=entry.title, unique_id=KAMSTRUP.id, data={**entry.data, "keys": keys or BOTH}
    )


# A new meter.


async def test_a_new_meter(hass: HomeAssistant, bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await listened(hass, await begin(hass, bridge.url))
    asks(result, "keys")
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["maker"] == "Kamstrup"
    assert result["description_placeholders"]["port"] == bridge.url

    spaced = " ".join(ENCRYPTION[at : at + 4] for at in range(0, 32, 4)).upper()
    result = await checked(hass, await type_in(hass, result, {**BOTH, "encryption": f" {spaced} "}))
    assert result["step_id"] == "found"
    for flow in hass.config_entries.flow.async_progress():
        assert ENCRYPTION not in repr(flow).lower()
    result = await confirm(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["keys"] == BOTH
    assert result["result"].unique_id == KAMSTRUP.id
    assert ENCRYPTION not in result["title"]
    bridge.send(ciphered(full(KAMSTRUP, power_import=7), 2))
    await until(hass, entity(hass, "power_import", KAMSTRUP), "7")
    assert complaints(caplog) == []


async def test_the_authentication_key_may_be_unknown(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await listened(hass, await begin(hass, bridge.url))
    result = await checked(hass, await type_in(hass, result, {"encryption": ENCRYPTION}))
    result = await confirm(hass, result)
    assert result["data"]["keys"] == {"encryption": ENCRYPTION}


@pytest.mark.parametrize(
    ("title", "maker"),
    [
        (TITLE, "Kamstrup"),
        (b"KFM\x01\x02\x03\x04\x05", "Kaifa"),
        (b"XyZ<>&/\x00", "XyZ"),
        (bytes(range(0xF0, 0xF8)), "–"),
    ],
    ids=["Kamstrup", "Kaifa", "letters", "none"],
)
async def test_whose_meter_it_is(hass: HomeAssistant, bridge: Bridge, title: bytes, maker: str) -> None:
    bridge.greeting = ciphered(full(KAMSTRUP), title=title)
    result = await listened(hass, await begin(hass, bridge.url))
    asks(result, "keys")
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["maker"] == maker


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"encryption": OTHER}, {"encryption": "wrong_key"}),
        ({**BOTH, "encryption": OTHER}, {"encryption": "wrong_key"}),
        ({**BOTH, "authentication": OTHER}, {"authentication": "wrong_authentication_key"}),
        ({"encryption": AUTHENTICATION, "authentication": ENCRYPTION}, {"encryption": "wrong_key"}),
    ],
    ids=["encryption alone", "encryption", "authentication", "changed places"],
)
async def test_wrong_keys_are_told_at_their_field(
    hass: HomeAssistant, bridge: Bridge, typed: dict[str, str], error: dict[str, str]
) -> None:
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await listened(hass, await begin(hass, bridge.url))
    result = await checked(hass, await type_in(hass, result, typed))
    asks(result, "keys", **error)
    result = await checked(hass, await type_in(hass, result, BOTH))
    assert result["step_id"] == "found"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"encryption": ""}, "encryption"),
        ({"encryption": "secret"}, "encryption"),
        ({"encryption": ENCRYPTION[:-1]}, "encryption"),
        ({"encryption": f"{ENCRYPTION}00"}, "encryption"),
        ({"encryption": "g" * 32}, "encryption"),
        ({"encryption": ENCRYPTION, "authentication": "secret"}, "authentication"),
    ],
)
async def test_what_is_no_key(hass: HomeAssistant, bridge: Bridge, typed: dict[str, str], field: str) -> None:
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await listened(hass, await begin(hass, bridge.url))
    asks(await type_in(hass, result, typed), "keys", **{field: "key_malformed"})


@pytest.mark.usefixtures("quick")
async def test_a_meter_that_falls_silent_before_its_keys_are_checked(hass: HomeAssistant, bridge: Bridge) -> None:
    """It is told with the port; the keys need not be typed again."""
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await listened(hass, await begin(hass, bridge.url))
    bridge.greeting = b""
    result = await checked(hass, await type_in(hass, result, BOTH))
    assert (result["step_id"], result["errors"]) == ("port", {"base": "silent"})
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await checked(hass, await type_in(hass, result, {"port": bridge.url}))
    assert result["step_id"] == "found"


@pytest.mark.usefixtures("quick")
async def test_keys_of_one_meter_are_not_kept_with_another(hass: HomeAssistant, bridge: Bridge, second: Bridge) -> None:
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await listened(hass, await begin(hass, bridge.url))
    bridge.greeting = b""
    result = await checked(hass, await type_in(hass, result, BOTH))
    assert result["step_id"] == "port"
    second.greeting = full(AIDON)
    result = await listened(hass, await type_in(hass, result, {"port": second.url}))
    result = await confirm(hass, result)
    assert result["result"].unique_id == AIDON.id
    assert "keys" not in result["data"]


async def test_a_known_meter_on_another_port_takes_its_keys_there(
    hass: HomeAssistant, bridge: Bridge, second: Bridge
) -> None:
    entry = await set_up(hass, entry_with(bridge.url, NEW_BOTH))
    second.greeting = ciphered(full(KAMSTRUP))
    result = await listened(hass, await begin(hass, second.url))
    result = await checked(hass, await type_in(hass, result, BOTH))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "moved")
    await hass.async_block_till_done()
    assert (entry.data["port"], entry.data["keys"]) == (second.url, BOTH)


# Other keys.


async def reauth(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Have keys asked for, as the coordinator does."""
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert not set(BOTH.values()) & set(repr(flow["context"]).lower().split("'"))
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    asks(result, "reauth_confirm")
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["maker"] == "Kamstrup"
    assert result["description_placeholders"]["name"] == entry.title
    assert result["data_schema"] is not None
    for field in result["data_schema"].schema:
        assert not (field.description or {}).get("suggested_value")
    return result


async def test_new_keys(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_with(bridge.url))
    result = await reauth(hass, entry)
    bridge.greeting = ciphered(full(KAMSTRUP, power_import=7), keys=NEW)
    result = await checked(hass, await type_in(hass, result, NEW_BOTH))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["keys"] == NEW_BOTH
    bridge.send(ciphered(full(KAMSTRUP, power_import=8), 2, keys=NEW))
    await until(hass, entity(hass, "power_import", KAMSTRUP), "8")
    assert hass.config_entries.flow.async_progress() == []


async def test_new_keys_on_a_port_with_one_reader(hass: HomeAssistant) -> None:
    """The entry lends its port for the check, and has it back with the new keys."""
    with Pty() as pty:
        entry = await set_up(hass, entry_with(pty.path))
        result = await reauth(hass, entry)
        async with speaking(pty, ciphered(full(KAMSTRUP), 5, keys=NEW)):
            result = await checked(hass, await type_in(hass, result, NEW_BOTH))
        assert result["reason"] == "reauth_successful"
        await hass.async_block_till_done()
        pty.send(ciphered(full(KAMSTRUP, power_import=8), 6, keys=NEW))
        await until(hass, entity(hass, "power_import", KAMSTRUP), "8")
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_wrong_new_keys(hass: HomeAssistant, bridge: Bridge) -> None:
    """The entry goes on with what it had, the dialogue stays, and may be tried again."""
    entry = await set_up(hass, entry_with(bridge.url))
    result = await reauth(hass, entry)
    bridge.greeting = ciphered(full(KAMSTRUP), keys=NEW)
    result = await checked(hass, await type_in(hass, result, {"encryption": OTHER}))
    asks(result, "reauth_confirm", encryption="wrong_key")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["keys"] == BOTH
    asks(await type_in(hass, result, {"encryption": "secret"}), "reauth_confirm", encryption="key_malformed")
    result = await checked(hass, await type_in(hass, result, NEW_BOTH))
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.data["keys"] == NEW_BOTH


@pytest.mark.usefixtures("quick")
async def test_new_keys_of_a_meter_that_is_silent(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_with(bridge.url))
    result = await checked(hass, await type_in(hass, await reauth(hass, entry), NEW_BOTH))
    asks(result, "reauth_confirm", base="silent")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["keys"] == BOTH


async def test_new_keys_of_another_meter(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_with(bridge.url))
    result = await reauth(hass, entry)
    bridge.greeting = full(AIDON)
    result = await checked(hass, await type_in(hass, result, NEW_BOTH))
    asks(result, "reauth_confirm", base="wrong_meter")
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["other"] == "Aidon 6525"
    assert entry.data["keys"] == BOTH


async def test_the_dialogue_for_new_keys_closed_in_the_middle(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_with(bridge.url))
    result = await type_in(hass, await reauth(hass, entry), NEW_BOTH)
    assert not hass.config_entries.async_loaded_entries(DOMAIN)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["keys"] == BOTH


# Another port, or other keys, by the owner's own wish.


async def test_another_port_keeps_the_keys(hass: HomeAssistant, bridge: Bridge, second: Bridge) -> None:
    entry = await set_up(hass, entry_with(bridge.url))
    second.greeting = ciphered(full(KAMSTRUP, power_import=7))
    result = await listened(hass, await reconfigure(hass, entry, second.url))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert (entry.data["port"], entry.data["keys"]) == (second.url, BOTH)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (NEW_BOTH, NEW_BOTH),
        ({"encryption": NEW_BOTH["encryption"]}, {"encryption": NEW_BOTH["encryption"]}),
    ],
    ids=["both", "encryption alone"],
)
async def test_other_keys_on_the_same_port(
    hass: HomeAssistant, bridge: Bridge, typed: dict[str, str], kept: dict[str, str]
) -> None:
    entry = await set_up(hass, entry_with(bridge.url))
    bridge.greeting = ciphered(full(KAMSTRUP), keys=NEW)
    result = await entry.start_reconfigure_flow(hass)
    point = "707057500012345671"
    result = await checked(hass, await type_in(hass, result, {"port": bridge.url, "metering_point": point, **typed}))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data["keys"] == kept


async def test_an_authentication_key_is_added(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_with(bridge.url, {"encryption": ENCRYPTION}))
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await entry.start_reconfigure_flow(hass)
    typed = {"port": bridge.url, "authentication": AUTHENTICATION}
    result = await checked(hass, await type_in(hass, result, typed))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data["keys"] == BOTH


async def test_no_keys_are_asked_for_where_none_are_needed(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_for(bridge.url))
    result = await entry.start_reconfigure_flow(hass)
    assert result["data_schema"] is not None
    assert not {"encryption", "authentication"} & set(result["data_schema"].schema)


async def test_what_is_no_key_in_the_form_for_a_known_meter(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = await set_up(hass, entry_with(bridge.url))
    result = await entry.start_reconfigure_flow(hass)
    result = await type_in(hass, result, {"port": bridge.url, "encryption": "secret"})
    asks(result, "reconfigure", encryption="key_malformed")
    assert entry.state is ConfigEntryState.LOADED


async def test_a_known_meter_that_has_other_keys_or_has_begun_to_cipher(hass: HomeAssistant, bridge: Bridge) -> None:
    entry = entry_for(bridge.url, KAMSTRUP)
    await set_up(hass, entry)
    bridge.greeting = ciphered(full(KAMSTRUP))
    result = await listened(hass, await reconfigure(hass, entry, bridge.url))
    asks(result, "keys")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED  # it has its port while the form is open
    result = await checked(hass, await type_in(hass, result, BOTH))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data["keys"] == BOTH

    bridge.greeting = ciphered(full(KAMSTRUP), keys=NEW)
    result = await listened(hass, await reconfigure(hass, entry, bridge.url))
    asks(result, "keys", encryption="wrong_key")
    result = await checked(hass, await type_in(hass, result, NEW_BOTH))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data["keys"] == NEW_BOTH
    assert isinstance(entry.data["meter"], dict)


def test_keys_are_not_in_what_is_shown_of_them() -> None:
    shown: Any = [repr(KEYS), str(KEYS), f"{KEYS}"]
    assert not any(ENCRYPTION in text.lower() or AUTHENTICATION in text.lower() for text in shown)
