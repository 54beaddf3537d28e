"""The rules as one class of tests."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from webmacs_controller.sdk.conformance import channels, description, life, loss, reading, sequences, writing
from webmacs_controller.sdk.conformance.rule import require
from webmacs_controller.sdk.conformance.workbench import Workbench
from webmacs_controller.sdk.plugin import Plugin
from webmacs_controller.sdk.sequence import SequencePlugin

LONGEST = 30.0
"""Seconds for one test; the controller gives a single call no more."""


class PluginConformance(ABC):
    """Subclass it as `TestSomething` in a file of tests, and say how the plugin is made.

    A plugin that talks to a device gets a simulator of it: `device` starts that and ends it, and cuts its connections
    then. Every test makes both anew. A rule that is broken fails its test with what is wrong in words.
    """

    @abstractmethod
    def make_plugin(self) -> Plugin[Any]:
        """A plugin, not connected, with settings that work."""

    @asynccontextmanager
    async def device(self) -> AsyncIterator[None]:
        """What the plugin talks to, as long as this is open; nothing, if it needs nothing."""
        yield

    def test_it_says_who_it_is(self) -> None:
        """Id, name, version and a sentence on what it is for."""
        description.says_who_it_is(self.make_plugin())

    def test_it_is_found_by_its_entry_point(self) -> None:
        """The package is installed and names the plugin by its id."""
        description.is_found_by_its_entry_point(self.make_plugin())

    def test_its_settings_are_a_frozen_dataclass(self) -> None:
        """So that they are checked, and nobody changes them later."""
        description.settings_are_a_frozen_dataclass(self.make_plugin())

    def test_a_form_can_be_drawn_from_its_settings(self) -> None:
        """Each has a description and a type that JSON knows."""
        description.a_form_can_be_drawn(self.make_plugin())

    def test_its_defaults_are_allowed(self) -> None:
        """What is set when nothing is set keeps the limits that are told."""
        description.defaults_are_allowed(self.make_plugin())

    def test_its_secrets_are_not_shown(self) -> None:
        """Settings appear in messages; what is secret does not."""
        description.secrets_are_not_shown(self.make_plugin())

    def test_its_settings_survive_the_database(self) -> None:
        """There they are JSON."""
        description.settings_survive_json(self.make_plugin())

    def test_it_says_what_it_holds(self) -> None:
        """What no other instance may have beside it, by names that stay the same."""
        description.says_what_it_holds(self.make_plugin())

    def test_it_has_channels_each_named_once(self) -> None:
        """All of them known before it is connected."""
        channels.are_named_once(self.make_plugin())

    def test_its_channels_stay_the_same(self) -> None:
        """From the same settings, whether connected or not."""
        self._run(channels.stay_the_same)

    def test_the_demo_mode_shows_every_channel(self) -> None:
        """Without the device."""
        asyncio.run(_limited(channels.are_shown_by_the_demo_mode(self.make_plugin())))

    def test_a_reading_is_a_list_of_samples_of_its_channels(self) -> None:
        """Each channel at most once, with a number and a quality."""
        self._run(reading.gives_samples_of_its_channels)

    def test_every_channel_gives_a_value(self) -> None:
        """Within its range, from a device that works; outputs are read back."""
        self._run(reading.gives_every_channel_a_value)

    def test_what_is_written_is_read_back(self) -> None:
        """By the next reading, from the lowest to the highest value."""
        self._run(writing.is_read_back)

    def test_only_outputs_can_be_written(self) -> None:
        """Anything else is a PluginError."""
        self._run(writing.is_refused_for_all_but_outputs)

    def test_it_connects_again(self) -> None:
        """After it has disconnected, as often as it takes."""
        self._run(life.connects_again)

    def test_disconnecting_is_always_possible(self) -> None:
        """Twice, and without a connection."""
        self._run(life.disconnects_always)

    def test_it_goes_on_after_a_call_that_was_given_up(self) -> None:
        """The controller cancels what takes too long, then disconnects and connects."""
        self._run(life.goes_on_after_a_cancelled_reading)

    def test_it_leaves_nothing_behind(self) -> None:
        """No task and no thread, once it has disconnected."""
        self._run(life.leaves_nothing_behind)

    def test_it_does_not_block_the_event_loop(self) -> None:
        """One device that is slow must not delay the others."""
        self._run(life.does_not_block)

    def test_its_health_is_a_sentence(self) -> None:
        """Connected or not."""
        self._run(life.tells_its_health)

    def test_a_sequence_lets_its_outputs_go(self) -> None:
        """At once, when its button is set to 0 or it disconnects; only asked of a SequencePlugin."""
        self._run(sequences.lets_go)

    def test_it_tells_that_its_device_is_gone(self) -> None:
        """By a PluginError or bad values, not by old ones; only asked with a `device`."""
        if type(self).device is not PluginConformance.device:
            asyncio.run(_limited(loss.is_told(self.device, self.make_plugin)))

    def _run(self, rule: Callable[[Plugin[Any]], Awaitable[None]]) -> None:
        __tracebackhide__ = True
        asyncio.run(_limited(self._with_device(rule)))

    async def _with_device(self, rule: Callable[[Plugin[Any]], Awaitable[None]]) -> None:
        __tracebackhide__ = True
        async with self.device():
            plugin = self.make_plugin()
            if isinstance(plugin, SequencePlugin):
                plugin.bind(Workbench())
            try:
                await rule(plugin)
            finally:
                with suppress(Exception):  # whether it can disconnect is a rule of its own
                    await plugin.disconnect()


async def _limited(rule: Awaitable[None]) -> None:
    __tracebackhide__ = True
    limit = asyncio.timeout(LONGEST)
    try:
        async with limit:
            await rule
    except TimeoutError:
        require(not limit.expired(), f"it takes longer than {LONGEST:g} s")
        raise  # the plugin's own
