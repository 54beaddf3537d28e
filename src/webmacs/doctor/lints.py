"""Rules that the database of every installation keeps: each query finds what breaks one, and must find nothing.

The tests ask them of a database that was just made, `webmacs doctor --security` of one that runs.
"""

from dataclasses import dataclass

OURS = "('api'::regnamespace, 'access'::regnamespace, 'private'::regnamespace)"
HERE = "setdatabase in (0, (select oid from pg_database where datname = current_database()))"
TAKE_ROLES = "('webmacs_authenticator'::regrole, 'webmacs_sidecar'::regrole)"


@dataclass(frozen=True)
class Lint:
    """`query` answers a row for each thing that breaks the rule; `mend` puts one right."""

    query: str
    mend: str


LINTS = {
    "every table has row-level security, every partition too": Lint(
        """
            select relname from pg_class
            where relnamespace = 'private'::regnamespace and relkind in ('r', 'p') and not relrowsecurity""",
        "alter table … enable row level security",
    ),
    "tables are in private alone": Lint(
        """
            select oid::regclass from pg_class
            where relnamespace in ('api'::regnamespace, 'access'::regnamespace, 'public'::regnamespace)
              and relkind in ('r', 'p', 'm', 'f')""",
        "alter table … set schema private, or drop it",
    ),
    "views ask in the name of the caller": Lint(
        """
            select oid::regclass from pg_class
            where relnamespace in ('api'::regnamespace, 'private'::regnamespace) and relkind = 'v'
              and not coalesce(reloptions && '{security_invoker=true,security_invoker=on}', false)""",
        "alter view … set (security_invoker)",
    ),
    "functions have a fixed search_path, unless their body was parsed when they were made": Lint(
        f"""
            select oid::regprocedure from pg_proc
            where pronamespace in {OURS} and prosqlbody is null and prokind <> 'a'
              and not coalesce(proconfig @> '{{"search_path=\\"\\""}}', false)""",
        "alter function … set search_path = ''",
    ),
    "nothing is executable by everyone": Lint(
        f"""
            select p.oid::regprocedure from pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
            where pronamespace in {OURS} and a.grantee = 0""",
        "revoke execute on function … from public",
    ),
    "no table or view is open to everyone": Lint(
        f"""
            select c.oid::regclass from pg_class c, aclexplode(relacl) a
            where relnamespace in {OURS} and a.grantee = 0""",
        "revoke all on … from public",
    ),
    "no schema is open to everyone": Lint(
        f"""
            select nspname from pg_namespace n, aclexplode(nspacl) a where n.oid in {OURS} and a.grantee = 0""",
        "revoke all on schema … from public",
    ),
    "nobody but the owner makes anything": Lint(
        f"""
            select nspname, a.grantee::regrole from pg_namespace n, aclexplode(nspacl) a
            where n.oid in {OURS} and a.privilege_type = 'CREATE' and a.grantee <> 'webmacs_owner'::regrole""",
        "revoke create on schema … from …",
    ),
    "the database is open to our logins alone": Lint(
        """
            select a.grantee::regrole, a.privilege_type
            from pg_database d, aclexplode(datacl) a
            where datname = current_database() and a.grantee <> datdba
              and (a.privilege_type <> 'CONNECT' or a.grantee not in
                   ('webmacs_authenticator'::regrole, 'webmacs_sidecar'::regrole, 'webmacs_reader'::regrole))""",
        "revoke … on database … from …",
    ),
    "everything is the owner's": Lint(
        f"""
            select oid::regclass::text from pg_class
            where relnamespace in {OURS} and relowner <> 'webmacs_owner'::regrole
            union all
            select oid::regprocedure::text from pg_proc where pronamespace in {OURS}
              and proowner <> 'webmacs_owner'::regrole""",
        "alter … owner to webmacs_owner",
    ),
    "internals are called by the sidecar alone": Lint(
        """
            select p.oid::regprocedure, a.grantee::regrole
            from pg_proc p, aclexplode(proacl) a
            where pronamespace = 'private'::regnamespace
              and a.grantee not in ('webmacs_owner'::regrole, 'webmacs_sidecar'::regrole)""",
        "revoke execute on function … from …",
    ),
    "people have no way into private but through views": Lint(
        """
            select a.grantee::regrole from pg_namespace n, aclexplode(nspacl) a
            where nspname = 'private' and a.grantee not in ('webmacs_owner'::regrole, 'webmacs_sidecar'::regrole)""",
        "revoke all on schema private from …",
    ),
    "our roles have no power of the cluster": Lint(
        """
            select rolname from pg_roles
            where starts_with(rolname, 'webmacs_')
              and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)""",
        "alter role … nosuperuser nobypassrls nocreaterole nocreatedb noreplication",
    ),
    "the programs' logins inherit nothing": Lint(
        """
            select rolname from pg_roles
            where rolinherit
              and rolname in ('webmacs_authenticator', 'webmacs_sidecar', 'webmacs_owner', 'webmacs_anon')""",
        "alter role … noinherit",
    ),
    # a view asks in the name of the caller, so its column of such a name can only be written
    "secrets are read by nobody": Lint(
        """
            select a.grantee::regrole, c.oid::regclass, attname
            from pg_class c join pg_attribute t on attrelid = c.oid, aclexplode(array_cat(relacl, attacl)) a
            where relnamespace = 'private'::regnamespace and attname ~ '(password|secret|^hash$|_hash$|nonce|verifier)'
              -- of no secret: of the audit log, and there to be compared by administrators
              and (relname, attname) <> ('audit_seals', 'chain_hash')
              -- what they are called
              and (relname, attname) <> ('plugin_instances', 'secret_names')
              and a.privilege_type = 'SELECT' and a.grantee <> 'webmacs_owner'::regrole""",
        "revoke select on … from …",
    ),
    "foreign keys are indexed": Lint(
        """
            select conrelid::regclass, conname from pg_constraint f
            where contype = 'f' and connamespace = 'private'::regnamespace and not exists (
                select from pg_index i
                where i.indrelid = f.conrelid and i.indpred is null
                  and (i.indkey::int2[])[0 : cardinality(f.conkey) - 1] operator(pg_catalog.@>) f.conkey)""",
        "create index on … (…)",
    ),
    "policies and views read claims once a statement": Lint(
        """
            select tablename, policyname from pg_policies
            where schemaname = 'private'
              and replace(concat(qual, with_check), '( SELECT access.', '') ~ 'access\\.'
            union all
            select schemaname, viewname from pg_views
            where schemaname in ('api', 'private') and replace(definition, '( SELECT access.', '') ~ 'access\\.'""",
        "write (select access.…()) there",
    ),
    "policies are for our roles, not for everyone": Lint(
        f"""
            select polrelid::regclass, polname from pg_policy join pg_class c on c.oid = polrelid
            where relnamespace in {OURS} and 0 = any (polroles)""",
        "drop policy … on …",
    ),
    "no trigger is switched off": Lint(
        f"""
            select c.oid::regclass::text, tgname::text from pg_trigger join pg_class c on c.oid = tgrelid
            where relnamespace in {OURS} and tgenabled <> 'O'
            union all
            select coalesce(r.rolname, 'everybody'), setting from pg_db_role_setting s
            left join pg_roles r on r.oid = s.setrole, unnest(setconfig) setting
            where setting ~ '^session_replication_role=' and {HERE}""",
        "alter table … enable trigger …, alter role … reset …; what happened meanwhile is in no audit log",
    ),
    "no rule makes another statement of one": Lint(
        f"""
            select ev_class::regclass, rulename from pg_rewrite join pg_class c on c.oid = ev_class
            where relnamespace in {OURS} and not (relkind = 'v' and rulename = '_RETURN')""",
        "drop rule … on …",
    ),
    "PostgREST is set up by its file alone": Lint(
        f"""
            select setting from pg_db_role_setting, unnest(setconfig) setting
            where setrole = 'webmacs_authenticator'::regrole and setting ~ '^pgrst\\.' and {HERE}""",
        "alter role webmacs_authenticator reset …",
    ),
    "the token that /health has may do nothing": Lint(
        f"""
            select c.oid::regclass::text, a.privilege_type
            from pg_class c join pg_attribute t on attrelid = c.oid, aclexplode(array_cat(relacl, attacl)) a
            where relnamespace in {OURS} and a.grantee = 'webmacs_anon'::regrole
            union all
            select p.oid::regprocedure::text, a.privilege_type from pg_proc p, aclexplode(proacl) a
            where pronamespace in {OURS} and a.grantee = 'webmacs_anon'::regrole
              and proname not in ('claims', 'check_request')""",
        "revoke … on … from webmacs_anon",
    ),
    "the programs' logins have no right to any table or view of their own": Lint(
        f"""
            select c.oid::regclass, a.grantee::regrole, a.privilege_type from pg_class c, aclexplode(relacl) a
            where relnamespace in {OURS} and a.grantee in {TAKE_ROLES}""",
        "revoke all on … from …",
    ),
    "roles are members of what they are for": Lint(
        f"""
            select member::regrole, roleid::regrole from pg_auth_members
            where (starts_with(member::regrole::text, 'webmacs_')
                   or (starts_with(roleid::regrole::text, 'webmacs_') and roleid <> 'webmacs_viewer'::regrole))
              and member <> current_user::regrole  -- who migrates
              and not (member in {TAKE_ROLES} and roleid in (
                  'webmacs_anon'::regrole, 'webmacs_viewer'::regrole, 'webmacs_operator'::regrole,
                  'webmacs_admin'::regrole, 'webmacs_controller'::regrole))
              and (member, roleid) not in (
                  ('webmacs_operator'::regrole, 'webmacs_viewer'::regrole),
                  ('webmacs_reader'::regrole, 'webmacs_viewer'::regrole),
                  ('webmacs_admin'::regrole, 'webmacs_operator'::regrole))""",
        "revoke … from …",
    ),
    "who reads in SQL cannot make changes by default": Lint(
        """
            select rolname from pg_roles
            where rolname = 'webmacs_reader'
              and not coalesce(rolconfig @> '{default_transaction_read_only=on}', false)""",
        "webmacs migrate",
    ),
    "no statement may take for ever": Lint(
        """
            select rolname from pg_roles
            where starts_with(rolname, 'webmacs_') and rolname not in ('webmacs_owner', 'webmacs_authenticator')
              and not exists (select from unnest(rolconfig) setting where setting ~ '^statement_timeout=[1-9]')""",
        "webmacs migrate",
    ),
    "no transaction may idle for ever": Lint(
        """
            select current_database() where not exists (
                select from pg_db_role_setting, unnest(setconfig) setting
                where setdatabase = (select oid from pg_database where datname = current_database())
                  and setrole = 0 and setting ~ '^idle_in_transaction_session_timeout=[1-9]')""",
        "webmacs migrate",
    ),
    "passwords of logins are kept as SCRAM": Lint(
        """select name, setting from pg_settings where name = 'password_encryption' and setting <> 'scram-sha-256'""",
        "alter system set password_encryption = 'scram-sha-256', then set the passwords anew",
    ),
}
