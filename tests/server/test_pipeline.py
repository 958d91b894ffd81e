"""The way of every request, with an API of its own."""

import io
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.support.services import START
from upsim.app import build_site
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.server.http import HttpServer
from upsim.server.keys import Keyring
from upsim.server.operation import Api, Evidence, Open, Operation, Scopes
from upsim.server.pipeline import Pipeline
from upsim.storage.documents.files import FileBlobs
from upsim.storage.sqlite.engine import SqliteStore


async def works(call: Call) -> web.StreamResponse:
    return json_response({"path": dict(call.parameters), "body": await call.json(), "base": call.base_url})


async def breaks(call: Call) -> web.StreamResponse:
    raise RuntimeError("a mistake of ours")


async def refuses(call: Call) -> web.StreamResponse:
    raise Refusal(RefusalKind.CONFLICTING, "Two things at once.")


def refuse(call: Call, refusal: Refusal) -> web.Response:
    return json_response({"kind": refusal.kind.name, "detail": refusal.detail, "request": call.request_id}, 418)


def row(method: str, path: str, handler: Any, access: Any = Open.ANYONE) -> Operation:
    return Operation(
        id=f"test.{method}.{path}",
        method=method,
        path=path,
        handler=handler,
        access=access,
        evidence=Evidence("chosen", "test"),
        summary="A row.",
    )


API = Api(
    name="test",
    table=(
        row("POST", "/things/{thing}", works),
        row("GET", "/broken", breaks),
        row("GET", "/refused", refuses),
        row("GET", "/closed", works, Scopes(delegated=("Thing.Read",))),
        row("GET", "/operator", works, Open.OPERATOR),
    ),
    prefixes=("/things",),
    audiences=frozenset({"https://things.example"}),
    refuse=refuse,
    is_for_browsers=True,
)


@pytest.fixture
async def http(tmp_path: Any) -> AsyncIterator[aiohttp.ClientSession]:
    store = SqliteStore.open_memory(lambda: START)
    site = build_site(
        store=store,
        blobs=FileBlobs(tmp_path),
        keyring=Keyring(store, lambda: START),
        now=lambda: START,
    )
    runner = web.ServerRunner(HttpServer(Pipeline(site, lambda: [API], first=API), access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
        yield session
    await runner.cleanup()
    await store.close()


async def answer(response: aiohttp.ClientResponse) -> tuple[int, dict[str, Any]]:
    return response.status, await response.json()


async def test_a_request_reaches_its_row(http: aiohttp.ClientSession) -> None:
    async with http.post("/things///a%2Fb/", data=b'{"x": 1}') as response:
        status, value = await answer(response)
    assert (status, value["path"], value["body"]) == (200, {"thing": "a/b"}, {"x": 1})
    assert value["base"] == str(response.url.origin())


async def test_a_mistake_is_an_internal_error_without_a_traceback(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        async with http.get("/broken") as response:
            status, value = await answer(response)
    assert (status, value["kind"]) == (418, "INTERNAL")
    assert re.search(r"its log has request [0-9a-f-]{36}", value["detail"])
    assert "a mistake of ours" not in str(value)
    assert "a mistake of ours" in caplog.text


async def test_a_refusal_is_written_by_the_api(http: aiohttp.ClientSession) -> None:
    async with http.get("/refused") as response:
        assert (await answer(response))[1]["detail"] == "Two things at once."


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/nowhere", "NOT_FOUND"),
        ("GET", "/things/a/b", "NOT_FOUND"),
        ("DELETE", "/things/a", "METHOD_NOT_ALLOWED"),
        ("GET", "/closed", "UNAUTHENTICATED"),
    ],
)
async def test_what_leads_to_no_row_is_refused(
    http: aiohttp.ClientSession, method: str, path: str, kind: str
) -> None:
    async with http.request(method, path) as response:
        assert (await answer(response))[1]["kind"] == kind


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer a.b.c", "Bearer " + "x" * 8000, "Basic abc", "Bearer é.é.é"]
)
async def test_a_token_that_is_none_is_refused(http: aiohttp.ClientSession, header: str) -> None:
    async with http.get("/closed", headers={"Authorization": header}) as response:
        assert (await answer(response))[1]["kind"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(("body", "said"), [(b"{", "not valid JSON"), (b"[1]", "must be a JSON object")])
async def test_a_body_must_be_a_json_object(http: aiohttp.ClientSession, body: bytes, said: str) -> None:
    async with http.post("/things/a", data=body) as response:
        _, value = await answer(response)
    assert value["kind"] == "INVALID"
    assert said in value["detail"]


async def test_a_body_above_the_limit_is_refused(http: aiohttp.ClientSession) -> None:
    async with http.post("/things/a", data=io.BytesIO(b" " * ((1 << 20) + 1))) as response:
        assert (await answer(response))[1]["kind"] == "TOO_LARGE"


async def test_a_client_that_waits_for_100_continue_is_invited(http: aiohttp.ClientSession) -> None:
    async with http.post("/things/a", data=b"{}", expect100=True) as response:
        assert response.status == 200


async def test_a_client_that_may_not_call_is_not_invited(http: aiohttp.ClientSession) -> None:
    async with http.get("/closed", headers={"Expect": "100-continue"}) as response:
        assert (await answer(response))[1]["kind"] == "UNAUTHENTICATED"


async def test_a_browser_may_ask_before_it_calls(http: aiohttp.ClientSession) -> None:
    asks = {"Origin": "https://app.example", "Access-Control-Request-Headers": "authorization,content-range"}
    async with http.options("/things/a", headers=asks) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Headers"] == "authorization,content-range"
    async with http.post("/things/a", headers={"Origin": "https://app.example"}) as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_this_machine_may_operate(http: aiohttp.ClientSession) -> None:
    async with http.get("/operator") as response:
        assert response.status == 200


async def test_a_page_of_another_origin_may_not_operate(http: aiohttp.ClientSession) -> None:
    async with http.get("/operator", headers={"Origin": "https://elsewhere.example"}) as response:
        assert (await answer(response))[1]["kind"] == "FORBIDDEN"


async def test_a_name_that_a_page_made_its_own_may_not_operate(http: aiohttp.ClientSession) -> None:
    async with http.get("/operator", headers={"Host": "rebound.example:8080"}) as response:
        assert (await answer(response))[1]["kind"] == "FORBIDDEN"
    for host in ("localhost:1", "upsim.localhost", "[::1]:8443", "192.0.2.7"):
        async with http.get("/operator", headers={"Host": host}) as response:
            assert response.status == 200, host


async def test_no_secret_of_the_query_reaches_the_log(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="upsim.access"):
        async with http.post("/things/a?tempauthtoken=hush"):
            pass
    assert "POST /things/a 200" in caplog.text
    assert "hush" not in caplog.text
