"""What becomes of a seed, and what is said of one that cannot become anything."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.engines import open_store
from upsim.app import operations
from upsim.domain.administrative_unit import AdministrativeUnit
from upsim.domain.connector import Connector
from upsim.domain.job import Job, JobState
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.services import seeds
from upsim.services.ports import Store
from upsim.services.seed_printing import SAMPLE
from upsim.storage.documents.files import FileBlobs

NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
ADELE = {"user_principal_name": "adele@c.example", "password": "Adele-pass-1"}


class Garden:
    """A store to plant in."""

    def __init__(self, store: Store, blobs: FileBlobs) -> None:
        self.store, self.blobs = store, blobs
        self.tenant: Tenant

    async def plant(self, **seed: Any) -> Tenant:
        typed = {"display_name": "C", "domains": ["c.example"], **seed}
        (self.tenant,) = await seeds.plant(
            self.store,
            self.blobs,
            msgspec.convert({"tenants": [typed]}, seeds.Seed),
            lambda: "secret",
            lambda: [operation.id for operation in operations()],
        )
        return self.tenant

    async def find(self, kind: Any) -> list[Any]:
        return await self.store.read(self.tenant.id, lambda tx: tx.find(Query(entity=kind)))

    async def flaws(self, **seed: Any) -> list[tuple[tuple[str | int, ...], str, str]]:
        with pytest.raises(Refusal) as caught:
            await self.plant(**seed)
        return [(flaw.path, flaw.detail, flaw.named) for flaw in caught.value.facts["flaws"]]


@pytest.fixture
async def garden(tmp_path: Path) -> AsyncIterator[Garden]:
    store = await open_store(lambda: NOW)
    yield Garden(store, FileBlobs(tmp_path))
    await store.close()


async def test_a_series_stands_for_many(garden: Garden) -> None:
    share = {"display_name": "P{number:03}", "allow_all_users": True}
    printers = {"count": 12, "display_name": "P{number:03}", "location": {"floor": "{number}"}, "share": share}
    people = {**ADELE, "count": 3, "user_principal_name": "p{number}@c.example"}
    await garden.plant(users=[people], printers=[printers])
    made = sorted(await garden.find(Printer), key=lambda printer: printer.display_name)
    assert [printer.display_name for printer in made[::11]] == ["P001", "P012"]
    assert [printer.location.floor for printer in made[::11]] == ["1", "12"]
    assert {share.printer_id for share in await garden.find(PrinterShare)} == {printer.id for printer in made}
    assert len({user.id for user in await garden.find(User)}) == 3


async def test_jobs_have_come_as_far_as_the_seed_says(garden: Garden) -> None:
    states = ["uploading", "pending", "completed", "canceled", "aborted"]
    jobs = [{"user": ADELE["user_principal_name"], "name": state, "state": state} for state in states]
    await garden.plant(users=[ADELE], printers=[{"display_name": "Hall", "jobs": jobs}])
    found = {job.name: job for job in await garden.find(Job)}
    assert {name: job.state for name, job in found.items()} == {
        "uploading": JobState.PENDING,
        "pending": JobState.PENDING,
        "completed": JobState.COMPLETED,
        "canceled": JobState.CANCELED,
        "aborted": JobState.ABORTED,
    }
    assert found["uploading"].is_incoming
    assert found["pending"].is_fetchable
    (part,) = found["pending"].document.parts
    assert b"".join([chunk async for chunk in garden.blobs.read(part.key)]) == SAMPLE


async def test_printers_belong_to_connectors_and_units(garden: Garden) -> None:
    await garden.plant(
        users=[ADELE],
        connectors=[{"display_name": "PRINT-01"}],
        printers=[{"display_name": "Hall", "connector": "print-01"}, {"display_name": "New", "state": "unknown"}],
        administrative_units=[
            {"display_name": "West", "members": ["Hall"], "printer_administrators": [ADELE["user_principal_name"]]}
        ],
    )
    (connector,), (unit,) = await garden.find(Connector), await garden.find(AdministrativeUnit)
    hall, new = await garden.find(Printer)
    assert hall.connector_id == connector.id
    assert unit.members == (hall.id,)
    assert (new.state, new.attributes) == (None, {})


@pytest.mark.parametrize(
    ("clock", "mode", "shown"),
    [
        ({}, "real", "2026-01-05T10:00:00+00:00"),
        ({"frozen_at": "2030-01-01T00:00:00Z"}, "frozen", "2030-01-01T00:00:00+00:00"),
        ({"starts_at": "2025-12-31T23:59:00Z"}, "offset", "2025-12-31T23:59:00+00:00"),
        ({"starts_at": "2025-12-31T23:59:00Z", "rate": 60}, "scaled", "2025-12-31T23:59:00+00:00"),
    ],
)
async def test_a_clock_begins_as_the_seed_says(
    garden: Garden, clock: dict[str, Any], mode: str, shown: str
) -> None:
    tenant = await garden.plant(clock=clock, users=[ADELE], printers=[{"display_name": "Hall"}])
    assert (tenant.clock.mode, tenant.clock.read(NOW).isoformat()) == (mode, shown)
    (printer,) = await garden.find(Printer)
    assert printer.registered_at.isoformat() == shown


async def test_injections_stand_from_the_beginning_and_again_after_a_reset(garden: Garden) -> None:
    injection = {
        "name": "busy",
        "operation": "graph.printer.*",
        "times": 2,
        "answer": {"status": 503},
        "seconds": 60,
    }
    tenant = await garden.plant(injections=[injection])
    (rule,) = tenant.imposed.injections
    assert rule.id
    assert rule.expires_at == datetime(2026, 1, 5, 10, 1, tzinfo=UTC)
    again, _ = await seeds.reset(garden.store, garden.blobs, tenant.id)
    assert again == tenant


async def test_a_reset_replays_jobs_with_documents_of_their_own(garden: Garden) -> None:
    printer = {"display_name": "Hall", "jobs": [{"user": ADELE["user_principal_name"]}]}
    tenant = await garden.plant(users=[ADELE], printers=[printer])
    before = {part.key for job in await garden.find(Job) for part in job.document.parts}
    _, orphans = await seeds.reset(garden.store, garden.blobs, tenant.id)
    (job,) = await garden.find(Job)
    assert set(orphans) == before
    assert job.is_fetchable
    assert garden.blobs.path(job.document.parts[0].key) is not None


NOBODY = "nobody@c.example"


@pytest.mark.parametrize(
    ("seed", "path", "said", "named"),
    [
        (
            {"groups": [{"display_name": "G", "members": ["adela@c.example"]}]},
            ("groups", 0),
            "Did you mean 'adele@",
            "adela@c.example",
        ),
        ({"users": [ADELE, ADELE]}, ("users", 1), "two users", "adele@c.example"),
        ({"users": [{**ADELE, "roles": ["King"]}]}, ("users", 0), "no role 'King'", "King"),
        ({"users": [{**ADELE, "count": 2}]}, ("users", 0), "must hold {number}", "adele@c.example"),
        ({"printers": [{"display_name": "H", "connector": "X"}]}, ("printers", 0), "no connector 'X'", "X"),
        ({"printers": [{"display_name": "H", "jobs": [{"user": NOBODY}]}]}, ("printers", 0), "no user", NOBODY),
        (
            {"printers": [{"display_name": "H", "share": {"display_name": "H", "allowed_groups": ["G"]}}]},
            ("printers", 0),
            "group 'G'",
            "G",
        ),
        ({"printers": [{"display_name": "H"}, {"display_name": "H"}]}, ("printers", 1), "two printers", ""),
        (
            {"administrative_units": [{"display_name": "U", "members": ["Hall"]}]},
            ("administrative_units", 0),
            "no printer",
            "Hall",
        ),
        ({"pull_printers": [{"display_name": "A", "members": ["Hall"]}]}, ("pull_printers", 0), "no printer", ""),
        (
            {"virtual_printers": [{"display_name": "V", "application": "x"}]},
            ("virtual_printers", 0),
            "no application",
            "x",
        ),
        (
            {"simulated_printers": [{"display_name": "S", "persona": "ideel"}]},
            ("simulated_printers", 0),
            "no persona 'ideel'",
            "",
        ),
        ({"badges": [{"id": "1", "upn": NOBODY}]}, ("badges", 0), "no user", NOBODY),
        (
            {"injections": [{"operation": "graph.prnter.get", "delay_seconds": 1}]},
            ("injections", 0),
            "Did you mean 'graph.printer",
            "graph.prnter.get",
        ),
        ({"injections": [{"operation": "*"}]}, ("injections", 0), "does nothing", ""),
        ({"clock": {"frozen_at": "2030-01-01T00:00:00Z", "rate": 2}}, ("clock",), "neither", ""),
    ],
)
async def test_what_a_seed_names_must_be_there(
    garden: Garden, seed: dict[str, Any], path: tuple[str | int, ...], said: str, named: str
) -> None:
    ((at, detail, name),) = await garden.flaws(**{"users": [ADELE], **seed})
    assert at == path
    assert said in detail
    assert not named or name == named
    with pytest.raises(Refusal):  # and nothing is left of it
        await garden.store.tenant(seeds.derived("tenant", "c.example"))


async def test_every_flaw_is_told(garden: Garden) -> None:
    groups = [{"display_name": "G", "members": [NOBODY]}, {"display_name": "H", "members": [NOBODY]}]
    assert [path for path, *_ in await garden.flaws(groups=groups)] == [("groups", 0), ("groups", 1)]


async def test_a_seed_sets_the_pace_of_the_tenant_and_of_a_printer(garden: Garden) -> None:
    jobs = [{"user": "adele@c.example", "state": state} for state in ("uploading", "pending", "completed")]
    await garden.plant(
        users=[ADELE],
        settings={"jobs": {"pace": {"mode": "manual"}}},
        printers=[
            {"display_name": "Hall", "pace": {"mode": "timed", "seconds": 10}, "jobs": jobs},
            {"display_name": "Attic", "jobs": jobs[1:]},
        ],
        simulated_printers=[{"display_name": "Copies", "pace": {"mode": "automatic"}}],
    )
    printers = {each.id: each.display_name for each in await garden.find(Printer)}
    paces = {each.display_name: each.pace and each.pace.mode for each in await garden.find(Printer)}
    assert paces == {"Hall": "timed", "Attic": None, "Copies": "automatic"}
    found = [
        (printers[job.printer_id], job.state.keyword, job.is_fetchable, job.pace and job.pace.mode, job.move_at)
        for job in await garden.find(Job)
        if not job.state.is_terminal
    ]
    assert sorted(found, key=str) == [
        ("Attic", "pending", True, "manual", None),
        ("Hall", "pending", False, "timed", None),  # its document is to come
        ("Hall", "pending", True, "timed", NOW + timedelta(seconds=10)),
    ]
    assert sum(job.state is JobState.COMPLETED for job in await garden.find(Job)) == 2
