"""Code of others makes mistakes; each is named, none ends the controller."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from webmacs_controller import sdk
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.sdk import Channel, ConfigError, PluginError, Sample, discovery
from webmacs_controller.sdk.extras import load_driver

from tests.controller.devices import LEVEL, Tank


class Leaving(sdk.BlockingPlugin[sdk.NoConfig]):
    """Its driver wants to end the process."""

    meta = sdk.PluginMeta("leaving", "Leaving", "1.0")

    def channels(self) -> Sequence[Channel]:
        return [LEVEL]

    def read_blocking(self) -> Sequence[Sample]:
        sys.exit(3)


class Nameless(sdk.BlockingPlugin[sdk.NoConfig]):
    """Does not say who it is."""

    channels, read_blocking = Leaving.channels, Leaving.read_blocking


@dataclass
class UnreadConfig:
    """Names a type that is not there."""

    host: "Missing"  # type: ignore[name-defined]  # noqa: F821


class Unread(Leaving):
    """Has such settings."""

    meta = sdk.PluginMeta("unread", "Unread", "1.0")
    config_type = UnreadConfig


class Twofold(Leaving):
    """Names a channel twice."""

    def channels(self) -> Sequence[Channel]:
        return [LEVEL, LEVEL]


@pytest.mark.parametrize("channels", [["outlet"], ["level", "level"]])
async def test_a_reading_of_a_channel_that_is_not_there_or_there_twice_is_refused(channels: list[str]) -> None:
    class Careless(Tank):
        async def read(self) -> Sequence[Sample]:
            return [Sample(channel, 1) for channel in channels]

    with pytest.raises(PluginError, match=f"the plugin read {channels[-1]!r}"):
        await Instance("T", Careless(), 1.0).read()


async def test_a_driver_that_exits_ends_only_its_own_call() -> None:
    plugin = Leaving(sdk.NoConfig())
    with pytest.raises(PluginError, match=r"SystemExit\(3\)"):
        await plugin.read()
    await plugin.disconnect()


async def test_a_plugin_without_outputs_says_so() -> None:
    with pytest.raises(PluginError, match="Leaving has no outputs"):
        await Leaving(sdk.NoConfig()).write("level", 1)


HERE = "tests.controller.test_plugin_mistakes"


def install(monkeypatch: pytest.MonkeyPatch, **targets: Sequence[str]) -> None:
    """As packages with entry points would."""
    found = {name: [EntryPoint(name, target, discovery.GROUP) for target in each] for name, each in targets.items()}
    monkeypatch.setattr(discovery, "installed", lambda: found)


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        (["no.such.module:Plugin"], "'leaving' cannot be loaded: ModuleNotFoundError"),
        (["webmacs_controller.sdk:Channel"], "is not a subclass of webmacs_controller.sdk.Plugin"),
        (["tests.controller.devices:Tank"], "leads to a plugin whose id is 'tank'"),
        ([f"{HERE}:Leaving"] * 2, "'leaving' is in more than one package: "),
        ([f"{HERE}:Nameless"], "has no meta"),
    ],
)
def test_a_package_that_is_no_good_is_named_and_keeps_no_other_from_being_found(
    monkeypatch: pytest.MonkeyPatch, targets: list[str], problem: str
) -> None:
    install(monkeypatch, leaving=targets, tank=["tests.controller.devices:Tank"])
    found = discovery.survey()
    assert [description.id for description in found.usable] == ["tank"]
    assert problem in found.broken["leaving"]
    with pytest.raises(ConfigError, match=f"a.plugin: .*{problem}"):
        discovery.create("leaving", {}, "a")


def test_settings_that_nobody_can_read_are_those_of_one_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, unread=[f"{HERE}:Unread"], tank=["tests.controller.devices:Tank"])
    found = discovery.survey()
    assert [description.id for description in found.usable] == ["tank"]
    assert "'unread' cannot be described: NameError" in found.broken["unread"]


def test_a_package_that_ends_the_process_when_it_is_imported_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "wicked_plugin.py").write_text("raise SystemExit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    install(monkeypatch, wicked=["wicked_plugin:Wicked"])
    assert "SystemExit(3)" in discovery.survey().broken["wicked"]


def test_a_plugin_that_names_a_channel_twice_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, leaving=[f"{HERE}:Twofold"])
    with pytest.raises(ConfigError, match="names a channel twice: level"):
        discovery.create("leaving", {}, "instances[1]")


@pytest.mark.parametrize("quality", ["good", -1, 256, None])
async def test_a_quality_that_is_none_fails_its_own_instance_only(quality: Any) -> None:
    class Careless(Tank):
        async def read(self) -> Sequence[Sample]:
            return [Sample("level", 1, quality)]

    with pytest.raises(PluginError, match=f"the quality {quality!r}, not 0 to 255"):
        await Instance("T", Careless(), 1.0).read()


async def test_a_driver_that_is_not_installed_is_told_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wants_a_driver.py").write_text("import no_such_driver.of_mine\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        PluginError, match=r"^no_such_driver is not installed; install: pip install 'my-plugin\[device\]'$"
    ):
        await load_driver("wants_a_driver", "device", "my-plugin")
