"""What a setting may be, beyond its type."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from webmacs_controller.packages.signature import read_key

from webmacs.config.networks import NAMED, networks

NAME = "[a-z][a-z0-9_]{0,39}"


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
    """An address such as https://host:8000/path, without a slash at the end; or nothing."""

    def allows(self, value: object) -> bool:
        return value == "" or (_web_address(value) is not None and not str(value).endswith("/"))

    def __str__(self) -> str:
        return 'http://… or https://… without a slash at the end, or ""'


@dataclass(frozen=True)
class Origins:
    """Addresses as a browser sends them in the header Origin: no path, so that they can be equal."""

    def allows(self, value: object) -> bool:
        addresses = [_web_address(one) for one in value] if isinstance(value, list) else [None]
        return all(address is not None and address.path == "" for address in addresses)

    def __str__(self) -> str:
        return "each http://… or https://… with nothing after host and port"


@dataclass(frozen=True)
class PostgresUri:
    """A connection URI, or nothing."""

    def allows(self, value: object) -> bool:
        return isinstance(value, str) and (value == "" or value.startswith(("postgresql://", "postgres://")))

    def __str__(self) -> str:
        return 'postgresql://user:password@host:port/database or ""'


@dataclass(frozen=True)
class Networks:
    """Ranges of addresses, by name or in CIDR notation."""

    def allows(self, value: object) -> bool:
        try:
            return isinstance(value, list) and all(networks(one) for one in value)
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"each {', '.join(NAMED)} or a range such as 10.1.0.0/16"


@dataclass(frozen=True)
class PublicKeys:
    """Keys of minisign, public halves."""

    def allows(self, value: object) -> bool:
        try:
            return isinstance(value, list) and all(read_key(str(one)) for one in value)
        except ValueError:
            return False

    def __str__(self) -> str:
        return "each the second line of a minisign.pub"


@dataclass(frozen=True)
class EntryOfThatName:
    """How an entry is called in addresses, in the environment and in the log."""

    def allows(self, value: object) -> bool:
        return re.fullmatch(NAME, str(value)) is not None

    def __str__(self) -> str:
        return NAME


@dataclass(frozen=True)
class Secret:
    """What never stands in config.toml: a file of its own holds it, or the environment."""

    shortest: int = 0

    def allows(self, value: object) -> bool:
        return isinstance(value, str) and len(value) >= self.shortest

    def __str__(self) -> str:
        return f"at least {self.shortest} characters"


@dataclass(frozen=True)
class Issuer:
    """An address that secrets may be sent to."""

    def allows(self, value: object) -> bool:
        return is_confidential(value)

    def __str__(self) -> str:
        return "https://…, exactly as the provider writes it; http:// on this machine alone"


@dataclass(frozen=True)
class Scopes:
    """What OpenID Connect asks a provider for."""

    def allows(self, value: object) -> bool:
        tokens = isinstance(value, list) and all(re.fullmatch(r"[!#-\[\]-~]+", str(one)) for one in value)
        return tokens and "openid" in list(value)  # type: ignore[call-overload]

    def __str__(self) -> str:
        return '"openid" among them, none with a space'


def is_confidential(address: object) -> bool:
    """Whether nobody else hears what is sent to a web address: TLS, or this machine itself."""
    parts = _web_address(address)
    if parts is None or parts.fragment or parts.username is not None:
        return False
    return parts.scheme == "https" or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _web_address(text: object) -> SplitResult | None:
    """The parts of a web address; None if the text is none."""
    try:
        parts = urlsplit(str(text))
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none
        return None
    return parts if complete and not parts.query and not any(map(str.isspace, str(text))) else None


Check = (
    Between
    | NotEmpty
    | WebAddress
    | Origins
    | PostgresUri
    | Networks
    | PublicKeys
    | EntryOfThatName
    | Secret
    | Issuer
    | Scopes
)

Port = Annotated[int, Between(1, 65535)]
Count = Annotated[int, Between(1, 1_000_000_000)]
EntryName = Annotated[str, EntryOfThatName()]
Text = Annotated[str, NotEmpty()]
Url = Annotated[str, WebAddress()]
OriginList = Annotated[list[str], Origins()]
NetworkList = Annotated[list[str], Networks()]
KeyList = Annotated[list[str], PublicKeys()]
DatabaseUri = Annotated[str, PostgresUri()]
