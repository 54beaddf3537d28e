"""From a backup to a database: into an empty one, or into one beside that takes the place of what is there."""

import secrets
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from webmacs.backup.archive import Reader
from webmacs.backup.figures import SCHEMAS, differences, figures, prepare, taken_numbers
from webmacs.backup.manifest import DUMP, Manifest
from webmacs.backup.programs import find_programs
from webmacs.config import Config
from webmacs.migrate import files, migrate
from webmacs.migrate.connect import connect, for_program
from webmacs.migrate.runner import prepare_roles
from webmacs.problem import Problem
from webmacs.resources import resource
from webmacs.updating import doors

Say = Callable[[str], None]

LONGEST = 2000
OTHERS = """
    select distinct usename || coalesce(' (' || nullif(application_name, '') || ')', '') from pg_stat_activity
    where datname = %s and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
LIKE = """
    select format('owner %%I encoding %%L lc_collate %%L lc_ctype %%L locale_provider %%s', pg_get_userbyid(datdba),
                  pg_encoding_to_char(encoding), datcollate, datctype,
                  case datlocprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end)
           || coalesce(case datlocprovider when 'i' then ' icu_locale ' when 'b' then ' builtin_locale ' end
                       || quote_literal(coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')), '')
    from pg_database d where datname = %s
"""
AUDIT = """
    select problem from private.verify_seals()
    union all select 'entry ' || entry_id || ' was ' || problem from private.verify_entries() limit 3
"""


def check_known(manifest: Manifest) -> None:
    """Whether this WebMACS can go on with it. Raises Problem."""
    ours = {file.name for file in files.migrations(resource("db"))}
    unknown = [name for name in manifest.migrations if name not in ours]
    if unknown:
        raise Problem(
            f"The backup is of WebMACS {manifest.webmacs}, which is newer than this one: {unknown[0]} is not known"
            " here. Restore it with that version, or a newer one."
        )


def restore_database(config: Config, backup: Reader, replacing: bool, say: Say) -> None:
    """Into the database that `config` names. Raises Problem; what was there is as it was then."""
    name = database_name(config)
    check_known(backup.manifest)
    with closing(maintenance(config)) as server:
        others = [row[0] for row in server.execute(OTHERS, (name,))]
        if others:
            raise Problem(
                f"Somebody is connected to the database {name}: {', '.join(others)}. Stop all services first."
            )
        there = server.execute("select from pg_database where datname = %s", (name,)).fetchone() is not None
        if there and not _is_empty(config):
            if not replacing:
                raise Problem(f"The database {name} is not empty. `--replace` puts the backup in its place.")
            _restore_beside(config, server, backup, say)
            return
        if not there:
            _create(server, name)
        try:
            _fill(config, backup, say)
        except BaseException:
            _empty(config)
            raise


def verify(config: Config, backup: Reader, say: Say) -> None:
    """Restores it into a database of its own, which is dropped afterwards. Raises Problem."""
    check_known(backup.manifest)
    with closing(maintenance(config)) as server, scratch(config, server, "verify") as there:
        problems = _fill(there, backup, say)
    if problems:
        raise Problem(f"It can be restored, but its audit log is not what was sealed: {'; '.join(problems)}.")


def database_name(config: Config) -> str:
    """Of the database that the administrator's address names."""
    return str(conninfo_to_dict(config.database.admin_uri).get("dbname") or config.database.name)


def maintenance(config: Config) -> psycopg.Connection:
    """The administrator's connection to the server, not to the database. Raises Problem."""
    with suppress(Problem):
        return connect(config.database.admin_uri, "postgres")
    return connect(config.database.admin_uri, "template1")


def elsewhere(config: Config, name: str) -> Config:
    """The same settings, with another database for the administrator."""
    uri = make_conninfo(config.database.admin_uri, dbname=name)
    return replace(config, database=replace(config.database, admin_uri=uri))


@contextmanager
def scratch(config: Config, server: psycopg.Connection, what: str) -> Iterator[Config]:
    """A database beside the one of `config`; it is dropped at the end, unless it has another name by then."""
    name = f"{database_name(config)[:40]}_{what}_{secrets.token_hex(4)}"
    _create(server, name, database_name(config))
    try:
        yield elsewhere(config, name)
    finally:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def take_place(server: psycopg.Connection, fresh: str, name: str) -> None:
    """Let the database `fresh` be the one called `name`; the one that was is dropped. At once, or not at all."""
    old = f"{name[:40]}_old_{secrets.token_hex(4)}"
    rename = sql.SQL("alter database {} rename to {}")
    with server.transaction():
        if server.execute("select from pg_database where datname = %s", (name,)).fetchone() is not None:
            server.execute(rename.format(sql.Identifier(name), sql.Identifier(old)))
        server.execute(rename.format(sql.Identifier(fresh), sql.Identifier(name)))
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(old)))


def _restore_beside(config: Config, server: psycopg.Connection, backup: Reader, say: Say) -> None:
    with scratch(config, server, "restored") as there:
        _fill(there, backup, say)
        try:
            take_place(server, database_name(there), database_name(config))
        except psycopg.errors.ObjectInUse as error:
            raise Problem(f"Stop all services first: {error.diag.message_primary}.") from None


def _fill(config: Config, backup: Reader, say: Say) -> list[str]:
    """What is wrong with the audit log, in words: it was so before, for the rest is compared here."""
    with closing(connect(config.database.admin_uri)) as connection:
        _require_version(connection, backup.manifest)
        programs = find_programs(config, max(backup.manifest.pg_dump, connection.info.server_version // 10000))
        # roles are the whole server's; the schemas come with the backup
        prepare_roles(connection, config, files.roles(resource("db")))
        _drop_schemas(connection)
        _run(config, programs, backup)
        connection.execute("analyze")
        _compare(connection, backup.manifest)
        say(f"{backup.manifest.rows} rows in {len(backup.manifest.tables)} tables are as they were.")
    for name in migrate(config):
        say(f"applied {name}")
    doors.say(config, "")  # the backup may be of a moment in which nobody was let in
    with closing(connect(config.database.admin_uri)) as connection:
        problems = [row[0] for row in connection.execute(AUDIT)]
    for problem in problems:
        say(f"The audit log is not what was sealed: {problem}.")
    return problems


def _run(config: Config, programs: Path, backup: Reader) -> None:
    """pg_restore, which is fed while digests are counted. Raises Problem."""
    part = backup.manifest.part(DUMP)
    assert part is not None  # noqa: S101 - without it there is no manifest
    address, environment = for_program(config.database.admin_uri)
    command = [str(programs / "pg_restore"), "--exit-on-error", "--no-password", f"--dbname={address}"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said, env=environment)
        assert process.stdin is not None  # noqa: S101
        try:
            _feed(process.stdin, backup.pieces(part))
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()
            code = process.wait()
        if code:
            said.seek(0)
            words = " ".join(said.read(LONGEST).decode(errors="replace").split())
            raise Problem(f"pg_restore failed: {words or f'exit code {code}'}")


def _feed(stream: IO[bytes], pieces: Iterator[bytes]) -> None:
    try:
        for piece in pieces:
            stream.write(piece)
    except BrokenPipeError:
        pass  # it says why itself


def _compare(connection: psycopg.Connection, manifest: Manifest) -> None:
    with connection.transaction():
        prepare(connection)
        found = [*differences(manifest.tables, figures(connection)), *taken_numbers(connection)]
    connection.execute("reset role")
    if found:
        raise Problem(f"What was restored is not what was backed up: {'; '.join(found[:5])}.")


def _require_version(connection: psycopg.Connection, manifest: Manifest) -> None:
    major = connection.info.server_version // 10000
    if major < manifest.postgres:
        raise Problem(f"The backup is of PostgreSQL {manifest.postgres}, and this server is an older one: {major}.")


def _is_empty(config: Config) -> bool:
    with closing(connect(config.database.admin_uri)) as connection:
        found = connection.execute("select from pg_namespace where nspname = any (%s) limit 1", (list(SCHEMAS),))
        return found.fetchone() is None


def _empty(config: Config) -> None:
    with suppress(Problem, psycopg.Error), closing(connect(config.database.admin_uri)) as connection:
        _drop_schemas(connection)


def _drop_schemas(connection: psycopg.Connection) -> None:
    connection.execute("drop schema if exists private, access, api cascade")


def _create(server: psycopg.Connection, name: str, like: str | None = None) -> None:
    """With owner and locale of another one, if there is that."""
    row = server.execute(LIKE, (like,)).fetchone()
    options = sql.SQL(row[0]) if row else sql.SQL("encoding 'UTF8'")
    try:
        server.execute(sql.SQL("create database {} template template0 {}").format(sql.Identifier(name), options))
    except psycopg.errors.InsufficientPrivilege:
        raise Problem(
            f"The login of [database] admin_uri may not make the database {name}; let it: alter role … createdb"
        ) from None
