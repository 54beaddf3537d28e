"""The settings of an identity provider. Meaning and defaults stand in config.default.toml too, as an example."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from webmacs.config.checks import Between, EntryName, Issuer, Scopes, Secret, Text
from webmacs.config.setting import ConfigError

Role = Literal["viewer", "operator", "admin"]


@dataclass(frozen=True)
class Sso:
    """An OpenID Connect provider by which people log in."""

    name: EntryName
    label: Text
    issuer: Annotated[str, Issuer()]
    client_id: Text
    client_secret: Annotated[str, Secret()] = field(default="", repr=False)
    scopes: Annotated[list[str], Scopes()] = field(default_factory=lambda: ["openid", "email", "profile"])
    role_claim: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    default_role: Literal["", "viewer", "operator"] = ""
    allow_admin: bool = False
    create_users: bool = False
    link_by_email: bool = False
    trust_seconds: Annotated[int, Between(300, 2_592_000)] = 3600

    def __post_init__(self) -> None:
        """Refuse what contradicts itself. Raises ConfigError."""
        has_role = bool(self.roles or self.default_role)
        wrong = {
            "role_claim and roles must be given together": bool(self.role_claim) != bool(self.roles),
            "roles makes administrators, but allow_admin is not true": self._makes_admins and not self.allow_admin,
            "create_users is true, but neither roles nor default_role says as what": self.create_users and not has_role,
        }
        for problem, holds in wrong.items():
            if holds:
                raise ConfigError(f"[[sso]] {self.name}: {problem}.")

    @property
    def _makes_admins(self) -> bool:
        return "admin" in self.roles.values()
