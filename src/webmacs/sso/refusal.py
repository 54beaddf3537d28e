"""Why somebody could not log in by a provider."""


class Refusal(Exception):
    """`code` is for the page, which has words for it; `reason` is for the log. Neither holds a secret.

    `user_id` is whose account it was about, if that is known.
    """

    def __init__(self, code: str, reason: str = "", user_id: int | None = None) -> None:
        super().__init__(reason or code)
        self.code = code
        self.user_id = user_id


def unavailable(reason: str) -> Refusal:
    """The provider does not answer, or not as a provider does."""
    return Refusal("provider_unavailable", reason)


def untrusted(reason: str) -> Refusal:
    """The provider answered something that must not be believed."""
    return Refusal("answer_not_valid", reason)
