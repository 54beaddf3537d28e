"""From sources, and what the locks name, to a bundle that waits for its signatures."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version
from webmacs_controller.updates.bundle import SUFFIX
from webmacs_controller.updates.errors import BundleError
from webmacs_controller.updates.examination import ANY
from webmacs_controller.updates.manifest import FORMAT, Manifest, Product, whole_second

from webmacs.problem import Problem
from webmacs.release.bundles import part_of, write_bundle
from webmacs.release.roots import check_chain, read_root
from webmacs.release.wheels import build_own, check_wheels, fetch_others, is_for_one_machine


@dataclass(frozen=True)
class Plan:
    """What the maker says. `wheels`: a folder with what else is needed, in the place of what the locks name."""

    product: Product
    sources: Path
    wheels: Path | None
    counter: int
    from_version: str
    architecture: str
    python: str
    created: datetime
    expires: datetime
    changes: str


def build(plan: Plan, roots: Sequence[Path], folder: Path) -> Path:
    """The bundle, in this folder. Raises Problem."""
    chain = [read_root(path) for path in roots]
    check_chain(chain)
    _check(plan)
    with tempfile.TemporaryDirectory(prefix="webmacs-release-") as name:
        version = build_own(plan.product, plan.sources, Path(name), plan.created)
        _add_others(plan, Path(name))
        if Version(plan.from_version) > Version(version):
            raise Problem(f"from-version: {plan.from_version} is above the version itself, {version}.")
        wheels = sorted(Path(name).glob("*.whl"))
        check_wheels(wheels)
        manifest = _manifest(plan, version, wheels)
        path = folder / f"{plan.product}-{version}-{manifest.architecture}{SUFFIX}"
        try:
            write_bundle(path, manifest, chain, wheels)
        except BundleError as error:
            raise Problem(str(error)) from None
        except OSError as error:
            raise Problem(f"{error.filename or path}: {error.strerror}") from None
    return path


def _add_others(plan: Plan, folder: Path) -> None:
    if plan.wheels is None:
        fetch_others(plan.product, plan.sources, folder, plan.created)
        return
    for wheel in plan.wheels.glob("*.whl"):
        shutil.copy(wheel, folder)


def _check(plan: Plan) -> None:
    """What can be said before wheels are built."""
    try:
        Version(plan.from_version)
    except InvalidVersion:
        raise Problem(f"from-version: {plan.from_version} is no version.") from None
    if plan.expires <= plan.created:
        raise Problem("expires: must be later than when the sources were changed.")
    if plan.wheels:
        check_wheels(list(plan.wheels.glob("*.whl")))


def _manifest(plan: Plan, version: str, wheels: Sequence[Path]) -> Manifest:
    return Manifest(
        FORMAT,
        plan.product,
        version,
        plan.counter,
        plan.from_version,
        plan.architecture if is_for_one_machine(wheels) else ANY,
        plan.python,
        whole_second(plan.created),
        whole_second(plan.expires),
        [part_of(wheel) for wheel in wheels],
        plan.changes,
    )
