"""Every answer equals the one computed from raw points, whatever came late, twice, or was removed, however far the
rollups have come."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history.history import History, asked, compare, step
from tests.support.sql import Sql


@settings(max_examples=60)
@given(steps=st.lists(step, min_size=1, max_size=12), questions=st.lists(asked, min_size=3, max_size=3))
def test_series(steps: list[tuple[str, object]], questions: list[tuple[int, int, int]], sql: Sql) -> None:
    history = History(sql)
    for name, argument in steps:
        getattr(history, name)(argument)
    compare(history, questions)
