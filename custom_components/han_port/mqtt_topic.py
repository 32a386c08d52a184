"""A topic of an MQTT broker as a port: heard through Home Assistant's own MQTT integration.

What belongs here: subscribing, and telling when the broker is away; no client of our own, and nothing about what is in
a message (`wire.envelope`). A topic is a port with the URL `mqtt://TOPIC`.

Home Assistant's integration is imported when it is set up and not before: it needs paho-mqtt, which not every
installation has.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from homeassistant.core import HomeAssistant, callback

from .link import OPEN_LIMIT, TOPIC, Cause, Connection, Line, LinkError, Opener, OpenPort, is_topic, link_error

if TYPE_CHECKING:
    from types import ModuleType

    from homeassistant.components.mqtt.models import ReceiveMessage
    import probatio as vol
else:
    import voluptuous as vol  # probatio took its place in Home Assistant 2026.9, and answers to this name too

_MQTT: Final = "mqtt"
_WILDCARDS: Final = frozenset("+#")


def topic_url(topic: str) -> str:
    """Return a topic as the URL of a port."""
    return f"{TOPIC}{topic}"


def topic_of(url: str) -> str:
    """Return the topic of a port's URL."""
    return url[len(TOPIC) :]


def wrong_topic(hass: HomeAssistant, topic: str) -> str | None:
    """Return what is wrong with a topic, as a key of a sentence for people; None if a meter can be heard on it."""
    if not is_mqtt_there(hass):
        return Cause.NO_MQTT.value
    if not _WILDCARDS.isdisjoint(topic):
        return "topic_wildcard"
    return None if _is_valid(topic) else "topic_malformed"


def is_mqtt_there(hass: HomeAssistant) -> bool:
    """Return whether Home Assistant's MQTT integration is set up; its broker may be away."""
    return bool(hass.config_entries.async_loaded_entries(_MQTT))


def opener(hass: HomeAssistant) -> Opener:
    """Return what opens topics through Home Assistant, and all other ports as `Connection.open` does.

    Each link has one of its own: a topic that was open before is waited for until the broker is back, however long
    that takes; waiting costs nothing, and the meter is heard again at once.
    """
    was_open: set[str] = set()

    async def open_port(
        url: str, line: Line, on_data: Callable[[bytes], None], on_lost: Callable[[LinkError], None]
    ) -> OpenPort:
        if not is_topic(url):
            return await Connection.open(url, line, on_data, on_lost)
        limit = None if url in was_open else OPEN_LIMIT
        connection = await TopicConnection.open(hass, url, on_data, on_lost, limit=limit)
        was_open.add(url)
        return connection

    return open_port


class TopicConnection:
    """One topic that is listened to. Make it with `open`."""

    def __init__(self, url: str, on_data: Callable[[bytes], None], on_lost: Callable[[LinkError], None]) -> None:
        self._url = url
        self._on_data = on_data
        self._on_lost = on_lost
        self._is_open = False
        self._connected = asyncio.Event()
        self._stop_following: Callable[[], None] = _nothing
        self._unsubscribe: Callable[[], None] = _nothing

    @classmethod
    async def open(
        cls,
        hass: HomeAssistant,
        url: str,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[LinkError], None],
        *,
        limit: float | None = OPEN_LIMIT,
    ) -> Self:
        """Listen to a topic; `on_data` gets each message as it comes, whole, in the event loop.

        Messages that the broker has kept are not handed on: how old they are is not known. `on_lost` is called once
        when the broker goes away, never after `close`. Raises `LinkError`; after `limit` seconds without a broker one
        of cause `NO_BROKER` (None: never). Nothing stays open when it raises or is cancelled.
        """
        if not is_mqtt_there(hass):
            raise link_error(Cause.NO_MQTT, url)
        topic = topic_of(url)
        if not _is_valid(topic):
            raise link_error(Cause.BAD_ADDRESS, url)
        connection = cls(url, on_data, on_lost)
        try:
            async with asyncio.timeout(limit):
                await connection._listen(hass, topic)
        except BaseException as error:
            await connection.close()
            if isinstance(error, TimeoutError):
                raise link_error(Cause.NO_BROKER, url) from error
            raise
        return connection

    async def _listen(self, hass: HomeAssistant, topic: str) -> None:
        mqtt = _mqtt()
        self._stop_following = mqtt.async_subscribe_connection_status(hass, self._status)
        while not mqtt.is_connected(hass):
            self._connected.clear()
            await self._connected.wait()
        self._unsubscribe = await mqtt.async_subscribe(hass, topic, self._take, encoding=None)
        self._is_open = True

    async def close(self) -> None:
        """Listen no more. May be called at any time, more than once."""
        self._is_open = False
        self._stop_following()
        self._unsubscribe()
        self._stop_following = self._unsubscribe = _nothing

    @callback
    def _take(self, message: ReceiveMessage) -> None:
        if self._is_open and not message.retain and isinstance(message.payload, bytes):
            self._on_data(message.payload)

    @callback
    def _status(self, is_connected: bool) -> None:
        if is_connected:
            self._connected.set()
        elif self._is_open:
            self._is_open = False
            self._on_lost(link_error(Cause.NO_BROKER, self._url))


def _is_valid(topic: str) -> bool:
    """Return whether messages can be sent to the topic: the rules are MQTT 3.1.1, sections 1.5.3 and 4.7."""
    try:
        _mqtt().valid_publish_topic(topic)
    except vol.Invalid:
        return False
    return True


def _mqtt() -> ModuleType:
    from homeassistant.components import mqtt  # noqa: PLC0415 - see the top of the file

    return mqtt


def _nothing() -> None:
    """Do nothing: there is nothing to undo."""
