"""`webmacs export`"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote
from uuid import UUID

import click
import httpx

from webmacs.cli.options import pass_config
from webmacs.cli.sidecar import Caller, asking, caller_options, require_success
from webmacs.config import Config
from webmacs.problem import Problem

PIECE = 256 * 1024  # bytes
FILE_NAME = re.compile(r"filename\*=UTF-8''(\S+)")  # as RFC 6266 has it, and the sidecar writes it


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), required=False)
@click.option("--events", help="Numbers or public ids, separated by commas.  [default: all]")
@click.option("--experiment", type=click.UUID, help="Its public id: its events, from its start to its stop.")
@click.option("--from", "begin", metavar="TIME", help="ISO 8601, such as 2026-01-31T13:45; in the time zone.")
@click.option("--to", "end", metavar="TIME", help="The same, exclusive.  [default: now]")
@click.option("--format", type=click.Choice(["csv", "ndjson"]), help="[default: csv]")
@click.option("--grid", type=float, metavar="SECONDS", help="One line for each time step, a column for each event.")
@click.option("--time-zone", help="Such as Europe/Zurich.  [default: UTC]")
@click.option("--decimal", type=click.Choice(["point", "comma"]), help="[default: point]")
@click.option("--gzip", is_flag=True, help="Compress the file.")
@caller_options
@pass_config
def export(
    config: Config,
    /,
    file: Path | None,
    experiment: UUID | None,
    url: str | None,
    token: str | None,
    user: str | None,
    **chosen: Any,
) -> None:
    """Write measured values to FILE (- is standard output), or to a new file whose name says what is inside.

    \b
      webmacs export --user ada --events 1,2 --from 2026-01-01 --time-zone Europe/Zurich
      webmacs export --experiment 5f0c… run.csv.gz --gzip
      webmacs export --grid 60 - | head
    """
    path = f"/export/experiments/{experiment}" if experiment else "/export/datapoints"
    if experiment and any(chosen[name] for name in ("events", "begin", "end")):
        raise Problem("An experiment has its own events and times: leave out --events, --from and --to.")
    headers = {"Accept-Encoding": "identity"}
    with (
        asking(config, Caller(url, token, user)) as client,
        client.stream("GET", path, params=_parameters(chosen), headers=headers) as response,
    ):
        require_success(response)
        target = file or Path(_name(response))
        with _opened(target, overwrite=file is not None) as stream:
            size = _save(response, stream)
    if str(target) != "-":
        click.echo(f"Wrote {size:,} bytes to {target}", err=True)


def _parameters(chosen: dict[str, Any]) -> dict[str, str]:
    wanted = {
        "events": chosen["events"],
        "from": chosen["begin"],
        "to": chosen["end"],
        "format": chosen["format"],
        "layout": "wide" if chosen["grid"] is not None else None,
        "grid": chosen["grid"],
        "time_zone": chosen["time_zone"],
        "decimal": chosen["decimal"],
        "gzip": "true" if chosen["gzip"] else None,
    }
    return {name: str(value) for name, value in wanted.items() if value is not None}


def _name(response: httpx.Response) -> str:
    """What the sidecar calls the file; only the last part, so that it comes to lie here."""
    found = FILE_NAME.search(response.headers.get("Content-Disposition", ""))
    return Path(unquote(found[1])).name if found else "webmacs.csv"


@contextmanager
def _opened(target: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """The file, which gets its name when it is whole. Raises Problem."""
    if str(target) == "-":
        yield sys.stdout.buffer
        return
    if not overwrite and target.exists():
        raise Problem(f"{target} is there already; name another file.")
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as stream:
            yield stream
        os.replace(part, target)  # noqa: PTH105 - the same, and says that it replaces
    except OSError as error:
        raise Problem(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def _save(response: httpx.Response, stream: BinaryIO) -> int:
    """Nobody knows how much will come, so the bar only shows that it comes, and how much did."""
    with click.progressbar(
        response.iter_raw(PIECE), label="export", item_show_func=lambda _: _size(response), file=sys.stderr
    ) as pieces:
        for piece in pieces:
            stream.write(piece)
    return response.num_bytes_downloaded


def _size(response: httpx.Response) -> str:
    return f"{response.num_bytes_downloaded / 1e6:.1f} MB"
