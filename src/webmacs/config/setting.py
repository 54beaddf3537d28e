"""One setting: its value, where it stands, and whether it is allowed there."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from typeguard import CollectionCheckStrategy, TypeCheckError, check_type

from webmacs.config.checks import Check
from webmacs.problem import Problem

# The second is not there if its text is empty.
PATHS = (Path, Path | None)
NAMES = {
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    Path: "a path",
    Path | None: 'a path or ""',
    list[str]: 'a list of texts, such as ["a", "b"]',
}


class ConfigError(Problem):
    """A setting that cannot be: names its key, the file or variable it stands in, and what is allowed."""


@dataclass(frozen=True)
class Setting:
    """A value as it was read; `source` says where, `is_text` that it comes from the environment.

    `entry` names the entry of a section that may stand there several times.
    """

    section: str
    key: str
    value: Any
    source: str
    is_text: bool = False
    entry: str = ""

    @property
    def name(self) -> str:
        if self.entry:
            return f"[[{self.section}]] {self.entry}: {self.key}"
        return f"[{self.section}] {self.key}"

    def checked(self, hint: Any, folder: Path) -> Any:
        """The value, of the type `hint`; paths start at `folder`. Raises ConfigError."""
        kind, checks = _parts(hint)
        value = self._parsed(kind)
        if not _is_of(value, kind) or not all(check.allows(value) for check in checks):
            raise ConfigError(
                f"{self.name} {self.source} is {self._shown(value)}; allowed is {_allowed(kind, checks)}."
            )
        if kind in PATHS:
            return folder / Path(value).expanduser() if value or kind is Path else None
        return value

    def _parsed(self, kind: Any) -> Any:
        """The text of an environment variable in the form that a file has; anything else as it is."""
        if not self.is_text or kind in (str, *PATHS) or get_origin(kind) is Literal:
            return self.value
        try:
            return tomllib.loads(f"value = {self.value}")["value"]
        except tomllib.TOMLDecodeError:
            return self.value

    def _shown(self, value: Any) -> str:
        secret = self.key.endswith(("password", "uri", "secret", "key"))
        return "not shown" if secret else repr(value)


def _parts(hint: Any) -> tuple[Any, tuple[Check, ...]]:
    """The bare type of an annotated one, and its checks."""
    if get_origin(hint) is Annotated:
        return hint.__origin__, hint.__metadata__
    return hint, ()


def _is_of(value: Any, kind: Any) -> bool:
    if isinstance(value, bool) and kind is not bool:
        return False  # Python counts true as the number 1
    try:
        check_type(value, str if kind in PATHS else kind, collection_check_strategy=CollectionCheckStrategy.ALL_ITEMS)
    except TypeCheckError:
        return False
    return True


def _allowed(kind: Any, checks: tuple[Check, ...]) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(f'"{choice}"' for choice in get_args(kind))
    if get_origin(kind) is dict:
        return f'a table such as {{ "name" = … }} with {_allowed(get_args(kind)[1], ())}'
    return ", ".join([NAMES[kind], *map(str, checks)])
