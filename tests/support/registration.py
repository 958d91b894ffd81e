"""Registration of printers, as a device does it."""

from typing import Any

import aiohttp

from upsim.actors.person import UNIVERSAL_PRINT_SCOPE, Person
from upsim.actors.printer import _new_key
from upsim.actors.wire import Wire
from upsim.app import Running

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
REGISTER = "/api/v1.0/register"


def body(**changes: Any) -> dict[str, Any]:
    _, request, transport_key = _new_key()
    return {
        "name": "Lab",
        "manufacturer": "Contoso",
        "model": "L1",
        "device_type": "printer",
        "device_id": "6f6cc0a5-0000-4000-8000-000000000001",
        "certificate_request": {"type": "pkcs10", "data": request, "transport_key": transport_key},
        **changes,
    }


async def token(upsim: Running, user: str = "admin@contoso.example", scope: str = UNIVERSAL_PRINT_SCOPE) -> str:
    tenant = upsim.tenants[0]["tenant"]["id"]
    async with Wire("test", upsim.https, upsim.site.ca_certificate_pem) as wire:
        person = Person(wire, tenant, PUBLIC_CLIENT, user)
        await person.sign_in_with_browser()
        return await person.token(scope)


async def post(http: aiohttp.ClientSession, value: Any, bearer: str | None, **headers: str) -> tuple[int, Any]:
    given = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    async with http.post(REGISTER, json=value, headers={**given, **headers}) as response:
        return response.status, await response.json(content_type=None)
