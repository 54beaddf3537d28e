"""What `webmacs up` says once everything answers."""

import shlex
import shutil
import sys
from pathlib import Path

from webmacs.config import Config
from webmacs.supervisor.first_time import FirstAdmin


def summary(config: Config, admin: FirstAdmin | None) -> str:
    """Where everything is; with `admin` also the first administrator's password, which nobody can read again."""
    rest = config.postgrest
    lines = [
        "",
        f"WebMACS runs. The page:     {config.server.public_url}",
        f"The REST API (PostgREST):   http://{rest.connect_host}:{rest.port}",
        f"SQL:                        {command_line(config, 'psql')}",
        f"What each part says:        {config.folder / 'var' / 'log'}",
    ]
    if admin is not None:
        lines += ["", f"The first administrator:    {admin.name}", f"Password, shown only now:   {admin.password}"]
    return "\n".join([*lines, "", "Ctrl-C stops it."])


def command_line(config: Config, *arguments: str) -> str:
    """A `webmacs` command as it can be copied into a shell in the current folder."""
    chosen = [] if config.file == Path.cwd() / "config.toml" else ["--config", str(config.file)]
    return shlex.join([_program(), *chosen, *arguments])


def _program() -> str:
    """`webmacs` where a shell finds this very one, else its path."""
    beside = Path(sys.executable).with_name("webmacs")
    found = shutil.which("webmacs")
    if found and Path(found).resolve() == beside.resolve():
        return "webmacs"
    return str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside)
