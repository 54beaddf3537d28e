"""What the server wants is done at once, kept for the next start, and what cannot be done is named."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from webmacs_controller import service
from webmacs_controller.commands.journal import Journal
from webmacs_controller.configuration.saved import Saved, SavedError
from webmacs_controller.configuration.settings import Configuration, InstanceSettings
from webmacs_controller.sdk import ConfigError, Plugin, PluginError
from webmacs_controller.sdk.config import read_config
from webmacs_controller.service import Setup
from webmacs_controller.transport import session as session_module
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.token import TokenStore

from tests.controller.devices import Tank, TankConfig
from tests.controller.peer import PATIENCE, Connection, Message, Peer, event_id
from tests.controller.process import until

pytestmark = pytest.mark.usefixtures("no_long_flush", "prompt_status")


@pytest.fixture
def prompt_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "STATUS_SECONDS", 0.01)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return tmp_path / "configuration"


def make(settings: InstanceSettings) -> Plugin[Any]:
    if settings.plugin != "tank":
        raise ConfigError(f"plugin: {settings.plugin!r} is not installed")
    config = read_config(TankConfig, settings.config, "config")
    tank = Tank()
    tank.failures = [PluginError("no answer from the tank")] * (1000 if config.address == "nowhere" else 0)
    return tank


def kept(saved: Path) -> dict[str, Any]:
    """What is in the file, which only its owner can read."""
    if not saved.exists():
        return {}
    assert saved.stat().st_mode & 0o777 == 0o600
    content: dict[str, Any] = json.loads(saved.read_text())
    return content


def wanted(name: str = "T", **settings: Any) -> Message:
    return {"name": name, "plugin": "tank", "demo": False, "enabled": True, "interval_seconds": 0.01} | settings


@asynccontextmanager
async def controller(url: str, saved: Path, first: Configuration | None = None) -> AsyncIterator[None]:
    """At work, beginning with `first`, or with one tank as a proposal."""
    proposal = Configuration(instances=[InstanceSettings(name="T", plugin="tank", interval_seconds=0.01)])
    setup = Setup(first or proposal, Saved(saved), make)
    stop = asyncio.Event()
    serving = service.serve(
        url, TokenStore("t", None), setup, Buffer(10_000), Journal(saved.with_name("journal")), stop
    )
    task = asyncio.create_task(serving)
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


async def messages(connection: Connection, **welcome: Any) -> AsyncIterator[Message]:
    """All that comes; hellos are answered, frames are acknowledged."""
    while True:
        message = await connection.receive()
        if message.get("type") == "hello":
            await connection.answer(message, **welcome)
        if "seq" in message:
            await connection.ack(message["seq"])
        yield message


async def status(
    connection: Connection, fits: Callable[[dict[str, Message]], bool], **welcome: Any
) -> dict[str, Message]:
    """The next status that fits, by the names of the instances."""
    async for message in messages(connection, **welcome):
        if message.get("type") == "status":
            instances = {instance["name"]: instance for instance in message["instances"]}
            if fits(instances):
                return instances
    raise AssertionError


def runs(*names: str) -> Callable[[dict[str, Message]], bool]:
    return lambda instances: [name for name, item in instances.items() if item["state"] == "connected"] == list(names)


def reads(name: str) -> Callable[[dict[str, Message]], bool]:
    """It is connected, and each of its channels has been read."""
    return lambda instances: (
        runs(name)(instances) and all(channel["state"] == "ok" for channel in instances[name]["channels"])
    )


async def value_of(connection: Connection, event: str, **welcome: Any) -> float:
    """The next value of an event."""
    async for message in messages(connection, **welcome):
        for point in message.get("datapoints", ()):
            if point["event_public_id"] == event:
                return float(point["value"])
    raise AssertionError


async def test_a_proposal_that_is_taken_changes_nothing_but_is_kept(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        hello = await connection.welcome(config_version=3, instances=[wanted(channels=[])])
        assert (hello["config_version"], hello["instances"][0]["config"]) == (0, {})
        assert await status(connection, reads("T")) == {
            "T": {
                "name": "T",
                "state": "connected",
                "detail": None,
                "setting_error": None,
                "channels": [
                    {"id": "level", "state": "ok", "detail": None},
                    {"id": "pump", "state": "ok", "detail": None},
                ],
            }
        }
        await connection.close()
        hello = await (await peer.connection()).hello()
    assert hello["config_version"] == 3
    assert "config" not in hello["instances"][0]  # the server has it, and with it the secrets
    assert kept(saved)["version"] == 3


async def test_what_waits_for_the_server_reaches_its_event_when_names_have_changed(peer: Peer, saved: Path) -> None:
    """The first T is called U by now, and there is another T."""
    first = InstanceSettings(name="T", public_id="first", plugin="tank", interval_seconds=0.01)
    async with controller(peer.url, saved, Configuration(version=2, instances=[first])):
        connection = await peer.connection()
        await connection.welcome(instances=[wanted(public_id="first")])
        while not (measured := (await connection.receive()).get("datapoints")):
            pass
        await connection.close()
        connection = await peer.connection()
        renamed = [wanted("T", public_id="second", interval_seconds=60), wanted("U", public_id="first")]
        events = [
            {"instance": name, "channel": channel, "event_public_id": f"{event}:{channel}"}
            for name, event in (("T", "event:S"), ("U", "event:T"))
            for channel in ("level", "pump")
        ]
        async for message in messages(connection, config_version=3, instances=renamed, events=events):
            if arrived := message.get("datapoints"):
                assert arrived[: len(measured)] == measured
                break


async def test_a_new_instance_is_told_and_its_first_values_wait_for_their_events(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        await connection.welcome(config_version=2, instances=[wanted(), wanted("U", config={"address": "7"})])
        hello = await connection.next("hello")
        assert [(item["name"], hello["config_version"]) for item in hello["instances"]] == [("T", 2), ("U", 2)]
        told = (await connection.next("status"))[
            "instances"
        ]  # so U has measured, and nothing was sent: it has no event
        while told[-1]["state"] != "connected":
            told = (await connection.next("status"))["instances"]
        await connection.answer(hello, config_version=2, instances=[wanted(), wanted("U", config={"address": "7"})])
        assert await value_of(connection, event_id("U", "level")) == 1


async def test_what_the_server_does_not_have_is_stopped(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        await connection.welcome(config_version=2, instances=[wanted("U")])
        await connection.next("hello")
        assert list(await status(connection, runs("U"))) == ["U"]


async def test_a_wrong_setting_is_named_and_what_works_is_kept_for_the_next_start(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        wrong = wanted(config={"adress": "7"}, interval_seconds=0.02)
        await connection.welcome(config_version=2, instances=[wrong, wanted("U", plugin="tonk")])
        told = await status(connection, lambda instances: "U" in instances)
        async with asyncio.timeout(PATIENCE):
            while kept(saved).get("version") != 2:  # noqa: ASYNC110 - a thread brings it about, and tells nobody
                await asyncio.sleep(0.01)
    assert told["T"]["setting_error"] == "config.adress: unknown setting; allowed are address"
    assert (told["U"]["state"], told["U"]["setting_error"]) == ("error", "plugin: 'tonk' is not installed")
    old, new = kept(saved)["instances"]
    assert (old["config"], old["interval_seconds"]) == ({}, 0.02)
    assert new["plugin"] == "tonk"  # it may be installed by then


async def test_a_failure_is_told_with_its_reason_for_each_channel(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        await connection.welcome(config_version=2, instances=[wanted()])
        await status(connection, runs("T"))
        await connection.send(type="config", config_version=3)
        hello = await connection.next("hello")
        gone = [
            wanted(config={"address": "nowhere"}, channels=[{"channel": "level", "max": 0.5}]),
            wanted("U", demo=True),
        ]
        await connection.answer(hello, config_version=3, instances=gone)
        told = (await status(connection, lambda instances: instances["T"]["state"] == "error"))["T"]
    assert told["detail"] == "no answer from the tank"
    assert told["setting_error"] is None
    assert {channel["id"]: channel["state"] for channel in told["channels"]} == {
        "level": "no_value",
        "pump": "no_value",
    }


async def test_what_a_plugin_says_of_itself_need_be_no_text(
    peer: Peer, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a device's answer, or a file's name, put into words."""
    monkeypatch.setattr(Plugin, "health", lambda self: "caf\udce9\0")
    async with controller(peer.url, saved):
        connection = await peer.connection()
        await connection.welcome(config_version=2, instances=[wanted(channels=[])])
        assert (await status(connection, runs("T")))["T"]["detail"] == "caf??"


async def test_channels_are_told_with_their_quality(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        await connection.welcome(config_version=2, instances=[wanted(channels=[{"channel": "level", "max": 0.5}])])
        told = await status(connection, lambda instances: instances["T"]["channels"][0]["state"] == "uncertain")
    assert told["T"]["channels"][0] == {"id": "level", "state": "uncertain", "detail": "uncertain, out of range"}


async def test_a_disabled_instance_is_stopped_and_comes_back(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        disabled: Message = {"config_version": 2, "instances": [wanted(enabled=False)]}
        await connection.welcome(**disabled)
        told = await status(connection, lambda instances: instances["T"]["detail"] == "disabled", **disabled)
        assert (told["T"]["state"], told["T"]["channels"]) == ("stopped", [])
        await connection.send(type="config", config_version=3)
        assert await value_of(connection, event_id("T", "level"), config_version=3, instances=[wanted()]) == 1


async def test_only_the_newest_wish_counts(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        hello = await connection.hello()
        for version in range(2, 30):
            await connection.answer(hello, config_version=version, instances=[wanted(f"T{version}")])
        assert list(await status(connection, runs("T29"))) == ["T29"]


async def test_without_a_server_the_last_configuration_is_at_work(peer: Peer, saved: Path) -> None:
    entry = InstanceSettings(name="K", plugin="tank", interval_seconds=0.01, channels=[])
    Saved(saved).save(Configuration(version=7, instances=[entry]))
    peer.refuse = 503
    async with controller(peer.url, saved, Saved(saved).load()):
        await peer.attempts.get()
        peer.refuse = None
        connection = await peer.connection()
        hello = await connection.welcome()
        assert (hello["config_version"], [item["name"] for item in hello["instances"]]) == (7, ["K"])
        assert await value_of(connection, event_id("K", "level")) == 1


async def test_a_server_without_configuration_leaves_ours_alone_and_hears_of_no_state(peer: Peer, saved: Path) -> None:
    async with controller(peer.url, saved):
        connection = await peer.connection()
        await connection.welcome()
        frames = [await connection.receive() for _ in range(5)]
    assert [frame.get("type") for frame in frames] == [None] * 5
    assert kept(saved) == {}


async def test_a_disk_that_takes_nothing_keeps_nothing_from_working(
    peer: Peer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with controller(peer.url, tmp_path / "missing" / "configuration"):
        connection = await peer.connection()
        await connection.welcome(config_version=2, instances=[wanted("U")])
        await status(connection, runs("U"))
        await until(lambda: "the configuration is not kept for the next start" in caplog.text)  # by a thread


async def test_a_hello_that_is_not_answered_later_ends_the_connection(
    peer: Peer, saved: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(session_module, "ANSWER_SECONDS", 0.05)
    async with controller(peer.url, saved):
        connection = await peer.connection()
        await connection.welcome(config_version=2, instances=[wanted("U")])
        await connection.next("hello")
        await (await peer.connection()).welcome(config_version=2, instances=[wanted("U")])
    assert "the server did not answer the hello" in caplog.text


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "x"}', '{"instances": [{"name": ""}]}', "\xff"])
def test_a_file_that_is_broken_says_so(saved: Path, content: str) -> None:
    saved.write_text(content, encoding="latin-1")
    with pytest.raises(SavedError, match="configuration"):
        Saved(saved).load()


async def test_another_server_is_proposed_what_it_does_not_know_and_gets_what_waits(peer: Peer, saved: Path) -> None:
    """Its database was made anew, and knows nothing of what the one before had wanted."""
    async with controller(peer.url, saved):
        connection = await peer.connection()
        tank = wanted(public_id="old", config={"address": "here"}, channels=[])
        await connection.welcome(controller_id="old", config_version=3, instances=[tank])
        await status(connection, reads("T"))
        await connection.close()
        connection = await peer.connection()
        hello = await connection.welcome(controller_id="new", config_version=1, instances=[], events=[])
        assert hello["config_version"] == 3
        hello = await connection.welcome(controller_id="new", config_version=2, instances=[tank | {"public_id": "new"}])
        assert (hello["config_version"], hello["instances"][0]["config"]) == (0, {"address": "here"})
        assert await value_of(connection, event_id("T", "level"), controller_id="new") is not None
        await until(lambda: kept(saved).get("controller_id") == "new")
    assert [one["public_id"] for one in kept(saved)["instances"]] == ["new"]
