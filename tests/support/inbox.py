"""Subscriptions to the built-in receiver of change notifications."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.registration import PUBLIC_CLIENT
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire

TENANT = "/_upsim/tenants/contoso.example"
SERVICE = {"client_id": "0c0a7050-0000-4000-8000-00000000d002", "client_secret": "Contoso-secret-1"}


async def app_token(wire: Wire, tenant_id: str) -> str:
    form = {**SERVICE, "grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    answer = await wire.call("POST", f"/{tenant_id}/oauth2/v2.0/token", data=form)
    return str(answer.json()["access_token"])


async def subscribe(wire: Wire, token: str, printer_id: str, url: str, **expect: Any) -> dict[str, Any]:
    clock = (await wire.call("GET", f"{TENANT}/clock")).json()["now"]
    wish = {
        "changeType": "updated",
        "resource": f"print/printers/{printer_id}/jobs",
        "notificationQueryOptions": "$filter = isFetchable eq true",
        "notificationUrl": url,
        "expirationDateTime": (datetime.fromisoformat(clock) + timedelta(hours=20)).isoformat(),
        "clientState": "s3cret",
    }
    answer = await wire.call("POST", "/v1.0/subscriptions", token=token, json=wish, **{"expect": (201,), **expect})
    return answer.json()


async def a_shared_printer(wire: Wire, tenant_id: str) -> tuple[PrinterDevice, str, Person]:
    admin = Person(wire, tenant_id, PUBLIC_CLIENT, "admin@contoso.example")
    await admin.sign_in_with_browser()
    device = await PrinterDevice.register(wire, admin, "Lab")
    await device.prove_itself()
    await device.describe_itself()
    return device, await admin.share(device.printer_id, "Floor"), admin
