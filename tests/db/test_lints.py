"""Rules that the whole database keeps. Each query finds what breaks one, and must find nothing."""

from collections.abc import Iterator

import pytest

from tests.support.postgres import Connection
from tests.support.run import Run
from tests.support.sql import Sql
from webmacs.doctor.lints import LINTS as SECURITY
from webmacs.doctor.lints import OURS

STYLE = {
    "every view of the API is explained, and every column": """
        select c.oid::regclass, a.attname
        from pg_class c join pg_attribute a on a.attrelid = c.oid and (attnum > 0 or attname = 'tableoid')
        where relnamespace = 'api'::regnamespace and relkind = 'v' and col_description(c.oid, attnum) is null
        union all
        select c.oid::regclass, '' from pg_class c
        where relnamespace = 'api'::regnamespace and relkind = 'v' and obj_description(c.oid, 'pg_class') is null""",
    "every function of the API is explained": """
        select oid::regprocedure from pg_proc
        where pronamespace = 'api'::regnamespace and obj_description(oid, 'pg_proc') is null""",
    "every function with arguments is explained": f"""
        select oid::regprocedure from pg_proc
        where pronamespace in {OURS} and prorettype <> 'trigger'::regtype
          and obj_description(oid, 'pg_proc') is null""",
    "every table that people can change is audited": """
        select c.relname from pg_class c
        where relnamespace = 'private'::regnamespace and relkind = 'r' and not relispartition
          and relname not in ('migrations', 'latest', 'audit_log')
          -- what experiment_files, plugin_packages and update_bundles say of them is enough
          and relname not in ('experiment_file_bytes', 'plugin_package_pieces', 'update_bundle_pieces')
          -- what the log has of updates, once more, and what nobody can change
          and relname not in ('update_steps', 'update_transitions')
          -- their own journal says who did what
          and relname not in ('alarms', 'alarm_journal', 'alarm_shelves')
          -- what happens to the session stands with the session
          and relname <> 'refresh_tokens'
          -- written by the machine, in great number
          and relname not in ('webhook_deliveries', 'webhook_breakers', 'webhook_readings', 'experiment_steps')
          -- what rules have come to: the system writes it
          and relname not in ('rule_states', 'late_points', 'backlogs')
          and not starts_with(relname, 'rollup_')  -- what is computed from datapoints
          -- decided and measured by the machine
          and relname not in ('expired_partitions', 'late_days', 'disk', 'disk_reports')
          -- secrets that live for minutes, or as long as a session
          and relname not in ('sso_logins', 'sso_codes', 'sso_sessions')
          -- used up by signed requests, whose token stands in credentials
          and relname <> 'service_nonces'
          -- counted at each login
          and relname not in ('login_limits', 'familiar_addresses', 'login_failures')
          -- made from the audit log itself
          and relname not in ('audit_seals', 'audit_cuts', 'audit_writers')
          and relname <> 'clock'  -- what the machine has seen of time
          -- told by the controllers; raised by what is audited
          and relname not in ('controller_plugins', 'configurations')
          -- reported by the sidecars
          and relname not in ('controller_presence', 'health_reports', 'health', 'update_source', 'update_offers')
          and 3 <> (select count(*) from pg_trigger where tgrelid = c.oid and tgfoid = 'private.audit'::regproc)""",
    "times have a zone": f"""
        select attrelid::regclass, attname from pg_attribute join pg_class c on c.oid = attrelid
        where relnamespace in {OURS} and attnum > 0 and atttypid in ('timestamp'::regtype, 'timetz'::regtype)""",
}


LINTS = {rule: lint.query for rule, lint in SECURITY.items()} | STYLE

# breaks every rule at once
CARELESS = """
    create table private.careless (id int references private.events, secret text, at timestamp);
    create table public.careless ();
    create view api.careless as select * from private.careless;
    create function api.careless() returns int language sql security definer as 'select 1';
    create policy careless on private.careless using (access.user_id() = 1);
    create policy careless_too on private.careless to public using (true);
    create view private.careless_view as select access.user_id() from private.careless;
    create rule careless as on delete to private.careless do instead nothing;
    alter table private.users disable trigger audit_update;
    alter role webmacs_authenticator set pgrst.db_anon_role = 'webmacs_admin';
    grant select on api.events to webmacs_anon;
    create role webmacs_careless superuser;
    grant select on private.careless to public, webmacs_sidecar;
    grant usage on schema private to webmacs_viewer;
    grant usage on schema api to public;
    grant create on schema api to webmacs_admin;
    grant execute on function private.revoke(uuid) to webmacs_viewer;
    grant webmacs_owner, pg_read_all_data to webmacs_reader;
    alter role webmacs_sidecar inherit;
    alter role webmacs_viewer reset statement_timeout;
    alter role webmacs_reader reset default_transaction_read_only;
    do $$ begin
        execute format('grant temporary on database %I to public', current_database());
        execute format('alter database %I reset idle_in_transaction_session_timeout', current_database());
    end $$;
    set local password_encryption = 'md5';
"""


@pytest.mark.usefixtures("memberships")
@pytest.mark.parametrize("rule", LINTS)
def test_rule(rule: str, sql: Sql) -> None:
    assert sql.superuser.execute(LINTS[rule].encode()).fetchall() == []


@pytest.mark.parametrize("rule", LINTS)
def test_a_rule_that_is_broken_is_found(rule: str, broken: Connection) -> None:
    """They are not true of everything."""
    assert broken.execute(LINTS[rule].encode()).fetchall() != []


@pytest.fixture(scope="module")
def broken(sql: Sql, run: Run) -> Iterator[Connection]:
    """A transaction in which every rule is broken. Roles are the cluster's: nobody else sets theirs meanwhile."""
    with (
        run.lock(f"roles-{sql.database.server.version}"),
        sql.as_login("postgres").transaction(force_rollback=True) as transaction,
    ):
        transaction.connection.execute(CARELESS)
        yield transaction.connection
