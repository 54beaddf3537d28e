"""The attacks that TUF's specification names (1.5.2), each played against a machine."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Metadata
from webmacs_controller.updates.errors import Reason
from webmacs_controller.updates.trusted import Trusted

from tests.support.packages import wheel
from tests.support.updates import LATER, NOW, Maker, changed, entries
from tests.updates.conftest import Machine

ROLES = ("timestamp", "snapshot", "targets")


def taken_from(path: Path, *roles: str) -> dict[str, bytes | None]:
    files = entries(path)
    return {f"metadata/{role}.json": files[f"metadata/{role}.json"] for role in roles}


def test_arbitrary_software(maker: Maker, machine: Machine, tmp_path: Path) -> None:
    """Whoever has no key that counts, signs it with his own, under his own list or ours."""
    (tmp_path / "stranger").mkdir()
    stranger = Maker(tmp_path / "stranger")
    machine.refuses(stranger.bundle(), Reason.WRONG_SIGNATURE)
    ours = {name: data for name, data in entries(maker.bundle()).items() if "root" in name}
    machine.refuses(changed(stranger.bundle(), dict(ours)), Reason.WRONG_SIGNATURE)
    stranger.add_root([*stranger.owners])  # a list 2 that follows ours, he says
    machine.refuses(stranger.bundle(), Reason.WRONG_SIGNATURE)


@pytest.mark.parametrize("role", ROLES)
def test_endless_data(role: str, maker: Maker, machine: Machine) -> None:
    machine.refuses(changed(maker.bundle(), {f"metadata/{role}.json": b" " * 4_000_000}), Reason.TOO_LARGE)
    machine.refuses(changed(maker.bundle(), {"targets/manifest.json": b" " * 4_000_000}), Reason.TOO_LARGE)
    machine.refuses(changed(maker.bundle(), {"metadata/2.root.json": b" " * 4_000_000}), Reason.TOO_LARGE)


def test_extraneous_dependencies(maker: Maker, machine: Machine) -> None:
    more = changed(maker.bundle(), {"wheels/evil-1.0-py3-none-any.whl": wheel("evil")})
    machine.refuses(more, Reason.TAMPERED, "and not in its manifest")


def test_fast_forward(maker: Maker, machine: Machine) -> None:
    """Who has stolen the keys can drive the counter up, until new ones are listed: then it counts from there."""
    machine.take(maker.bundle(2**31 - 1, version="1.0"))
    machine.refuses(maker.bundle(5, version="1.1"), Reason.OLDER)
    maker.replace_signers()
    assert machine.take(maker.bundle(5, version="1.1")).manifest.counter == 5
    machine.refuses(maker.bundle(4, version="1.2"), Reason.OLDER)


def test_freeze(maker: Maker, machine: Machine) -> None:
    """An old bundle is offered as long as somebody likes: until its time is over."""
    old = maker.bundle(1, created=NOW - timedelta(days=9), expires=NOW - timedelta(days=2))
    machine.refuses(old, Reason.EXPIRED)


def test_freeze_with_a_clock_that_is_behind(maker: Maker, machine: Machine) -> None:
    """What was taken last says how late it is at least."""
    machine.take(maker.bundle(1, created=LATER, expires=LATER + timedelta(days=60)))
    machine.refuses(maker.bundle(2, created=NOW, expires=LATER - timedelta(days=1)), Reason.EXPIRED, "was over at")


def test_freeze_with_a_list_of_keys_that_is_over(maker: Maker, machine: Machine) -> None:
    maker.add_root(maker.owners, days=-1)
    machine.refuses(maker.bundle(), Reason.EXPIRED, "root")
    maker.add_root(maker.owners)
    machine.take(maker.bundle())


def test_mix_and_match(maker: Maker, machine: Machine) -> None:
    """Parts of releases that were never one, each of them signed."""
    one = maker.bundle(1)
    maker.wheels = {"lab_lamp-2.0-py3-none-any.whl": wheel(version="2.0")}
    two = maker.bundle(2).read_bytes()

    def mixed(*roles: str) -> Path:
        path = maker.folder / "mixed.update"
        path.write_bytes(two)
        return changed(path, taken_from(one, *roles))

    machine.refuses(mixed("targets"), Reason.OLDER)
    machine.refuses(mixed("snapshot"), Reason.OLDER)
    machine.refuses(mixed("targets", "snapshot"), Reason.OLDER)
    machine.refuses(mixed("timestamp"), Reason.OLDER)
    machine.refuses(mixed(*ROLES), Reason.TAMPERED)
    only = entries(one)["targets/manifest.json"]
    machine.refuses(changed(mixed(), {"targets/manifest.json": only}), Reason.TAMPERED)
    wheels = {name: data for name, data in entries(one).items() if name.startswith("wheels")}
    machine.refuses(changed(mixed(), {**wheels, "wheels/lab_lamp-2.0-py3-none-any.whl": None}), Reason.TAMPERED)
    machine.take(mixed())


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_rollback(kept: int, maker: Maker, machine: Machine) -> None:
    bundles = [maker.bundle(counter) for counter in (1, 2, 3)]
    machine.take(bundles[kept - 1])
    for bundle in bundles[: kept - 1]:
        machine.refuses(bundle, Reason.OLDER, "older than what was taken here before")
    for bundle in bundles[kept - 1 :]:
        machine.take(bundle)


def test_a_timestamp_that_is_newer_than_all_else(maker: Maker, machine: Machine) -> None:
    machine.take(maker.bundle(3))
    newer = taken_from(maker.bundle(4), "timestamp")
    machine.refuses(changed(maker.bundle(3), newer), Reason.OLDER)
    machine.refuses(changed(maker.bundle(2), newer), Reason.OLDER)


def test_some_of_the_keys_are_not_enough(tmp_path: Path) -> None:
    maker = Maker(tmp_path, signers=3, needed=2)
    machine = Machine(maker.pinned)
    one, two, three = maker.signers
    machine.refuses(maker.bundle(signers=[one]), Reason.WRONG_SIGNATURE, "1/2 keys")
    machine.refuses(maker.bundle(signers=[one, one]), Reason.WRONG_SIGNATURE, "1/2 keys")
    machine.take(maker.bundle(1, signers=[one, three]))
    machine.take(maker.bundle(2, signers=[three, two]))


def test_each_role_needs_its_signatures(tmp_path: Path) -> None:
    maker = Maker(tmp_path, signers=2)
    machine = Machine(maker.pinned)
    for role in ROLES:
        bundle = maker.bundle()
        halved: Metadata[Any] = Metadata.from_bytes(entries(bundle)[f"metadata/{role}.json"])
        halved.signatures.popitem()
        machine.refuses(changed(bundle, {f"metadata/{role}.json": halved.to_bytes()}), Reason.WRONG_SIGNATURE)


def test_keys_that_were_replaced(maker: Maker, machine: Machine) -> None:
    machine.take(maker.bundle(1))
    withheld = maker.bundle(2)
    before = maker.replace_signers()
    with_old_list = withheld.read_bytes()
    machine.take(maker.bundle(3))
    withheld.write_bytes(with_old_list)
    machine.refuses(withheld, Reason.WRONG_SIGNATURE)
    both = maker.bundle(4, signers=[])
    stolen: dict[str, bytes | None] = {}
    for role in ROLES:
        one: Metadata[Any] = Metadata.from_bytes(entries(both)[f"metadata/{role}.json"])
        one.sign(before[0], append=True)
        stolen[f"metadata/{role}.json"] = one.to_bytes()
    machine.refuses(changed(both, stolen), Reason.WRONG_SIGNATURE)


def test_a_new_machine_follows_all_lists(maker: Maker) -> None:
    machine = Machine(maker.pinned)
    for _ in range(5):
        maker.replace_signers()
    machine.take(maker.bundle(1))
    newest = entries(maker.bundle(2))
    without_one = changed(maker.bundle(2), {"metadata/3.root.json": None})
    Machine(maker.pinned).refuses(without_one, Reason.WRONG_SIGNATURE)
    assert "metadata/6.root.json" in newest
    machine.take(changed(maker.bundle(2), {f"metadata/{number}.root.json": None for number in range(1, 6)}))


def test_owners_are_replaced_by_those_before(tmp_path: Path) -> None:
    maker = Maker(tmp_path, owners=2)
    machine = Machine(maker.pinned)
    before, maker.owners = maker.owners, Maker(tmp_path, owners=2).owners
    for signed_by in (maker.owners, [before[0], *maker.owners], [*before, maker.owners[0]]):
        maker.add_root(signed_by)
        machine.refuses(maker.bundle(), Reason.WRONG_SIGNATURE)
        maker.roots.pop()
    maker.add_root([*before, *maker.owners])
    machine.take(maker.bundle())


def test_a_list_of_keys_that_leaves_out_one(maker: Maker, machine: Machine) -> None:
    maker.add_root(maker.owners, version=3)
    files = entries(maker.bundle())
    jumped = {"metadata/2.root.json": files["metadata/3.root.json"], "metadata/3.root.json": None}
    machine.refuses(changed(maker.bundle(), jumped), Reason.OLDER)


def test_a_newer_list_in_the_settings_counts(maker: Maker, machine: Machine) -> None:
    """Machines that were away for long get the newest list by hand, when the lists between are lost."""
    machine.take(maker.bundle(1))
    maker.replace_signers()
    maker.replace_signers()
    bundle = changed(maker.bundle(2), {"metadata/2.root.json": None})
    machine.refuses(bundle, Reason.WRONG_SIGNATURE)
    machine.root = maker.roots[-1].to_bytes()
    machine.take(bundle)


def test_the_keys_of_settings_that_are_older_than_what_was_learned(maker: Maker, machine: Machine) -> None:
    machine.take(maker.bundle(1))
    maker.replace_signers()
    machine.take(maker.bundle(2))
    old_list = changed(maker.bundle(3, signers=[]), {"metadata/2.root.json": None})
    machine.refuses(old_list, Reason.WRONG_SIGNATURE)


def test_a_manifest_that_was_signed_under_another_counter(maker: Maker, machine: Machine) -> None:
    """Two who sign must not be led to sign the same software as two things."""
    bundle = maker.bundle(1)
    assert machine.trusted == Trusted()
    fresh = maker.bundle(2)
    machine.refuses(changed(fresh, taken_from(bundle, *ROLES)), Reason.TAMPERED)


def test_wrong_software(maker: Maker, machine: Machine) -> None:
    """Signed for the server, it moves no counter of the controller."""
    machine.refuses(maker.bundle(90, product="webmacs-server"), Reason.WRONG_PRODUCT)
    machine.refuses(maker.bundle(91, architecture="aarch64"), Reason.WRONG_MACHINE)
    machine.take(maker.bundle(2))
