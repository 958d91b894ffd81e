"""RFC 7515 and RFC 7519: signing, reading and checking compact tokens."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from upsim.wire.jose.tokens import (
    TOKEN_LENGTH_MAX,
    MalformedTokenError,
    WrongSignatureError,
    read_unverified,
    sign,
    verify,
)

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
TOKEN = sign({"sub": "x", "exp": 1.5, "iat": "whenever"}, KEY, "k1", {"x5t": "k1"})


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_what_was_signed_is_read_back() -> None:
    header, claims = read_unverified(TOKEN)
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "k1", "x5t": "k1"}
    assert claims == {"sub": "x", "exp": 1.5, "iat": "whenever"}


def test_times_are_not_judged() -> None:
    assert verify(TOKEN, KEY.public_key())["exp"] == 1.5


def test_another_librarys_token_is_read() -> None:
    token = jwt.encode({"a": 1}, KEY, algorithm="PS256")
    assert verify(token, KEY.public_key(), ("RS256", "PS256")) == {"a": 1}


@pytest.mark.parametrize(
    "token",
    [
        sign({"a": 1}, OTHER, "k1"),
        jwt.encode({"a": 1}, KEY, algorithm="PS256"),
        jwt.encode({"a": 1}, "a secret that is long enough for it", algorithm="HS256"),
        f"{part({'alg': 'none'})}.{part({'a': 1})}.",
        f"{part({'alg': ['RS256']})}.{part({'a': 1})}.AAAA",
        jwt.encode({"a": 1}, KEY, algorithm="RS256", headers={"crit": ["b64"], "b64": True}),
        TOKEN.rpartition(".")[0] + ".%%%%",
        f"{part({'typ': 'JWT'})}.{part({'a': 1})}.AAAA",
        TOKEN.rpartition(".")[0] + "." + TOKEN.rpartition(".")[2][::-1],
    ],
)
def test_a_wrong_signature_or_algorithm_is_refused(token: str) -> None:
    with pytest.raises((WrongSignatureError, MalformedTokenError)):
        verify(token, KEY.public_key())


def test_a_key_of_another_kind_fits_nothing() -> None:
    with pytest.raises(WrongSignatureError):
        verify(TOKEN, ec.generate_private_key(ec.SECP256R1()).public_key())


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "a.b.c.d",
        "%.%.%",
        f"{part([])}.{part({})}.",
        f"{part({})}.{part(1)}.",
        "x" * TOKEN_LENGTH_MAX + "x",
    ],
)
def test_what_is_no_token_is_malformed(token: str) -> None:
    with pytest.raises(MalformedTokenError):
        read_unverified(token)


@settings(max_examples=200, deadline=None)
@given(st.text() | st.tuples(st.binary(), st.binary()).map(lambda pair: ".".join([*map(_encoded, pair), ""])))
def test_any_text_is_read_or_malformed(text: str) -> None:
    try:
        header, claims = read_unverified(text)
    except MalformedTokenError:
        return
    assert isinstance(header, dict)
    assert isinstance(claims, dict)


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
