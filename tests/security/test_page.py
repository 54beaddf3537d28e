"""What somebody wrote is shown as text: no part of the page makes HTML or programs of texts."""

import re

from webmacs.resources import resource

SOURCES = resource("config.default.toml").parent / "frontend/src"
MAKES_HTML = re.compile(r"v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")


def test_no_text_becomes_html() -> None:
    files = [file for kind in ("vue", "ts") for file in SOURCES.rglob(f"*.{kind}")]
    assert len(files) > 20
    assert [str(file) for file in files if MAKES_HTML.search(file.read_text(encoding="utf-8"))] == []
