"""`urn:ietf:params:oauth:grant-type:device_code`, RFC 8628 section 3.4, and the request that begins it.

msal-node writes the grant type as plain `device_code`; MSAL for Python sends the code as `code` as well, and no
scope.
"""

from aiohttp import web

from upsim.apis.entra.answers import token_answer
from upsim.apis.entra.requests import V2, read_credential, read_form, read_scope, unwrap
from upsim.server.context import Call, json_response
from upsim.services import device_codes


async def start(call: Call) -> web.StreamResponse:
    """RFC 8628 section 3.2. The v1 endpoint calls the page `verification_url` and writes numbers as strings."""
    form = await read_form(call)
    credential, scope = read_credential(call, form), read_scope(call, form)
    code = await call.write(device_codes.start, credential.app_id, scope, call.base_url)
    page = f"{call.base_url}/devicelogin"
    seconds = int((code.expires_at - code.issued_at).total_seconds())
    is_v2 = call.version == V2
    return json_response(
        {
            "user_code": code.user_code,
            "device_code": code.id,
            "verification_uri" if is_v2 else "verification_url": page,
            "expires_in": seconds if is_v2 else str(seconds),
            "interval": code.interval_seconds if is_v2 else str(code.interval_seconds),
            "message": f"To sign in, use a web browser to open the page {page} and enter the code "
            f"{code.user_code} to authenticate.",
        }
    )


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    credential, scope = read_credential(call, form), read_scope(call, form)
    device_code = form.get("device_code") or form.get("code", "")
    outcome = await call.write(device_codes.redeem, credential, device_code, scope, call.base_url)
    return await token_answer(call, form, unwrap(outcome))
