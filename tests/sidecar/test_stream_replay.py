"""The last notifications, within a bound."""

from webmacs.stream.changes import Change
from webmacs.stream.replay import ENTRY_BYTES, Replay

# Of four characters.
ENTRY = ENTRY_BYTES + 4


def test_what_is_kept_can_be_had_by_its_number() -> None:
    replay = Replay(1000)
    assert [replay.add(payload) for payload in ("a", "b", "c")] == [1, 2, 3]
    assert [replay.get(n) for n in range(5)] == [None, "a", "b", "c", None]


def test_the_oldest_goes_first() -> None:
    replay = Replay(2 * ENTRY)
    for _ in range(5):
        replay.add("1234")
    assert [n for n in range(6) if replay.get(n)] == [4, 5]
    assert not replay.reaches_back_to(2, 1000)
    assert replay.reaches_back_to(3, 1000)


def test_too_much_to_send_again_is_not_offered() -> None:
    replay = Replay(1000)
    for _ in range(5):
        replay.add("1234")
    assert replay.reaches_back_to(3, 2 * ENTRY)
    assert not replay.reaches_back_to(2, 2 * ENTRY)


def test_the_future_and_what_was_before_a_break_are_not_known() -> None:
    replay = Replay(1000)
    replay.add("a")
    assert not replay.reaches_back_to(2, 1000)
    replay.clear()
    assert not replay.reaches_back_to(0, 1000)
    assert replay.reaches_back_to(1, 1000)
    assert replay.add("b") == 2


def test_changes_count_by_their_rows() -> None:
    replay = Replay(2 * ENTRY)
    for n in range(1, 4):
        replay.add(Change(n, "log", "1234"))
    assert [n for n in range(4) if replay.get(n)] == [2, 3]


def test_nothing_takes_no_room_for_ever() -> None:
    replay = Replay(10 * ENTRY_BYTES)
    for _ in range(100):
        replay.add("")
    assert [n for n in range(101) if replay.get(n) is not None] == list(range(91, 101))
