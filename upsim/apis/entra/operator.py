"""What the operator of a test may do to signing in: forge tokens, rotate keys, loosen a tenant."""

from typing import Any

import msgspec
from aiohttp import web

from upsim.apis.entra import claims
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import SignInPolicy
from upsim.server.context import Call, json_response
from upsim.services import forging, identity
from upsim.services.forging import TokenWish
from upsim.services.ports import SYSTEM
from upsim.wire.jose import tokens

FORGED = "upsim_forged"
"""The claim that marks every forged token, so that none is ever taken for one that was granted."""


async def forge(call: Call) -> web.StreamResponse:
    """A token as the test wishes it: any subject, audience, permissions, lifetime, claims, right or wrong key."""
    wish = _read(await call.json(), TokenWish)
    await _enter(call, wish.tenant)
    grant = await call.write(forging.grant, wish, call.base_url)
    made = {**claims.access_token(call, grant, {}), FORGED: True}
    made |= {"aud": wish.audience} if wish.audience else {}
    for name, value in wish.claims.items():
        made[name] = value
        if value is None:
            del made[name]
    kid, key = await call.site.keyring.signing_key()
    if wish.key == "stranger":
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = tokens.sign(made, key, kid if wish.key != "unknown" else "unknown")
    return json_response({"access_token": token, "token_type": "Bearer", "claims": made})


async def rotate(call: Call) -> web.StreamResponse:
    """Sign with a new key from now on; the one before still verifies."""
    return json_response({"kid": await call.site.keyring.rotate()}, 201)


async def show_policy(call: Call) -> web.StreamResponse:
    """How strictly the tenant judges those who sign in."""
    await _enter(call, call.parameters["tenant"])
    return json_response(_represent(await call.read(identity.policy)))


async def change_policy(call: Call) -> web.StreamResponse:
    """Change what is named, keep the rest."""
    await _enter(call, call.parameters["tenant"])
    before = _represent(await call.read(identity.policy))
    policy = _read({**before, **await call.json(), "id": identity.POLICY_ID}, SignInPolicy)
    await call.write(lambda tx: tx.put(policy))
    return json_response(_represent(policy))


def _represent(policy: SignInPolicy) -> dict[str, Any]:
    names = [name for name in SignInPolicy.__struct_fields__ if name != "id"]
    return {name: getattr(policy, name) for name in names}


async def _enter(call: Call, name: str) -> None:
    tenant = await call.site.store.read(SYSTEM, lambda tx: identity.resolve_tenant(tx, name))
    await call.enter(tenant.id)


def _read(value: dict[str, Any], kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise Refusal(RefusalKind.INVALID, f"The body cannot be used: {error}.", reason="body-invalid") from error
