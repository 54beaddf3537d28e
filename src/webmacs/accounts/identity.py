"""Who is asking, as the database answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Identity:
    """The holder of a valid token. `role` is viewer, operator, admin or controller; `claims` are the token's own.

    `expires_at` is the end of the session or token; that of this access token, which may be sooner, is in `claims`.
    """

    credential_id: int
    kind: str
    user_id: int | None
    controller_id: int | None
    public_id: UUID
    name: str
    role: str
    expires_at: datetime
    read_only: bool
    claims: dict[str, Any]
