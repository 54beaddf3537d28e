"""What an examination found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One line of the report. `advice` says what to do; None: all is well."""

    name: str
    found: str
    advice: str | None = None

    @property
    def ok(self) -> bool:
        return self.advice is None
