"""The three forms of pull printing from end to end: Graph on one side, raw IPP bytes on the other.

Between any two steps the server is killed and started again over its folder; nothing that it answered is lost.
"""

import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.identity.aio import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.print_task import PrintTask
from msgraph.generated.models.print_task_definition import PrintTaskDefinition
from msgraph.graph_service_client import GraphServiceClient

from tests.support.ipp import raw
from tests.support.ipp.raw import BOOLEAN, ENUM, INTEGER, JOB, KEYWORD, PRINTER, URI
from tests.support.ipp.raw import attribute as a
from tests.support.processes import Process
from upsim.actors.person import GRAPH_SCOPE, UNIVERSAL_PRINT_SCOPE, Person
from upsim.actors.printer import Identity, PrinterDevice, _new_key
from upsim.actors.wire import Answer, Wire
from upsim.shipped import fixtures

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
SERVICE = "0c0a7050-0000-4000-8000-00000000d002"
SERVICE_SECRET = "Contoso-secret-1"
BADGES = "/v1.0/print/badgeCollections"


class Rig:
    """A server over one folder with the pull-print seed, and the people and devices around it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.process = self._start()
        self.tenant = self.process.tenant_id

    def _start(self) -> Process:
        return Process("--data", str(self._folder), "--seed", str(fixtures() / "pull-print.toml"))

    def step(self) -> None:
        """Between two steps: the server dies and comes back over the same folder."""
        self.process.kill()
        self.process = self._start()

    @contextlib.asynccontextmanager
    async def wire(self) -> AsyncIterator[Wire]:
        async with Wire("test", self.process.https, Path(self.process.ca).read_text()) as wire:
            yield wire

    async def as_user(self, wire: Wire, name: str, client_id: str = PUBLIC_CLIENT) -> Person:
        secret = SERVICE_SECRET if client_id == SERVICE else ""
        person = Person(wire, self.tenant, client_id, f"{name}@contoso.example", secret)
        await person.sign_in_with_browser()
        return person

    async def graph(self, name: str, method: str, path: str, json: Any = None, expect: int = 200) -> Any:
        """One Graph call of a person, in a session of its own."""
        async with self.wire() as wire:
            token = await (await self.as_user(wire, name)).token(GRAPH_SCOPE)
            answer = await wire.call(method, path, json=json, token=token, expect=(expect,))
            return answer.json() if answer.body else None

    async def prints(self, name: str, share_id: str, document: Path) -> str:
        async with self.wire() as wire:
            return await (await self.as_user(wire, name)).print(share_id, document, {})

    async def badge_admin(self, method: str, path: str, json: Any = None, expect: int = 200) -> Answer:
        async with self.wire() as wire:
            token = await (await self.as_user(wire, "admin")).token(UNIVERSAL_PRINT_SCOPE)
            return await wire.call(method, path, json=json, token=token, expect=(expect,))

    async def control(self, method: str, path: str, json: Any = None) -> Any:
        async with self.wire() as wire:
            answer = await wire.call(
                method, f"/_upsim/tenants/{self.tenant}/{path}", json=json, expect=(200, 201, 204)
            )
            return answer.json() if answer.body else None

    async def a_device(self, name: str, *more: bytes) -> "Device":
        async with self.wire() as wire:
            device = await PrinterDevice.register(wire, await self.as_user(wire, "admin"), name)
        found = Device(self, device.identity)
        await found.describes(a(raw.MIME, "document-format-supported", "application/pdf"), *more)
        return found

    async def status(self, name: str, share_id: str, job_id: str) -> dict[str, Any]:
        job = await self.graph(name, "GET", f"/v1.0/print/shares/{share_id}/jobs/{job_id}")
        return dict(job["status"])


class Device:
    """A device that speaks in raw bytes; each request comes on a connection of its own with a token of its own."""

    def __init__(self, rig: Rig, identity: Identity) -> None:
        self._rig, self._identity = rig, identity
        self.id = identity.printer_id

    async def token(self, wire: Wire) -> str:
        url = f"/{self._rig.tenant}/oauth2/token"
        device = PrinterDevice(wire, Identity(**{**vars(self._identity), "device_token_url": url}))
        await device.prove_itself()
        return device.token

    async def ask(self, operation: int, *parts: bytes) -> raw.Answer:
        async with self._rig.wire() as wire:
            answer = await wire.call(
                "POST",
                "/printers",
                token=await self.token(wire),
                data=raw.request(operation, raw.of_device(self.id), *parts),
                headers={"Content-Type": "application/ipp"},
            )
        return raw.parse(answer.body)

    async def describes(self, *attributes: bytes) -> None:
        told = await self.ask(
            raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, PRINTER, a(ENUM, "printer-state", 3), *attributes
        )
        assert told.status == raw.OK

    async def sees(self, user_uri: str | None = None) -> list[int]:
        user = by(user_uri) + a(BOOLEAN, "my-jobs", True) if user_uri else b""
        wanted = a(KEYWORD, "which-jobs", "fetchable") + a(KEYWORD, "requested-attributes", "all")
        answer = await self.ask(raw.GET_JOBS, user, wanted)
        assert answer.status == raw.OK
        return [int.from_bytes(group["job-id"][1][0], "big") for group in answer.all(JOB)]

    async def on(self, operation: int, job_id: str, *parts: bytes) -> raw.Answer:
        return await self.ask(operation, a(INTEGER, "job-id", int(job_id)), *parts)

    async def reads(self, job_id: str, *parts: bytes) -> str:
        answer = await self.on(raw.FETCH_DOCUMENT, job_id, *parts, a(INTEGER, "document-number", 1))
        assert answer.status == raw.OK
        return hashlib.sha256(answer.document).hexdigest()

    async def finishes(self, job_id: str) -> None:
        done = await self.on(raw.UPDATE_JOB_STATUS, job_id, JOB, a(ENUM, "output-device-job-state", 9))
        assert done.status == raw.OK

    async def looks_up(self, badge_id: str) -> str:
        async with self._rig.wire() as wire:
            answer = await wire.call(
                "POST", "/api/v2.0/badges/lookup", json={"badgeId": badge_id}, token=await self.token(wire)
            )
        return str(answer.json()["userURI"])


def by(user_uri: str) -> bytes:
    return a(URI, "requesting-user-uri", user_uri)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "data")
    yield rig
    rig.process.kill()


@pytest.fixture
def document() -> Path:
    return fixtures() / "sample.pdf"


def digest(document: Path) -> str:
    return hashlib.sha256(document.read_bytes()).hexdigest()


@contextlib.asynccontextmanager
async def service(rig: Rig) -> AsyncIterator[GraphServiceClient]:
    """The pull-print application, with Microsoft's own SDK and its client secret."""
    credential = ClientSecretCredential(
        rig.tenant,
        SERVICE,
        SERVICE_SECRET,
        authority=rig.process.https,
        disable_instance_discovery=True,
        connection_verify=rig.process.ca,
    )
    async with credential:
        graph = GraphServiceClient(credential, scopes=["https://graph.microsoft.com/.default"])
        graph.request_adapter.base_url = f"{rig.process.https}/v1.0"
        yield graph
        await graph.request_adapter._http_client._transport.transport.aclose()  # type: ignore[attr-defined]


async def test_an_application_holds_jobs_and_has_them_printed_where_the_user_is(
    rig: Rig, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seven steps of "Extending Universal Print to support pull printing" (Microsoft Graph)."""
    monkeypatch.setenv("SSL_CERT_FILE", rig.process.ca)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    physical = await rig.a_device("Third floor")

    # 1. The application defines its task, with application permissions.
    async with service(rig) as graph:
        made = await graph.print.task_definitions.post(PrintTaskDefinition(display_name="Hold"))
        assert made is not None
        definition_id = str(made.id)
    rig.step()

    # 2. An administrator registers a virtual printer with the application, without a physical device.
    virtual_id = await registers_virtual_printer(rig)
    rig.step()

    # 3. The application describes the printer in binary IPP.
    attributes = raw.attribute(raw.MIME, "document-format-supported", "application/pdf")
    async with rig.wire() as wire:
        described = await wire.call(
            "PATCH",
            f"/v1.0/print/printers/{virtual_id}",
            token=await app_token(rig),
            data=PRINTER + attributes + raw.END,
            headers={"Content-Type": "application/ipp"},
            expect=(204,),
        )
        assert described.body == b""
    rig.step()

    # 4. The administrator hangs the trigger on it, signed in with the same application.
    trigger = {
        "event": "jobStarted",
        "definition@odata.bind": f"https://graph.microsoft.com/v1.0/print/taskDefinitions/{definition_id}",
    }
    path = f"/v1.0/print/printers/{virtual_id}/taskTriggers"
    async with rig.wire() as wire:
        admin = await (await rig.as_user(wire, "admin", SERVICE)).token(GRAPH_SCOPE)
        await wire.call("POST", path, json=trigger, token=admin, expect=(201,))
        await wire.call("POST", path, json=trigger, token=admin, expect=(409,))  # one trigger a printer
        other = await (await rig.as_user(wire, "admin")).token(GRAPH_SCOPE)
        elsewhere = path.replace(virtual_id, physical.id)
        await wire.call("POST", elsewhere, json=trigger, token=other, expect=(403,))  # another application
    share = {
        "displayName": "Follow me",
        "allowAllUsers": True,
        "printer@odata.bind": f"https://graph.microsoft.com/v1.0/print/printers/{virtual_id}",
    }
    share_id = (await rig.graph("admin", "POST", "/v1.0/print/shares", share, 201))["id"]
    rig.step()

    # 5. Users print; each job is paused and has a task in processing.
    job_id = await rig.prints("alex", share_id, document)
    others = await rig.prints("sam", share_id, document)
    assert (await rig.status("alex", share_id, job_id))["state"] == "paused"
    rig.step()

    # 6. The user is at the printer: the application lists the user's jobs on the virtual printer.
    async with service(rig) as graph:
        jobs = graph.print.printers.by_printer_id(virtual_id).jobs
        query = jobs.JobsRequestBuilderGetQueryParameters(
            filter="createdBy/userPrincipalName eq 'alex@contoso.example'", expand=["tasks"]
        )
        listed = await jobs.get(RequestConfiguration(query_parameters=query))
        assert listed is not None
        assert [job.id for job in listed.value or []] == [job_id]
        (task,) = (listed.value or [])[0].tasks or []
        assert isinstance(task, PrintTask)
        assert task.status is not None
        assert task.status.state is not None
        assert task.status.state.value == "processing"
    rig.step()

    # 7. It redirects the job to the physical printer, where it prints; the task is completed by that.
    redirect = f"/v1.0/print/printers/{virtual_id}/jobs/{job_id}/redirect"
    async with rig.wire() as wire:
        token = await app_token(rig)
        for bad, status in ((virtual_id, 400), ("0c0a7050-0000-4000-8000-0000000fffff", 404)):
            await wire.call("POST", redirect, json={"destinationPrinterId": bad}, token=token, expect=(status,))
        body = {"destinationPrinterId": physical.id, "configuration": {"copies": 2}}
        moved = (await wire.call("POST", redirect, json=body, token=token)).json()
        assert moved["redirectedFrom"].endswith(f"/print/printers/{virtual_id}/jobs/{job_id}")
        tasks = (await wire.call("GET", f"/v1.0/print/taskDefinitions/{definition_id}/tasks", token=token)).json()[
            "value"
        ]
        states = {each["parentUrl"].rpartition("/")[2]: each["status"]["state"] for each in tasks}
        assert states == {job_id: "completed", others: "processing"}
        await wire.call("POST", redirect, json=body, token=token, expect=(403,))  # its task is done
    rig.step()
    assert await physical.sees() == [int(moved["id"])]
    assert (await physical.on(raw.ACKNOWLEDGE_JOB, moved["id"])).status == raw.OK
    rig.step()
    assert await physical.reads(moved["id"]) == digest(document)
    await physical.finishes(moved["id"])
    assert (await rig.status("alex", share_id, job_id))["state"] == "completed"

    # A task that nobody ends is given up, and its job with it.
    await rig.control("POST", "clock/advance", {"bySeconds": 86400})
    assert (await rig.status("sam", share_id, others))["state"] == "aborted"


async def registers_virtual_printer(rig: Rig) -> str:
    _, request, transport_key = _new_key()
    body = {
        "displayName": "Follow me",
        "manufacturer": "Contoso",
        "model": "Virtual",
        "physicalDeviceId": None,
        "hasPhysicalDevice": False,
        "certificateSigningRequest": {"content": request, "transportKey": transport_key},
    }
    async with rig.wire() as wire:
        admin = await (await rig.as_user(wire, "admin", SERVICE)).token(GRAPH_SCOPE)
        started = await wire.call("POST", "/v1.0/print/printers/create", json=body, token=admin, expect=(202,))
        await wire.call("POST", f"/_upsim/tenants/{rig.tenant}/clock/advance", json={"bySeconds": 5})
        operation = started.headers["Operation-Location"].removeprefix(rig.process.https)
        return str((await wire.call("GET", operation, token=admin)).json()["printer"]["id"])


async def app_token(rig: Rig) -> str:
    form = {
        "client_id": SERVICE,
        "client_secret": SERVICE_SECRET,
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
    }
    async with rig.wire() as wire:
        answer = await wire.call("POST", f"/{rig.tenant}/oauth2/v2.0/token", data=form)
        return str(answer.json()["access_token"])


async def test_a_badge_releases_what_a_share_holds(rig: Rig, document: Path) -> None:
    """The order of Microsoft's badge release sample."""
    device = await rig.a_device("Lobby")
    other = await rig.a_device("Elsewhere", a(KEYWORD, "job-release-action-supported", "owner-authorized-badge"))
    body = {
        "displayName": "Lobby",
        "allowAllUsers": True,
        "printer@odata.bind": f"https://graph.microsoft.com/v1.0/print/printers/{device.id}",
    }
    share_id = (await rig.graph("admin", "POST", "/v1.0/print/shares", body, 201))["id"]
    share = f"/beta/print/shares/{share_id}"
    await rig.graph("admin", "PATCH", share, {"holdJobsForSecureRelease": True})
    assert (await rig.graph("admin", "GET", share))["holdJobsForSecureRelease"] is True
    rig.step()

    await rig.badge_admin("POST", BADGES, {}, 409)  # the tenant has its collection
    (collection,) = (await rig.badge_admin("GET", BADGES)).json()["value"]
    badges = f"{BADGES}/{collection['id']}/badges"
    badge = {"id": "card/7", "upn": "alex@contoso.example"}
    await rig.badge_admin("POST", badges, badge, 201)
    rig.step()
    assert (await rig.badge_admin("GET", f"{badges}/card%2F7")).json() == badge
    await device.describes(a(KEYWORD, "job-release-action-supported", "owner-authorized-badge"))
    rig.step()

    job_id = await rig.prints("alex", share_id, document)
    rig.step()
    held = await rig.status("alex", share_id, job_id)
    assert (held["state"], held["details"], held["isAcquiredByPrinter"]) == ("paused", ["releaseWait"], False)
    assert await device.sees() == []
    assert await device.sees(await device.looks_up("1002")) == []  # Sam's card
    alex = await device.looks_up("card/7")
    assert alex == "mailto:alex@contoso.example"
    assert await other.sees(alex) == []
    assert await device.sees(alex) == [int(job_id)]
    rig.step()
    fetched = await device.on(raw.FETCH_JOB, job_id, by(alex))
    assert fetched.value(JOB, "job-originating-user-uri") == alex
    assert (await device.on(raw.ACKNOWLEDGE_JOB, job_id, by(alex))).status == raw.OK
    rig.step()
    assert await device.reads(job_id, by(alex)) == digest(document)
    rig.step()
    await device.finishes(job_id)
    ended = await rig.status("alex", share_id, job_id)
    assert (ended["state"], ended["isAcquiredByPrinter"]) == ("completed", True)

    # Another is released by phone, and nobody else's phone does it.
    second = await rig.prints("alex", share_id, document)
    rig.step()
    async with rig.wire() as wire:
        path = f"/_upsim/tenants/{rig.tenant}/jobs/{second}/release"
        await wire.call("POST", path, json={"user": "sam@contoso.example"}, expect=(403,))
        await wire.call("POST", path, json={"user": "alex@contoso.example", "printer": "Elsewhere"}, expect=(409,))
        await wire.call("POST", path, json={"user": "alex@contoso.example", "printer": "Lobby"})
    assert await device.sees() == [int(second)]


async def test_jobs_sent_anywhere_are_printed_where_the_user_is(rig: Rig, document: Path) -> None:
    """The partner guide of Universal Print Anywhere, from the set-up on."""
    first, second, stranger = [await rig.a_device(name) for name in ("First", "Second", "Stranger")]
    made = await rig.control(
        "POST",
        "pull-printers",
        {
            "displayName": "Contoso Pull Print",
            "options": {"formats": ["pdf", "urf"], "color": False},
            "members": ["First"],
            "share": {"displayName": "Pull Print", "allowAllUsers": True},
        },
    )
    queue, share_id = made["id"], made["share"]["id"]
    changed = await rig.control("PUT", f"pull-printers/{queue}/members/{second.id}")
    assert [each["displayName"] for each in changed["members"]] == ["First", "Second"]
    await rig.control("PATCH", "pull-printers/Contoso%20Anywhere", {"allPrinters": False})
    rig.step()

    capabilities = (await rig.graph("alex", "GET", f"/v1.0/print/shares/{share_id}?$select=capabilities"))[
        "capabilities"
    ]
    assert capabilities["contentTypes"] == ["application/pdf", "image/urf"]
    assert capabilities["isColorPrintingSupported"] is False
    job_id = await rig.prints("alex", share_id, document)
    sams = await rig.prints("sam", share_id, document)
    rig.step()
    alex = await first.looks_up("1001")
    assert (await first.sees(alex), await second.sees(alex)) == ([int(job_id)], [int(job_id)])
    assert (await first.sees(), await stranger.sees(alex)) == ([], [])
    assert (await first.on(raw.ACKNOWLEDGE_JOB, sams, by(alex))).status == raw.NOT_AUTHORIZED
    rig.step()
    assert await first.reads(job_id, by(alex)) == digest(document)  # a preview
    rig.step()
    assert (await first.on(raw.ACKNOWLEDGE_JOB, job_id, by(alex))).status == raw.OK
    rig.step()
    assert (await second.on(raw.ACKNOWLEDGE_JOB, job_id, by(alex))).status == raw.NOT_FETCHABLE
    assert await first.reads(job_id, by(alex)) == digest(document)
    await first.finishes(job_id)
    rig.step()
    assert (await rig.status("alex", share_id, job_id))["state"] == "completed"
    where = await rig.graph("admin", "GET", f"/v1.0/print/printers/{first.id}/jobs")
    assert [each["id"] for each in where["value"]] == [job_id]
    reports = await rig.graph("admin", "GET", "/v1.0/reports/dailyPrintUsageByPrinter")
    assert [each["printerId"] for each in reports["value"] if each["completedBlackAndWhiteJobCount"]] == [first.id]
    assert (await rig.status("sam", share_id, sams))["details"] == ["releaseWait"]
