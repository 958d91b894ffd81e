"""JSON Web Tokens in the compact serialization (RFC 7515 section 7.1, RFC 7519).

Only form and signature are judged here. Times and audiences are the caller's to judge, because they depend on
whose clock counts. PyJWT is imported at the first signature, so that importing this module costs nothing.
"""

import base64
import binascii
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
    """A JWT signed with RS256 (RFC 7518 section 3.3). `headers` go beside `alg`, `typ` and `kid`."""
    import jwt

    # The signature alone is PyJWT's: its own `encode` refuses claims that a test may want to forge.
    return jwt.PyJWS().encode(orjson.dumps(claims), private_key, "RS256", {"kid": kid, **(headers or {})})


def read_unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as they stand, believed by nobody yet; raises `MalformedTokenError`."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise MalformedTokenError(f"it is longer than {TOKEN_LENGTH_MAX} characters")
    parts = token.split(".")
    if len(parts) != 3:
        raise MalformedTokenError("it must have three parts separated by dots")
    return _json_object(parts[0], "header"), _json_object(parts[1], "payload")


def verify(token: str, public_key: "PublicKeyTypes", algorithms: tuple[str, ...] = ("RS256",)) -> dict[str, Any]:
    """The claims of a token whose signature fits; raises `WrongSignatureError` or `MalformedTokenError`."""
    import jwt

    _, claims = read_unverified(token)
    try:
        jwt.PyJWS().decode_complete(token, public_key, algorithms=list(algorithms))  # type: ignore[arg-type]
    except jwt.DecodeError as error:
        if isinstance(error, jwt.InvalidSignatureError):
            raise WrongSignatureError("the signature does not fit the key") from error
        raise MalformedTokenError(str(error).lower()) from error
    except (jwt.InvalidTokenError, jwt.InvalidKeyError, TypeError, ValueError) as error:
        raise WrongSignatureError(str(error)) from error
    return claims


def _json_object(part: str, name: str) -> dict[str, Any]:
    try:
        octets = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = orjson.loads(octets)
    except (binascii.Error, ValueError) as error:
        raise MalformedTokenError(f"its {name} is not base64url of JSON") from error
    if not isinstance(value, dict):
        raise MalformedTokenError(f"its {name} is not a JSON object")
    return value
