"""What is to be delivered, and what became of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Delivery:
    """A row that was claimed: one attempt, the `attempt`th, to deliver one message."""

    id: int
    message_id: str
    webhook_id: int
    url: str = field(repr=False)
    body: str = field(repr=False)
    content_type: str
    secrets: list[str] = field(repr=False)
    attempt: int


@dataclass(frozen=True)
class Outcome:
    """The answer (status, the beginning of its text, the seconds it asks us to wait), or the error instead of one."""

    status: int | None = None
    response: str | None = None
    error: str | None = None
    retry_after: int | None = None
