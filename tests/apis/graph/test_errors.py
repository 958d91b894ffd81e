"""Refusals in Graph's dialect: envelope, headers, tokens, paths, methods, browsers."""

from datetime import timedelta

import pytest

from tests.support.graph.world import ADA, ADMIN_SCOPES, Person, World
from upsim.apis.graph.errors import BY_KIND
from upsim.domain.limits import LimitName, LimitSettings
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.refusals import RefusalKind


def test_every_kind_of_refusal_has_an_error() -> None:
    assert set(BY_KIND) == set(RefusalKind)


async def test_the_envelope(world: World, ada: Person) -> None:
    answer = await ada.get("/v1.0/print/shares/none", headers={"client-request-id": "mine"})
    error = answer.json["error"]
    assert (answer.status, error["code"]) == (404, "NotFound")
    inner = error["innerError"]
    assert set(inner) == {"date", "request-id", "client-request-id"}
    assert inner["client-request-id"] == answer.headers["client-request-id"] == "mine"
    assert inner["request-id"] == answer.headers["request-id"]
    assert len(inner["date"]) == len("2026-01-05T10:31:00")


async def test_standing_headers(ada: Person) -> None:
    answer = await ada.get("/v1.0/me")
    assert answer.headers["Content-Type"] == (
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    )
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["x-ms-ags-diagnostic"].startswith('{"ServerInfo"')
    assert answer.headers["client-request-id"] == answer.headers["request-id"]


async def test_no_token(world: World) -> None:
    answer = await world.nobody().get("/v1.0/print/shares")
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")
    assert answer.message == "Access token is empty."
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="", authorization_uri="')


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "e30.e30.e30"])
async def test_a_token_that_is_none(world: World, token: str) -> None:
    answer = await Person(world, token).get("/v1.0/print/shares")
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize("tenant_id", ["", "0c0a7050-0000-4000-8000-00000000ffff"])
async def test_a_token_of_no_tenant(world: World, tenant_id: str) -> None:
    answer = await world.user(tid=tenant_id).get("/v1.0/me")
    assert (answer.status, answer.message) == (401, "The token's tenant does not exist.")


async def test_other_claims_under_a_signature_that_was_good(world: World, ada: Person) -> None:
    assert ada.token is not None
    assert (await ada.get("/v1.0/me")).status == 200
    header, _, signature = ada.token.split(".")
    administrator = world.admin().token
    assert administrator is not None
    forged = Person(world, ".".join([header, administrator.split(".")[1], signature]))
    answer = await forged.get("/v1.0/me")
    assert (answer.status, answer.message) == (401, "Invalid signature of the token.")
    assert (await ada.get("/v1.0/me")).status == 200


async def test_an_expired_token(world: World, ada: Person) -> None:
    assert (await ada.get("/v1.0/me")).status == 200
    world.elapsed += timedelta(hours=2)
    answer = await ada.get("/v1.0/me")
    assert (answer.status, answer.message) == (401, "Lifetime validation failed, the token is expired.")


async def test_a_token_for_another_audience(world: World) -> None:
    answer = await world.user(aud="https://print.print.microsoft.com").get("/v1.0/me")
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize(
    "audience",
    ["https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000", "https://graph.microsoft.us"],
)
async def test_graphs_own_audiences(world: World, audience: str) -> None:
    assert (await world.user(aud=audience).get("/v1.0/me")).status == 200


async def test_a_missing_scope_is_told_as_the_print_service_tells_it(world: World) -> None:
    answer = await world.user(ADA, "User.Read").get("/v1.0/print/shares")
    assert (answer.status, answer.code) == (403, "UnknownError")
    assert answer.message == '"The token does not have one or more required security scopes."'
    assert "PrinterShare.ReadBasic.All" in answer.json["error"]["details"][0]["message"]


ADMIN_ONLY = [
    ("GET", "/print/printers"),
    ("POST", "/print/printers/create"),
    ("GET", "/print/printers/{printer}"),
    ("PATCH", "/print/printers/{printer}"),
    ("DELETE", "/print/printers/{printer}"),
    ("GET", "/print/printers/{printer}/jobs"),
    ("POST", "/print/printers/{printer}/jobs"),
    ("GET", "/print/operations/none"),
]


@pytest.mark.parametrize(("method", "path"), ADMIN_ONLY)
async def test_an_ordinary_user_where_an_administrator_is_needed(
    world: World, printer: Printer, method: str, path: str
) -> None:
    before = await world.rows()
    user = world.user(ADA, ADMIN_SCOPES)
    answer = await user.call(method, "/v1.0" + path.format(printer=printer.id), {})
    assert (answer.status, answer.code) == (403, "Forbidden")
    assert "Printer Administrator" in answer.message
    assert await world.rows() == before


async def test_an_unknown_segment(ada: Person) -> None:
    answer = await ada.get("/v1.0/print/plotters")
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert answer.message == "Resource not found for the segment 'plotters'."


async def test_a_method_that_is_not_there(ada: Person) -> None:
    answer = await ada.call("PUT", "/v1.0/print/shares", {})
    assert (answer.status, answer.code) == (405, "MethodNotAllowed")
    assert "GET" in answer.headers["Allow"]


async def test_double_slashes_and_case_do_not_matter(ada: Person) -> None:
    assert (await ada.get("/v1.0//print//Shares")).status == 200


async def test_a_body_that_is_too_large(world: World, ada: Person) -> None:
    answer = await ada.post("/v1.0/print/shares/x/jobs", b'{"configuration":"' + b"x" * 2_000_000 + b'"}')
    assert answer.status == 413


@pytest.mark.parametrize(
    ("content_type", "status", "code"),
    [
        ("text/plain", 415, "UnsupportedMediaType"),
        ("application/x-www-form-urlencoded", 415, "UnsupportedMediaType"),
        ("application/ipp", 415, "UnsupportedMediaType"),
        ("application/jsonx", 415, "UnsupportedMediaType"),
        (None, 400, "BadRequest"),
    ],
)
async def test_a_body_that_is_not_called_json(
    world: World, admin: Person, share: PrinterShare, content_type: str | None, status: int, code: str
) -> None:
    before = await world.rows()
    headers = {} if content_type is None else {"Content-Type": content_type}
    more = {"skip_auto_headers": ["Content-Type"]} if content_type is None else {}
    path = f"/v1.0/print/shares/{share.id}"
    answer = await admin.call("PATCH", path, data=b'{"displayName": "x"}', headers=headers, **more)
    assert (answer.status, answer.code) == (status, code)
    assert answer.json["error"]["target"] == "Content-Type"
    assert await world.rows() == before


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", "text/json"])
async def test_spellings_of_json(admin: Person, share: PrinterShare, content_type: str) -> None:
    path = f"/v1.0/print/shares/{share.id}"
    answer = await admin.patch(path, {"displayName": "x"}, headers={"Content-Type": content_type})
    assert (answer.status, answer.json["displayName"]) == (200, "x")


async def test_a_client_that_wants_no_metadata(ada: Person, share: PrinterShare) -> None:
    accept = {"Accept": "application/json;odata.metadata=none"}
    for path in ("/v1.0/print/shares", f"/v1.0/print/shares/{share.id}"):
        answer = await ada.get(path, headers=accept)
        assert "@odata.context" not in answer.json
        assert answer.headers["Content-Type"].startswith("application/json;odata.metadata=none;")
        assert "@odata.context" in (await ada.get(path)).json


async def test_a_client_that_wants_full_metadata_is_told_that_it_gets_the_least(
    ada: Person, share: PrinterShare
) -> None:
    path = f"/v1.0/print/shares/{share.id}"
    answer = await ada.get(path, headers={"Accept": "application/json;odata.metadata=full"})
    assert answer.json == (await ada.get(path)).json
    assert answer.headers["Content-Type"].startswith("application/json;odata.metadata=minimal;")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1.0/print/nothing", 400), ("/beta/nothing/at/all", 400), ("/v1.0/print/shares", 405)],
)
async def test_a_page_may_read_what_it_is_refused(world: World, ada: Person, path: str, status: int) -> None:
    page = {"Origin": "https://app.example"}
    asks = {**page, "Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization"}
    preflight = await world.nobody().call("OPTIONS", path, headers=asks)
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization"
    assert "DELETE" in preflight.headers["Access-Control-Allow-Methods"]
    refusal = await ada.call("DELETE", path, headers=page)
    assert refusal.status == status
    assert refusal.json["error"]["code"]
    assert refusal.headers["Access-Control-Allow-Origin"] == "*"


async def test_browsers_may_call(world: World, ada: Person) -> None:
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-range",
    }
    preflight = await world.nobody().call("OPTIONS", "/uploadSessions/x?tempauthtoken=y", headers=asked)
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-range"
    answer = await ada.get("/v1.0/print/shares", headers={"Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


BAD_QUERIES = [
    "$filter=displayName eq",
    "$filter=colour eq 'red'",
    "$filter=isShared eq 'x'",
    "$select=colour",
    "$expand=colour",
    "$expand=shares($expand=printer($expand=shares($expand=printer($expand=shares))))",
    "$orderby=colour",
    "$top=-1",
    "$top=x",
    "$skip=-1",
    "$skiptoken=nonsense!",
    "$skiptoken=bm9uZQ",
    "$nonsense=1",
    "$top=1&$top=2",
]


@pytest.mark.parametrize("query", BAD_QUERIES)
async def test_a_bad_query_is_refused(admin: Person, printer: Printer, query: str) -> None:
    answer = await admin.get("/v1.0/print/printers?" + query.replace(" ", "%20"))
    assert (answer.status, answer.code) == (400, "BadRequest")


async def test_an_unknown_property_is_told_as_graph_tells_it(admin: Person) -> None:
    answer = await admin.get("/v1.0/print/printers?$select=x")
    assert answer.message == (
        "Parsing OData Select and Expand failed: Could not find a property named 'x' on type "
        "'microsoft.graph.printer'."
    )


async def test_a_huge_top_gives_the_largest_page(admin: Person, printer: Printer) -> None:
    assert len((await admin.get("/v1.0/print/printers?$top=999999999")).json["value"]) == 1


LACKING = {
    "/print/printers": "$count $search",
    "/print/shares": "$count $orderby $search",
    "/me/print/recentPrinterShares": "$count $orderby $search",
    "/print/printers/{printer}/jobs": "$count $search",
    "/print/shares/{share}/jobs": "$count $search",
    "/print/connectors": "$count $filter $search",
    "/print/printers/{printer}/taskTriggers": "$count $search $select $skip $top",
    "/print/taskDefinitions": "$count $search $select $skip $top",
    "/print/taskDefinitions/{definition}/tasks": "$count $search $select $skip $top",
}
"""The options that the pages of the API reference exclude, by collection."""
VALUES = {
    "$count": "true", "$filter": "id%20ne%20'x'", "$orderby": "id", "$search": "x", "$select": "id", "$skip": "1",
    "$top": "1",
}  # fmt: skip


@pytest.mark.parametrize("path", LACKING)
async def test_options_that_a_collection_lacks_are_refused_or_ignored(
    world: World, admin: Person, share: PrinterShare, path: str
) -> None:
    app = world.app()
    definition = (await app.post("/v1.0/print/taskDefinitions", {"displayName": "Hold"})).json["id"]
    person = app if "taskDefinitions" in path else admin
    at = "/v1.0" + path.format(printer=share.printer_id, share=share.id, definition=definition)
    plain = (await person.get(at)).json["value"]
    for option, value in VALUES.items():
        is_lacking = option in LACKING[path].split()
        answer = await person.get(f"{at}?{option}={value}")
        if is_lacking:
            assert (answer.status, answer.json["error"]["target"]) == (400, option)
        elif option != "$search":
            assert answer.status == 200, (option, answer.body)
    await world.settings(queries={"unsupported_options": "ignore"})
    for option in LACKING[path].split():
        answer = await person.get(f"{at}?{option}={VALUES[option]}")
        assert (answer.status, answer.json["value"]) == (200, plain), option
        assert "@odata.count" not in answer.json


async def test_an_option_that_the_collection_lacks(world: World, admin: Person, printer: Printer) -> None:
    refusal = await admin.get("/v1.0/print/printers?$count=true")
    assert (refusal.status, "$count" in refusal.message) == (400, True)
    await world.settings(queries={"unsupported_options": "ignore"})
    ignored = await admin.get("/v1.0/print/printers?$count=true")
    assert (ignored.status, "@odata.count" in ignored.json) == (200, False)


async def test_throttling_has_the_documented_envelope(world: World, app: Person) -> None:
    await world.settings(limits=LimitSettings(own={LimitName.GRAPH_REQUESTS: 1}))
    assert (await app.get("/v1.0/print/taskDefinitions")).status == 200
    answer = await app.get("/v1.0/print/taskDefinitions")
    assert (answer.status, answer.code, answer.message) == (429, "TooManyRequests", "Please retry again later.")
    assert int(answer.headers["Retry-After"]) > 0
    inner = answer.json["error"]["innerError"]
    assert (inner["code"], inner["status"], inner["message"]) == ("429", "429", "Please retry after")
    assert inner["request-id"] == answer.headers["request-id"]
