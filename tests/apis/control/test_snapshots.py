"""Snapshots, going back, forks, differences, export and import, with clients that print meanwhile."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire
from upsim.app import Running
from upsim.shipped import fixtures

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
DOCUMENT = fixtures() / "sample.pdf"


class Office:
    """A tenant of its own with a printer, a share and a user who prints."""

    def __init__(self, wire: Wire, tenant: str) -> None:
        self.wire = wire
        self.tenant = tenant
        self.here = f"/_upsim/tenants/{tenant}"
        self.alex = Person(wire, tenant, PUBLIC_CLIENT, "alex@contoso.example")
        self.admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")

    async def open(self) -> "Office":
        await self.alex.sign_in_with_browser()
        await self.admin.sign_in_with_browser()
        self.device = await PrinterDevice.register(self.wire, self.admin, "Lab")
        await self.device.prove_itself()
        await self.device.describe_itself()
        self.share = await self.admin.share(self.device.printer_id, "Floor")
        return self

    async def call(self, method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        answer = await self.wire.call(method, self.here + path, json=body, expect=(expect,))
        return answer.json() if answer.body else None

    async def print(self, copies: int = 1) -> str:
        return await self.alex.print(self.share, DOCUMENT, {"copies": copies})

    async def jobs(self) -> dict[str, str]:
        """Ids and states."""
        found = await self.alex.graph("GET", f"/print/shares/{self.share}/jobs", expect=(200,), note="")
        return {job["id"]: job["status"]["state"] for job in found["value"]}

    async def fetch(self, job_id: int, target: Path) -> bytes:
        await self.device.acknowledge(job_id)
        await self.device.fetch_document(job_id, target)
        return target.read_bytes()


@pytest.fixture
async def wire(upsim: Running) -> AsyncIterator[Wire]:
    async with Wire("test", upsim.https, Path(upsim.ca).read_text()) as wire:
        yield wire


@pytest.fixture
async def office(wire: Wire) -> Office:
    settings = {"registration": {"seconds": 0}}
    body = {"seed": "s", "frozenAt": "2026-01-05T10:00:00Z", "settings": settings}
    made = (await wire.call("POST", "/_upsim/tenants", json=body, expect=(201,))).json()
    return await Office(wire, made["tenant"]["id"]).open()


async def test_a_restored_tenant_has_its_jobs_documents_and_clock_again(office: Office, tmp_path: Path) -> None:
    await office.print()
    taken = await office.call("POST", "/snapshots", {"name": "printed"}, expect=201)
    assert taken["takenAt"] == "2026-01-05T10:00:00+00:00"
    await office.fetch(1, tmp_path / "first.pdf")
    await office.device.report(1, 9, "job-completed-successfully")
    await office.print()
    await office.call("POST", "/clock/advance", {"bySeconds": 7200})
    restored = await office.call("POST", "/restore", {"to": "Printed"})
    assert restored["now"] == "2026-01-05T10:00:00+00:00"
    assert await office.jobs() == {"1": "pending"}
    assert await office.fetch(1, tmp_path / "again.pdf") == DOCUMENT.read_bytes()
    assert await office.print() == "2"  # the job's number again


async def test_going_back_can_be_undone(office: Office) -> None:
    await office.print()
    await office.call("POST", "/snapshots", {"name": "one"}, expect=201)
    await office.print()
    undone = await office.call("POST", "/restore", {"to": "one"})
    assert await office.jobs() == {"1": "pending"}
    await office.call("POST", "/restore", {"to": f"change:{undone['before']}"})
    assert await office.jobs() == {"1": "pending", "2": "pending"}


async def test_the_same_calls_after_a_restore_make_the_same_things(office: Office) -> None:
    async def create() -> tuple[int, str | None, Any]:
        answer = await office.wire.call(
            "POST",
            f"/v1.0/print/shares/{office.share}/jobs",
            token=await office.alex.token(),
            json={"configuration": {}},
            expect=(201,),
        )
        return answer.status, answer.headers.get("request-id"), answer.json()

    await office.call("POST", "/snapshots", {"name": "base"}, expect=201)
    told = []
    for _ in range(2):
        await office.call("POST", "/restore", {"to": "base"})
        told.append(await create())
    assert told[0] == told[1]


async def test_every_call_of_the_journal_is_a_point(office: Office) -> None:
    await office.print()
    journal = await office.call("GET", "/journal?operation=graph.share.job.*")
    calls = {entry["operation"]: entry for entry in journal["value"]}
    (created,) = [entry for name, entry in calls.items() if name.endswith("create")]
    (started,) = [entry for name, entry in calls.items() if name.endswith("start")]
    await office.call("POST", "/restore", {"to": f"call:{created['number']}"})
    assert await office.jobs() == {"1": "paused"}
    await office.call("POST", "/restore", {"to": f"call:{started['requestId']}"})
    assert await office.jobs() == {"1": "pending"}
    await office.call("POST", "/restore", {"to": "call:99999"}, expect=404)


async def test_a_fork_goes_on_by_itself(office: Office, tmp_path: Path) -> None:
    await office.print()
    made = await office.call("POST", "/fork", {}, expect=201)
    await office.call("POST", "/clock/advance", {"bySeconds": 60})
    other = Office(office.wire, made["tenant"]["id"])
    await other.alex.sign_in_with_browser()
    other.share = office.share
    assert await other.jobs() == {"1": "pending"}
    assert await other.print() == "2"
    assert await office.jobs() == {"1": "pending"}
    assert (await other.call("GET", "/clock"))["now"] == "2026-01-05T10:00:00+00:00"
    await office.wire.call("DELETE", office.here, expect=(204,))  # shared documents stay
    assert await other.jobs() == {"1": "pending", "2": "pending"}
    archive = await exported(other)
    contents = [archive.read(name) for name in archive.namelist() if name.startswith("documents/")]
    assert contents == [DOCUMENT.read_bytes()] * 2


async def test_a_difference_is_told_field_by_field(office: Office) -> None:
    await office.call("POST", "/snapshots", {"name": "before"}, expect=201)
    await office.print(copies=3)
    changes = (await office.call("GET", "/diff?from=before&to=now"))["value"]
    (job,) = [change for change in changes if change["kind"] == "job"]
    assert (job["id"], job["what"]) == ("1", "added")
    fields = {field["name"]: field["after"] for field in job["fields"]}
    assert fields["printerId"] == office.device.printer_id
    answer = await office.wire.call("GET", f"{office.here}/diff?from=now&to=before&format=text")
    assert "- job 1\n" in answer.body.decode()
    assert (await office.call("GET", "/diff?from=now&to=now"))["value"] == []


async def test_a_moved_clock_and_settings_are_part_of_the_difference(office: Office) -> None:
    point = (await office.call("GET", "/snapshots"))["change"]
    await office.call("PUT", "/settings", {"queries": {"pageSize": 7}})
    (change,) = (await office.call("GET", f"/diff?from=change:{point}"))["value"]
    assert change["kind"] == "tenant"
    assert {"name": "settings.queries.pageSize", "before": None, "after": 7} in change["fields"]
    await office.call("POST", "/restore", {"to": f"change:{point}"})
    assert (await office.call("GET", "/settings"))["values"]["queries"]["pageSize"] == 100


async def test_snapshots_are_listed_and_dropped(office: Office) -> None:
    await office.call("POST", "/snapshots", {"name": "a"}, expect=201)
    second = await office.call("POST", "/snapshots", {}, expect=201)
    listed = await office.call("GET", "/snapshots")
    assert second["name"] == f"at-{listed['change']}"
    assert [each["name"] for each in listed["value"]] == ["a", second["name"]]
    await office.call("GET", "/snapshots/a")
    await office.call("DELETE", "/snapshots/a", expect=204)
    await office.call("DELETE", "/snapshots/a", expect=404)
    await office.call("POST", "/reset")
    assert (await office.call("GET", "/snapshots"))["value"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/snapshots", {"name": "a:b"}, 400),
        ("POST", "/snapshots", {"name": "Taken"}, 409),
        ("POST", "/snapshots", {"at": "change:999999"}, 404),
        ("POST", "/snapshots", {"colour": 1}, 400),
        ("POST", "/restore", {"to": "nothing"}, 404),
        ("POST", "/restore", {"to": "change:999999"}, 404),
        ("POST", "/restore", {"to": "change:x"}, 400),
        ("POST", "/restore", {}, 400),
        ("POST", "/fork", {"domain": "contoso.example"}, 409),
        ("GET", "/diff", None, 400),
        ("GET", "/export?at=nothing", None, 404),
    ],
)
async def test_what_cannot_be_is_refused(
    wire: Wire, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    here = "/_upsim/tenants/contoso.example"
    await wire.call("POST", f"{here}/snapshots", json={"name": "taken"}, expect=(201,))
    answer = await wire.call(method, here + path, json=body, expect=(status,))
    assert answer.json()["error"]["message"]


async def test_a_bounded_number_of_snapshots_is_kept(office: Office) -> None:
    await office.call("PUT", "/settings", {"history": {"snapshotsMax": 2}})
    for _ in range(2):
        await office.call("POST", "/snapshots", {}, expect=201)
    await office.call("POST", "/snapshots", {}, expect=409)


async def exported(office: Office) -> zipfile.ZipFile:
    answer = await office.wire.call("GET", f"{office.here}/export")
    assert answer.headers["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.body))


async def test_a_tenant_travels_as_a_file(office: Office, tmp_path: Path) -> None:
    await office.print()
    octets = (await office.wire.call("GET", f"{office.here}/export")).body
    await office.wire.call("POST", "/_upsim/import", data=octets, expect=(409,))  # it is there still
    await office.wire.call("DELETE", office.here, expect=(204,))
    made = (await office.wire.call("POST", "/_upsim/import", data=octets, expect=(201,))).json()
    assert made["tenant"]["id"] == office.tenant
    again = Office(office.wire, office.tenant)
    await again.alex.sign_in_with_browser()
    again.share, again.device = office.share, office.device
    assert await again.jobs() == {"1": "pending"}
    await again.device.prove_itself()  # its certificate is known still
    assert await again.fetch(1, tmp_path / "fetched.pdf") == DOCUMENT.read_bytes()
    assert await again.print() == "2"


async def test_a_file_may_become_another_tenant(office: Office) -> None:
    await office.print()
    octets = (await office.wire.call("GET", f"{office.here}/export")).body
    path = "/_upsim/import?domain=copy.example&id=0c0a7050-0000-4000-8000-0000000000cc"
    made = (await office.wire.call("POST", path, data=octets, expect=(201,))).json()
    assert made["tenant"] == {"id": "0c0a7050-0000-4000-8000-0000000000cc", "domain": "copy.example"}


def changed(octets: bytes, name: str, change: Any) -> bytes:
    """The archive with one member otherwise, or gone."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(octets)) as source, zipfile.ZipFile(target, "w") as made:
        for member in source.namelist():
            content = source.read(member)
            if member.startswith(name):
                content = change(content)
            if content is not None:
                made.writestr(member, content)
    return target.getvalue()


def newer(manifest: bytes) -> bytes:
    value = json.loads(manifest) | {"version": 99, "upsim": "9.9"}
    return json.dumps(value).encode()


def damaged(octets: bytes) -> bytes:
    at = octets.index(b"%PDF") + 10  # a document is stored as it is, with a checksum
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda octets: b"", "damaged"),
        (lambda octets: b"not a zip", "damaged"),
        (lambda octets: octets[: len(octets) // 2], "damaged"),
        (damaged, "damaged"),
        (lambda octets: changed(octets, "manifest", newer), "use a newer one"),
        (lambda octets: changed(octets, "manifest", lambda _: b"{}"), "no tenant of upsim"),
        (lambda octets: changed(octets, "manifest", lambda _: None), "has no manifest"),
        (lambda octets: changed(octets, "rows", lambda _: None), "has no rows"),
        (lambda octets: changed(octets, "rows", lambda rows: rows.partition(b"\n")[2]), "should have"),
        (lambda octets: changed(octets, "rows", lambda rows: rows.replace(b'"job"', b'"jobs"')), "does not know"),
        (lambda octets: changed(octets, "documents/", lambda _: None), "is not in it"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_and_leaves_nothing(
    office: Office, spoil: Any, says: str
) -> None:
    await office.print()
    octets = (await office.wire.call("GET", f"{office.here}/export")).body
    path = "/_upsim/import?id=0c0a7050-0000-4000-8000-0000000000cc&domain=copy.example"
    answer = await office.wire.call("POST", path, data=spoil(octets), expect=(400,))
    assert says in answer.json()["error"]["message"]
    tenants = (await office.wire.call("GET", "/_upsim/tenants")).json()["value"]
    assert "copy.example" not in [each["tenant"]["domain"] for each in tenants]
