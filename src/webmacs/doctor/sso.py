"""Whether the identity providers of the configuration answer, and are whom they should be."""

import asyncio

from webmacs.config import Config
from webmacs.doctor.result import Result
from webmacs.sso.provider import Provider
from webmacs.sso.providers import providers
from webmacs.sso.refusal import Refusal

NAME = "identity providers"


def identity_providers(config: Config) -> Result:
    """Each is asked for what it says of itself, and for its keys."""
    problems = [problem for problem in asyncio.run(_problems(config)) if problem]
    if problems:
        return Result(
            NAME, "; ".join(problems), "Correct issuer in [[sso]]; logging in by password works all the same."
        )
    return Result(NAME, f"{', '.join(one.name for one in config.sso)} answer and have keys")


async def _problems(config: Config) -> list[str | None]:
    async with providers(config) as all_of_them:
        return await asyncio.gather(*map(_problem, all_of_them.values()))


async def _problem(provider: Provider) -> str | None:
    try:
        await provider.try_out()
    except Refusal as refusal:
        return f"{provider.settings.name}: {refusal}"
    return None
