"""A reader of a meter that hands on what the meter says by MQTT, as it is."""

import asyncio
from datetime import UTC, datetime
from typing import Self

from tests.meters import Meter
from tests.mqtt.broker import Broker, Publisher

EVERY_SECONDS = 2
"""Between lists. Few meters send registers so often, but nothing is to be seen by waiting longer."""


class MqttReader:
    """Sends a meter's lists on a topic, from `async with` to its end."""

    def __init__(self, meter: Meter, broker: Broker, topic: str) -> None:
        self._meter = meter
        self._publisher = Publisher(broker.port)
        self._topic = topic
        self._sending: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        await self._publisher.__aenter__()
        self._sending = asyncio.create_task(self._send())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)
        await self._publisher.__aexit__()

    async def _send(self) -> None:
        while True:
            await self._publisher.send(self._topic, self._meter.send("hourly", datetime.now(UTC)).frame)
            await asyncio.sleep(EVERY_SECONDS)
