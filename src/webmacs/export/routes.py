"""Downloads of datapoints."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from webmacs.errors import ApiError, ErrorBody
from webmacs.export import names, pages
from webmacs.export.answer import answer, takes_gzip
from webmacs.export.channels import Channel, find
from webmacs.export.lines import Csv, Lines, Ndjson
from webmacs.export.pages import Span
from webmacs.export.session import Session, TheSession
from webmacs.export.wanted import Form, Wanted
from webmacs.web.leaving import unless_left

router = APIRouter(
    tags=["export"],
    responses={status: {"model": ErrorBody} for status in (400, 401, 403, 404, 429)},
)

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
MOST_COLUMNS = 1000
# What has no offset is a time of the zone that was set before.
TIMES = "select %(begin)s::timestamptz, coalesce(%(end)s::timestamptz, now())"
EXPERIMENT = """
    select x.name, x.started_at, coalesce(x.stopped_at, now()),
           x.all_events,
           array(select event_id from api.experiment_events where experiment_id = x.id order by event_id)
      from api.experiments x
     where x.public_id = %(public_id)s
"""
AcceptEncoding = Annotated[str, Header()]


@router.get("/export/datapoints", summary="Values of a time range as a file", response_class=StreamingResponse)
async def export_datapoints(
    request: Request, wanted: Annotated[Wanted, Query()], session: TheSession, accept_encoding: AcceptEncoding = ""
) -> StreamingResponse:
    """CSV or NDJSON with the columns event, event_public_id, timestamp, value, unit, quality; or one line a time step.

    Times are ISO 8601 with the offset of time_zone, values in the unit of the event. layout=wide gives for each step of
    grid the newest value at that time, if it is not older than a step, and leaves out steps without any.
    """
    return await unless_left(request.receive, _of_range(session, wanted, accept_encoding))


async def _of_range(session: Session, wanted: Wanted, accept_encoding: str) -> StreamingResponse:
    await session.use_zone(wanted.time_zone)
    begin, end = await session.row(TIMES, {"begin": wanted.begin, "end": wanted.end})
    span = Span.of(begin or EARLIEST, end)
    if span.begin >= span.end:
        raise ApiError(400, "empty_range", "from must be before to.", hint="to is now, if it is not given.")
    channels = await find(session, wanted.event_ids())
    name = names.of_channels(channels, begin, end)
    return await _answer(session, channels, span, wanted, name, accept_encoding)


@router.get(
    "/export/experiments/{public_id}", summary="Values of an experiment as a file", response_class=StreamingResponse
)
async def export_experiment(
    request: Request,
    public_id: UUID,
    form: Annotated[Form, Query()],
    session: TheSession,
    accept_encoding: AcceptEncoding = "",
) -> StreamingResponse:
    """Of the events of the experiment, from its start to its stop, or to now."""
    return await unless_left(request.receive, _of_experiment(session, public_id, form, accept_encoding))


async def _of_experiment(session: Session, public_id: UUID, form: Form, accept_encoding: str) -> StreamingResponse:
    await session.use_zone(form.time_zone)
    found = await session.rows(EXPERIMENT, {"public_id": public_id})
    if not found:
        raise ApiError(404, "unknown_experiment", f"There is no experiment {public_id}.")
    [(name, begin, end, all_events, event_ids)] = found
    # the events that it named may all be purged
    channels = await find(session, [] if all_events else event_ids) if all_events or event_ids else []
    name = names.of_experiment(name)
    return await _answer(session, channels, Span.of(begin, end), form, name, accept_encoding)


async def _answer(
    session: Session, channels: list[Channel], span: Span, form: Form, name: str, accept_encoding: str
) -> StreamingResponse:
    lines: Lines = Csv(form.decimal == "comma") if form.format == "csv" else Ndjson()
    if form.grid is None:
        header, found = lines.header(), pages.long(session, channels, span, lines)
    else:
        _check_columns(channels)
        grid = timedelta(seconds=form.grid)
        header, found = lines.wide_header(channels), pages.wide(session, channels, span, grid, lines)
    return await answer(header, found, lines, name, gzip_file=form.gzip, gzip_way=takes_gzip(accept_encoding))


def _check_columns(channels: list[Channel]) -> None:
    if len(channels) > MOST_COLUMNS:
        raise ApiError(400, "too_many_events", f"layout=wide takes at most {MOST_COLUMNS} events.", hint="Name events.")
