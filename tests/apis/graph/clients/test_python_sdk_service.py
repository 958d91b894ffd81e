"""Subscriptions, reports with something in them, and settings, typed by Microsoft's Python SDK."""

from datetime import UTC, datetime, timedelta

from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.models.air_print_settings import AirPrintSettings
from msgraph.generated.models.incompatible_printer_settings import IncompatiblePrinterSettings
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.print_job_processing_state import PrintJobProcessingState
from msgraph.generated.models.print_settings import PrintSettings
from msgraph.generated.models.print_usage_by_printer import PrintUsageByPrinter
from msgraph.generated.models.print_usage_by_user import PrintUsageByUser
from msgraph.generated.models.printer_discovery_settings import PrinterDiscoverySettings
from msgraph.generated.models.subscription import Subscription

from tests.support.graph.receiver import Receiver
from tests.support.graph.reports import pdf, printed
from tests.support.graph.sdk import Clients
from tests.support.graph.world import ADA, APP, TENANT, Person, World
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare


async def test_a_subscription(
    client: Clients, world: World, app: Person, printer: Printer, receiver: Receiver
) -> None:
    now = await world.site.store.now(TENANT)
    wish = Subscription(
        change_type="updated",
        resource=f"print/printers/{printer.id}/jobs",
        notification_query_options="$filter = isFetchable eq true",
        notification_url=receiver.url,
        expiration_date_time=(now + timedelta(hours=20)).replace(microsecond=0),
        client_state="s3cret",
    )
    graph = client(app)
    made = await graph.subscriptions.post(wish)
    assert made is not None
    assert (made.resource, made.application_id, made.client_state) == (wish.resource, APP, "s3cret")
    assert made.expiration_date_time == wish.expiration_date_time
    at = graph.subscriptions.by_subscription_id(str(made.id))
    until = (now + timedelta(hours=30)).replace(microsecond=0)
    renewed = await at.patch(Subscription(expiration_date_time=until))
    seen = await at.get()
    listed = await graph.subscriptions.get()
    assert renewed is not None
    assert seen is not None
    assert listed is not None
    assert (renewed.expiration_date_time, seen.expiration_date_time) == (until, until)
    assert [each.id for each in listed.value or []] == [made.id]
    await at.delete()
    left = await graph.subscriptions.get()
    assert left is not None
    assert left.value == []


async def test_reports_of_what_was_printed(
    client: Clients, world: World, ada: Person, share: PrinterShare, printer: Printer
) -> None:
    await printed(world, ada, share, pdf(3), {"copies": 2, "colorMode": "color"})
    reports = client(world.admin()).reports
    for by_printer in (reports.daily_print_usage_by_printer, reports.monthly_print_usage_by_printer):
        answer = await by_printer.get()
        assert answer is not None
        (of_printer,) = answer.value or []
        assert isinstance(of_printer, PrintUsageByPrinter)
        assert (of_printer.printer_id, of_printer.completed_color_job_count) == (printer.id, 1)
        again = await by_printer.by_print_usage_by_printer_id(str(of_printer.id)).get()
        assert again is not None
        assert (again.id, again.usage_date) == (of_printer.id, of_printer.usage_date)
    for by_user in (reports.daily_print_usage_by_user, reports.monthly_print_usage_by_user):
        answers = await by_user.get()
        assert answers is not None
        (of_user,) = answers.value or []
        assert isinstance(of_user, PrintUsageByUser)
        assert (of_user.user_principal_name, of_user.completed_color_job_count) == ("ada@contoso.example", 1)
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    of = reports.get_user_archived_print_jobs_with_user_id_with_start_date_time_with_end_date_time(end, start, ADA)
    archived = await of.get()
    assert archived is not None
    (job,) = archived.value or []
    assert (job.printer_id, job.created_by and job.created_by.id) == (printer.id, ADA)
    assert job.processing_state is PrintJobProcessingState.Completed
    assert (job.copies_printed, job.acquired_by_printer) == (2, True)


async def test_settings(client: Clients, world: World) -> None:
    graph = client(world.admin())
    before = await graph.print.get()
    assert before is not None
    assert before.settings is not None
    is_converted = not before.settings.document_conversion_enabled
    air_print = AirPrintSettings(incompatible_printers=IncompatiblePrinterSettings.Hide)
    wish = PrintSettings(
        document_conversion_enabled=is_converted,
        printer_discovery_settings=PrinterDiscoverySettings(air_print=air_print),
    )
    # The SDK has the type, but no builder for the path that the documentation names.
    request = RequestInformation(Method.PATCH, "{+baseurl}/print/settings")
    request.set_content_from_parsable(graph.request_adapter, "application/json", wish)
    await graph.request_adapter.send_no_response_content_async(request, {"XXX": ODataError})
    after = await graph.print.get()
    assert after is not None
    assert after.settings is not None
    assert after.settings.document_conversion_enabled is is_converted
    discovery = after.settings.printer_discovery_settings
    assert discovery is not None
    assert discovery.air_print is not None
    assert discovery.air_print.incompatible_printers is air_print.incompatible_printers
