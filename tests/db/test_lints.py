"""Rules that the whole database keeps. Each query finds what breaks one, and must find nothing."""

import pytest

from tests.support.sql import Sql

OURS = "('api'::regnamespace, 'access'::regnamespace, 'private'::regnamespace)"

LINTS = {
    "every table has row-level security, every partition too": """
        select relname from pg_class
        where relnamespace = 'private'::regnamespace and relkind in ('r', 'p') and not relrowsecurity""",
    "tables are in private alone": """
        select oid::regclass from pg_class
        where relnamespace in ('api'::regnamespace, 'access'::regnamespace, 'public'::regnamespace)
          and relkind in ('r', 'p', 'm', 'f')""",
    "views ask in the name of the caller": """
        select oid::regclass from pg_class
        where relnamespace in ('api'::regnamespace, 'private'::regnamespace) and relkind = 'v'
          and not coalesce(reloptions @> '{security_invoker=true}' or reloptions @> '{security_invoker=on}', false)""",
    "functions have a fixed search_path, unless their body was parsed when they were made": f"""
        select oid::regprocedure from pg_proc
        where pronamespace in {OURS} and prosqlbody is null and prokind <> 'a'
          and not coalesce(proconfig @> '{{"search_path=\\"\\""}}', false)""",
    "nothing is executable by everyone": f"""
        select p.oid::regprocedure from pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
        where pronamespace in {OURS} and a.grantee = 0""",
    "no table or view is open to everyone": f"""
        select c.oid::regclass from pg_class c, aclexplode(relacl) a where relnamespace in {OURS} and a.grantee = 0""",
    "no schema is open to everyone": f"""
        select nspname from pg_namespace n, aclexplode(nspacl) a where n.oid in {OURS} and a.grantee = 0""",
    "nobody but the owner makes anything": f"""
        select nspname, a.grantee::regrole from pg_namespace n, aclexplode(nspacl) a
        where n.oid in {OURS} and a.privilege_type = 'CREATE' and a.grantee <> 'webmacs_owner'::regrole""",
    "the database is open to our logins alone": """
        select a.grantee::regrole, a.privilege_type
        from pg_database d, aclexplode(datacl) a
        where datname = current_database() and a.grantee <> datdba
          and (a.privilege_type <> 'CONNECT' or a.grantee not in
               ('webmacs_authenticator'::regrole, 'webmacs_sidecar'::regrole, 'webmacs_reader'::regrole))""",
    "everything is the owner's": f"""
        select oid::regclass::text from pg_class where relnamespace in {OURS} and relowner <> 'webmacs_owner'::regrole
        union all
        select oid::regprocedure::text from pg_proc where pronamespace in {OURS}
          and proowner <> 'webmacs_owner'::regrole""",
    "internals are called by the sidecar alone": """
        select p.oid::regprocedure, a.grantee::regrole
        from pg_proc p, aclexplode(proacl) a
        where pronamespace = 'private'::regnamespace
          and a.grantee not in ('webmacs_owner'::regrole, 'webmacs_sidecar'::regrole)""",
    "people have no way into private but through views": """
        select a.grantee::regrole from pg_namespace n, aclexplode(nspacl) a
        where nspname = 'private' and a.grantee not in ('webmacs_owner'::regrole, 'webmacs_sidecar'::regrole)""",
    "the sidecar reads and writes no table by itself": """
        select c.oid::regclass, a.privilege_type from pg_class c, aclexplode(relacl) a
        where relnamespace = 'private'::regnamespace and a.grantee = 'webmacs_sidecar'::regrole""",
    "our roles have no power of the cluster": """
        select rolname from pg_roles
        where starts_with(rolname, 'webmacs_')
          and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)""",
    "the programs' logins inherit nothing": """
        select rolname from pg_roles
        where rolinherit
          and rolname in ('webmacs_authenticator', 'webmacs_sidecar', 'webmacs_owner', 'webmacs_anon')""",
    "nobody is a member of the owner": """
        select member::regrole from pg_auth_members where roleid = 'webmacs_owner'::regrole""",
    # a view asks in the name of the caller, so its column of such a name can only be written
    "passwords are read by nobody": """
        select grantee, table_name from information_schema.column_privileges
        where table_schema <> 'api' and column_name in ('password_hash', 'secret', 'previous_secret')
          and grantee <> 'webmacs_owner'""",
    "foreign keys are indexed": """
        select conrelid::regclass, conname from pg_constraint f
        where contype = 'f' and connamespace = 'private'::regnamespace and not exists (
            select from pg_index i
            where i.indrelid = f.conrelid and i.indpred is null
              and (i.indkey::int2[])[0 : cardinality(f.conkey) - 1] operator(pg_catalog.@>) f.conkey)""",
    "policies read claims once a statement": """
        select tablename, policyname from pg_policies
        where schemaname = 'private'
          and replace(concat(qual, with_check), '( SELECT access.', '') ~ 'access\\.'""",
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
          -- what experiment_files says of them is enough
          and relname <> 'experiment_file_bytes'
          -- their own journal says who did what
          and relname not in ('alarms', 'alarm_journal', 'alarm_shelves')
          -- what happens to the session stands with the session
          and relname <> 'refresh_tokens'
          -- written by the machine, in great number
          and relname not in ('webhook_deliveries', 'webhook_breakers', 'webhook_readings', 'experiment_steps')
          -- what rules have come to: the system writes it
          and relname not in ('rule_states', 'late_points', 'backlogs')
          and not starts_with(relname, 'rollup_')  -- what is computed from datapoints
          and relname not in ('expired_partitions', 'late_days', 'disk_reports')  -- decided and measured by the machine
          -- secrets that live for minutes
          and relname not in ('sso_logins', 'sso_codes')
          -- counted at each login
          and relname not in ('login_limits', 'familiar_addresses')
          -- reported by the sidecars
          and relname not in ('controller_presence', 'health_reports', 'health')
          and 3 <> (select count(*) from pg_trigger where tgrelid = c.oid and tgfoid = 'private.audit'::regproc)""",
    "times have a zone": f"""
        select attrelid::regclass, attname from pg_attribute join pg_class c on c.oid = attrelid
        where relnamespace in {OURS} and attnum > 0 and atttypid in ('timestamp'::regtype, 'timetz'::regtype)""",
}


@pytest.mark.parametrize("rule", LINTS)
def test_rule(rule: str, sql: Sql) -> None:
    assert sql.superuser.execute(LINTS[rule].encode()).fetchall() == []


def test_a_lint_finds_what_breaks_it(sql: Sql) -> None:
    """The rules are not true of everything: a careless table breaks several."""
    with sql.as_login("postgres").transaction(force_rollback=True) as transaction:
        connection = transaction.connection
        connection.execute("""
            create table private.careless (id int references private.events);
            create view api.careless as select * from private.careless;
            create function api.careless() returns int language sql security definer as 'select 1';
            grant select on private.careless to public;
        """)
        broken = {rule for rule, query in LINTS.items() if connection.execute(query.encode()).fetchall()}
    assert broken >= {
        "every table has row-level security, every partition too",
        "views ask in the name of the caller",
        "functions have a fixed search_path, unless their body was parsed when they were made",
        "nothing is executable by everyone",
        "no table or view is open to everyone",
        "everything is the owner's",
        "foreign keys are indexed",
        "every view of the API is explained, and every column",
        "every function of the API is explained",
        "every table that people can change is audited",
    }
