"""What a client may ask an export for."""

import re
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from webmacs.errors import ApiError

EventId = int | UUID
LARGEST_ID = 2**31 - 1
# As the zones of the tz database are called. PostgreSQL takes more, such as Nowhere/Else+7, by the rules of POSIX.
ZONE = re.compile(r"[A-Za-z_/-]+|Etc/GMT[+-]\d\d?")
NUMBER = re.compile(r"\s*[+-]?[\d._]+\s*")
YEARS = range(1900, 2201)


def _plausible(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(f"Times must be in the years {YEARS.start} to {YEARS.stop - 1}.")
    return moment


def _named(zone: str) -> str:
    if not ZONE.fullmatch(zone):
        raise ValueError("time_zone must be the name of a time zone, such as Europe/Zurich or UTC.")
    return zone


def _no_number(text: object) -> object:
    if isinstance(text, str) and NUMBER.fullmatch(text):
        raise ValueError("Times must be ISO 8601 with hyphens, such as 2026-01-31T13:45.")
    return text


# Without this 20260131 would be seconds since 1970.
Moment = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_plausible)]


class Form(BaseModel):
    """How the file is written."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["csv", "ndjson"] = "csv"
    layout: Literal["long", "wide"] = Field("long", description="A line for each value, or one for each step of grid.")
    grid: Annotated[float, Field(ge=0.001, le=31_622_400)] | None = Field(
        None, description="Seconds between the lines of layout=wide, which are at from + n * grid."
    )
    time_zone: Annotated[str, AfterValidator(_named)] = Field(
        "UTC", description="Of all times in the file, such as Europe/Zurich."
    )
    decimal: Literal["point", "comma"] = Field(
        "point", description="comma: as spreadsheets of many countries want it; cells are then separated by semicolons."
    )
    gzip: bool = Field(False, description="The file itself is compressed, as .gz.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.layout == "wide") != (self.grid is not None):
            raise ValueError("layout=wide needs grid, the seconds between two lines; layout=long takes none.")
        if self.format == "ndjson" and self.decimal == "comma":
            raise ValueError("JSON has no decimal comma: decimal=comma is for format=csv.")
        return self


class Wanted(Form):
    """Of which events and of which time."""

    events: list[str] = Field([], description="Numbers or public ids, separated by commas; all, if not given.")
    begin: Moment | None = Field(None, alias="from", description="ISO 8601; without an offset in time_zone. Inclusive.")
    end: Moment | None = Field(None, alias="to", description="The same. Exclusive; now, if not given.")

    def event_ids(self) -> list[EventId]:
        """Each event once, in the order in which they were named; empty: all. Raises ApiError 400."""
        named = ",".join(self.events)
        return list(dict.fromkeys(map(_event_id, named.split(",")))) if named else []


def _event_id(text: str) -> EventId:
    if text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= LARGEST_ID:
        return int(text)
    try:
        return UUID(text)
    except ValueError:
        raise ApiError(
            400,
            "invalid_event",
            "events must be numbers or public ids of events, separated by commas.",
            hint="GET /events of the REST API lists them.",
        ) from None
