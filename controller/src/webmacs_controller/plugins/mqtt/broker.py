"""The connection to the broker: aiomqtt, and what it leaves to its user."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeAlias

from aiomqtt import Client, MqttCodeError, MqttError, TLSParameters, Will

from webmacs_controller.plugins.mqtt.settings import MqttConfig
from webmacs_controller.sdk import OutcomeUnknownError, PluginError

Take: TypeAlias = Callable[[str, bytes, bool], None]
"""Of a message: topic, payload, whether it is retained."""

ONLINE, OFFLINE = "online", "offline"

SUBSCRIPTIONS = 8
"""Of one request: some brokers take no more."""

QUEUE = 10_000
"""Messages that wait to be taken; what comes then is lost."""

REFUSED = 128

log = logging.getLogger("webmacs_controller.paho")
log.setLevel(logging.CRITICAL)  # what matters is told by us


class Broker:
    """One connection, for one time. `ended` is called when it was lost."""

    def __init__(self, config: MqttConfig, take: Take, ended: Callable[[], None]) -> None:
        self._config = config
        self._take = take
        self._ended = ended
        self._client = _make(config)
        self._entering: asyncio.Task[object] | None = None
        self._receiving: asyncio.Task[None] | None = None

    async def open(self, topics: Mapping[str, int]) -> list[str]:
        """Connect and listen. The topics that the broker refuses. Raises PluginError."""
        try:
            # shielded: given up in the midst of it, the connection would stay, and nobody could close it
            self._entering = asyncio.create_task(self._client.__aenter__())
            await asyncio.shield(self._entering)
            self._receiving = asyncio.create_task(self._receive())
            self._receiving.add_done_callback(lambda _: self._ended())
            refused = await self._subscribe(list(topics.items()))
            if self._config.status_topic:
                await self._client.publish(self._config.status_topic, ONLINE, 1, retain=True)
        except MqttError as error:
            raise PluginError(f"the broker {self._place}: {error}") from None
        return refused

    async def publish(self, topic: str, payload: str, qos: int, retain: bool) -> None:
        """Returns when the broker has it, as far as `qos` tells. Raises PluginError, OutcomeUnknownError."""
        self.check()
        sending = asyncio.create_task(self._client.publish(topic, payload, qos, retain=retain))
        try:
            await asyncio.wait((sending, *self._listening()), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise OutcomeUnknownError(f"not confirmed, {self._lost}")
            sending.result()
        except MqttCodeError:
            raise PluginError(f"nothing was sent, {self._lost}") from None
        except MqttError as error:
            raise OutcomeUnknownError(f"the broker {self._place} does not confirm: {error}") from None
        finally:
            sending.cancel()

    def check(self) -> None:
        """Raises PluginError if the connection was lost."""
        if self._receiving is None:
            raise PluginError("not connected")
        if self._receiving.done():
            raise PluginError(self._lost)

    async def close(self) -> None:
        """Say that we leave, and go."""
        if self._entering is None:
            return
        if self._receiving is not None:
            self._receiving.cancel()
        await asyncio.gather(self._entering, *self._listening(), return_exceptions=True)
        if self._receiving is not None and self._config.status_topic:
            with suppress(MqttError):
                await self._client.publish(self._config.status_topic, OFFLINE, 0, retain=True)
        if not self._entering.exception():
            with suppress(MqttError):
                await self._client.__aexit__(None, None, None)
        self._client._client.disconnect()  # aiomqtt lets a socket open that the broker does not answer on

    def _listening(self) -> list[asyncio.Task[None]]:
        return [] if self._receiving is None else [self._receiving]

    @property
    def _lost(self) -> str:
        return f"the connection to the broker {self._place} was lost"

    @property
    def _place(self) -> str:
        return f"{self._config.host}:{self._config.port}"

    async def _receive(self) -> None:
        async for message in self._client.messages:
            self._take(message.topic.value, bytes(message.payload), message.retain)

    async def _subscribe(self, topics: list[tuple[str, int]]) -> list[str]:
        refused: list[str] = []
        for start in range(0, len(topics), SUBSCRIPTIONS):
            batch = topics[start : start + SUBSCRIPTIONS]
            codes = await self._client.subscribe(batch)
            refused += [topic for (topic, _), code in zip(batch, codes, strict=True) if _is_refusal(code)]
        return refused


def _is_refusal(code: object) -> bool:
    return getattr(code, "value", code) == REFUSED


def _make(config: MqttConfig) -> Client:
    status = config.status_topic
    return Client(
        config.host,
        config.port,
        username=config.username or None,
        password=config.password or None,
        logger=log,
        identifier=config.client_id or None,
        will=Will(status, OFFLINE, qos=1, retain=True) if status else None,
        clean_session=True,
        timeout=config.timeout_seconds,
        keepalive=config.keepalive_seconds,
        max_queued_incoming_messages=QUEUE,
        tls_params=TLSParameters(ca_certs=config.ca_file or None) if config.tls else None,
    )
