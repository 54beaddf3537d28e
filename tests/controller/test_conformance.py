"""The rules of conformance: a plugin that breaks one is told which, and how to mend it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from webmacs_controller.sdk import Plugin, discovery
from webmacs_controller.sdk.conformance import PluginConformance, suite
from webmacs_controller.sdk.conformance.rule import BrokenRule

from tests.controller import wicked

RULES = sorted(name for name in dir(PluginConformance) if name.startswith("test_"))

ABOUT_DEVICES = ("test_it_is_found_by_its_entry_point", "test_it_tells_that_its_device_is_gone")
"""A sequence has none, and another one than the good plugin is installed here."""

BROKEN: list[tuple[str, type[Plugin[Any]], str]] = [
    ("it_says_who_it_is", wicked.Nameless, "PluginMeta.description should not be empty"),
    ("it_says_who_it_is", wicked.Shouting, "its id 'Good!' should be of a-z, 0-9 and _"),
    ("it_is_found_by_its_entry_point", wicked.Deaf, "the entry point 'good' leads to .*Good.*, not to .*Deaf"),
    ("it_is_found_by_its_entry_point", wicked.Shouting, r"no package is installed whose .* Good! = \"tests.controller"),
    ("its_settings_are_a_frozen_dataclass", wicked.Changeable, "config_type Settings should be a @dataclass"),
    ("its_settings_are_a_frozen_dataclass", wicked.Undressed, "its config is a dict, not a Settings"),
    ("a_form_can_be_drawn_from_its_settings", wicked.Wordless, "config.address has no description"),
    ("a_form_can_be_drawn_from_its_settings", wicked.Twofold, "config.address should be of one type"),
    ("its_defaults_are_allowed", wicked.OutOfBounds, "the default of config.address is not allowed: .* >= 1"),
    ("its_secrets_are_not_shown", wicked.Talkative, "config.key is a secret, so its field needs field.repr=False"),
    ("its_secrets_are_not_shown", wicked.Doors, r"config.doors\[\].key is a secret, which must not be inside"),
    ("its_settings_survive_the_database", wicked.Forgetful, "come back from JSON as .*3.*, they were .*2"),
    ("it_says_what_it_holds", wicked.Greedy, "holds.. should give names, not everything"),
    ("it_says_what_it_holds", wicked.Fickle, "the second time, not"),
    ("it_has_channels_each_named_once", wicked.Empty, "it has no channels before it is connected"),
    ("it_has_channels_each_named_once", wicked.Doubled, "the channel 'level' is there 2 times"),
    ("its_channels_stay_the_same", wicked.Growing, "its channels are others once it is connected"),
    ("the_demo_mode_shows_every_channel", wicked.OffTheChart, "the simulation of 'level' lies outside its range"),
    ("the_demo_mode_shows_every_channel", wicked.Mute, "it has no channels for the demo mode"),
    ("a_reading_is_a_list_of_samples_of_its_channels", wicked.Inventive, "'flow', which is not in channels"),
    ("a_reading_is_a_list_of_samples_of_its_channels", wicked.Repeating, "gives 'level' twice"),
    ("a_reading_is_a_list_of_samples_of_its_channels", wicked.Wordy, "the value of 'level' should be a number: '4.2'"),
    ("a_reading_is_a_list_of_samples_of_its_channels", wicked.Praising, "quality of 'level' should be one of Quality"),
    ("every_channel_gives_a_value", wicked.Reticent, "pump: no value, though the device works .it is not in the rea"),
    ("every_channel_gives_a_value", wicked.Broken, "level: no value, though the device works .it is nan, good"),
    ("every_channel_gives_a_value", wicked.Overflowing, "'level' is 4200, outside its range of 0 to 10 m"),
    ("what_is_written_is_read_back", wicked.Deaf, "'pump' was set to 100, and the next reading says 0;"),
    ("what_is_written_is_read_back", wicked.Reticent, "'pump' was set to 100, and the next reading does not have it"),
    ("only_outputs_can_be_written", wicked.Obedient, "writing 'level', which is no output, should raise PluginError"),
    ("only_outputs_can_be_written", wicked.Crashing, "writing 'level' should raise PluginError, not KeyError"),
    ("it_connects_again", wicked.OneTime, "the second time that it connects.*in use"),
    ("disconnecting_is_always_possible", wicked.Clinging, "before it was connected: .*it should do nothing then"),
    ("it_goes_on_after_a_call_that_was_given_up", wicked.Confused, "after a reading that was cancelled, .*another"),
    ("it_leaves_nothing_behind", wicked.Restless, "after disconnect.. it leaves running: <Task pending"),
    ("it_leaves_nothing_behind", wicked.Unstoppable, "after disconnect.. it leaves running: <Thread.poller"),
    ("it_does_not_block_the_event_loop", wicked.Blocking, r"(?s)it blocks the event loop.*time\.sleep\(1\)"),
    ("it_does_not_block_the_event_loop", wicked.Barking, r"(?s)it blocks the event loop.*time\.sleep\(1\)"),
    ("its_health_is_a_sentence", wicked.Sick, "health.. gives None"),
    ("a_sequence_lets_its_outputs_go", wicked.Eager, "its course begins before its button is 1"),
    ("a_sequence_lets_its_outputs_go", wicked.Stubborn, "its course goes on when its button is 0; it must end when"),
    ("a_sequence_lets_its_outputs_go", wicked.Grasping, "it still drives Tank/pump when it disconnects"),
    ("it_tells_that_its_device_is_gone", wicked.Dreaming, "the device went while it was connected, and it goes on"),
    ("it_tells_that_its_device_is_gone", wicked.Raw, "that should be a PluginError, in words, not OSError"),
]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The good plugin is installed."""
    entry = EntryPoint("good", "tests.controller.wicked:Good", discovery.GROUP)
    monkeypatch.setattr("webmacs_controller.sdk.conformance.description.installed", lambda: {"good": [entry]})
    wicked.Unstoppable.ended.clear()


@pytest.mark.parametrize("rule", RULES)
def test_a_plugin_that_keeps_every_rule_passes(rule: str) -> None:
    getattr(wicked.Suite(), rule)()


@pytest.mark.parametrize("rule", sorted({*RULES} - {*ABOUT_DEVICES}))
def test_a_sequence_that_keeps_every_rule_passes(rule: str) -> None:
    rules = wicked.Suite()
    rules.kind = wicked.GoodSequence
    getattr(rules, rule)()


@pytest.mark.parametrize(("rule", "kind", "words"), BROKEN)
def test_a_plugin_that_breaks_a_rule_is_told_so(rule: str, kind: type[Plugin[Any]], words: str) -> None:
    rules = wicked.Suite()
    rules.kind = kind
    with pytest.raises(BrokenRule, match=words):
        getattr(rules, f"test_{rule}")()
    wicked.Unstoppable.ended.set()


def test_each_rule_can_be_broken() -> None:
    assert {f"test_{rule}" for rule, _, _ in BROKEN} == set(RULES)


def test_without_a_device_nobody_asks_what_happens_when_it_goes() -> None:
    class Lonely(PluginConformance):
        def make_plugin(self) -> Plugin[Any]:
            raise AssertionError("not asked")

    Lonely().test_it_tells_that_its_device_is_gone()


class Lively(wicked.Suite):
    """Its device lives in the same event loop, and starts a task while the plugin reads."""

    kind = wicked.Patient

    @asynccontextmanager
    async def device(self) -> AsyncIterator[None]:
        async with super().device():
            task = asyncio.create_task(start_later())
            yield
            (await task).cancel()


async def start_later() -> "asyncio.Task[None]":
    await asyncio.sleep(0)
    return asyncio.create_task(asyncio.sleep(3600))


def test_what_the_device_starts_is_not_left_by_the_plugin() -> None:
    Lively().test_it_leaves_nothing_behind()


async def hang(self: Plugin[Any]) -> None:
    await asyncio.Event().wait()


def test_a_plugin_that_never_answers_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "LONGEST", 0.05)
    monkeypatch.setattr(wicked.Good, "connect", hang)
    with pytest.raises(BrokenRule, match=r"it takes longer than 0.05 s"):
        wicked.Suite().test_it_connects_again()
