"""`now()` in a query (OData 4.01 Part 2 section 5.1.1.8.5): each answer is of its own instant, however encoded."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.support.graph.world import Person, World, a_printer, a_share
from upsim.domain.connector import Connector

NOW = ["now()", "now%28%29", "now%28)", "n%6Fw()"]
"""The same filter as a person types it and as HTTP libraries send it."""


async def add_dated_ahead(world: World, admin: Person, collection: str) -> str:
    """Store one entity whose instant is ten minutes ahead of the tenant's clock; the path of its collection."""
    instant = world.now() + timedelta(minutes=10)
    printer = replace(a_printer(), registered_at=instant)
    share = replace(a_share(printer), created_at=instant)
    connector = Connector(
        id="5b0d7c1e-0000-4000-8002-000000000001",
        display_name="Basement",
        fully_qualified_domain_name="connector.contoso.example",
        operating_system="Windows Server 2022",
        app_version="1.0",
        registered_at=instant,
    )
    await world.put(printer, share, connector)
    if collection != "jobs":
        return f"/v1.0/print/{collection}"
    path = f"/v1.0/print/shares/{share.id}/jobs"
    created = await admin.post(path, {"configuration": {}})
    await world.put(replace(await world.job(created.json["id"]), created_at=instant))
    return path


FILTERED = {
    "printers": "registeredDateTime",
    "shares": "createdDateTime",
    "jobs": "createdDateTime",
}


async def count_found(admin: Person, paths: Sequence[str]) -> list[int]:
    answers = [await admin.get(path) for path in paths]
    assert [answer.status for answer in answers] == [200] * len(answers), answers[0].body
    return [len(answer.json["value"]) for answer in answers]


@pytest.mark.parametrize("now", NOW)
@pytest.mark.parametrize(("collection", "instant"), FILTERED.items())
async def test_a_filter_by_now_follows_the_clock_though_nothing_is_written(
    world: World, admin: Person, collection: str, instant: str, now: str
) -> None:
    path = await add_dated_ahead(world, admin, collection)
    past, future = f"{path}?$filter={instant}%20le%20{now}", f"{path}?$filter={instant}%20gt%20{now}"
    before = await world.rows()
    assert await count_found(admin, [past, future] * 2) == [0, 1] * 2
    world.elapsed += timedelta(minutes=11)
    assert await count_found(admin, [past, future] * 2) == [1, 0] * 2
    assert await world.rows() == before


@pytest.mark.parametrize("now", NOW)
async def test_connectors_take_no_filter_at_any_instant(world: World, admin: Person, now: str) -> None:
    path = await add_dated_ahead(world, admin, "connectors")
    for _ in range(2):
        refused = await admin.get(f"{path}?$filter=registeredDateTime%20le%20{now}")
        assert (refused.status, refused.json["error"]["target"]) == (400, "$filter")
        world.elapsed += timedelta(minutes=11)


@pytest.mark.parametrize("now", NOW)
@pytest.mark.parametrize("option", ["$orderby", "$select"])
@pytest.mark.parametrize("collection", ["printers", "shares", "connectors", "jobs"])
async def test_now_where_a_property_belongs_is_refused(
    world: World, admin: Person, collection: str, option: str, now: str
) -> None:
    path = await add_dated_ahead(world, admin, collection)
    refused = [await admin.get(f"{path}?{option}={now}") for _ in range(2)]
    assert [(answer.status, answer.code) for answer in refused] == [(400, "BadRequest")] * 2
    assert "now()" in refused[0].message
