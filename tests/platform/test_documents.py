"""The documents tell what is there: each code of an error, each setting; and their links lead somewhere."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [file for pattern in ("*.md", "docs/**/*.md", "*/README.md") for file in sorted(ROOT.glob(pattern))]
CODE = re.compile(r"[a-z]+(_[a-z]+)*")
RAISED = {"ApiError", "FrameError", "RefusedError", "WheelError", "too_many", "refusal", "_unauthorized"}


def _codes(file: Path) -> Iterator[str]:
    """What is raised, or answered, under a code that is written where it happens."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED:
            for argument in node.args[:2]:
                if isinstance(argument, ast.Constant) and CODE.fullmatch(str(argument.value)):
                    yield str(argument.value)


def test_each_refusal_of_a_login_by_a_provider_is_explained() -> None:
    """The page has words for each; integrators see its code."""
    words = (ROOT / "frontend/src/words/en/accounts.ts").read_text().partition("refusals: {")[2].partition("}")[0]
    refused = set(re.findall(r"(\w+):", words)) - {""}
    sources = "\n".join(file.read_text() for file in ROOT.glob("src/webmacs/sso/*.py"))
    raised = set(re.findall(r'Refusal\("(\w+)"', sources)) - {"unknown_provider"}  # at a refresh, not on the page
    assert "provider_refused" in raised
    assert raised <= refused
    assert sorted(refused - _explained((ROOT / "docs/single-sign-on.md").read_text())) == []


def _explained(text: str) -> set[str]:
    """What the first column of a table, or a list, has as code."""
    first = re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)
    return {code for cell in first for code in re.findall(r"`([a-z_]+)`", cell)}


def test_each_code_of_an_error_is_explained() -> None:
    sources = [*ROOT.glob("src/**/*.py"), *ROOT.glob("controller/src/**/packages/*.py")]
    raised = {code for file in sources for code in _codes(file)}
    gateway = set(re.findall(r'\\"code\\":\\"(\w+)\\"', (ROOT / "apache/webmacs.conf").read_text()))
    told = {code for file in DOCUMENTS for code in re.findall(r"`([a-z_]+)`", file.read_text())}
    assert "weak_password" in raised
    assert sorted((raised | gateway) - told) == []


def test_no_code_is_explained_that_is_not_there() -> None:
    sources = [*ROOT.glob("src/**/*.py"), *ROOT.glob("controller/src/**/*.py"), *ROOT.glob("db/*.sql")]
    text = "\n".join(file.read_text() for file in [*sources, ROOT / "apache/webmacs.conf"])
    told = _explained((ROOT / "docs/errors.md").read_text())
    assert sorted(code for code in told if not re.search(rf"\b{code}\b", text)) == []


@pytest.mark.parametrize("name", ["config.default.toml", "controller/controller.default.toml"])
def test_each_setting_is_explained(name: str) -> None:
    """On its line, or above it and those that follow; a section may explain its first ones."""
    explained, bare = False, []
    for line in (ROOT / name).read_text().partition("[[instances]]")[0].splitlines():
        explained = "#" in line or (explained and line != "")
        if re.match(r"[a-z_]+ = ", line) and not explained:
            bare.append(line)
    assert bare == []


def test_each_setting_that_is_named_is_there() -> None:
    files = [ROOT / name for name in ("config.default.toml", "controller/controller.default.toml")]
    there = {
        (section, key)
        for file in files
        for section, keys in tomllib.loads(file.read_text()).items()
        if isinstance(keys, dict)
        for key in keys
    }
    assert ("ota", "second_person") in there
    for file in DOCUMENTS:
        named = set(re.findall(r"`\[(\w+)\] (\w+)", file.read_text()))
        assert sorted(named - there) == [], file.name


def test_the_list_of_documents_is_whole() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs/README.md").read_text()))
    assert {file.name for file in ROOT.glob("docs/*.md")} - {"README.md"} == listed


def _anchors(file: Path) -> set[str]:
    """Of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(file: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", file.read_text()):
        if link.startswith(("http", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("file", sorted(ROOT.glob("docs/pictures/*.svg")), ids=lambda file: file.name)
def test_drawings_can_be_read_by_everybody(file: Path) -> None:
    """Said in words as well, in the light and in the dark, and nothing in them comes from elsewhere."""
    text = file.read_text()
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    words = {name: root.findtext(f"{{http://www.w3.org/2000/svg}}{name}") for name in ("title", "desc")}
    assert root.get("role") == "img"
    assert len(words["title"] or "") > 10
    assert len(words["desc"] or "") > 100
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"href|<script|<image|url\((?!#)|@import", text)
    assert any(f"pictures/{file.name}" in document.read_text() for document in DOCUMENTS)


def test_the_drawing_of_a_server_tells_the_times_of_its_timers() -> None:
    told = set(re.findall(r"\b\d\d:\d\d\b", (ROOT / "docs/pictures/machine.svg").read_text()))
    timers = "\n".join(file.read_text() for file in ROOT.glob("systemd/*.timer"))
    assert told == set(re.findall(r"OnCalendar=.* (\d\d:\d\d)", timers))


# what stands in bold without being a word of the page
SAID_LOUDLY = {"Colour is an alarm", "Ctrl K", "look at the plant", "S", "U", "B"}


@pytest.mark.parametrize("name", ["operator", "administrator"])
def test_what_the_page_is_said_to_show_is_there(name: str) -> None:
    """Buttons, views and their parts, as they are called."""
    words = "\n".join(file.read_text() for file in sorted(ROOT.glob("frontend/src/words/en/*.ts"))).lower()
    bold = re.findall(r"\*\*(.+?)\*\*", (ROOT / f"docs/{name}.md").read_text(), re.DOTALL)
    named = {" ".join(part.split()) for text in bold for part in text.split(", ") if text not in SAID_LOUDLY}
    assert sorted(word for word in named if word.lower() not in words) == []
