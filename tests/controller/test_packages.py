"""A package on its way into the controller: who is believed, what fits, what is left when something is wrong."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from webmacs_controller.packages import keeper as keeper_module
from webmacs_controller.packages import trial
from webmacs_controller.packages.download import DownloadError, Source, address
from webmacs_controller.packages.errors import WheelError
from webmacs_controller.packages.installer import Installer
from webmacs_controller.packages.keeper import Hooks, Keeper
from webmacs_controller.packages.package import Package, Trust
from webmacs_controller.packages.shelf import LIST, NEWEST, Kept, Shelf
from webmacs_controller.packages.signature import SignatureError, read_key, verify
from webmacs_controller.packages.wheel import inspect

from tests.controller.wheelhouse import TOKEN, Wheelhouse, wheelhouse
from tests.support.packages import Signer, contents, file_name, packed, wheel

SIGNER, STRANGER = Signer(), Signer(b"abcdefgh")

# as minisign 0.11 has written it, over "hello\n"
MINISIGN_KEY = "RWRAXd82Cwg/gK3pAC9qbwECiAJaRduHVnFpZnU1CQTkuWF5t49loH3C"
MINISIGN = """untrusted comment: signature from minisign secret key
RURAXd82Cwg/gDgvMHnei6wCNHOc6U+J56IqUqAC6Zbc6z91ZvZPolFpXCGvwKBn+9RTgoHUI8PTrIxIBT0XdyLXaLd5fLMuegY=
trusted comment: signed für tests
161cdwfcBvCTMMB+9gTOELzVb1yzkLYI1Asz28tYMKqdV41m6I+974aSauFs1hPodfgiLeVLcNzAVg+XmPr/BA==
"""
LEGACY = """untrusted comment: signature from minisign secret key
RWRAXd82Cwg/gHfal58PaAZggxCqLhHx3nYrpux1aIED1bv0pM0aYJyaRaGOt/xyFsdPXOFj9Wd1EPh4IQISioLbEXSLRJQDiQE=
trusted comment: timestamp:1796046305\tfile:f.txt
f6kKhum4zCIuve4eRggmwWJRCFGHyZotlRb9PaSbdz/ZTgd1jXEnSJqF4C9seNwev7IqEVEsP7H13lXvFQXlAg==
"""


@pytest.fixture
def house() -> Iterator[Wheelhouse]:
    with wheelhouse() as server:
        yield server


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "plugins")


@pytest.fixture
def installer(shelf: Shelf, house: Wheelhouse) -> Installer:
    return Installer(shelf, Source(house.url, lambda: TOKEN), Trust([read_key(SIGNER.line)], False), 1)


def told(house: Wheelhouse, content: bytes, name: str = "lab-lamp", version: str = "1.0", **more: Any) -> Package:
    """What the server says of a wheel that it has."""
    fields: dict[str, Any] = {
        "file_name": file_name(name, version),
        "size": len(content),
        "signature": SIGNER.sign(content),
    } | more
    return Package(name=name, version=version, sha256=house.put(content), **fields)


def left(shelf: Shelf) -> list[str]:
    return sorted(path.name for path in shelf.path.iterdir()) if shelf.path.exists() else []


def test_what_minisign_has_signed(tmp_path: Path) -> None:
    signed = tmp_path / "signed"
    signed.write_text("hello\n")
    key = read_key(MINISIGN_KEY)
    with signed.open("rb") as file:
        assert verify(file, MINISIGN, [read_key(SIGNER.line), key]) == "803F080B36DF5D40"
        assert verify(file, MINISIGN.replace("\n", "\r\n"), [key]) == "803F080B36DF5D40"
        with pytest.raises(SignatureError, match="old form, which minisign -l makes"):
            verify(file, LEGACY, [key])
        with pytest.raises(SignatureError, match="signed with the key 803F080B36DF5D40, which is not trusted here"):
            verify(file, MINISIGN, [])


@pytest.mark.parametrize("line", ["", "x", MINISIGN_KEY[:-1], MINISIGN_KEY.replace("RW", "RU"), "ü" * 56])
def test_a_key_that_is_none(line: str) -> None:
    with pytest.raises(ValueError, match=r"the second line of a minisign\.pub"):
        read_key(line)


def test_it_is_fetched_unpacked_and_counts_when_it_is_noted(
    installer: Installer, shelf: Shelf, house: Wheelhouse
) -> None:
    package = told(house, wheel())
    kept = installer.install(package, [])
    assert kept == Kept("lab-lamp", "1.0", package.sha256)
    assert house.asked == [(f"/base/plugins/packages/{package.sha256}", "")]
    assert house.tokens == {f"Bearer {TOKEN}"}
    assert left(shelf) == [kept.folder]
    for name, data in contents().items():
        assert (shelf.path / kept.folder / name).read_bytes() == data
    assert shelf.read() == []
    shelf.replace([kept])
    assert shelf.read() == [kept]
    assert left(shelf) == sorted([kept.folder, LIST, NEWEST])
    assert (shelf.path / LIST).stat().st_mode & 0o777 == 0o600


def pure(**more: str) -> Callable[[], bytes]:
    return lambda: wheel(**more)


WRONG: dict[str, tuple[str, Callable[[], bytes], dict[str, Any]]] = {
    "not signed": ("It is not signed, and plugins.allow_unsigned is false here", pure(), {"signature": None}),
    "signed by a stranger": ("which is not trusted here", pure(), {"signature": STRANGER.sign(wheel())}),
    "signed for other bytes": ("not that of this file", pure(), {"signature": SIGNER.sign(b"x")}),
    "too large": (r"larger than 1 MB \(plugins\.megabytes\)", pure(), {"size": 1_000_001}),
    "a name that is not its own": ("The file is called", pure(), {"file_name": file_name("lab-lump")}),
    "another package": ("It is lab-lamp 1.0", pure(), {"name": "lab-lump", "file_name": file_name()}),
    "damaged": ("no zip file", lambda: wheel()[:-1], {}),
    "for another machine": (
        "made for cp39-cp39-win32; here is",
        pure(tags="cp39-cp39-win32"),
        {"file_name": file_name(tag="cp39-cp39-win32")},
    ),
    "for another Python": ("It requires Python >=4; here is 3", pure(metadata="Requires-Python: >=4\n"), {}),
    "requires what is not there": (
        r"It requires what is not installed here: not-there, nowhere>2, webmacs-controller>=99 \(here is 0",
        pure(requires="webmacs-controller>=99,nowhere>2,not-there,msgspec,for-others; sys_platform == 'win32'"),
        {},
    ),
    "requires an extra": ("not installed here: socksio", pure(requires="httpx[socks]"), {}),
    "has a plugin of ours": ("The plugin modbus comes with the controller", pure(plugin="modbus"), {}),
    "does not load": ("ZeroDivisionError", pure(code="1 / 0"), {}),
    "ends the process": (r"nothing was said \(exit code 0\)", pure(code="import os; os._exit(0)"), {}),
    "says more and more": (
        "Its plugins say more than 1 MB when loaded",
        pure(code="import sys\nwhile True: print('x' * 70); sys.stderr.write('y')"),
        {},
    ),
    "closes its output and fails": (
        r"nothing was said \(exit code 7\)",
        pure(code="import os, time; os.close(1); os.close(2); time.sleep(0.5); os._exit(7)"),
        {},
    ),
    "ends with what is no text": (
        r"bye\? \(exit code 1\)",
        pure(code="import os; os.write(1, b'bye\\0'); os._exit(1)"),
        {},
    ),
    "has a file in a file": (
        "'x/y' in it lies in a file",
        lambda: packed({"x": b"", **contents(), "x/y": b""}),
        {},
    ),
    "is no plugin": ("is not a subclass", pure(code="Lamp = int"), {}),
}


@pytest.mark.parametrize(("reason", "make", "more"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong(
    reason: str, make: Callable[[], bytes], more: dict[str, Any], installer: Installer, house: Wheelhouse, shelf: Shelf
) -> None:
    with pytest.raises(WheelError, match=reason):
        installer.install(told(house, make(), **{"name": "lab-lamp"} | more), [])
    shelf.sweep([], [])
    assert left(shelf) == []


BEGINS_ANOTHER = """
import os, sys, time
from pathlib import Path
if os.fork() == 0:
    Path({file!r}).write_text(str(os.getpid()))
    time.sleep(600)
while not Path({file!r}).exists():
    time.sleep(0.01)
"""


@pytest.mark.parametrize("end", ["", "time.sleep(600)"])
def test_what_it_has_begun_when_it_was_tried_does_not_go_on(
    end: str, installer: Installer, house: Wheelhouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It even holds its output open."""
    monkeypatch.setattr(trial, "SECONDS", 5.0)
    begins = BEGINS_ANOTHER.format(file=str(tmp_path / "pid")) + end + "\n"
    package = told(house, wheel(code=begins + contents()["lab_lamp/__init__.py"].decode()))
    if end:
        with pytest.raises(WheelError, match="not loaded within 5 s"):
            installer.install(package, [])
    else:
        assert installer.install(package, [])
    with suppress(psutil.NoSuchProcess):
        other = psutil.Process(int((tmp_path / "pid").read_text()))
        for _ in range(500):
            if other.status() == psutil.STATUS_ZOMBIE:  # nobody here is the parent of orphans
                break
            time.sleep(0.01)
        else:
            pytest.fail("it is still there")


def test_an_older_one_is_refused_where_the_controller_says_so(shelf: Shelf, house: Wheelhouse) -> None:
    def install(version: str, *, refuse_older: bool = True) -> Kept:
        trust = Trust([read_key(SIGNER.line)], False, refuse_older)
        installer = Installer(shelf, Source(house.url, lambda: TOKEN), trust, 1)
        kept = installer.install(told(house, wheel(version=version), version=version), [])
        shelf.replace([kept])
        return kept

    install("1.10")
    shelf.replace([])  # it was taken away meanwhile
    shelf.sweep([], [])
    with pytest.raises(WheelError, match=r"It is older than 1\.10, which was here \(plugins\.refuse_older is true\)"):
        install("1.9")
    assert install("1.10").version == "1.10"
    assert install("1.9", refuse_older=False).version == "1.9"
    with pytest.raises(WheelError, match=r"older than 1\.10"):
        install("1.9")


def test_names_that_are_taken(installer: Installer, shelf: Shelf, house: Wheelhouse) -> None:
    pytest_wheel = wheel("pytest", module="lab_lamp")
    with pytest.raises(WheelError, match="pytest is installed in the controller's own environment"):
        installer.install(told(house, pytest_wheel, "pytest"), [])
    kept = installer.install(told(house, wheel()), [])
    other = wheel("lab-lamp-two", plugin="lab_lamp")
    with pytest.raises(WheelError, match="The plugin lab_lamp is in lab-lamp, too"):
        installer.install(told(house, other, "lab-lamp-two"), [kept])
    assert installer.install(told(house, other, "lab-lamp-two"), [])


def test_one_package_may_require_another(installer: Installer, house: Wheelhouse) -> None:
    kept = installer.install(told(house, wheel()), [])
    code = contents("lab-torch")["lab_torch/__init__.py"] + b"\nimport lab_lamp\n"
    needy = wheel("lab-torch", requires="lab-lamp>=1", code=code.decode())
    assert installer.install(told(house, needy, "lab-torch"), [kept])
    with pytest.raises(WheelError, match="not installed here: lab-lamp>=1"):
        installer.install(told(house, needy, "lab-torch"), [])


def test_what_is_there_already_has_the_way(installer: Installer, shelf: Shelf, house: Wheelhouse) -> None:
    """A module of a package never takes the place of one of the controller's."""
    files = contents(code="import msgspec; msgspec.Struct\n" + contents()["lab_lamp/__init__.py"].decode())
    content = packed({**files, "msgspec/__init__.py": b"1 / 0"})
    assert installer.install(told(house, content), [])


def test_modules_of_the_others_have_the_way_in_the_trial_too(installer: Installer, house: Wheelhouse) -> None:
    """Else a plugin would pass that runs the code of another package."""
    kept = installer.install(told(house, wheel()), [])
    same_module = wheel("lab-torch", module="lab_lamp", plugin="lab_torch")
    with pytest.raises(WheelError, match="leads to a plugin whose id is 'lab_lamp'"):
        installer.install(told(house, same_module, "lab-torch"), [kept])
    assert installer.install(told(house, same_module, "lab-torch"), [])


def test_a_folder_that_cannot_be_swept_stays(tmp_path: Path) -> None:
    Shelf(tmp_path / ("x" * 300)).sweep([], [])


# download --------------------------------------------------------------------


def test_what_was_cut_goes_on_where_it_was(installer: Installer, house: Wheelhouse) -> None:
    content = wheel()
    package = told(house, content)
    house.cut = 100
    with pytest.raises(DownloadError, match="broke off after 100 of"):
        installer.install(package, [])
    assert installer.install(package, [])
    assert [asked for _, asked in house.asked] == ["", "bytes=100-"]


def test_a_server_that_knows_no_ranges(installer: Installer, house: Wheelhouse) -> None:
    house.cut, house.ranges = 100, False
    package = told(house, wheel())
    with pytest.raises(DownloadError):
        installer.install(package, [])
    assert installer.install(package, [])


def test_more_than_was_told_is_not_taken(installer: Installer, house: Wheelhouse) -> None:
    house.more = b"x" * 10_000_000
    assert installer.install(told(house, wheel()), [])


def test_other_bytes_are_thrown_away(installer: Installer, shelf: Shelf, house: Wheelhouse) -> None:
    package = told(house, wheel())
    house.wheels[package.sha256] = wheel(value="8").ljust(package.size, b"x")[: package.size]
    with pytest.raises(DownloadError, match="not what it had told of"):
        installer.install(package, [])
    assert left(shelf) == []
    house.put(wheel())
    assert installer.install(package, [])


def test_the_token_goes_nowhere_else(installer: Installer, house: Wheelhouse) -> None:
    with wheelhouse() as stranger:
        house.redirect = f"http://127.0.0.1:{stranger.server_address[1]}/"
        with pytest.raises(DownloadError, match="the server answers 302"):
            installer.install(told(house, wheel()), [])
        assert stranger.asked == []


def test_what_the_server_says_is_told(installer: Installer, house: Wheelhouse) -> None:
    package = told(house, wheel())
    house.wheels.clear()
    with pytest.raises(DownloadError, match=r"the server answers 404: It is not for you\."):
        installer.install(package, [])


@pytest.mark.parametrize(
    ("socket", "base"),
    [
        ("ws://h:8000/ws/controller/telemetry", "http://h:8000"),
        ("wss://h/lab/ws/controller/telemetry", "https://h/lab"),
        ("ws://[::1]:1/", "http://[::1]:1/"),
    ],
)
def test_the_address_of_a_wheel(socket: str, base: str) -> None:
    assert address(socket, "ab") == f"{base}/plugins/packages/ab"


def test_a_list_that_is_lost_is_none(shelf: Shelf) -> None:
    shelf.path.mkdir()
    (shelf.path / LIST).write_text("[{")
    assert shelf.read() == []
    (shelf.path / LIST).write_text('[{"name": "gone", "version": "1", "sha256": "ab"}]')
    assert shelf.read() == []


def test_whatever_is_changed_in_a_wheel(tmp_path: Path) -> None:
    """It is refused in words, or still a wheel."""
    chance, whole, files = random.Random(6), wheel(), contents()
    codes = set()
    for _ in range(150):
        name = chance.choice(list(files))
        inside, outside = bytearray(files[name]), bytearray(whole)
        place = chance.randrange(len(inside))
        inside[place : place + 1] = chance.choice([b"", b"\n", b"\0", b"\xff", b":", b'"', b"["])
        outside[chance.randrange(len(outside))] = chance.randrange(256)
        for content in (bytes(outside), packed({**files, name: bytes(inside)})):
            (tmp_path / "wheel").write_bytes(content)
            with (tmp_path / "wheel").open("rb") as file:
                try:
                    codes.add(inspect(file, file_name(), 1).name)
                except WheelError as error:
                    codes.add(error.code)
    assert codes >= {"lab-lamp", "not_a_wheel", "wrong_record", "wrong_content"}


# the keeper ------------------------------------------------------------------


class Heard:
    """What a keeper tells."""

    def __init__(self) -> None:
        self.changed, self.added, self.restart = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def _added(self) -> None:
        self.added.set()

    @property
    def hooks(self) -> Hooks:
        return Hooks(self.changed.set, self._added, self.restart.set)


@contextmanager
def at_work(keeper: Keeper, shelf: Shelf) -> Iterator[None]:
    task = asyncio.create_task(keeper.run())
    try:
        yield
    finally:
        task.cancel()
        keeper.stop()
        shelf.deactivate()


async def test_what_may_pass_is_tried_again(
    installer: Installer, shelf: Shelf, house: Wheelhouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(keeper_module, "LONGEST_WAIT_SECONDS", 0.01)
    good, unsigned = told(house, wheel()), told(house, wheel("lab-torch"), "lab-torch", signature=None)
    house.cut = 10
    heard = Heard()
    keeper = Keeper(shelf, installer, heard.hooks)
    with at_work(keeper, shelf):
        keeper.want([unsigned, good])
        async with asyncio.timeout(20):
            await heard.added.wait()
        assert [(report.package.name, report.state) for report in keeper.report()] == [
            ("lab-torch", "failed"),
            ("lab-lamp", "installed"),
        ]
        assert "not signed" in keeper.report()[0].problem
    assert [asked for _, asked in house.asked] == ["", "", "bytes=10-"]  # what is refused is not fetched again
    assert not heard.restart.is_set()


async def test_a_process_that_has_loaded_what_does_not_count_begins_anew(
    installer: Installer, shelf: Shelf, house: Wheelhouse
) -> None:
    """As one that was forked by a guard which is older than the list."""
    old, new = (installer.install(told(house, wheel(version=one), version=one), []) for one in ("1.0", "2.0"))
    shelf.activate([old])
    shelf.replace([new])
    heard = Heard()
    with at_work(Keeper(shelf, installer, heard.hooks), shelf):
        async with asyncio.timeout(20):
            await heard.restart.wait()


async def test_while_packages_are_left_out_only_a_change_begins_anew(
    installer: Installer, shelf: Shelf, house: Wheelhouse
) -> None:
    package = told(house, wheel())
    shelf.replace([installer.install(package, [])])
    heard = Heard()
    keeper = Keeper(shelf, installer, heard.hooks, "left out")
    with at_work(keeper, shelf):
        keeper.want([package])
        other = told(house, wheel("lab-torch"), "lab-torch")
        keeper.want([package, other])
        assert {report.problem for report in keeper.report()} == {"left out"}
        async with asyncio.timeout(20):
            await heard.restart.wait()
        assert shelf.active() == set()
