"""What a setting may be, beyond its type."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Between:
    """A number from `low` to `high`, both allowed."""

    low: int
    high: int

    def allows(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"from {self.low} to {self.high}"


@dataclass(frozen=True)
class NotEmpty:
    """A text with at least one character that is not a space."""

    def allows(self, value: object) -> bool:
        return isinstance(value, str) and value.strip() != ""

    def __str__(self) -> str:
        return "not empty"


@dataclass(frozen=True)
class WebAddress:
    """An address (or several) of the form http://host or https://host, without a slash at the end."""

    def allows(self, value: object) -> bool:
        values = value if isinstance(value, list) else [value]
        return all(str(one).startswith(("http://", "https://")) and not str(one).endswith("/") for one in values)

    def __str__(self) -> str:
        return "http://… or https://… without a slash at the end"


Check = Between | NotEmpty | WebAddress

Port = Annotated[int, Between(1, 65535)]
Count = Annotated[int, Between(1, 1_000_000_000)]
Text = Annotated[str, NotEmpty()]
Url = Annotated[str, WebAddress()]
Urls = Annotated[list[str], WebAddress()]
