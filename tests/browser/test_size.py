"""What the first view costs: all that the built page asks for before anything is opened."""

import gzip
import re

import pytest

from tests.browser.stack import BUILT_PAGE

MOST_BYTES = 350_000
NAMED = re.compile(r'(?:src|href)="/([^"]+)"')


def test_the_first_view_is_small_and_others_come_on_demand() -> None:
    index = BUILT_PAGE / "index.html"
    if not index.is_file():
        pytest.skip("The page is not built; run: make install")
    first = {index, *(BUILT_PAGE / name for name in NAMED.findall(index.read_text()))}
    size = sum(len(gzip.compress(file.read_bytes())) for file in first)
    assert len(first) >= 3, "a script and a style sheet at least"
    assert size < MOST_BYTES
    on_demand = {file.name.split("-")[0] for file in BUILT_PAGE.glob("assets/*View-*.js") if file not in first}
    assert {"DashboardView", "DashboardsView", "EventView", "LogsView", "UsersView", "AccountView"} <= on_demand
