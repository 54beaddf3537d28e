"""`webmacs doctor --security` on local services."""

from dataclasses import replace

from tests.support.database import Database
from tests.support.people import Caller
from webmacs.config import Config
from webmacs.doctor.services import local_services


def only(config: Config, *names: str) -> Config:
    return replace(config, services=tuple(service for service in config.services if service.name in names))


def test_services_that_cannot_do_what_they_are_meant_to(config: Config, hilde: Caller, database: Database) -> None:
    assert local_services(only(config)).found == "there are none"
    assert local_services(only(config, "historian")).ok
    found = local_services(only(config, "historian", "reader", "orphan")).found
    assert found == (
        "reader acts as operator and not as admin, for that is what hilde is; "
        "orphan gets no token: its user nobody-here is not there or not active"
    )
    with database.connect() as connection:
        connection.execute("update private.users set state = 'disabled' where username = %s", (hilde.name,))
        try:
            assert not local_services(only(config, "historian")).ok
        finally:
            connection.execute("update private.users set state = 'active' where username = %s", (hilde.name,))


def test_a_key_of_two_services_is_told_and_not_shown(config: Config, hilde: Caller) -> None:
    (one,) = only(config, "historian").services
    result = local_services(replace(config, services=(one, replace(one, name="logger"))))
    assert result.found == "historian has the key of logger"
    assert one.key not in f"{result.found}{result.advice}"
