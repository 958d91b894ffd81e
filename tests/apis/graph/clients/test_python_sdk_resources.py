"""Every resource of the print slice makes a typed round trip through Microsoft's Python SDK."""

from datetime import UTC, datetime
from typing import Any

from msgraph.generated.models.app_identity import AppIdentity
from msgraph.generated.models.incompatible_printer_settings import IncompatiblePrinterSettings
from msgraph.generated.models.print_connector import PrintConnector
from msgraph.generated.models.print_event import PrintEvent
from msgraph.generated.models.print_job import PrintJob
from msgraph.generated.models.print_job_configuration import PrintJobConfiguration
from msgraph.generated.models.print_job_processing_state import PrintJobProcessingState
from msgraph.generated.models.print_quality import PrintQuality
from msgraph.generated.models.print_settings import PrintSettings
from msgraph.generated.models.print_task import PrintTask
from msgraph.generated.models.print_task_definition import PrintTaskDefinition
from msgraph.generated.models.print_task_processing_state import PrintTaskProcessingState
from msgraph.generated.models.print_task_status import PrintTaskStatus
from msgraph.generated.models.print_task_trigger import PrintTaskTrigger
from msgraph.generated.models.printer import Printer as SdkPrinter
from msgraph.generated.models.printer_defaults import PrinterDefaults
from msgraph.generated.models.printer_location import PrinterLocation
from msgraph.generated.models.printer_processing_state import PrinterProcessingState
from msgraph.generated.models.printer_share import PrinterShare as SdkShare
from msgraph.generated.print.printers.item.jobs.item.abort.abort_post_request_body import AbortPostRequestBody
from msgraph.generated.print.printers.item.jobs.item.redirect.redirect_post_request_body import (
    RedirectPostRequestBody,
)

from tests.support.graph.jobs import an_uploaded_job
from tests.support.graph.sdk import Clients
from tests.support.graph.world import ADA, APP, READERS, TENANT, World, a_printer, a_share
from upsim.domain.connector import Connector
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare

GRAPH = "https://graph.microsoft.com/v1.0"


async def test_a_printer(client: Clients, world: World, printer: Printer) -> None:
    at = client(world.admin()).print.printers.by_printer_id(printer.id)
    changed = await at.patch(
        SdkPrinter(
            display_name="Lab 4",
            defaults=PrinterDefaults(quality=PrintQuality.High, copies_per_job=2, media_size="A4"),
            location=PrinterLocation(city="Bremen", latitude=53.08, organization=["Contoso", "Print"]),
        )
    )
    for seen in (changed, await at.get()):
        assert seen is not None
        assert seen.defaults is not None
        assert seen.location is not None
        assert seen.status is not None
        assert (seen.display_name, seen.manufacturer, seen.is_shared) == ("Lab 4", "Acme", False)
        assert (seen.defaults.quality, seen.defaults.copies_per_job) == (PrintQuality.High, 2)
        assert seen.defaults.media_size == "A4"
        assert (seen.location.city, seen.location.latitude) == ("Bremen", 53.08)
        assert seen.location.organization == ["Contoso", "Print"]
        assert seen.status.state is PrinterProcessingState.Unknown
        assert seen.registered_date_time == printer.registered_at
    await at.restore_factory_defaults.post()
    reset = await at.get()
    assert reset is not None
    assert reset.defaults is not None
    assert reset.defaults.quality is None
    await at.delete()
    listed = await client(world.admin()).print.printers.get()
    assert listed is not None
    assert listed.value == []


async def test_a_share(client: Clients, world: World, printer: Printer, share: PrinterShare) -> None:
    other = a_printer("Lab 9")
    await world.put(other)
    at = client(world.admin()).print.shares.by_printer_share_id(share.id)
    swap = SdkShare(display_name="Ninth floor", allow_all_users=False)
    swap.additional_data["printer@odata.bind"] = f"{GRAPH}/print/printers/{other.id}"
    changed = await at.patch(swap)
    behind = await at.printer.get()
    assert changed is not None
    assert behind is not None
    assert (changed.id, changed.display_name, changed.allow_all_users) == (share.id, "Ninth floor", False)
    assert behind.id == other.id
    groups = at.allowed_groups
    from msgraph.generated.models.reference_create import ReferenceCreate

    await groups.ref.post(ReferenceCreate(odata_id=f"{GRAPH}/groups/{READERS}"))
    members = await groups.get()
    assert members is not None
    assert [group.display_name for group in members.value or []] == ["Readers"]


async def test_a_connector_and_settings(client: Clients, world: World) -> None:
    connector = Connector(
        id="5b0d7c1e-0000-4000-8000-00000000c0c0",
        display_name="Basement",
        fully_qualified_domain_name="basement.contoso.example",
        operating_system="Windows",
        app_version="1",
        registered_at=datetime(2026, 1, 5, tzinfo=UTC),
    )
    await world.put(connector)
    graph = client(world.admin())
    at = graph.print.connectors.by_print_connector_id(connector.id)
    await at.patch(PrintConnector(display_name="Cellar", location=PrinterLocation(city="Bremen")))
    seen = await at.get()
    assert seen is not None
    assert seen.location is not None
    assert (seen.display_name, seen.operating_system, seen.location.city) == ("Cellar", "Windows", "Bremen")
    assert seen.registered_date_time == connector.registered_at
    await at.delete()

    print_ = await graph.print.get()
    assert print_ is not None
    assert isinstance(print_.settings, PrintSettings)
    assert print_.settings.printer_discovery_settings is not None
    air_print = print_.settings.printer_discovery_settings.air_print
    assert air_print is not None
    assert air_print.incompatible_printers in set(IncompatiblePrinterSettings)


async def test_tasks_of_a_held_job(client: Clients, world: World) -> None:
    held = a_printer("Follow me", has_physical_device=False, registered_by_app_id=APP)
    target = a_printer("Target")
    share = a_share(held)
    await world.put(held, target, share)
    app, admin = client(world.app()), client(world.admin(appid=APP))
    made = await app.print.task_definitions.post(
        PrintTaskDefinition(display_name="Hold", created_by=AppIdentity(display_name="Badges"))
    )
    assert made is not None
    assert made.created_by is not None
    assert (made.display_name, made.created_by.app_id, made.created_by.display_name) == ("Hold", APP, "Badges")
    definition = app.print.task_definitions.by_print_task_definition_id(str(made.id))
    renamed = await definition.patch(PrintTaskDefinition(display_name="Hold on"))
    assert renamed is not None
    assert renamed.display_name == "Hold on"

    wish = PrintTaskTrigger(event=PrintEvent.JobStarted)
    wish.additional_data["definition@odata.bind"] = f"{GRAPH}/print/taskDefinitions/{made.id}"
    triggers = admin.print.printers.by_printer_id(held.id).task_triggers
    trigger = await triggers.post(wish)
    listed = await triggers.get()
    assert trigger is not None
    assert listed is not None
    assert [(each.id, each.event) for each in listed.value or []] == [(trigger.id, PrintEvent.JobStarted)]

    await _print(world, share)
    task = await _only_task(definition)
    assert task.status.state is PrintTaskProcessingState.Processing
    jobs = app.print.printers.by_printer_id(held.id).jobs
    job_id = str(task.parent_url).rpartition("/")[2]
    at = jobs.by_print_job_id(job_id)
    configured = await at.patch(PrintJob(configuration=PrintJobConfiguration(copies=3)))
    assert configured is not None
    assert configured.configuration is not None
    assert configured.configuration.copies == 3
    moved = await at.redirect.post(RedirectPostRequestBody(destination_printer_id=target.id))
    assert moved is not None
    assert str(moved.redirected_from).endswith(f"/print/printers/{held.id}/jobs/{job_id}")

    await _print(world, share)
    second = await _only_task(definition, PrintTaskProcessingState.Processing)
    reported = await definition.tasks.by_print_task_id(str(second.id)).patch(
        PrintTask(status=PrintTaskStatus(state=PrintTaskProcessingState.Completed, description="Badge seen"))
    )
    assert reported is not None
    assert reported.status is not None
    assert (reported.status.state, reported.status.description) == (
        PrintTaskProcessingState.Completed,
        "Badge seen",
    )

    await _print(world, share)
    third = await _only_task(definition, PrintTaskProcessingState.Processing)
    doomed = jobs.by_print_job_id(str(third.parent_url).rpartition("/")[2])
    await doomed.abort.post(AbortPostRequestBody(reason="Nobody came"))
    ended = await doomed.get()
    assert ended is not None
    assert ended.status is not None
    assert ended.status.state is PrintJobProcessingState.Aborted
    await triggers.by_print_task_trigger_id(str(trigger.id)).delete()
    await definition.delete()


async def _print(world: World, share: PrinterShare) -> None:
    ada = world.user()
    job = await an_uploaded_job(ada, share)
    assert (await ada.post(f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/start")).status == 200


async def _only_task(definition: Any, state: PrintTaskProcessingState | None = None) -> Any:
    found = await definition.tasks.get()
    (task,) = (each for each in found.value if state is None or each.status.state is state)
    return task


async def test_documents_services_recent_shares_and_the_directory(
    client: Clients, world: World, share: PrinterShare
) -> None:
    ada, admin = client(world.user()), client(world.admin())
    job = await an_uploaded_job(world.user(), share)
    at = ada.print.shares.by_printer_share_id(share.id).jobs.by_print_job_id(job["id"])
    documents = await at.documents.get()
    assert documents is not None
    assert documents.value
    assert documents.value[0].content_type == "application/pdf"
    assert documents.value[0].uploaded_date_time is not None
    await at.cancel.post()

    services = await ada.print.services.get()
    assert services is not None
    assert services.value
    assert services.value[0].endpoints
    assert str(services.value[0].endpoints[0].uri).startswith("https://")

    me = await ada.me.get()
    users, groups = await admin.users.get(), await admin.groups.get()
    organization = await admin.organization.get()
    assert me is not None
    assert users is not None
    assert groups is not None
    assert organization is not None
    assert (me.id, me.user_principal_name) == (ADA, "ada@contoso.example")
    assert ADA in {each.id for each in users.value or []}
    assert [each.id for each in groups.value or []] == [READERS]
    assert organization.value
    assert organization.value[0].id == TENANT
    assert organization.value[0].verified_domains
    assert organization.value[0].verified_domains[0].name == "contoso.example"
