"""The control API's own description says what its rows take, and cannot be behind."""

import inspect
import re
from typing import Any

import aiohttp
import pytest

from upsim.apis.control.bodies import query_of, taken_by
from upsim.apis.control.table import API
from upsim.app import Running, apis
from upsim.server.operation import Operation

ROWS = [row for api in apis() for row in api.table if row.path.startswith("/_upsim/")]


def source_of(row: Operation) -> str:
    """The text of the handler itself."""
    handler: Any = inspect.unwrap(row.handler)
    if row.id.startswith("control.journal."):
        from upsim.apis.control.journal import handlers

        named = next(cell for cell in handler.__closure__ or ()).cell_contents
        handler = named() if callable(named) else getattr(handlers, named)
    return inspect.getsource(handler)


@pytest.mark.parametrize("row", API.table, ids=lambda row: row.id)
def test_a_handler_says_what_it_reads(row: Operation) -> None:
    text = source_of(row)
    body = re.search(r"read_(?:as|part)\(call, (\w+),", text)
    kind = taken_by(row.handler)
    if "kind.add" not in text and "kind.change" not in text:
        assert (kind.__name__ if kind else None) == (body[1] if body else None)
    query = re.search(r"read_query\(call, (\w+)\)", text)
    if query:
        assert query_of(row.handler).__name__ == query[1]


async def described(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.get("/_upsim/openapi/control.json") as response:
        assert response.status == 200
        found: dict[str, Any] = await response.json()
    return found


async def test_the_description_is_valid_and_has_every_row(http: aiohttp.ClientSession) -> None:
    from openapi_spec_validator import validate

    document = await described(http)
    validate(document)
    listed = {each["operationId"] for path in document["paths"].values() for each in path.values()}
    assert listed == {row.id for row in ROWS}
    forge = document["paths"]["/_upsim/tokens"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "audience" in document["components"]["schemas"][forge["$ref"].rpartition("/")[2]]["properties"]
    compared = document["paths"]["/_upsim/tenants/{tenant}/diff"]["get"]["parameters"]
    assert {each["name"] for each in compared} == {"tenant", "from", "to", "format"}
    imported = document["paths"]["/_upsim/import"]["post"]["requestBody"]["content"]
    assert set(imported) == {"application/zip"}
    journal = document["paths"]["/_upsim/tenants/{tenant}/journal"]["get"]["parameters"]
    assert {"tenant", "operation", "ippStatus", "messages"} <= {each["name"] for each in journal}


async def test_the_welcome_page_leads_to_it(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as response:
        assert "/_upsim/openapi/control.json" in await response.text()


async def test_bodies_that_fit_the_description_are_taken(upsim: Running, http: aiohttp.ClientSession) -> None:
    document = await described(http)
    schema = document["components"]["schemas"]["ClockChange"]["properties"]
    assert set(schema) == {"advanceSeconds", "frozen", "rate"}
    async with http.get("/_upsim/tenants/contoso.example/jobs?printr=1") as response:
        assert response.status == 400
        assert "did you mean 'printer'?" in await response.text()
