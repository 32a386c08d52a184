"""A link on a topic."""

import asyncio
from collections.abc import AsyncGenerator
import itertools

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant
import pytest

from custom_components.han_port.link import FLOOD, Cause, Line, Link, LinkError, has_line_settings, is_topic, shown
from custom_components.han_port.mqtt_topic import opener, topic_of, topic_url

from ..conftest import ENOUGH, Bridge, Time, full, power
from ..pulse import pulse
from .broker import Broker, Publisher
from .home import TOPIC, URL, connection, set_up_mqtt, subscribed

LINE = Line()
RETAINED = full(power_import=1)


class Listener:
    """A link on the topic, and what came of it."""

    def __init__(self, hass: HomeAssistant, url: str = URL) -> None:
        self.messages: asyncio.Queue[bytes] = asyncio.Queue()
        self.ups: asyncio.Queue[None] = asyncio.Queue()
        self.downs: asyncio.Queue[LinkError] = asyncio.Queue()
        self.link = Link(
            url,
            LINE,
            on_data=self.messages.put_nowait,
            on_up=lambda: self.ups.put_nowait(None),
            on_down=self.downs.put_nowait,
            opener=opener(hass),
        )


@pytest.fixture
async def listener(hass: HomeAssistant) -> AsyncGenerator[Listener]:
    """Return a link on the topic that is not started yet."""
    made = Listener(hass)
    yield made
    await made.link.stop()


async def soon[T](queue: asyncio.Queue[T]) -> T:
    """Return what comes next."""
    async with asyncio.timeout(ENOUGH):
        return await queue.get()


def test_a_topic_is_a_port() -> None:
    assert topic_url("A/b c?d#e@f") == "mqtt://A/b c?d#e@f"
    assert topic_of("mqtt://A/b") == "A/b"
    assert topic_of(topic_url("/A//")) == "/A//"
    assert is_topic("MQTT://x")
    assert not is_topic("socket://mqtt:1883")
    assert not has_line_settings(URL)
    assert shown("mqtt://me@home/x?") == "mqtt://me@home/x?"


async def test_messages_come_whole_and_kept_ones_do_not(
    hass: HomeAssistant, broker: Broker, reader: Publisher, listener: Listener
) -> None:
    await reader.send(TOPIC, RETAINED, retain=True)
    await set_up_mqtt(hass, broker)
    listener.link.start()
    await soon(listener.ups)
    await subscribed(hass)
    await reader.send(TOPIC, full(), b"", pulse(power()), b"x" * 300)
    assert [await soon(listener.messages) for _ in range(4)] == [full(), b"", pulse(power()), b"x" * 300]
    await reader.send(f"{TOPIC}/other", full())
    await reader.send(TOPIC, b"last")
    assert await soon(listener.messages) == b"last"


async def test_a_broker_that_goes_is_noticed_and_one_that_comes_back_is_heard_at_once(
    hass: HomeAssistant, broker: Broker, listener: Listener
) -> None:
    await set_up_mqtt(hass, broker)
    listener.link.start()
    await soon(listener.ups)
    for _ in range(2):
        await broker.stop()
        assert (await soon(listener.downs)).cause is Cause.NO_BROKER
        await broker.start()
        await soon(listener.ups)
        await subscribed(hass)
        async with Publisher(broker.port) as again:
            await again.send(TOPIC, power())
        assert await soon(listener.messages) == power()
    assert listener.link.reconnects == 2


async def test_after_the_link_is_stopped_nothing_comes(
    hass: HomeAssistant, broker: Broker, reader: Publisher, listener: Listener
) -> None:
    await set_up_mqtt(hass, broker)
    listener.link.start()
    await soon(listener.ups)
    await subscribed(hass)
    await listener.link.stop()
    other = Listener(hass, f"{URL}/other")
    other.link.start()
    await soon(other.ups)
    await subscribed(hass, f"{TOPIC}/other")
    await reader.send(TOPIC, full())
    await reader.send(f"{TOPIC}/other", b"came later")
    assert await soon(other.messages) == b"came later"
    assert listener.messages.empty()
    await broker.stop()
    assert (await soon(other.downs)).cause is Cause.NO_BROKER
    assert listener.downs.empty()
    await other.link.stop()


async def test_a_link_can_be_stopped_while_it_waits_for_the_broker(
    hass: HomeAssistant, broker: Broker, listener: Listener
) -> None:
    await set_up_mqtt(hass, broker)
    await broker.stop()
    await connection(hass, is_there=False)
    listener.link.start()
    await asyncio.sleep(0)
    await listener.link.stop()
    assert listener.ups.empty()


async def test_without_a_broker_opening_gives_up(
    hass: HomeAssistant, broker: Broker, listener: Listener, time: Time
) -> None:
    await set_up_mqtt(hass, broker)
    await broker.stop()
    await connection(hass, is_there=False)
    listener.link.start()
    await asyncio.sleep(0)
    time.passes(11)
    assert (await soon(listener.downs)).cause is Cause.NO_BROKER


async def test_without_the_integration_nothing_opens(listener: Listener) -> None:
    listener.link.start()
    error = await soon(listener.downs)
    assert error.cause is Cause.NO_MQTT
    assert str(error) == f"{URL} needs Home Assistant's MQTT integration, which is not set up"


@pytest.mark.parametrize(
    "topic",
    ["", "+/meter", "house/#", "a\0b", "a\nb", "x" * 65_536],
    ids=["empty", "plus", "hash", "NUL", "two lines", "too long"],
)
async def test_what_is_no_topic_does_not_open(hass: HomeAssistant, broker: Broker, topic: str) -> None:
    await set_up_mqtt(hass, broker)
    wrong = Listener(hass, topic_url(topic))
    wrong.link.start()
    assert (await soon(wrong.downs)).cause is Cause.BAD_ADDRESS
    await wrong.link.stop()


async def test_the_integration_is_reloaded(
    hass: HomeAssistant, broker: Broker, reader: Publisher, listener: Listener
) -> None:
    entry = await set_up_mqtt(hass, broker)
    listener.link.start()
    await soon(listener.ups)
    await hass.config_entries.async_reload(entry.entry_id)
    assert (await soon(listener.downs)).cause is Cause.NO_BROKER
    await soon(listener.ups)
    await subscribed(hass)
    await reader.send(TOPIC, b"once", b"the end")
    assert [await soon(listener.messages), await soon(listener.messages)] == [b"once", b"the end"]


async def test_other_ports_open_as_ever(hass: HomeAssistant, bridge: Bridge) -> None:
    link = Listener(hass, bridge.url)
    link.link.start()
    await soon(link.ups)
    await link.link.stop()


async def lags(hass: HomeAssistant, until_set: asyncio.Event) -> float:
    """Return the longest time, in seconds, that the event loop did nothing else until an event."""
    longest, before = 0.0, hass.loop.time()
    while not until_set.is_set():
        await asyncio.sleep(0.001)
        longest, before = max(longest, hass.loop.time() - before), hass.loop.time()
    return longest


FLOODS = {"frames": (b"\x7e\xa0" * 512, 4000), "statuses": (b"online " * 146, 4000), "1 MB": (b"x" * (1 << 20), 4)}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
async def test_a_flood_ends_the_connection_and_not_the_house(
    hass: HomeAssistant, broker: Broker, reader: Publisher, listener: Listener, flood: tuple[bytes, int]
) -> None:
    await set_up_mqtt(hass, broker)
    listener.link.start()
    await soon(listener.ups)
    await subscribed(hass)
    done = asyncio.Event()
    watching = asyncio.create_task(lags(hass, done))
    await reader.flood(TOPIC, itertools.repeat(*flood))
    assert (await soon(listener.downs)).cause is Cause.FLOOD
    done.set()
    assert await watching < 1
    assert sum(len(listener.messages.get_nowait()) for _ in range(listener.messages.qsize())) <= FLOOD
    assert mqtt.is_connected(hass)
