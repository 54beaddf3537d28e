"""What an import came to."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, Field

from webmacs.config.sections import Ingest

LISTED = 100


def words(limits: Ingest) -> dict[str, str]:
    """What the reasons of private.ingest mean for a line of a file."""
    return {
        "unknown_event": "There is no such event any more.",
        "not_yours": "The token was revoked meanwhile, or its holder is no operator any more.",
        "disabled": "The event is archived, or its plugin instance disabled.",
        "malformed": "The line cannot be stored.",
        "not_finite": "value must be a finite number.",
        "out_of_horizon": f"timestamp must be at most {limits.past_days} days ago ([ingest] past_days),"
        " and not in a time whose values retention has dropped.",
        "future": f"timestamp must be at most {limits.future_seconds} s in the future ([ingest] future_seconds).",
        "conflict": "The event has another value or quality at this time, and what is stored is never replaced.",
    }


class RejectedLine(BaseModel):
    """A line that is not stored, and why."""

    line: int = Field(description="From 1, which is the header.")
    reason: str = Field(description="For programs: the word that rpc/ingest says too, or wrong_unit.")
    message: str = Field(description="For people.")


class Report(BaseModel):
    """What was stored, or would be."""

    dry_run: bool = Field(description="Nothing was stored.")
    lines: Annotated[int, Field(description="Lines with a value, whatever became of them.")] = 0
    accepted: Annotated[int, Field(description="Values that are new.")] = 0
    duplicates: Annotated[int, Field(description="Values that were there before, just so.")] = 0
    rejected_total: Annotated[int, Field(description="Lines that are not stored.")] = 0
    rejected: Annotated[list[RejectedLine], Field(description=f"The first {LISTED} of them.")] = []

    def reject(self, lines: Iterable[RejectedLine]) -> None:
        """Count these lines, and list them while there is room."""
        for line in lines:
            self.rejected_total += 1
            if len(self.rejected) < LISTED:
                self.rejected.append(line)

    def in_words(self) -> str:
        """For people."""
        would = "would be " if self.dry_run else ""
        return (
            f"{self.lines} lines: {self.accepted} values {would}stored, {self.duplicates} were there before, "
            f"{self.rejected_total} {would}rejected."
        )
