"""A line for a line over TCP, with devices that misbehave."""

import asyncio
from collections.abc import Callable

import pytest
from webmacs_controller.sdk import OutcomeUnknownError, PluginError
from webmacs_controller.sdk.conformance.lines import line_device
from webmacs_controller.sdk.lines import Lines

HOST = "127.0.0.1"


async def test_a_question_gets_its_answer_with_the_ending_that_the_device_has() -> None:
    async with line_device(str.upper, ending="\r") as port:
        lines = Lines(HOST, port, ending="\r")
        await lines.open()
        assert await lines.ask("who are you?") == "WHO ARE YOU?"
        await lines.close()
        await lines.close()


async def test_a_device_that_is_not_there_is_named() -> None:
    async with line_device(str.upper) as port:
        pass
    with pytest.raises(PluginError, match=rf"127.0.0.1:{port} cannot be reached: Connection refused"):
        await Lines(HOST, port).open()
    with pytest.raises(PluginError, match=rf"127.0.0.1:{port} is not connected"):
        await Lines(HOST, port).ask("a")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda line: None, "does not answer 'a': nothing came in 0.1 s"),
        (lambda line: "x" * 200_000, "does not answer 'a': .*limit"),
    ],
)
async def test_after_no_answer_nothing_late_is_taken_for_the_next(answer: Callable[[str], str], words: str) -> None:
    async with line_device(answer) as port:
        lines = Lines(HOST, port, seconds=0.1)
        await lines.open()
        with pytest.raises(OutcomeUnknownError, match=words):
            await lines.ask("a")
        with pytest.raises(PluginError, match="is not connected"):
            await lines.ask("b")


async def test_a_question_that_is_given_up_closes_the_connection() -> None:
    async with line_device(lambda line: None) as port:
        lines = Lines(HOST, port)
        await lines.open()
        question = asyncio.create_task(lines.ask("a"))
        await asyncio.sleep(0)
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question
        with pytest.raises(PluginError, match="is not connected"):
            await lines.ask("b")


async def test_a_device_that_goes_is_told() -> None:
    async with line_device(str.upper) as port:
        lines = Lines(HOST, port)
        await lines.open()
        await lines.ask("a")
    with pytest.raises(PluginError, match="does not answer 'b': "):
        await lines.ask("b")


async def test_what_is_no_ascii_is_not_sent_and_not_understood() -> None:
    async with line_device(str.upper) as port:
        lines = Lines(HOST, port)
        await lines.open()
        with pytest.raises(PluginError, match=r"does not answer 'ä': .*ascii"):
            await lines.ask("ä")


async def test_opening_again_makes_a_fresh_connection() -> None:
    async with line_device(str.upper) as port:
        lines = Lines(HOST, port)
        await lines.open()
        await lines.open()
        assert await lines.ask("a") == "A"
        await lines.close()
