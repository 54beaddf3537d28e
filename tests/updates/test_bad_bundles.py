"""What is wrong with a bundle, each refused with its own reason; nothing is left of it, and nothing remembered."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from webmacs_controller.updates.bundle import open_bundle
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.examination import examine
from webmacs_controller.updates.manifest import read_manifest
from webmacs_controller.updates.trusted import Trusted, load_trusted, save_trusted

from tests.support.packages import wheel
from tests.support.updates import NOW, PYTHON, Maker, bomb, changed, entries, forged, pack
from tests.updates.conftest import MEGABYTES, Machine

WHEEL = "wheels/lab_lamp-1.0-py3-none-any.whl"


def test_a_good_one(maker: Maker, machine: Machine) -> None:
    examined = machine.take(maker.bundle(7, version="1.2"))
    assert (examined.manifest.name, examined.manifest.counter) == ("webmacs-controller 1.2", 7)
    assert examined.unpacked > 500
    again = machine.take(maker.bundle(7, version="1.2"))
    assert again.manifest == examined.manifest


def test_what_is_remembered_survives(maker: Maker, machine: Machine, tmp_path: Path) -> None:
    machine.take(maker.bundle(2))
    path = tmp_path / "trusted.json"
    assert load_trusted(path) == Trusted()
    save_trusted(path, machine.trusted)
    assert load_trusted(path) == machine.trusted
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(BundleError, match="is damaged"):
        load_trusted(path)


BAD: dict[str, tuple[Reason, str, Callable[[Maker], Path]]] = {
    "for another product": (
        Reason.WRONG_PRODUCT,
        "It is webmacs-server 1.0; here is webmacs-controller",
        lambda maker: maker.bundle(product="webmacs-server"),
    ),
    "for another architecture": (
        Reason.WRONG_MACHINE,
        "It is for aarch64; here is x86_64",
        lambda maker: maker.bundle(architecture="aarch64"),
    ),
    "for another Python": (
        Reason.WRONG_MACHINE,
        rf"It is for Python 3\.99; here is {PYTHON}",
        lambda maker: maker.bundle(python="3.99"),
    ),
    "for newer versions": (
        Reason.TOO_OLD_HERE,
        r"It takes 0\.9 or newer to come from; here is 0\.5\. Go to that one first",
        lambda maker: maker.bundle(from_version="0.9"),
    ),
    "expired": (
        Reason.EXPIRED,
        "ask its maker for a newer one",
        lambda maker: maker.bundle(created=NOW.replace(year=2020), expires=NOW.replace(year=2021)),
    ),
    "not signed": (Reason.WRONG_SIGNATURE, "not signed by those", lambda maker: maker.bundle(signers=[])),
    "another version in the manifest": (
        Reason.TAMPERED,
        "not what was signed",
        lambda maker: forged(maker.bundle(), version="9.9"),
    ),
    "another wheel": (
        Reason.TAMPERED,
        "has .* bytes; .* were signed",
        lambda maker: changed(maker.bundle(), {WHEEL: wheel(code="1")}),
    ),
    "another wheel of the same size": (
        Reason.TAMPERED,
        "lab_lamp-1.0-py3-none-any.whl in it is not what was signed",
        lambda maker: changed(maker.bundle(), {WHEEL: wheel()[:-1] + b"x"}),
    ),
    "a wheel more": (
        Reason.TAMPERED,
        "and not in its manifest",
        lambda maker: changed(maker.bundle(), {"wheels/more-1-py3-none-any.whl": b"x"}),
    ),
    "a wheel less": (Reason.DAMAGED, "is missing in it", lambda maker: changed(maker.bundle(), {WHEEL: None})),
    "no manifest": (
        Reason.DAMAGED,
        "not whole: targets/manifest.json is missing",
        lambda maker: changed(maker.bundle(), {"targets/manifest.json": None}),
    ),
    "no timestamp": (
        Reason.DAMAGED,
        "metadata/timestamp.json is missing",
        lambda maker: changed(maker.bundle(), {"metadata/timestamp.json": None}),
    ),
    "a name that climbs": (
        Reason.UNSAFE_NAME,
        r"must not be called '\.\./evil'",
        lambda maker: changed(maker.bundle(), {"../evil": b"x"}),
    ),
    "a name that climbs from within": (
        Reason.UNSAFE_NAME,
        "must not be called",
        lambda maker: changed(maker.bundle(), {"wheels/../../evil": b"x"}),
    ),
    "an absolute name": (
        Reason.UNSAFE_NAME,
        "must not be called",
        lambda maker: changed(maker.bundle(), {"/etc/evil": b"x"}),
    ),
    "packed": (
        Reason.TOO_LARGE,
        "is packed; in a bundle nothing is",
        lambda maker: pack(maker.folder / "packed.update", entries(maker.bundle()), zipfile.ZIP_DEFLATED),
    ),
    "larger than allowed": (
        Reason.TOO_LARGE,
        f"more than {MEGABYTES} MB",
        lambda maker: changed(maker.bundle(), {WHEEL: bytes(MEGABYTES * 1_000_000)}),
    ),
    "a text": (Reason.DAMAGED, "no zip file", lambda maker: written(maker.folder, b"Hello. " * 100)),
    "nothing": (Reason.DAMAGED, "no zip file", lambda maker: written(maker.folder, b"")),
}


def written(folder: Path, content: bytes) -> Path:
    path = folder / "written.update"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("reason", "words", "make"), BAD.values(), ids=BAD.keys())
def test_bad_ones(reason: Reason, words: str, make: Callable[[Maker], Path], maker: Maker, machine: Machine) -> None:
    machine.refuses(make(maker), reason, words)
    machine.take(maker.bundle(2))


# signed by those who may, all the same
SIGNED: dict[str, tuple[Reason, str, Callable[[Maker], Path]]] = {
    "a wheel that unpacks to more than fits": (
        Reason.TOO_LARGE,
        "unpacks to",
        lambda maker: with_wheel(maker, bomb(10 * MEGABYTES + 1)),
    ),
    "a wheel that unpacks to a thousand times its size": (
        Reason.TOO_LARGE,
        "100 times its size",
        lambda maker: with_wheel(maker, bomb(5)),
    ),
    "a wheel that is none": (Reason.DAMAGED, "no zip file", lambda maker: with_wheel(maker, b"x" * 99)),
}


def with_wheel(maker: Maker, content: bytes) -> Path:
    maker.wheels = {"bomb-1.0-py3-none-any.whl": content}
    return maker.bundle()


@pytest.mark.parametrize(("reason", "words", "make"), SIGNED.values(), ids=SIGNED.keys())
def test_bad_ones_that_are_signed(
    reason: Reason, words: str, make: Callable[[Maker], Path], maker: Maker, machine: Machine
) -> None:
    machine.refuses(make(maker), reason, words)


def test_a_version_never_changes(maker: Maker, machine: Machine) -> None:
    machine.take(maker.bundle(1, version="1.0"))
    maker.wheels = {"lab_lamp-1.0-py3-none-any.whl": wheel(code="2")}
    machine.refuses(maker.bundle(2, version="1.0"), Reason.OTHER_BYTES, "a version never changes")
    machine.refuses(maker.bundle(1, version="1.0"), Reason.OTHER_BYTES, "The counter 1 was taken here before")


def test_an_older_version_signed_again_with_a_higher_counter(maker: Maker, machine: Machine) -> None:
    first = maker.wheels
    machine.take(maker.bundle(1, version="1.0"))
    maker.wheels = {"lab_lamp-1.0-py3-none-any.whl": wheel(code="2")}
    machine.take(maker.bundle(2, version="2.0"))
    maker.wheels = first
    assert machine.take(maker.bundle(3, version="1.0")).manifest.version == "1.0"


def test_cut_off_anywhere(maker: Maker, machine: Machine) -> None:
    content = maker.bundle().read_bytes()
    for length in range(0, len(content), 97):
        machine.refuses(written(maker.folder, content[:length]), Reason.DAMAGED)


def test_any_byte_changed(maker: Maker, machine: Machine) -> None:
    """It is refused, or says the same: in a zip file some bytes mean nothing."""
    good = maker.bundle()
    content, manifest = good.read_bytes(), read_manifest(entries(good)["targets/manifest.json"])
    refused = 0
    for place in range(0, len(content), 11):
        path = written(maker.folder, content[:place] + bytes([content[place] ^ 0x15]) + content[place + 1 :])
        try:
            with open_bundle(path, MEGABYTES) as bundle:
                examined = examine(bundle, machine.root, Trusted(), MEGABYTES, machine.here)
            assert examined.manifest == manifest
        except BundleError:
            refused += 1
    assert refused > len(content) / 11 * 0.6  # the list of keys that the machine has is not even read


NONSENSE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"x"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"signed": 1, "signatures": []}',
    b'{"signatures": [], "signed": {"_type": "targets", "version": 1e400}}',
    b'{"signatures": [], "signed": {"_type": "root", "version": "1"}}',
    b"x" * 600_000,
]


@pytest.mark.parametrize("role", ["2.root", "timestamp", "snapshot", "targets"])
@pytest.mark.parametrize("content", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_the_place_of_metadata(role: str, content: bytes, maker: Maker, machine: Machine) -> None:
    machine.take(maker.bundle(1))
    with pytest.raises(BundleError):
        machine.take(changed(maker.bundle(2), {f"metadata/{role}.json": content}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "its format is another than 1"),
        ({"format": "x"}, "its format is another than 1"),
        ({"counter": 0}, "counter"),
        ({"version": "../1"}, "version"),
        ({"version": "a.b"}, "Invalid version"),
        ({"from_version": "9"}, "the lowest version to come from is above its own"),
        ({"parts": []}, "parts"),
        ({"parts": [{"name": "../x.whl", "size": 1, "sha256": "0" * 64}]}, "name"),
        ({"parts": [{"name": "x.whl", "size": -1, "sha256": "0" * 64}]}, "size"),
        ({"parts": [{"name": each, "size": 1, "sha256": "0" * 64} for each in ("x.whl", "X.whl")]}, "named twice"),
        ({"created": "2026-01-01T00:00:00"}, "created"),
    ],
)
def test_manifests_that_cannot_be_used(change: dict[str, object], words: str, maker: Maker) -> None:
    fields = msgspec.json.decode(entries(maker.bundle())["targets/manifest.json"]) | change
    with pytest.raises(BundleError, match=words) as caught:
        read_manifest(msgspec.json.encode(fields))
    assert caught.value.reason == Reason.WRONG_MANIFEST
