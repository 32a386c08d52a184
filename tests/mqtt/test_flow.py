"""Setting up a meter that is heard by MQTT."""

import asyncio

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.han_port.const import DOMAIN
from custom_components.han_port.detect import Patience, detect

from ..conftest import AIDON, ENOUGH, entity, entry_for, full, power, set_up, until
from ..pulse import pulse
from .broker import Broker, Publisher
from .home import TOPIC, URL, connection, set_up_mqtt, subscribed

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

QUICK = Patience(silence=0.4, pause=0.05, burst=0.2, naming=0.6, enough=0.8, tick=0.02, flood=256)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have listening give up after fractions of a second."""
    assert detect.__kwdefaults__ is not None
    monkeypatch.setitem(detect.__kwdefaults__, "patience", QUICK)


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a meter, on a topic."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.MENU
    assert "topic" in result["menu_options"]
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"next_step_id": "topic"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "topic")
    return result


async def choose(hass: HomeAssistant, result: ConfigFlowResult, topic: str) -> ConfigFlowResult:
    """Choose a topic."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], {"topic": topic})


async def listened(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait until listening is over and return what is shown then."""
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    async with asyncio.timeout(ENOUGH):
        await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(result["flow_id"])


def suggested(result: ConfigFlowResult) -> str:
    """Return the topic that the form has filled in."""
    assert result["data_schema"] is not None
    (field,) = result["data_schema"].schema
    value: str = field.description["suggested_value"]
    return value


async def test_a_meter_is_found_on_a_topic(hass: HomeAssistant, broker: Broker, reader: Publisher) -> None:
    await set_up_mqtt(hass, broker)
    result = await begin(hass)
    assert not result["errors"]
    result = await choose(hass, result, f" {TOPIC} ")
    await subscribed(hass)
    await reader.send(TOPIC, b'{"status":{"rssi":-67}}', power(), pulse(full(), compressed=True))
    result = await listened(hass, result)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "found")
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["meter_id"] == AIDON.id
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["port"] == URL
    await subscribed(hass)
    await reader.send(TOPIC, full(power_import=3))
    await until(hass, entity(hass, "power_import"), "3")


@pytest.mark.parametrize(
    ("topic", "error"),
    [
        ("house/+", "topic_wildcard"),
        ("#", "topic_wildcard"),
        ("  ", "topic_malformed"),
        ("a\0b", "topic_malformed"),
    ],
    ids=["plus", "hash", "empty", "NUL"],
)
async def test_what_is_no_topic_of_a_meter(hass: HomeAssistant, broker: Broker, topic: str, error: str) -> None:
    await set_up_mqtt(hass, broker)
    result = await choose(hass, await begin(hass), topic)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "topic")
    assert result["errors"] == {"base": error}
    assert suggested(result) == topic.strip()
    result = await choose(hass, result, TOPIC)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    hass.config_entries.flow.async_abort(result["flow_id"])


async def test_the_mqtt_integration_has_to_be_set_up_first(hass: HomeAssistant, broker: Broker) -> None:
    result = await begin(hass)
    assert result["errors"] == {"base": "no_mqtt"}
    result = await choose(hass, result, TOPIC)
    assert result["errors"] == {"base": "no_mqtt"}
    assert suggested(result) == TOPIC
    await set_up_mqtt(hass, broker)
    result = await choose(hass, result, TOPIC)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    hass.config_entries.flow.async_abort(result["flow_id"])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("payload", "error"),
    [(None, "topic_silent"), (b'{"status":{"rssi":-67}}', "topic_unreadable")],
    ids=["nothing", "only statuses"],
)
async def test_no_meter_is_heard(
    hass: HomeAssistant, broker: Broker, reader: Publisher, payload: bytes | None, error: str
) -> None:
    await set_up_mqtt(hass, broker)
    result = await choose(hass, await begin(hass), TOPIC)
    await subscribed(hass)
    if payload is not None:
        await asyncio.sleep(2 * QUICK.pause)  # what comes at once may be the end of something
        await reader.send(TOPIC, payload)
    result = await listened(hass, result)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "topic")
    assert result["errors"] == {"base": error}
    assert suggested(result) == TOPIC


async def test_the_broker_goes_while_listening(hass: HomeAssistant, broker: Broker) -> None:
    await set_up_mqtt(hass, broker)
    result = await choose(hass, await begin(hass), TOPIC)
    await subscribed(hass)
    await broker.stop()
    await connection(hass, is_there=False)
    result = await listened(hass, result)
    assert result["errors"] == {"base": "no_broker"}


async def test_a_topic_that_is_read_already(hass: HomeAssistant, broker: Broker) -> None:
    await set_up_mqtt(hass, broker)
    entry = await set_up(hass, entry_for(URL))
    result = await choose(hass, await begin(hass), TOPIC)
    assert result["errors"] == {"base": "port_in_use"}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["name"] == entry.title


async def test_a_known_meter_moves_to_a_topic(
    hass: HomeAssistant,
    broker: Broker,
    reader: Publisher,
    socket_enabled: None,  # noqa: ARG001 - a real socket
) -> None:
    """The form for a known meter takes any port, and so the URL of a topic too."""
    await set_up_mqtt(hass, broker)
    entry = await set_up(hass, entry_for(f"{URL}/old"))
    result = await entry.start_reconfigure_flow(hass)
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"port": URL})
    await subscribed(hass)
    await reader.send(TOPIC, full())
    result = await listened(hass, result)
    await hass.async_block_till_done()
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["port"] == URL
