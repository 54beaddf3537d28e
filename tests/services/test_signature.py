"""What is signed: no two different requests sign alike, and it is what RFC 9421 says."""

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.program import ORDER, Call
from webmacs.services.signature import (
    MalformedError,
    Signature,
    Signed,
    content_digest,
    is_signed,
    read_signature,
    signature_base,
)

KEY = "0123456789abcdef0123456789abcdef"
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40)
# What could end a line, a text or a list, more often than chance has it.
NASTY = st.text(st.sampled_from('\n\r\0 "\\:;=()?@abmp-'), max_size=40)
NONCES = st.text(string.ascii_letters + string.digits + "+/=_-", min_size=16, max_size=64)
CALLS = st.builds(
    Call,
    service=st.from_regex("[a-z][a-z0-9_]{0,39}", fullmatch=True),
    method=st.sampled_from(["POST", "GET", "post", "PATCH"]),
    path=VISIBLE,
    query=VISIBLE,
    body=st.binary(max_size=40),
    created=st.integers(0, 99_999_999_999),
    nonce=NONCES,
    order=st.permutations(ORDER).map(tuple),
)


def signed_of(call: Call) -> Signed:
    return Signed(call.method, call.path.encode(), call.query.encode(), content_digest(call.body))


def read(call: Call) -> Signature:
    headers = call.headers(KEY)
    return read_signature(headers["Signature-Input"], headers["Signature"])


@given(CALLS)
def test_what_others_sign_is_what_we_verify(call: Call) -> None:
    signature = read(call)
    assert (signature.service, signature.nonce, signature.created) == (call.service, call.nonce, call.created)
    assert signature_base(signed_of(call), signature.names, signature.parameters) == call.base.encode()
    assert is_signed(signed_of(call), signature, KEY)
    assert not is_signed(signed_of(call), signature, KEY[::-1])


@given(CALLS, CALLS)
def test_no_two_requests_sign_alike(one: Call, other: Call) -> None:
    assert (base(one) == base(other)) == (one == other)


@given(CALLS, st.data())
def test_no_two_that_differ_in_one_part_sign_alike(one: Call, data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["service", "method", "path", "query", "body", "created", "nonce", "order"]))
    other = replace(one, **{part: getattr(data.draw(CALLS), part)})
    assert (base(one) == base(other)) == (one == other)


@given(NASTY, NASTY, NASTY)
def test_no_value_can_pretend_to_be_the_next_line(method: str, path: str, query: str) -> None:
    signed = Signed(method, path.encode(), query.encode(), content_digest(b""))
    try:
        text = signature_base(signed, ORDER, "(…)").decode()
    except MalformedError:
        assert not all("!" <= character <= "~" for character in method + path + query)
    else:
        lines = [line.split(": ", 1) for line in text.split("\n")]
        assert [value for _, value in lines] == [method, path, f"?{query}", content_digest(b""), "(…)"]


@given(st.text(max_size=600), st.text(max_size=600))
def test_any_header_is_read_or_refused(signature_input: str, signature: str) -> None:
    with pytest.raises(MalformedError):
        read_signature(signature_input, signature)


@given(st.data())
def test_a_header_with_a_piece_changed_is_read_or_refused(data: st.DataObject) -> None:
    """And what is read has the forms that the database and the log rely on."""
    headers = Call().headers(KEY)
    text = headers["Signature-Input"]
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(NASTY | st.text(max_size=5)) + text[at + data.draw(st.integers(0, 5)) :]
    try:
        found = read_signature(changed, headers["Signature"])
    except MalformedError:
        return
    assert 16 <= len(found.nonce) <= 64
    assert 1 <= len(found.service) <= 40
    assert found.service.isascii()
    assert 0 <= found.created < 10**11


# RFC 9530, appendix D, and the SHA-256 of nothing.
@pytest.mark.parametrize(
    ("body", "digest"),
    [
        (b'{"hello": "world"}\n', "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"),
        (b"", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"),
    ],
)
def test_the_digest_is_that_of_rfc_9530(body: bytes, digest: str) -> None:
    assert content_digest(body) == digest


def test_a_library_of_others_signs_what_we_verify() -> None:
    """Signed by the package http-message-signatures 3.0.0."""
    signature = read_signature(
        'sig=("@method" "@path" "@query" "content-digest");created=1795254050;keyid="historian";alg="hmac-sha256"'
        ';nonce="Zm9yLXRoZS1leGFtcGxlLW9ubHk"',
        "sig=:miTCqtyORzys2eW2QK80Pl87I+R/4e73qqoIDOzQFTY=:",
    )
    signed = Signed("POST", b"/auth/service", b"a=1&a=2", content_digest(b"{}"))
    assert is_signed(signed, signature, "only-for-the-example-0123456789abcdef")


def base(call: Call) -> Any:
    signature = read(call)
    return signature_base(signed_of(call), signature.names, signature.parameters)
