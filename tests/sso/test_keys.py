"""The keys of a provider are fetched again when it has new ones, and not when somebody claims so again and again."""

import asyncio
from itertools import count

import pytest

from tests.sso.visitor import Visitor
from tests.support.identity_provider import KEYS, IdentityProvider
from webmacs.sso.refusal import Refusal, unavailable
from webmacs.sso.remembered import Remembered


@pytest.fixture
def eve(provider: IdentityProvider) -> str:
    """A person whom the provider knows, and who has a role."""
    provider.knows("eve", groups=["run"])
    return "eve"


def test_keys_are_fetched_again_when_the_provider_has_new_ones(
    visitor: Visitor, provider: IdentityProvider, eve: str
) -> None:
    visitor.logs_in(eve)
    before = provider.asked(KEYS)
    provider.rotates()
    visitor.logs_in(eve)
    visitor.logs_in(eve)
    assert provider.asked(KEYS) == before + 1


def test_an_unknown_key_does_not_make_us_ask_again_and_again(
    visitor: Visitor, provider: IdentityProvider, eve: str
) -> None:
    provider.forges(header={"kid": "unknown"}, by="stranger")
    visitor.tries(eve, "defaulting")
    before = provider.asked(KEYS)
    for _ in range(3):
        assert visitor.tries(eve, "defaulting") == {"sso_error": "answer_not_valid"}
    assert provider.asked(KEYS) == before


class Source:
    """Answers 1, 2, 3 …, or fails; `time` passes when a test says so."""

    def __init__(self) -> None:
        self.time = 0.0
        self.fails = False
        self.asked = 0
        self._numbers = count(1)
        self.remembered = Remembered(self._fetch, seconds=600, pause=10, now=lambda: self.time)

    async def _fetch(self) -> int:
        self.asked += 1
        await asyncio.sleep(0)
        if self.fails:
            raise unavailable("out of order")
        return next(self._numbers)


async def test_an_answer_is_kept_until_it_expires() -> None:
    source = Source()
    assert [await source.remembered.get() for _ in range(2)] == [1, 1]
    source.time = 600
    assert await source.remembered.get() == 2


async def test_many_who_ask_at_once_are_one_question() -> None:
    source = Source()
    assert await asyncio.gather(*(source.remembered.get() for _ in range(9))) == [1] * 9
    assert source.asked == 1


async def test_an_answer_is_renewed_at_once_and_then_after_a_pause() -> None:
    source = Source()
    first = await source.remembered.get()
    assert await source.remembered.renew(first) == 2
    assert await source.remembered.renew(first) == 2  # somebody else has asked meanwhile
    assert await source.remembered.renew(2) == 2
    source.time = 10
    assert await source.remembered.renew(2) == 3


async def test_a_failure_is_remembered_for_a_pause() -> None:
    source = Source()
    source.fails = True
    for _ in range(3):
        with pytest.raises(Refusal, match="out of order"):
            await source.remembered.get()
    assert source.asked == 1
    source.fails, source.time = False, 10
    assert await source.remembered.get() == 1


async def test_what_has_expired_is_not_given_when_there_is_nothing_new() -> None:
    source = Source()
    await source.remembered.get()
    source.fails, source.time = True, 600
    with pytest.raises(Refusal):
        await source.remembered.get()
