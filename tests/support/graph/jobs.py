"""Jobs that are created and uploaded through Graph."""

from typing import Any

from tests.support.graph.world import Person
from upsim.domain.printer_share import PrinterShare


async def a_job(person: Person, share: PrinterShare, configuration: dict[str, Any] | None = None) -> Any:
    answer = await person.post(f"/v1.0/print/shares/{share.id}/jobs", {"configuration": configuration or {}})
    assert answer.status == 201, answer.message
    return answer.json


async def an_uploaded_job(person: Person, share: PrinterShare, content: bytes = b"%PDF-1.7") -> Any:
    job = await a_job(person, share)
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/documents/{job['documents'][0]['id']}"
    properties = {"documentName": "a.pdf", "contentType": "application/pdf", "size": len(content)}
    session = await person.post(f"{path}/createUploadSession", {"properties": properties})
    assert session.status == 200, session.message
    url = session.json["uploadUrl"]
    done = await person.world.nobody().put(url, content, f"bytes 0-{len(content) - 1}/{len(content)}")
    assert done.status == 201
    return job
