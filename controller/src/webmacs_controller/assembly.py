"""Makes the parts that the settings ask for."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from webmacs_controller.clock.clock import Clock
from webmacs_controller.configuration.holdings import second_holders
from webmacs_controller.configuration.references import check_outputs
from webmacs_controller.configuration.saved import Saved, SavedError
from webmacs_controller.configuration.settings import Configuration, InstanceSettings
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.packages.download import BUNDLES, Source
from webmacs_controller.packages.installer import Installer
from webmacs_controller.packages.keeper import Hooks, Keeper
from webmacs_controller.packages.shelf import Shelf
from webmacs_controller.sdk import ConfigError, Plugin
from webmacs_controller.sdk.demo import in_demo_mode
from webmacs_controller.sdk.discovery import create
from webmacs_controller.service import Setup
from webmacs_controller.settings import Proposal, Settings
from webmacs_controller.storage.store import Store
from webmacs_controller.transport.backlog import Backlog
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.token import TokenStore
from webmacs_controller.updates.installation import Installation, Terms
from webmacs_controller.updates.updater import Updater
from webmacs_controller.updates.watch import Watch

log = logging.getLogger(__name__)


def first_configuration(settings: Settings) -> Configuration:
    """What the server wanted last; the instances of controller.toml where it has never said anything."""
    try:
        saved = Saved(settings.configuration_file).load()
    except SavedError as error:
        log.error("the last configuration of the server is lost, controller.toml counts: %s", error)
        saved = None
    return saved or Configuration(instances=[_proposal(entry) for entry in settings.instances])


def make_plugin(settings: InstanceSettings, where: str = "") -> Plugin[Any]:
    """Not connected. Raises ConfigError, naming the setting below `where`."""
    plugin = create(settings.plugin, settings.config, where)
    return in_demo_mode(plugin, settings.name) if settings.demo else plugin


def make_instance(settings: InstanceSettings, where: str) -> Instance:
    """Not connected. Raises ConfigError, naming the setting below `where`."""
    instance = Instance(settings.name, make_plugin(settings, where), settings.interval_seconds)
    instance.tune(settings.interval_seconds, settings.channels)
    return instance


def make_instances(settings: Settings) -> list[Instance]:
    """All that are to measure at first, not connected. Raises ConfigError."""
    entries = first_configuration(settings).instances
    numbers = {entry.name: number for number, entry in enumerate(entries, 1)}
    made = [make_instance(entry, f"instances[{numbers[entry.name]}]") for entry in entries if entry.enabled]
    for name, problem in second_holders(made).items():
        raise ConfigError(f"instances[{numbers[name]}].{problem}")
    plugins: dict[str, Plugin[Any] | None] = dict.fromkeys(numbers)
    plugins |= {instance.name: instance.plugin for instance in made}
    for instance in made:
        try:
            check_outputs(instance.name, instance.plugin, plugins)
        except ConfigError as error:
            raise ConfigError(f"instances[{numbers[instance.name]}].{error}") from None
    return made


def make_setup(settings: Settings) -> Setup:
    """Raises ConfigError for a mistake in controller.toml. None in what the server wanted keeps it from starting."""
    first = first_configuration(settings)
    if first.version == 0:
        make_instances(settings)
    return Setup(first, Saved(settings.configuration_file), make_plugin)


def make_tokens(settings: Settings) -> TokenStore:
    """The token, wherever it is."""
    return TokenStore(settings.server.token, settings.token_file)


def activate_packages(settings: Settings) -> None:
    """Plugins of packages are found from now on."""
    shelf = Shelf(settings.plugins_folder)
    shelf.activate(shelf.read())


def leave_out_packages(settings: Settings) -> None:
    """Plugins of packages are not found any more."""
    Shelf(settings.plugins_folder).deactivate()


def make_packages(settings: Settings, tokens: TokenStore, left_out: str) -> Callable[[Hooks], Keeper]:
    """What installs plugin packages. `left_out`: why none of them is found now, else empty."""
    shelf = Shelf(settings.plugins_folder)
    source = Source(settings.server.url, tokens.read)
    installer = Installer(shelf, source, settings.plugins.trust, settings.plugins.megabytes)
    return partial(Keeper, shelf, installer, left_out=left_out)


def make_installation(settings: Settings) -> Installation | None:
    """What installs other versions of the controller; None: nothing does."""
    if settings.updates_folder is None:
        return None
    terms = settings.updates
    return Installation(settings.updates_folder, Terms(terms.megabytes, terms.steady_seconds, terms.probation_seconds))


def make_watch(settings: Settings) -> Watch:
    """What judges a version of the controller that has to prove itself."""
    return Watch(make_installation(settings))


def make_updates(settings: Settings, tokens: TokenStore) -> Callable[[Callable[[], None]], Updater]:
    """What brings about the version that the server wants."""
    source = Source(settings.server.url, tokens.read, BUNDLES)
    return partial(Updater, installation=make_installation(settings), source=source)


def make_buffer(settings: Settings, clock: Clock) -> Buffer:
    """What keeps the points until the server has them."""
    limits = settings.buffer
    store = Store(settings.buffer_file, limits.megabytes * 1_000_000, timedelta(days=limits.days), clock)
    backlog = Backlog(store, limits.drain_points_per_second)
    return Buffer(limits.points, clock, backlog, limits.flush_seconds)


def _proposal(entry: Proposal) -> InstanceSettings:
    return InstanceSettings(
        name=entry.name,
        plugin=entry.plugin,
        demo=entry.demo,
        interval_seconds=entry.interval_seconds,
        config=entry.config,
    )
