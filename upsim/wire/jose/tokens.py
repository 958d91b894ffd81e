"""JSON Web Tokens in the compact serialization (RFC 7515 section 7.1, RFC 7519).

Only form and signature are judged here. Times and audiences are the caller's to judge, because they depend on
whose clock counts. PyJWT is imported at the first signature, so that importing this module costs nothing; only its
algorithms are used, because its own reading and writing costs several times what a check of a signature does.
"""

import base64
import binascii
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

TOKEN_LENGTH_MAX = 64 * 1024
"""Characters; a longer token is refused before it is decoded."""


class MalformedTokenError(Exception):
    """The text is not a JWS in compact serialization whose header and payload are JSON objects."""


class WrongSignatureError(Exception):
    """The signature was not made with the key, or not with an algorithm that is allowed."""


def sign(
    claims: dict[str, Any], private_key: "RSAPrivateKey", kid: str, headers: dict[str, Any] | None = None
) -> str:
    """Return a JWT signed with RS256 (RFC 7518 section 3.3). `headers` go beside `alg`, `typ` and `kid`."""
    header = {"alg": "RS256", "typ": "JWT", "kid": kid, **(headers or {})}
    signed = b".".join((_encoded(orjson.dumps(header)), _encoded(orjson.dumps(claims))))
    return b".".join((signed, _encoded(_algorithm("RS256").sign(signed, private_key)))).decode()


def read_unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as they stand, believed by nobody yet; raises `MalformedTokenError`."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise MalformedTokenError(f"it is longer than {TOKEN_LENGTH_MAX} characters")
    parts = token.split(".")
    if len(parts) != 3:
        raise MalformedTokenError("it must have three parts separated by dots")
    return _json_object(parts[0], "header"), _json_object(parts[1], "payload")


def verify(token: str, public_key: "PublicKeyTypes", algorithms: tuple[str, ...] = ("RS256",)) -> dict[str, Any]:
    """Return the claims of a token whose signature fits; raises `WrongSignatureError` or `MalformedTokenError`."""
    header, claims = read_unverified(token)
    algorithm = header.get("alg")
    if algorithm not in algorithms:
        raise WrongSignatureError(f"its algorithm is not one of {', '.join(algorithms)}")
    if "crit" in header:  # RFC 7515 section 4.1.11: what must be understood and is not
        raise WrongSignatureError("its header has extensions that upsim does not understand")
    signed, _, signature = token.rpartition(".")
    octets = _decoded(signature, "signature")
    try:
        fits = _algorithm(algorithm).verify(signed.encode(), public_key, octets)
    except (TypeError, ValueError, AttributeError) as error:  # the key is of another kind
        raise WrongSignatureError("the key is not one for the algorithm") from error
    if not fits:
        raise WrongSignatureError("the signature does not fit the key")
    return claims


@cache
def _algorithm(name: str) -> Any:
    import jwt

    return jwt.get_algorithm_by_name(name)


def _encoded(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def _decoded(part: str, name: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedTokenError(f"its {name} is not base64url") from error


def _json_object(part: str, name: str) -> dict[str, Any]:
    try:
        value = orjson.loads(_decoded(part, name))
    except ValueError as error:
        raise MalformedTokenError(f"its {name} is not JSON") from error
    if not isinstance(value, dict):
        raise MalformedTokenError(f"its {name} is not a JSON object")
    return value
