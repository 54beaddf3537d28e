#!/usr/bin/env bash
# Applies db/ with psql alone: the same as `webmacs migrate`, for administrators who want to see every step.
#
#   db/apply.sh postgresql://admin@host/webmacs        arguments go to psql; PGHOST, PGUSER, … work too
#
# The database must exist. You must be a superuser, or have CREATEROLE and the right to create in the database. Either
# tool may follow the other: both keep private.migrations and wait for each other. Run it again at any time:
#
#   1. roles.sql, each time
#   2. each file of migrations/ that was not applied yet, in a transaction of its own; one that was edited after it was
#      applied is refused
#   3. if any other file changed: reset.sql, access.sql and all others by name, in one transaction
#
# Afterwards give the logins their passwords, unless you use `webmacs migrate`, which takes them from config.toml:
#   \password webmacs_sidecar    \password webmacs_authenticator    \password webmacs_reader
# and tell the database what differs from the defaults of config.default.toml, such as
#   select private.configure('{"issuer": "webmacs", "audience": "webmacs", "past_days": 3650}');
set -euo pipefail
cd "$(dirname "$0")"

sha() { sha256sum "$1" | cut -d ' ' -f 1; }

# Statements for one psql session; file names have no quotes in them.
begin() { echo "begin;"; }
apply() { printf '\\echo %s\n\\ir %s\n' "$1" "$PWD/$1"; }
record() {
  echo "insert into private.migrations (name, sha256) values ('$1', '$(sha "$1")')" \
    "on conflict (name) do update set sha256 = excluded.sha256, applied_at = now();"
}

migrations() { find migrations -name '*.sql' | LC_ALL=C sort; }

refuse_older() {
  local name values=""
  for name in $(migrations); do values+="${values:+, }'$name'"; done
  echo "select exists (select from private.migrations where starts_with(name, 'migrations/')" \
    "and name <> all (array[$values])) as newer \\gset"
  printf '\\if :newer\n'
  echo "do \$\$ begin raise exception 'the database was migrated by a newer WebMACS: take its db/'; end \$\$;"
  printf '\\endif\n'
}

migration() {
  echo "select exists (select from private.migrations where name = '$1') as applied," \
    "exists (select from private.migrations where name = '$1' and sha256 <> '$(sha "$1")') as edited \\gset"
  printf '\\if :edited\n'
  echo "do \$\$ begin raise exception '$1 was edited after it was applied: restore it, add a new migration'; end \$\$;"
  printf '\\elif :applied\n\\else\n'
  begin; apply "$1"; record "$1"; echo "commit;"
  printf '\\endif\n'
}

repeatables() {
  echo reset.sql access.sql
  find . -maxdepth 1 -name '*.sql' ! -name roles.sql ! -name reset.sql ! -name access.sql -printf '%f\n' | LC_ALL=C sort
}

changed() {
  local name values=""
  for name in $(repeatables); do values+="${values:+, }('$name', '$(sha "$name")')"; done
  echo "select exists (select from (values $values) as file (name, sha256) full join" \
    "(select name, sha256 from private.migrations where not starts_with(name, 'migrations/')) as known using (name)" \
    "where file.sha256 is distinct from known.sha256) as changed \\gset"
}

script() {
  local name
  echo "set client_min_messages = warning;"
  echo "select pg_advisory_lock(1463108173);"
  begin; apply roles.sql; echo "commit;"
  echo "set role webmacs_owner;"
  refuse_older
  for name in $(migrations); do migration "$name"; done
  changed
  printf '\\if :changed\n'
  begin
  echo "delete from private.migrations where not starts_with(name, 'migrations/');"
  for name in $(repeatables); do apply "$name"; record "$name"; done
  echo "commit;"
  printf '\\endif\n'
  echo "select private.configure('{}');" # makes the partitions; the settings stay as they are
  echo "notify pgrst, 'reload schema';"
  echo "notify pgrst, 'reload config';"
}

script | psql --no-psqlrc --quiet --tuples-only --output=/dev/null --set=ON_ERROR_STOP=1 "$@"
