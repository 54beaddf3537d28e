"""`webmacs import`"""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from webmacs.cli.options import json_option, pass_config
from webmacs.cli.sidecar import Caller, asking, caller_options, require_success
from webmacs.config import Config
from webmacs.imports.report import Report
from webmacs.problem import Problem

PIECE = 256 * 1024  # bytes
GZIP_MAGIC = b"\x1f\x8b"


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Store nothing; only say what would become of each line.")
@json_option
@caller_options
@pass_config
def import_(
    config: Config, file: Path, dry_run: bool, as_json: bool, url: str | None, token: str | None, user: str | None
) -> None:
    """Store the values of FILE, a CSV as `webmacs export` writes it, compressed or not. May be repeated.

    The exit code is 1 if a line was rejected.

    \b
      webmacs import --user ada --dry-run old-plant.csv
      webmacs import --user ada old-plant.csv
    """
    with asking(config, Caller(url, token, user)) as client:
        try:
            with file.open("rb") as stream:
                body = _with_progress(stream, file.stat().st_size)
                response = client.post("/import/datapoints", params={"dry_run": dry_run}, content=body)
        except (OSError, EOFError) as error:
            raise Problem(f"{file} cannot be read: {error}") from None
    require_success(response)
    report = Report.model_validate(response.json())
    click.echo(response.text if as_json else _in_words(report))
    if report.rejected_total:
        raise click.exceptions.Exit(1)


def _with_progress(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """The content of the file; the bar shows how far it was read, compressed or not."""
    compressed = stream.read(2) == GZIP_MAGIC
    stream.seek(0)
    read = gzip.GzipFile(fileobj=stream).read if compressed else stream.read
    with click.progressbar(length=size, label="import", file=sys.stderr) as bar:
        while piece := read(PIECE):
            yield piece
            bar.update(stream.tell() - bar.pos)


def _in_words(report: Report) -> str:
    lines = [f"line {each.line}: {each.message} ({each.reason})" for each in report.rejected]
    if report.rejected_total > len(lines):
        lines.append(f"… and {report.rejected_total - len(lines)} more")
    return "\n".join([*lines, report.in_words()])
