"""$batch: order, dependencies, both URL forms, permissions and refusals of the parts."""

from typing import Any

import pytest

from tests.support.graph.world import TENANT, Person, World
from upsim.domain.printer_share import PrinterShare


async def sent(person: Person, *requests: dict[str, Any], version: str = "v1.0") -> dict[str, Any]:
    answer = await person.post(f"/{version}/$batch", {"requests": list(requests)})
    assert answer.status == 200, answer.body
    return {part["id"]: part for part in answer.json["responses"]}


async def test_reads_and_writes_in_one(world: World, ada: Person, share: PrinterShare) -> None:
    json, job = {"Content-Type": "application/json"}, {"configuration": {}}
    parts = await sent(
        ada,
        {"id": "1", "method": "GET", "url": "/print/shares?$select=id"},
        {"id": "2", "method": "GET", "url": f"{world.url}/v1.0/print/shares/{share.id}"},
        {"id": "3", "method": "POST", "url": f"print/shares/{share.id}/jobs", "headers": json, "body": job},
        {"id": "4", "method": "GET", "url": f"/print/shares/{share.id}/jobs", "dependsOn": ["3"]},
        {"id": "5", "method": "GET", "url": f"/beta/print/shares/{share.id}", "depends_on": []},
    )  # fmt: skip
    assert [parts[each]["status"] for each in "12345"] == [200, 200, 201, 200, 200]
    assert parts["1"]["body"]["value"] == [{"id": share.id}]
    assert parts["2"]["body"]["displayName"] == "Third floor"
    assert len(parts["4"]["body"]["value"]) == 1
    assert "name" in parts["5"]["body"]
    assert parts["1"]["headers"]["Content-Type"].startswith("application/json")


async def test_a_redirect_is_passed_on(world: World, ada: Person, share: PrinterShare) -> None:
    from tests.support.graph.jobs import an_uploaded_job

    job = await an_uploaded_job(ada, share)
    url = f"/print/shares/{share.id}/jobs/{job['id']}/documents/{job['documents'][0]['id']}/$value"
    parts = await sent(ada, {"id": "1", "method": "GET", "url": url})
    assert parts["1"]["status"] == 302
    assert parts["1"]["headers"]["Location"].startswith(f"{world.url}/downloads/")


async def test_every_part_has_its_own_permissions(ada: Person, share: PrinterShare) -> None:
    parts = await sent(
        ada,
        {"id": "1", "method": "GET", "url": "/print/printers"},
        {"id": "2", "method": "GET", "url": "/print/shares", "dependsOn": ["1"]},
        {"id": "3", "method": "GET", "url": "/print/plotters"},
        {"id": "4", "method": "PUT", "url": "/print/shares"},
        {"id": "5", "method": "GET", "url": "/print/shares/none"},
        {"id": "6", "method": "DELETE", "url": f"/print/shares/{share.id}"},
    )
    assert {name: part["status"] for name, part in parts.items()} == {
        "1": 403,
        "2": 424,
        "3": 400,
        "4": 405,
        "5": 404,
        "6": 403,
    }
    assert parts["1"]["body"]["error"]["code"] == "UnknownError"


async def test_a_part_at_which_upsim_fails_is_a_500_of_its_own(
    world: World, ada: Person, share: PrinterShare, caplog: pytest.LogCaptureFixture
) -> None:
    def damage(tx: Any) -> None:
        tx._session.execute(
            "UPDATE entity SET body = :body WHERE id = :id", {"body": b'"rot"', "id": share.printer_id}
        )

    await world.site.store.write(TENANT, damage)
    json, job = {"Content-Type": "application/json"}, {"configuration": {}}
    parts = await sent(
        ada,
        {"id": "1", "method": "GET", "url": "/me"},
        {"id": "2", "method": "POST", "url": f"/print/shares/{share.id}/jobs", "headers": json, "body": job},
        {"id": "3", "method": "GET", "url": "/me", "dependsOn": ["2"]},
        {"id": "4", "method": "GET", "url": "/me"},
    )
    assert {name: part["status"] for name, part in parts.items()} == {"1": 200, "2": 500, "3": 424, "4": 200}
    failed = parts["2"]["body"]["error"]
    assert failed["code"] == "InternalServerError"
    assert failed["innerError"]["request-id"] in failed["message"]
    assert failed["innerError"]["request-id"] in {record.request_id for record in caplog.records}
    assert "Traceback" not in str(parts)


BAD_BATCHES: list[Any] = [
    {},
    {"requests": []},
    {"requests": "x"},
    {"requests": [{"id": "1", "method": "GET"}]},
    {"requests": [{"id": "1", "method": "GET", "url": "/me"}, {"id": "1", "method": "GET", "url": "/me"}]},
    {"requests": [{"id": str(number), "method": "GET", "url": "/me"} for number in range(21)]},
    {"requests": [{"id": "1", "method": "POST", "url": "/print/shares", "body": {}}]},
    {"requests": [{"id": "1", "method": "POST", "url": "/$batch"}]},
    {"requests": [{"id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"]}]},
    {
        "requests": [
            {"id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"]},
            {"id": "2", "method": "GET", "url": "/me", "dependsOn": ["1"]},
        ]
    },
]


@pytest.mark.parametrize("body", BAD_BATCHES)
async def test_a_bad_batch_is_refused_whole(ada: Person, world: World, body: Any) -> None:
    before = await world.rows()
    answer = await ada.post("/v1.0/$batch", body)
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert await world.rows() == before


async def test_twenty_are_not_too_many(ada: Person) -> None:
    requests = [{"id": str(number), "method": "GET", "url": "/me"} for number in range(20)]
    parts = await sent(ada, *requests)
    assert {part["status"] for part in parts.values()} == {200}


async def test_a_batch_needs_a_token(world: World) -> None:
    answer = await world.nobody().post("/v1.0/$batch", {"requests": [{"id": "1", "method": "GET", "url": "/me"}]})
    assert answer.status == 401


async def test_a_binary_update_in_a_batch(world: World, app: Person) -> None:
    import base64

    from tests.support.graph.printer_attributes import sample
    from tests.support.graph.world import APP, a_printer

    printer = a_printer(has_physical_device=False, registered_by_app_id=APP)
    await world.put(printer)
    parts = await sent(
        app,
        {
            "id": "1",
            "method": "PATCH",
            "url": f"/print/printers/{printer.id}",
            "headers": {"Content-Type": "application/ipp"},
            "body": base64.urlsafe_b64encode(sample()).decode(),
        },
    )
    assert parts["1"]["status"] == 204
    assert "body" not in parts["1"]
