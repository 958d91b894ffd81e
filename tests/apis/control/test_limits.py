"""`GET .../limits`: what is left for each printer and each user, as their calls use it up."""

from typing import Any

import pytest

from tests.support.control import Office

ALEX, SAM = "alex@contoso.example", "sam@contoso.example"


async def left(office: Office) -> dict[str, int]:
    """What is left of jobs, by printer and user, and of the bytes of one."""
    status, shown = await office.control("GET", "/limits")
    assert status == 200
    async with office.hand.get("/_upsim/limits") as response:
        every = (await response.json())["tenants"][office.tenant_id]
    assert {**every, "early": []} == {**shown, "early": []}

    def of(found: list[dict[str, Any]], name: str) -> int:
        (one,) = [each for each in found if each["name"] == name]
        assert one["left"] == max(0, one["value"] - one["used"])
        return int(one["left"])

    printer, users = shown["printers"][office.device.printer_id], shown["users"]
    return {
        "printer": of(printer, "jobs-per-printer"),
        "alex": of(users[ALEX], "jobs-per-user"),
        "sam": of(users[SAM], "jobs-per-user"),
        "submissions": of(printer, "submissions-per-printer"),
        "alex submits": of(users[ALEX], "submissions-per-user"),
        "bytes": of(users[ALEX], "bytes-per-user"),
    }


async def test_what_is_left_is_what_calls_may_still_use(office: Office, tmp_path: Any) -> None:
    await office.control("PATCH", "/clock", {"frozen": True})
    own = {"jobs-per-printer": 4, "jobs-per-user": 3, "submissions-per-user": 2, "bytes-per-user": 1000}
    await office.control("PUT", "/settings", {"limits": {"own": own, "scale": 0.1}})
    fresh = {"printer": 4, "alex": 3, "sam": 3, "submissions": 5, "alex submits": 2, "bytes": 1000}
    assert await left(office) == fresh

    async def create() -> tuple[int, str]:
        answer = await office.as_alex("POST", office.jobs, json={"configuration": {}})
        return answer.status, answer.headers.get("Retry-After", "")

    assert [await create() for _ in range(2)] == [(201, "")] * 2
    used = {**fresh, "printer": 2, "alex": 1, "submissions": 3, "alex submits": 0}
    assert await left(office) == used
    assert (await create())[0] == 429
    assert await left(office) == used, "a refusal uses nothing"
    await office.control(
        "POST", "/clock/advance", {"bySeconds": 3600}
    )  # submissions that nobody ends are given up
    assert await left(office) == fresh
    await office.alex.sign_in_with_browser()
    await office.print(tmp_path, b"%PDF" + b"x" * 396)
    assert await left(office) == {**fresh, "printer": 3, "alex": 2, "bytes": 600}
    await office.control("POST", "/clock/advance", {"bySeconds": 900})
    assert await left(office) == fresh


async def test_a_caller_who_comes_back_too_early_is_told_of(office: Office) -> None:
    await office.control("PATCH", "/clock", {"frozen": True})
    await office.control("PUT", "/settings", {"limits": {"own": {"jobs-per-user": 1}}})
    answers = [await office.as_alex("POST", office.jobs, json={"configuration": {}}) for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 429, 429]
    assert answers[-1].headers["Retry-After"] == "600"
    _, shown = await office.control("GET", "/limits")
    (early,) = shown["early"]
    assert (early["calls"], early["worstSeconds"]) == (1, 600)
    await office.control("POST", "/clock/advance", {"bySeconds": 600})
    again = await office.as_alex("POST", office.jobs, json={"configuration": {}})
    assert again.status == 201


@pytest.mark.parametrize("profile", ["service", "off"])
async def test_a_profile_says_which_there_are(office: Office, profile: str) -> None:
    await office.control("PUT", "/settings", {"limits": {"profile": profile}})
    _, shown = await office.control("GET", "/limits")
    values = {each["name"]: each["value"] for each in shown["limits"]}
    published = {each["name"]: each["published"] for each in shown["limits"]}
    assert values == (published if profile == "service" else dict.fromkeys(published))
    assert bool(shown["users"][ALEX]) == (profile == "service")
