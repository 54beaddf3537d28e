"""How long a message was on its way, told without a clock of the day."""

from webmacs_controller.transport.delays import Delays


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float) -> None:
        self.now += seconds


def test_what_the_server_had_it_is_no_delay() -> None:
    clock = Clock()
    delays = Delays(clock)
    delays.sent(None)
    clock.after(100)
    assert delays.of(None, 100) == 0
    assert delays.of(None, 90) == 10
    assert delays.of(None, 110) == 0


def test_a_hello_again_is_not_the_one_that_is_named() -> None:
    clock = Clock()
    delays = Delays(clock)
    delays.sent(None)
    clock.after(100)
    delays.sent(None)
    assert delays.of(None, 0) == 100


def test_each_frame_begins_anew_and_what_is_not_known_took_for_ever() -> None:
    clock = Clock()
    delays = Delays(clock)
    for seq in (None, 1, 2, 3):
        delays.sent(seq)
        clock.after(10)
    delays.answered(2)
    assert [delays.of(seq, 5) for seq in (2, 3)] == [15, 5]
    assert {delays.of(seq, 5) for seq in (None, 1, 4)} == {float("inf")}
