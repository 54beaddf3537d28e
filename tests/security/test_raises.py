"""PostgREST 12 writes the message of a PTxxx error into the first line of its answer: no line break may be in it."""

import re

import pytest

from tests.support.sql import Sql

FUNCTIONS = """
    select oid::regprocedure::text, prosrc from pg_proc
     where pronamespace in ('api'::regnamespace, 'access'::regnamespace, 'private'::regnamespace) and prosrc ~ '''PT'
"""
RAISE = re.compile(
    r"raise\s+(?:sqlstate\s+'PT|exception\s+using\s+errcode\s*=\s*'PT).*?;[ \t]*$", re.DOTALL | re.MULTILINE
)
MESSAGE = re.compile(r"message\s*=\s*(.*?)\s*(?:,\s*(?:hint|detail)\s*=.*)?;$", re.DOTALL)
TEXT = re.compile(r"'(?:[^']|'')*'(?:\s*\n\s*'(?:[^']|'')*')*")  # over several lines it is one
# what may stand in a message as it is: numbers, times, words that we choose, and what somebody wrote only made harmless
HARMLESS = re.compile(
    r"""private\.(?:in_one_line|number_text)\([\w.]+(?:\s->>\s'')?\)
      | private\.rule_number\(wanted\) | (?:\w+\.)?(?:\w+_)?id | coalesce\(\w+_id::text,\s*''\)
      | (?:\w+\.)?(?:state|state_before|step|event_type|started_at|coarser|finer|role|type|key|counter)
      | to_char\([\w.]+,\s*''\) | replace\((?:\w+\.)?state,\s*'',\s*''\)
      | case\s+when\s.*\send | tg_table_name | missing | unknown | experiment | most | refusal | what | reason""",
    re.VERBOSE | re.DOTALL,
)


def raises(sql: Sql) -> list[tuple[str, str]]:
    """Each function and the expression of each message that it raises."""
    found = []
    for name, source in sql.superuser.execute(FUNCTIONS):
        for statement in RAISE.findall(source):
            message = MESSAGE.search(statement)
            assert message, f"{name}: {statement}"
            found.append((name, message[1]))
    return found


def strangers(message: str) -> list[str]:
    """The parts of an expression that might bring a line break."""
    without_texts = TEXT.sub("''", message)
    call = re.fullmatch(r"format\(\s*'',?\s*(.*)\)", without_texts, re.DOTALL)
    parts = re.split(r",(?![^(]*\))", call[1]) if call else [without_texts]
    return [part.strip() for part in parts if part.strip() not in ("", "''") and not HARMLESS.fullmatch(part.strip())]


def test_no_message_brings_what_somebody_wrote(sql: Sql) -> None:
    found = raises(sql)
    assert len(found) > 50
    assert [(name, message) for name, message in found if strangers(message)] == []


@pytest.mark.parametrize("message", ["format('There is no %s.', name)", "name", "format('%s and %s', id, old.name)"])
def test_one_that_does_is_found(message: str) -> None:
    assert strangers(message)
