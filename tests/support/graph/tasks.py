"""Task definitions and triggers through Graph."""

from typing import Any

from tests.support.graph.world import Person
from upsim.domain.printer import Printer

DEFINITIONS = "/v1.0/print/taskDefinitions"


async def a_definition(app: Person) -> Any:
    made = await app.post(DEFINITIONS, {"displayName": "Hold", "createdBy": {"displayName": "Badge app"}})
    assert made.status == 201
    return made.json


async def a_trigger(admin: Person, printer: Printer, definition_id: str) -> Any:
    body = {
        "event": "jobStarted",
        "definition@odata.bind": f"https://graph.microsoft.com/v1.0/print/taskDefinitions/{definition_id}",
    }
    return await admin.post(f"/v1.0/print/printers/{printer.id}/taskTriggers", body)
