"""Microsoft's own Python SDK against the API: share, job, upload, start, download, delete."""

import io
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kiota_abstractions.api_error import APIError
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.print_document_upload_properties import PrintDocumentUploadProperties
from msgraph.generated.models.print_job import PrintJob
from msgraph.generated.models.print_job_configuration import PrintJobConfiguration
from msgraph.generated.models.print_job_processing_state import PrintJobProcessingState
from msgraph.generated.models.printer_share import PrinterShare
from msgraph.generated.print.shares.item.jobs.item.documents.item.create_upload_session.create_upload_session_post_request_body import (  # noqa: E501
    CreateUploadSessionPostRequestBody,
)
from msgraph_core.tasks.large_file_upload import LargeFileUploadTask

from tests.support.graph.sdk import Clients
from tests.support.graph.world import ADA, World, a_printer
from upsim.domain.printer import Printer

MEGABYTE = 1_000_000


async def share_of(client: Clients, world: World, printer: Printer) -> str:
    body = PrinterShare(display_name="Third floor", allow_all_users=True)
    body.additional_data["printer@odata.bind"] = f"https://graph.microsoft.com/v1.0/print/printers/{printer.id}"
    made = await client(world.admin()).print.shares.post(body)
    assert made is not None
    return str(made.id)


@pytest.mark.parametrize("size", [1, MEGABYTE, 9 * MEGABYTE, 60 * MEGABYTE])
async def test_print_a_document(client: Clients, world: World, printer: Printer, size: int) -> None:
    share_id = await share_of(client, world, printer)
    graph = client(world.user())
    jobs = graph.print.shares.by_printer_share_id(share_id).jobs
    job = await jobs.post(PrintJob(configuration=PrintJobConfiguration(copies=2)))
    assert job is not None
    assert job.documents
    at = jobs.by_print_job_id(str(job.id))
    document = at.documents.by_print_document_id(str(job.documents[0].id))
    properties = PrintDocumentUploadProperties(document_name="a.pdf", content_type="application/pdf", size=size)
    session = await document.create_upload_session.post(CreateUploadSessionPostRequestBody(properties=properties))
    content = random.Random(size).randbytes(size)
    task = LargeFileUploadTask(session, graph.request_adapter, io.BytesIO(content))  # type: ignore[arg-type]
    await task.upload()

    status = await at.start.post()
    assert status is not None
    assert status.state is PrintJobProcessingState.Pending
    seen = await at.get()
    assert seen is not None
    assert seen.is_fetchable is True
    assert seen.configuration is not None
    assert seen.configuration.copies == 2
    assert await document.content.get() == content

    admin = client(world.admin())
    await admin.print.shares.by_printer_share_id(share_id).delete()
    with pytest.raises(ODataError) as refusal:
        await admin.print.shares.by_printer_share_id(share_id).get()
    assert refusal.value.error is not None
    assert refusal.value.error.code == "NotFound"
    assert refusal.value.response_status_code == 404


async def test_a_refusal_is_an_odata_error(client: Clients, world: World) -> None:
    with pytest.raises(APIError) as refusal:
        await client(world.user()).print.printers.get()
    assert isinstance(refusal.value, ODataError)
    assert refusal.value.error is not None
    assert refusal.value.error.message == '"The token does not have one or more required security scopes."'
    assert refusal.value.error.inner_error is not None


async def test_pages(client: Clients, world: World) -> None:
    from msgraph_core import PageIterator

    await world.put(*(a_printer(f"Printer {number}") for number in range(25)))
    await world.settings(queries={"page_size": 10})
    graph = client(world.admin())
    first = await graph.print.printers.get()
    names: list[str] = []
    iterator = PageIterator(first, graph.request_adapter)

    def note(printer: Any) -> bool:
        names.append(printer.display_name)
        return True

    await iterator.iterate(note)
    assert names == [f"Printer {number}" for number in range(25)]


async def test_a_typed_round_trip_of_a_configuration(client: Clients, world: World, printer: Printer) -> None:
    from msgraph.generated.models.integer_range import IntegerRange
    from msgraph.generated.models.print_color_mode import PrintColorMode
    from msgraph.generated.models.print_duplex_mode import PrintDuplexMode
    from msgraph.generated.models.print_finishing import PrintFinishing
    from msgraph.generated.models.print_margin import PrintMargin

    share_id = await share_of(client, world, printer)
    configuration = PrintJobConfiguration(
        copies=2,
        collate=True,
        color_mode=PrintColorMode.BlackAndWhite,
        duplex_mode=PrintDuplexMode.FlipOnShortEdge,
        finishings=[PrintFinishing.StapleTopLeft, PrintFinishing.PunchQuadLeft],
        margin=PrintMargin(top=2125, bottom=0, left=10, right=7),
        media_size="North America Letter",
        page_ranges=[IntegerRange(start=1, end=3)],
        fit_pdf_to_page=True,
    )
    jobs = client(world.user()).print.shares.by_printer_share_id(share_id).jobs
    made = await jobs.post(PrintJob(configuration=configuration))
    assert made is not None
    seen = await jobs.by_print_job_id(str(made.id)).get()
    assert seen is not None
    assert seen.configuration is not None
    for name in ("copies", "collate", "color_mode", "duplex_mode", "finishings", "media_size", "fit_pdf_to_page"):
        assert getattr(seen.configuration, name) == getattr(configuration, name), name
    assert seen.configuration.margin is not None
    assert (seen.configuration.margin.top, seen.configuration.margin.right) == (2125, 7)
    assert seen.configuration.page_ranges is not None
    assert seen.configuration.page_ranges[0].end == 3


async def test_an_operation_is_downcast(client: Clients, world: World, certificate_request: str) -> None:
    from msgraph.generated.models.print_certificate_signing_request import PrintCertificateSigningRequest
    from msgraph.generated.models.printer_create_operation import PrinterCreateOperation
    from msgraph.generated.print.printers.create.create_post_request_body import CreatePostRequestBody

    graph = client(world.admin())
    request = PrintCertificateSigningRequest(content=certificate_request, transport_key="MIIBIj")
    await graph.print.printers.create.post(
        CreatePostRequestBody(
            display_name="Lab 3",
            manufacturer="Acme",
            model="A100",
            has_physical_device=False,
            certificate_signing_request=request,
        )
    )
    (row,) = [row for row in await world.rows() if row[1] == "print-operation"]
    world.elapsed += timedelta(seconds=2)
    operation = await graph.print.operations.by_print_operation_id(row[2]).get()
    assert isinstance(operation, PrinterCreateOperation)
    assert operation.printer is not None
    assert operation.printer.display_name == "Lab 3"


async def test_references_and_reports(client: Clients, world: World, printer: Printer) -> None:
    from msgraph.generated.models.reference_create import ReferenceCreate

    share_id = await share_of(client, world, printer)
    graph = client(world.admin())
    allowed = graph.print.shares.by_printer_share_id(share_id).allowed_users
    await allowed.ref.post(ReferenceCreate(odata_id=f"https://graph.microsoft.com/v1.0/users/{ADA}"))
    users = await allowed.get()
    assert users is not None
    assert [user.id for user in users.value or []] == [ADA]
    await allowed.by_user_id(ADA).ref.delete()
    usage = await graph.reports.daily_print_usage_by_printer.get()
    assert usage is not None
    assert usage.value == []
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    archived = graph.reports.get_user_archived_print_jobs_with_user_id_with_start_date_time_with_end_date_time(
        end, start, ADA
    )
    jobs = await archived.get()
    assert jobs is not None
    assert jobs.value == []


async def test_a_batch(client: Clients, world: World, printer: Printer) -> None:
    from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
    from msgraph_core.requests.batch_request_content import BatchRequestContent
    from msgraph_core.requests.batch_request_item import BatchRequestItem

    graph = client(world.admin())
    content = BatchRequestContent()
    item = BatchRequestItem(graph.print.printers.to_get_request_information())
    content.add_request(item.id, item)
    answers = await BatchRequestBuilder(graph.request_adapter).post(content)
    assert answers is not None
    answer = answers.get_response_by_id(item.id)
    assert answer is not None
    assert answer.status == 200
