"""Badges by the control API, and the device that looks them up."""

from urllib.parse import quote

from tests.support.control import Office

ALEX = "alex@contoso.example"


async def test_a_badge_is_given_listed_used_and_taken_away(office: Office) -> None:
    assert await office.control("GET", "/badges") == (200, {"value": []})
    for number, badge in enumerate(("42", "card/7"), start=1):
        status, made = await office.control("POST", "/badges", {"id": badge, "user": ALEX})
        assert (status, made["id"], made["user"]) == (201, badge, ALEX)
        assert await office.device.badge_owner(badge) == f"mailto:{ALEX}"
        assert [each["id"] for each in (await office.control("GET", "/badges"))[1]["value"]][-1] == badge
        assert len((await office.control("GET", "/badges"))[1]["value"]) == number
    assert (await office.control("DELETE", f"/badges/{quote('card/7', safe='')}"))[0] == 204
    assert [each["id"] for each in (await office.control("GET", "/badges"))[1]["value"]] == ["42"]


async def test_what_cannot_be_given_is_refused_and_nothing_changes(office: Office) -> None:
    await office.control("POST", "/badges", {"id": "42", "user": ALEX})
    before = await office.control("GET", "/badges")
    for body, status, said in (
        (
            {"id": "42", "user": "sam@contoso.example"},
            409,
            "There is a badge '42' already; delete it before it is given to another user.",
        ),
        ({"id": "43", "user": "nobody@contoso.example"}, 404, "'nobody@contoso.example' does not exist"),
        ({"id": " ", "user": ALEX}, 400, "The badge needs an id."),
        ({"id": "43"}, 400, "'user' is missing"),
        ({"id": "43", "user": ALEX, "pin": 1}, 400, "'pin' is not known here"),
    ):
        found, refusal = await office.control("POST", "/badges", body)
        assert found == status
        assert said in refusal["error"]["message"]
    status, refusal = await office.control("DELETE", "/badges/43")
    assert (status, refusal["error"]["code"]) == (404, "not_found")
    assert await office.control("GET", "/badges") == before


async def test_a_collection_that_is_still_being_made_is_ready_at_once(office: Office) -> None:
    await office.control("PUT", "/settings", {"badges": {"provisioningSeconds": 3600}})
    token = await office.admin.token("https://print.print.microsoft.com/.default")
    collections = "/v1.0/print/badgeCollections"
    await office.wires[0].call("POST", collections, token=token, json={}, expect=(202,))
    await office.wires[0].call("GET", f"{collections}/0", token=token, expect=(404,))
    assert (await office.control("POST", "/badges", {"id": "42", "user": ALEX}))[0] == 201
    body = (await office.wires[0].call("GET", f"{collections}/0/badges/42", token=token)).json()
    assert (body["id"], body["upn"]) == ("42", ALEX)
