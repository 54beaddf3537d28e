"""Keys are rotated and retired beside a PostgREST and a sidecar that go on running."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.sidecar.conftest import Door
from tests.sidecar.live import Live, asked, begun, closing_code, frame, point, told
from tests.support.people import Caller, People
from tests.support.plain import PLAIN
from tests.support.ports import free_port
from tests.support.rest import Api
from tests.support.sql import Sql
from webmacs.accounts import administration
from webmacs.accounts.tokens import Tokens
from webmacs.cli.owner import owner
from webmacs.config import Config, load_config
from webmacs.keys import folder, rotation, store, verifier
from webmacs.keys.key import KeySet
from webmacs.problem import Problem


@pytest.fixture(scope="module")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installation") / "keys"


@pytest.fixture(scope="module")
def keys(keys_dir: Path) -> KeySet:
    return folder.ensure_key(load_config(keys_dir / "config.toml", {"WEBMACS_AUTH_KEYS_DIR": str(keys_dir)}))


@pytest.fixture(scope="module")
def live(config: Config, door: Door, api: Api, sql: Sql) -> Live:
    people = People(sql.superuser, Tokens(folder.ensure_key(config), config.auth))
    return Live(door.url, people, sql.superuser).listening()


@dataclass(frozen=True)
class Tenants:
    """Who has tokens of the key that signs now: a person, a program, a controller."""

    login: dict[str, Any]
    program: str
    controller: str
    names: tuple[str, str]

    @property
    def tokens(self) -> list[str]:
        return [self.login["access_token"], self.program, self.controller]


@pytest.fixture
def tenants(config: Config, door: Door, ada: Caller) -> Tenants:
    tokens = Tokens(folder.ensure_key(config), config.auth)
    with owner(config) as connection:
        values = {"role": "viewer", "name": "export", "read_only": False, "seconds": 3600}
        program = administration.issue_api_token(connection, tokens, ada.name, values)
        name = f"controller of {ada.name}"
        controller = administration.issue_controller_token(connection, tokens, name, 3600)
    return Tenants(door.login(ada.name).json(), program, controller, (ada.name, name))


@contextmanager
def open_sockets(live: Live, tenants: Tenants) -> Iterator[tuple[Any, Any]]:
    """A stream of the person and the telemetry of the controller, both begun."""
    someone, controller = live.people.the("viewer"), live.controller
    with (
        live.stream(replace(someone, token=tenants.login["access_token"])) as stream,
        live.telemetry(replace(controller, token=tenants.controller)) as telemetry,
    ):
        begun(stream)
        yield stream, telemetry


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def statuses(api: Api, door: Door, tokens: list[str]) -> set[int]:
    """What PostgREST and the sidecar answer to each."""
    rest = [httpx.get(f"{api.url}/me", headers={"Authorization": f"Bearer {t}"}, **PLAIN) for t in tokens]
    return {answer.status_code for answer in [*rest, *(door.get("/auth/me", token) for token in tokens)]}


def published(config: Config) -> list[str]:
    return [key["kid"] for key in json.loads((config.auth.keys_dir / folder.JWKS).read_text())["keys"]]


def state(config: Config, kid: str) -> store.KnownKey:
    with owner(config) as connection:
        return next(key for key in store.list_keys(connection) if key.kid == kid)


def test_a_rotation_logs_nobody_out(config: Config, door: Door, api: Api, live: Live, tenants: Tenants) -> None:
    event = live.event()
    with open_sockets(live, tenants) as (stream, telemetry):
        new = rotation.rotate(config, print)
        assert statuses(api, door, tenants.tokens) == {200}
        assert asked(telemetry, frame(1, point(event, 1)))["type"] == "ack"
        stream.send('{"type": "ping"}')
        while told(stream)["type"] != "pong":
            pass
    refreshed = door.post("/auth/refresh", {"refresh_token": tenants.login["refresh_token"]}).json()
    assert kid_of(refreshed["access_token"]) == new.kid
    assert statuses(api, door, [refreshed["access_token"], door.token_of(tenants.names[0])]) == {200}
    assert {new.kid, kid_of(tenants.program)} <= set(published(config))
    assert door.get("/.well-known/jwks.json").json() == folder.ensure_key(config).jwks()


def test_many_rotations_while_people_log_in(config: Config, door: Door, api: Api, ada: Caller) -> None:
    for _ in range(3):
        new = rotation.rotate(config, print)
        token = door.token_of(ada.name)
        assert kid_of(token) == new.kid
        assert statuses(api, door, [token]) == {200}


def test_an_old_key_goes_when_its_last_token_has_ended(
    config: Config, door: Door, api: Api, sql: Sql, ada: Caller
) -> None:
    old = rotation.rotate(config, print)
    token = door.token_of(ada.name)
    rotation.rotate(config, print)
    end = "update private.credentials set revoked_at = now() where kid = %s and revoked_at is null"
    sql.superuser.execute(end, (old.kid,))
    assert not state(config, old.kid).spent  # access tokens of sessions that went on
    sql.superuser.execute(
        "update private.signing_keys set replaced_at = now() - interval '25 hours' where kid = %s", (old.kid,)
    )
    assert state(config, old.kid).spent
    rotation.clear(config, print)
    assert old.kid not in published(config)
    assert state(config, old.kid).removed_at
    assert statuses(api, door, [token]) == {401}


def test_without_postgrest_keys_are_rotated_all_the_same(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    away = replace(config, postgrest=replace(config.postgrest, port=free_port()))
    assert rotation.rotate(away, print).kid == folder.ensure_key(config).current.kid
    assert rotation.ABSENT in capsys.readouterr().out


def test_a_postgrest_that_does_not_take_the_key_stops_the_rotation(
    config: Config, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(config, auth=replace(config.auth, keys_dir=tmp_path / "keys"))
    before = folder.ensure_key(other)
    monkeypatch.setattr(verifier, "PATIENCE", 0.3)
    with pytest.raises(Problem, match="does not take the new key"):
        rotation.rotate(other, print)
    assert folder.ensure_key(other).jwks() == before.jwks()


def test_retiring_waits_for_nobody(config: Config, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgREST reads the keys of another folder."""
    other = replace(config, auth=replace(config.auth, keys_dir=tmp_path / "keys"))
    leaked = folder.ensure_key(other).current
    monkeypatch.setattr(verifier, "PATIENCE", 0.3)
    said: list[tuple[str, bool]] = []
    rotation.retire(other, leaked.kid, lambda text: said.append((text, bool(state(other, leaked.kid).retired_at))))
    assert said == [("PostgREST does not take the new key yet; restart it.", True)]


def test_a_leaked_key_is_retired_at_once(
    config: Config, door: Door, api: Api, live: Live, sql: Sql, tenants: Tenants
) -> None:
    leaked = folder.ensure_key(config).current
    assert statuses(api, door, tenants.tokens) == {200}  # now PostgREST has them in its cache
    with open_sockets(live, tenants) as (stream, telemetry):
        ended = rotation.retire(config, leaked.kid[:8], print)
        assert statuses(api, door, tenants.tokens) == {401}
        assert (closing_code(stream), closing_code(telemetry)) == (1008, 1008)
    assert door.post("/auth/refresh", {"refresh_token": tenants.login["refresh_token"]}).status_code == 401
    assert {("api_token", tenants.names[0], "export"), ("controller_token", tenants.names[1], tenants.names[1])} <= {
        (each.kind, each.owner, each.name) for each in ended
    }
    assert leaked.kid not in published(config)
    assert not (config.auth.keys_dir / f"{leaked.kid}.pem").exists()
    row = sql.superuser.execute(
        "select new ->> 'retired_at' from private.audit_log where table_name = 'signing_keys' and row_id = %s"
        " and operation = 'update' and new ? 'retired_at'",
        (leaked.kid,),
    ).fetchone()
    assert row
    assert statuses(api, door, [door.token_of(tenants.names[0])]) == {200}


def test_what_a_thief_made_of_a_session_that_went_on_ends_too(
    config: Config, door: Door, api: Api, live: Live, ada: Caller
) -> None:
    """The session has tokens of the next key by then, so its row does not name the leaked one any more."""
    login = door.login(ada.name).json()
    leaked = folder.ensure_key(config).current
    new = rotation.rotate(config, print)
    refreshed = door.post("/auth/refresh", {"refresh_token": login["refresh_token"]}).json()["access_token"]
    claims = jwt.decode(refreshed, options={"verify_signature": False})
    forged = [jwt.encode(claims, leaked.private, "RS256", headers={"kid": kid}) for kid in (leaked.kid, new.kid)]
    assert statuses(api, door, [refreshed]) == {200}
    rest = [api.with_token(token) for token in forged]
    assert rest[0].get("/me").status_code == 200  # it is in the cache now
    before = rest[1].get("/me").status_code
    with live.stream(replace(ada, token=forged[0])) as stream:
        begun(stream)
        rotation.retire(config, leaked.kid, print)
        assert closing_code(stream) == 1008
    assert [each.get("/me").status_code for each in rest] == [401, 401], before
    assert {door.get("/auth/me", token).status_code for token in forged} == {401}
    assert statuses(api, door, [refreshed]) == {200}


@pytest.mark.parametrize("step", ["_taken", "_appoint", "_remove", "wait_until"])
def test_a_retirement_that_was_broken_off_is_done_again(
    config: Config, door: Door, api: Api, ada: Caller, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    token = door.token_of(ada.name)
    leaked = kid_of(token)
    with monkeypatch.context() as patch:
        patch.setattr(rotation, step, killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.retire(config, leaked, print)
    assert statuses(api, door, [door.token_of(ada.name)]) == {200} or step == "_remove"
    rotation.retire(config, leaked, print)
    assert statuses(api, door, [token]) == {401}
    assert leaked not in published(config)
    assert statuses(api, door, [door.token_of(ada.name)]) == {200}


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_sidecar_removes_what_a_backup_brought_back(config: Config, door: Door, api: Api, sql: Sql) -> None:
    leaked = folder.ensure_key(config).current
    file = config.auth.keys_dir / f"{leaked.kid}.pem"
    content = file.read_bytes()
    rotation.retire(config, leaked.kid, print)
    file.write_bytes(content)
    file.chmod(0o600)
    sql.superuser.execute("select private.announce_keys()")
    eventually(lambda: not file.exists() and leaked.kid not in published(config))


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_name_that_fits_no_key(config: Config) -> None:
    with pytest.raises(Problem, match="No keys begin with nonsense"):
        rotation.retire(config, "nonsense", print)
