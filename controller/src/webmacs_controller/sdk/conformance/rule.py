"""What the rules share."""


class BrokenRule(AssertionError):
    """The message says what a plugin does, and what it should do."""


def require(fulfilled: bool, otherwise: str) -> None:
    """Raises BrokenRule with `otherwise`."""
    __tracebackhide__ = True  # so that pytest shows where the rule was broken, not this
    if not fulfilled:
        raise BrokenRule(otherwise)
