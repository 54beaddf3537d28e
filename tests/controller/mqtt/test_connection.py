"""Brokers that go and come back, that want a password or TLS, or that refuse."""

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from webmacs_controller.plugins.mqtt import MqttPlugin
from webmacs_controller.sdk import OutcomeUnknownError, PluginError

from tests.controller.mqtt.device import connected, present, read_until, values
from tests.controller.mqtt.making import config, output, table
from tests.controller.process import PROGRAM
from tests.support.certificate import contexts
from tests.support.mosquitto import Mosquitto, program


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_broker_that_goes_is_a_failure_and_one_that_is_back_is_used(
    broker: Mosquitto, how: signal.Signals
) -> None:
    async with connected(broker, table()) as plugin:
        async with present(broker) as device:
            await device.tell("plant/t", "1")
            await read_until(plugin, bool)
        broker.stop(how)
        await failure(plugin, f"the connection to the broker 127.0.0.1:{broker.port} was lost")
        await plugin.disconnect()
        with pytest.raises(PluginError, match="Connection refused"):
            await plugin.connect()
        await plugin.disconnect()
        broker.start()
        await plugin.connect()
        assert await plugin.read() == []  # what was heard before is nothing that holds now
        async with present(broker) as device:
            await device.tell("plant/t", "2")
            await read_until(plugin, lambda samples: values(samples) == {"t": 2})


async def test_a_broker_that_is_silent_is_a_failure(broker: Mosquitto) -> None:
    async with connected(broker, table(), keepalive_seconds=2, timeout_seconds=0.3) as plugin:
        broker.freeze()
        await failure(plugin, "was lost")
        await plugin.disconnect()
        before = asyncio.all_tasks()
        patient = MqttPlugin(config(table(), port=broker.port, timeout_seconds=0.3, keepalive_seconds=3600))
        with pytest.raises(PluginError, match="timed out"):
            await patient.connect()
        await patient.disconnect()
        await nothing_is_left_beside(before)


async def test_a_connection_that_is_given_up_in_the_midst_of_it_is_closed(broker: Mosquitto) -> None:
    before = asyncio.all_tasks()
    plugin = MqttPlugin(config(table(), port=broker.port, status_topic="plant/status"))
    for steps in range(0, 60, 4):
        connecting = asyncio.create_task(plugin.connect())
        for _ in range(steps):
            await asyncio.sleep(0)
        connecting.cancel()
        await asyncio.wait([connecting])
        await plugin.disconnect()
    await nothing_is_left_beside(before)
    await plugin.connect()
    await plugin.disconnect()


async def test_it_says_that_it_is_there_and_the_broker_that_it_is_not(broker: Mosquitto) -> None:
    async with present(broker) as device:
        async with connected(broker, table(), status_topic="plant/status"):
            await device.until_heard("plant/status", "online")
        await device.until_heard("plant/status", "offline")
    async with present(broker) as late:
        assert await late.until_heard("plant/status", "offline"), "it is retained"


async def test_the_last_will_tells_of_a_controller_that_vanished(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "controller.toml").write_text(
        '[server]\nurl = "ws://127.0.0.1:1/"\ntoken = "t"\n'
        '[[instances]]\nname = "M"\nplugin = "mqtt"\n[instances.config]\n'
        f'host = "127.0.0.1"\nport = {broker.port}\nstatus_topic = "plant/status"\n'
        'channels = [{id = "t", unit = "K", min = 0, max = 1, topic = "plant/t"}]\n'
    )
    async with present(broker) as device:
        controller = subprocess.Popen(  # noqa: ASYNC220 - starts at once
            [str(PROGRAM), "run", "--config", str(tmp_path / "controller.toml")], stderr=subprocess.DEVNULL
        )
        try:
            await device.until_heard("plant/status", "online")
        finally:
            controller.kill()
            controller.wait()
        await device.until_heard("plant/status", "offline")


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Mosquitto]:
    """Knows one user, who may read one topic and set another."""
    passwords, rights = tmp_path / "passwords", tmp_path / "rights"
    subprocess.run([program("mosquitto_passwd"), "-b", "-c", str(passwords), "macs", "s3cret"], check=True)
    rights.write_text("user macs\ntopic read plant/t\ntopic readwrite plant/valve/set\n")
    broker = Mosquitto(tmp_path, ["allow_anonymous false", f"password_file {passwords}", f"acl_file {rights}"])
    broker.start()
    yield broker
    broker.stop()


async def test_a_user_with_a_password_is_let_in(strict: Mosquitto) -> None:
    async with connected(strict, table(), username="macs", password="s3cret") as plugin:
        assert await plugin.read() == []


@pytest.mark.parametrize("login", [{}, {"username": "macs"}, {"username": "macs", "password": "wrong"}])
async def test_who_is_not_let_in_is_told(strict: Mosquitto, login: dict[str, str]) -> None:
    plugin = MqttPlugin(config(table(), port=strict.port, **login))
    with pytest.raises(PluginError, match="Not authorized"):
        await plugin.connect()
    await plugin.disconnect()
    assert "wrong" not in repr(plugin.config)


async def test_a_command_that_the_broker_does_not_pass_on_is_not_done(strict: Mosquitto) -> None:
    forbidden = output(topic="", command_topic="plant/forbidden", qos=1)
    login = {"username": "macs", "password": "s3cret"}
    async with connected(strict, table(), forbidden, confirm_seconds=0.3, **login) as plugin:
        with pytest.raises(OutcomeUnknownError, match="plant/forbidden says nothing"):
            await plugin.write("valve", 1)


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[Mosquitto]:
    """Has a certificate of the name localhost, which lies beside."""
    contexts("localhost", tmp_path)
    files = [f"certfile {tmp_path}/certificate.pem", f"keyfile {tmp_path}/key.pem"]
    broker = Mosquitto(tmp_path, ["allow_anonymous true", *files])
    broker.start()
    yield broker
    broker.stop()


async def test_tls_is_spoken_with_a_broker_whose_certificate_is_trusted(encrypted: Mosquitto) -> None:
    trust = {"tls": True, "ca_file": str(encrypted.folder / "certificate.pem"), "host": "localhost"}
    async with connected(encrypted, output(topic=""), **trust) as plugin:
        await plugin.write("valve", 3)
        assert values(await plugin.read()) == {"valve": 3}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": "localhost"}, "certificate verify failed"),  # the machine does not know it
        ({"host": "127.0.0.1", "ca_file": "certificate.pem"}, "certificate verify failed.*127.0.0.1"),
    ],
)
async def test_a_broker_that_cannot_be_trusted_gets_nothing(
    encrypted: Mosquitto, settings: dict[str, str], words: str
) -> None:
    if "ca_file" in settings:
        settings = settings | {"ca_file": str(encrypted.folder / settings["ca_file"])}
    plugin = MqttPlugin(config(table(), port=encrypted.port, tls=True, **settings))
    with pytest.raises(PluginError, match=words):
        await plugin.connect()
    await plugin.disconnect()


async def test_a_broker_that_wants_tls_and_gets_none_is_a_failure(encrypted: Mosquitto) -> None:
    plugin = MqttPlugin(config(table(), port=encrypted.port, timeout_seconds=0.5))
    with pytest.raises(PluginError, match=r"the broker 127.0.0.1"):
        await plugin.connect()
    await plugin.disconnect()


async def failure(plugin: MqttPlugin, words: str) -> None:
    """Read until the plugin has noticed."""
    with pytest.raises(PluginError, match=words):
        await read_until(plugin, lambda _: False)


async def nothing_is_left_beside(before: set[asyncio.Task[object]]) -> None:
    """Tasks that hold a connection would add up."""
    if left := asyncio.all_tasks() - before:
        _, pending = await asyncio.wait(left, timeout=30)
        assert not pending
