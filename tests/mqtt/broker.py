"""A real MQTT broker (amqtt) on a port of this machine, and whoever sends to it.

What belongs here: both ends but Home Assistant's. The broker is a process of its own, so that what floods it takes none
of the time of the event loop that is tested:

    python -m tests.mqtt.broker PORT        says "ready" when it listens
"""

import asyncio
from collections.abc import Iterable
import logging
import random
import socket
import sys
from typing import Self

from amqtt.broker import Broker as Amqtt  # type: ignore[import-untyped]
from amqtt.contexts import BrokerConfig, ListenerConfig  # type: ignore[import-untyped]

HOST = "127.0.0.1"
_RETAIN = 0x01
_PORTS = range(20_000, 30_000)
"""None that the system gives to who connects: a client that asks again and again for one would at last hear itself."""


class Broker:
    """The broker. It keeps its port when it is stopped and started again."""

    def __init__(self) -> None:
        self.port = next(port for port in random.sample(_PORTS, 100) if _is_free(port))
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start, and return when it listens."""
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", __name__, str(self.port))
        self._process = await asyncio.create_subprocess_exec(*command, stdout=pipe)
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == b"ready\n"

    async def stop(self) -> None:
        """Stop at once: its connections break, as when the power goes."""
        if self._process is not None:
            self._process.kill()
            await self._process.communicate()
            self._process = None


class Publisher:
    """A reader of a meter: sends messages to a broker, and never asks for anything (MQTT 3.1.1, QoS 0)."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        self._writer.write(_packet(0x10, b"\x00\x04MQTT\x04\x02\x00\x00" + _text("a reader")))
        await self._writer.drain()
        assert await self._reader.readexactly(4) == b"\x20\x02\x00\x00", "the broker does not want it"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def send(self, topic: str, *payloads: bytes, retain: bool = False) -> None:
        """Publish messages, one after the other."""
        await self.flood(topic, payloads, retain=retain)

    async def flood(self, topic: str, payloads: Iterable[bytes], *, retain: bool = False) -> None:
        """Publish messages as fast as the broker takes them."""
        for payload in payloads:
            self._writer.write(_packet(0x30 | (_RETAIN if retain else 0), _text(topic) + payload))
            await self._writer.drain()


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2) + encoded


def _packet(kind: int, content: bytes) -> bytes:
    length, left = bytearray(), len(content)
    while True:
        left, digit = divmod(left, 0x80)
        length.append(digit | 0x80 if left else digit)
        if not left:
            return bytes((kind, *length)) + content


async def _serve(port: int) -> None:
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    config = BrokerConfig(listeners={"default": ListenerConfig(bind=f"{HOST}:{port}")}, plugins=plugins)
    await Amqtt(config).start()
    print("ready", flush=True)  # noqa: T201 - whoever started it reads it
    await asyncio.Event().wait()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(_serve(int(sys.argv[1])))
