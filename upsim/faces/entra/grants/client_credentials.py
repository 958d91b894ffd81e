"""`client_credentials`, RFC 6749 section 4.4: an application for itself."""

from aiohttp import web

from upsim.faces.entra.answers import token_answer
from upsim.faces.entra.requests import check_specific, read_credential, read_form, read_scope
from upsim.server.context import Call
from upsim.services import grants, identity
from upsim.services.client_authentication import Credential
from upsim.services.grants import Grant
from upsim.services.identity import SHARED_AUTHORITIES
from upsim.services.ports import Transaction


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    check_specific(call, SHARED_AUTHORITIES)
    credential, scope = read_credential(call, form), read_scope(call, form)
    asked = (credential, scope, call.base_url)
    grant = await call.read(_if_strict, *asked)
    if grant is None:
        grant = await call.write(grants.client_credentials, *asked)
    return await token_answer(call, form, grant)


def _if_strict(tx: Transaction, credential: Credential, scope: str, own_url: str) -> Grant | None:
    """The token, where asking for it changes nothing; a lenient tenant makes the applications that it meets."""
    return None if identity.policy(tx).is_lenient else grants.client_credentials(tx, credential, scope, own_url)
