"""A meter that never tells a number is set up, moved and told from others all the same."""

from homeassistant.config_entries import SOURCE_USB
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.usb import UsbServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.han_port.const import DOMAIN

from .conftest import AIDON, Bridge, entry_for, full, registers, set_up
from .meters.aidon_sweden import AidonSweden
from .meters.p1 import P1
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

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled", "quick")

SWEDEN = registers(AidonSweden())
TELEGRAM = registers(P1("LGF5E360", ""))


@pytest.mark.parametrize(("list_", "title"), [(SWEDEN, "Aidon"), (TELEGRAM, "Landis+Gyr E360")], ids=["HDLC", "P1"])
async def test_it_is_set_up(hass: HomeAssistant, bridge: Bridge, list_: bytes, title: str) -> None:
    bridge.greeting = list_
    result = await listened(hass, await begin(hass, bridge.url))
    assert result["step_id"] == "found"
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["meter_id"] == "–"
    assert result["description_placeholders"]["power"] == "2526 W"
    result = await confirm(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == title
    assert result["result"].unique_id is None
    assert result["data"]["meter"]["id"] == ""


async def test_there_may_be_several(hass: HomeAssistant, bridge: Bridge, second: Bridge) -> None:
    bridge.greeting = second.greeting = SWEDEN
    assert (await confirm(hass, await listened(hass, await begin(hass, bridge.url))))["title"] == "Aidon"
    assert (await confirm(hass, await listened(hass, await begin(hass, second.url))))["title"] == "Aidon (2)"
    assert (await begin(hass, second.url))["errors"] == {"base": "port_in_use"}


async def test_two_dialogues_for_one_port(hass: HomeAssistant, bridge: Bridge) -> None:
    bridge.greeting = SWEDEN
    one = await listened(hass, await begin(hass, bridge.url))
    other = await listened(hass, await begin(hass, bridge.url))
    assert (await confirm(hass, one))["type"] is FlowResultType.CREATE_ENTRY
    other = await confirm(hass, other)
    assert (other["type"], other["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_on_an_adapter_that_was_plugged_in(hass: HomeAssistant) -> None:
    """The adapter's number does not become the meter's."""
    with Pty() as pty:
        info = UsbServiceInfo(
            device=pty.path, vid="0403", pid="6015", serial_number="1", manufacturer="Maker", description="M-Bus"
        )
        result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USB}, data=info)
        async with speaking(pty, SWEDEN):
            result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
            result = await confirm(hass, await listened(hass, result))
        assert result["result"].unique_id is None
        assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_another_port(hass: HomeAssistant, bridge: Bridge, second: Bridge) -> None:
    """It is the same meter as far as its list can tell; another maker's is not."""
    meter = AidonSweden()
    data = entry_for(bridge.url, meter, sent=meter.quantities("hourly")).data
    entry = await set_up(hass, MockConfigEntry(domain=DOMAIN, title="Aidon", data=data))
    for other in (TELEGRAM, full(AIDON)):
        second.greeting = other
        result = await listened(hass, await reconfigure(hass, entry, second.url))
        assert (result["step_id"], result["errors"]) == ("reconfigure", {"base": "wrong_meter"})
        hass.config_entries.flow.async_abort(result["flow_id"])
        await hass.async_block_till_done()
    second.greeting = SWEDEN
    result = await listened(hass, await reconfigure(hass, entry, second.url))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data["port"] == second.url
    assert entry.unique_id is None
