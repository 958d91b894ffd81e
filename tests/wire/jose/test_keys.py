"""Signing keys and how they are shown (RFC 7517)."""

import base64
import hashlib

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from upsim.app import real_now
from upsim.wire.jose.keys import load_private_key, new_key, public_jwk, thumbprint_sha1, thumbprint_sha256
from upsim.wire.jose.tokens import sign

MADE = new_key(real_now())


def test_a_key_comes_with_a_certificate_of_its_own() -> None:
    certificate = x509.load_der_x509_certificate(MADE.certificate_der)
    assert certificate.public_key() == load_private_key(MADE.private_key_pem).public_key()
    certificate.verify_directly_issued_by(certificate)


def test_a_key_is_shown_as_entra_shows_it_and_verifies() -> None:
    key = load_private_key(MADE.private_key_pem)
    jwk = public_jwk(key.public_key(), "k1", MADE.certificate_der, "https://issuer/")
    assert "alg" not in jwk
    assert base64.b64decode(jwk["x5c"][0]) == MADE.certificate_der
    assert jwt.decode(sign({"a": 1}, key, "k1"), jwt.PyJWK.from_dict(jwk), algorithms=["RS256"]) == {"a": 1}


def test_thumbprints_are_base64url_without_padding() -> None:
    for shown, digest in (
        (thumbprint_sha1(b"x"), hashlib.sha1(b"x").digest()),
        (thumbprint_sha256(b"x"), hashlib.sha256(b"x").digest()),
    ):
        assert "=" not in shown
        assert base64.urlsafe_b64decode(shown + "==") == digest


def test_only_rsa_keys_sign() -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(TypeError):
        load_private_key(pem.decode())
