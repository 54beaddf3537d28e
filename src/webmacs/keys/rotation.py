"""Rotating, retiring and clearing away keys: the order in which files, database, PostgREST and sidecars learn of it.

Each may be broken off anywhere and done again. A new key is published first, and signs when PostgREST verifies with it;
a retired one counts no more from the database's commit on, whoever still has its file.
"""

from collections.abc import Callable, Iterable

from webmacs.cli.owner import owner
from webmacs.config import Config
from webmacs.keys import folder, store
from webmacs.keys.key import Key
from webmacs.keys.verifier import wait_until
from webmacs.problem import Problem

Say = Callable[[str], object]

ABSENT = "No PostgREST answers where [postgrest] says; it takes the keys when it starts."


def rotate(config: Config, say: Say) -> Key:
    """A new key signs from now on; those before verify until their last token has ended. Raises Problem."""
    folder.ensure_key(config)
    key = folder.publish_new(config)
    if _taken(config, key, say) is False:
        folder.remove(config, [key.kid])
        raise Problem(
            "PostgREST does not take the new key, so nothing was changed. See its log; does it listen to the"
            " database (db-channel-enabled), and does its jwt-secret name this folder's jwks.json?"
        )
    _appoint(config, key)
    clear(config, say)
    return key


def retire(config: Config, name: str, say: Say) -> list[store.Ended]:
    """No token of the key whose name begins so counts any more, from the next request on. The tokens that ended.

    It waits for nobody before that: a thief would go on meanwhile. Who logs in before PostgREST has the new key, is
    refused by it for that moment.
    """
    keys = folder.ensure_key(config)
    kid = _kid(config, name)
    new = folder.publish_new(config) if keys.current.kid == kid else None
    if new:
        _appoint(config, new)
    with owner(config) as connection:
        ended = store.retire(connection, kid)
    _remove(config, [kid])
    if new and _taken(config, new, say) is False:
        say("PostgREST does not take the new key yet; restart it.")
    old = keys.find(kid)
    if old and wait_until(config, old, False, lambda: _announce(config)) is False:
        say("PostgREST still verifies with it, so restart it. Tokens that were issued with this key are refused.")
    return ended


def clear(config: Config, say: Say) -> None:
    """Remove the keys that nothing needs: their last token has ended, or they never signed."""
    here = folder.ensure_key(config)
    with owner(config) as connection:
        store.appoint(connection, here.current.kid)
        known = {key.kid: key for key in store.list_keys(connection)}
    gone = [key.kid for key in here.keys[:-1] if key.kid not in known or known[key.kid].spent]
    if gone:
        _remove(config, gone)
        say(f"removed {len(gone)} keys that nothing needs any more")


def _kid(config: Config, name: str) -> str:
    """The one key whose name begins so."""
    here = folder.load_keys(config)
    with owner(config) as connection:
        known = {key.kid for key in store.list_keys(connection)}
    kids = {kid for kid in known | {key.kid for key in (here.keys if here else ())} if kid.startswith(name)}
    if len(kids) != 1:
        raise Problem(f"{len(kids) or 'No'} keys begin with {name}; `webmacs keys list` shows all.")
    return kids.pop()


def _taken(config: Config, key: Key, say: Say) -> bool | None:
    taken = wait_until(config, key, True, lambda: _announce(config))
    if taken is None:
        say(ABSENT)
    return taken


def _appoint(config: Config, key: Key) -> None:
    folder.appoint(config, key.kid)
    with owner(config) as connection:
        store.appoint(connection, key.kid)
        store.announce(connection)


def _remove(config: Config, kids: Iterable[str]) -> None:
    folder.remove(config, kids)
    with owner(config) as connection:
        store.note_removed(connection, list(kids))
        store.announce(connection)


def _announce(config: Config) -> None:
    with owner(config) as connection:
        store.announce(connection)
