"""The service under test, wired to a tenant of upsim's; and the people and printers around it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from contoso_pull_print import credentials
from contoso_pull_print.graph import Wait, connected
from contoso_pull_print.releasing import PullPrint
from contoso_pull_print.settings import Settings
from msgraph import GraphServiceClient

from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire
from upsim.testing import Tenant

ALEX, SAM = "alex@contoso.example", "sam@contoso.example"
# Fixed ids of the seed `pull-print`.
QUEUE = "0c0a7050-0000-4000-8000-00000000f001"
QUEUE_SHARE = "0c0a7050-0000-4000-8000-00000000f101"
LOBBY = "0c0a7050-0000-4000-8000-00000000f003"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n"
)


@pytest.fixture
def settings(upsim_tenant: Tenant) -> Settings:
    """What an installation would have in its environment."""
    service = upsim_tenant.application("Contoso Print Service")
    return Settings(
        tenant_id=upsim_tenant.id,
        client_id=service["appId"],
        client_secret=service["secret"],
        queue_id=QUEUE,
        task_name="Hold until the user is at a printer",
        client_state="only Graph knows",
        home_printers={SAM: LOBBY},
        authority=upsim_tenant.url,
        graph_url=f"{upsim_tenant.url}/v1.0",
        ca_file=upsim_tenant.ca_file,
    )


@pytest.fixture
def wait(upsim_tenant: Tenant) -> Wait:
    """The service waits on the tenant's clock, so minutes cost nothing."""

    async def wait(seconds: float) -> None:
        await asyncio.to_thread(upsim_tenant.clock.advance, timedelta(seconds=seconds))

    return wait


@pytest.fixture
async def graph(settings: Settings, wait: Wait) -> AsyncIterator[GraphServiceClient]:
    """Graph as the service has it."""
    async with credentials.of_application(settings) as credential, connected(settings, credential, wait) as graph:
        yield graph


@pytest.fixture
def queue(graph: GraphServiceClient, settings: Settings) -> PullPrint:
    """The service."""
    return PullPrint(graph, settings.queue_id)


class Office:
    """Whoever and whatever else is in the tenant."""

    def __init__(self, tenant: Tenant, wire: Wire, folder: Path) -> None:
        self.tenant, self.wire = tenant, wire
        self.document = folder / "minutes.pdf"
        self.document.write_bytes(PDF)

    async def person(self, name: str) -> Person:
        """Somebody signed in at a desktop."""
        client_id = self.tenant.application("Contoso Print Client")["appId"]
        person = Person(self.wire, self.tenant.id, client_id, name)
        await person.sign_in_with_browser()
        return person

    async def prints(self, name: str) -> str:
        """Somebody prints to the queue; the job's id there."""
        return await (await self.person(name)).print(QUEUE_SHARE, self.document, {})

    async def printer(self, name: str) -> PrinterDevice:
        """A device that speaks IPP over HTTPS, as those in the corridor do."""
        device = await PrinterDevice.register(self.wire, await self.person("admin@contoso.example"), name)
        await device.prove_itself()
        await device.describe_itself()
        return device


@pytest.fixture
async def office(upsim_tenant: Tenant, tmp_path: Path) -> AsyncIterator[Office]:
    """The office."""
    async with Wire("office", upsim_tenant.url, Path(upsim_tenant.ca_file).read_text()) as wire:
        yield Office(upsim_tenant, wire, tmp_path)
