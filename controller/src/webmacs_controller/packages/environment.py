"""Whether what is in a wheel can run here: Python, machine, what it requires, and whose names it takes."""

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TypeAlias

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import canonicalize_name

from webmacs_controller.packages.errors import WheelError
from webmacs_controller.packages.wheel import Wheel
from webmacs_controller.sdk.discovery import GROUP

Installed: TypeAlias = dict[str, Distribution]


def check(wheel: Wheel, own: Installed, others: Installed) -> None:
    """`own` is the controller's own environment, `others` the other packages. Raises WheelError."""
    _check_machine(wheel)
    if wheel.name in own:
        raise WheelError("name_taken", f"{wheel.name} is installed in the controller's own environment.")
    for distribution in (own | others).values():
        _check_plugins(wheel, distribution)
    if lacking := sorted(set(missing(wheel.requires, own | others))):
        raise WheelError("missing_requirement", f"It requires what is not installed here: {', '.join(lacking)}.")


def installed(path: list[str]) -> Installed:
    """What is installed in these folders, by normalized name; the first counts, as for Python."""
    found: Installed = {}
    for distribution in distributions(path=path):
        if name := distribution.metadata["Name"]:  # none: what is left of something
            found.setdefault(canonicalize_name(name), distribution)
    return found


def own_environment(packages: Path) -> Installed:
    """What is installed here beside what lies below this folder."""
    return installed([path for path in sys.path if not Path(path).absolute().is_relative_to(packages)])


def missing(requirements: tuple[str, ...], present: Installed, extra: str = "") -> Iterator[str]:
    """What is required, and not there, or in another version."""
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        found = present.get(canonicalize_name(requirement.name))
        if found is None:
            yield f"{requirement.name}{requirement.specifier}"
        elif not requirement.specifier.contains(found.version, prereleases=True):
            yield f"{requirement.name}{requirement.specifier} (here is {found.version})"
        else:
            for each in requirement.extras:
                yield from missing(tuple(_of_extra(found, each)), present, each)


def _of_extra(distribution: Distribution, extra: str) -> Iterator[str]:
    for text in distribution.requires or ():
        marker = Requirement(text).marker
        if marker and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""}):
            yield text


def _check_machine(wheel: Wheel) -> None:
    version = platform.python_version()
    if not SpecifierSet(wheel.requires_python).contains(version, prereleases=True):
        raise WheelError("wrong_machine", f"It requires Python {wheel.requires_python}; here is {version}.")
    if wheel.tags.isdisjoint(sys_tags()):
        tags = ", ".join(sorted(map(str, wheel.tags)))
        raise WheelError("wrong_machine", f"It is made for {tags}; here is {next(sys_tags())}.")


def _check_plugins(wheel: Wheel, distribution: Distribution) -> None:
    for entry in distribution.entry_points:
        if entry.group == GROUP and entry.name in wheel.plugins:
            raise WheelError("name_taken", f"The plugin {entry.name} is in {distribution.name}, too.")
