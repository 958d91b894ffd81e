"""Controls of signing in for the operator of a test: forge tokens, rotate keys, loosen a tenant."""

from typing import Any

from aiohttp import web
from msgspec.structs import replace

from upsim.apis.entra import claims
from upsim.domain.sign_in import SignInPolicy
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as, read_part
from upsim.server.spelling import to_json
from upsim.services import forging, identity
from upsim.services.forging import WantedToken
from upsim.services.ports import SYSTEM
from upsim.wire.jose import tokens

FORGED = "upsim_forged"
"""The claim that marks every forged token, so that none is ever taken for one that was granted."""


async def forge(call: Call) -> web.StreamResponse:
    """A token as the test wishes it: any subject, audience, permissions, lifetime, claims, right or wrong key."""
    wanted = await read_as(call, WantedToken, "a token to forge")
    await _enter(call, wanted.tenant)
    grant = await call.write(forging.grant, wanted, call.base_url)
    made = {**claims.access_token(call, grant, {}), FORGED: True}
    made |= {"aud": wanted.audience} if wanted.audience else {}
    for name, value in wanted.claims.items():
        made[name] = value
        if value is None:
            del made[name]
    kid, key = await call.site.keyring.signing_key()
    if wanted.key == "stranger":
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = tokens.sign(made, key, kid if wanted.key != "unknown" else "unknown")
    return json_response({"accessToken": token, "tokenType": "Bearer", "claims": made})


async def rotate(call: Call) -> web.StreamResponse:
    """Sign with a new key from now on; the one before still verifies."""
    return json_response({"kid": await call.site.keyring.rotate()}, 201)


async def show_policy(call: Call) -> web.StreamResponse:
    """Return how strictly the tenant checks sign-ins."""
    await _enter(call, call.parameters["tenant"])
    return json_response(_represent(await call.read(identity.policy)))


async def change_policy(call: Call) -> web.StreamResponse:
    """Change what is named, keep the rest."""
    await _enter(call, call.parameters["tenant"])
    changes = await read_part(call, SignInPolicy, "a change of the sign-in policy")
    policy = replace(await call.read(identity.policy), **{**changes, "id": identity.POLICY_ID})
    await call.write(lambda tx: tx.put(policy))
    return json_response(_represent(policy))


def _represent(policy: SignInPolicy) -> dict[str, Any]:
    return {name: value for name, value in to_json(policy, with_defaults=True).items() if name != "id"}


async def _enter(call: Call, name: str) -> None:
    tenant = await call.site.store.read(SYSTEM, lambda tx: identity.resolve_tenant(tx, name))
    await call.enter(tenant.id)
