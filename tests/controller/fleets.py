"""Instances for tests, brought to work as the configuration does it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from webmacs_controller.clock.clock import Clock
from webmacs_controller.configuration.configurator import Configurator
from webmacs_controller.configuration.fleet import Fleet
from webmacs_controller.configuration.saved import Saved
from webmacs_controller.configuration.settings import Configuration, InstanceSettings
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk import Plugin
from webmacs_controller.service import Setup


def settings_of(instance: Instance) -> InstanceSettings:
    return InstanceSettings(name=instance.name, plugin=instance.plugin.meta.id, interval_seconds=instance.interval)


def setup_of(*instances: Instance, saved: Path = Path("/nowhere/configuration")) -> Setup:
    """A proposal of these, whose plugins are taken as they are."""
    plugins = {instance.name: instance.plugin for instance in instances}

    def make(settings: InstanceSettings) -> Plugin[Any]:
        return plugins[settings.name]

    return Setup(Configuration(instances=[settings_of(instance) for instance in instances]), Saved(saved), make)


@asynccontextmanager
async def configured(*instances: Instance) -> AsyncIterator[Configurator]:
    """They work, and nobody takes what they measure."""

    def ignore(_: Sequence[Point]) -> None:
        pass

    setup = setup_of(*instances)
    configurator = Configurator(Fleet(Newest(), ignore, setup.make, Clock()), setup.saved)
    await configurator.start(setup.first)
    try:
        yield configurator
    finally:
        await configurator.fleet.release(5)
        configurator.stop()
