"""Jobs that wait in our queue, and what becomes of them at the printer where their owner is."""

from enum import Enum

from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.print_job import PrintJob
from msgraph.generated.models.print_job_processing_state import PrintJobProcessingState as JobState
from msgraph.generated.models.print_task_processing_state import PrintTaskProcessingState as TaskState
from msgraph.generated.models.printer_processing_state import PrinterProcessingState as PrinterState
from msgraph.generated.print.printers.item.jobs.item.redirect.redirect_post_request_body import (
    RedirectPostRequestBody,
)
from msgraph.generated.print.printers.item.jobs.jobs_request_builder import JobsRequestBuilder
from msgraph.generated.print.printers.item.printer_item_request_builder import PrinterItemRequestBuilder
from msgraph.graph_service_client import GraphServiceClient


class Outcome(Enum):
    """What to tell the user who stands at the printer."""

    PRINTED = "printed"
    FAILED = "failed"
    UNDER_WAY = "under way"
    PRINTER_AWAY = "the printer is away; the job prints when it is back"


class PullPrint:
    """Our queue in the tenant."""

    def __init__(self, graph: GraphServiceClient, queue_id: str) -> None:
        self._graph, self._queue_id = graph, queue_id

    async def waiting(self, user: str) -> list[PrintJob]:
        """The user's jobs that wait for them: those whose task is still ours to end."""
        quoted = user.replace("'", "''")
        query = JobsRequestBuilder.JobsRequestBuilderGetQueryParameters(
            filter=f"createdBy/userPrincipalName eq '{quoted}'", expand=["tasks"]
        )
        page = await self._queue.jobs.get(RequestConfiguration(query_parameters=query))
        jobs: list[PrintJob] = []
        while page is not None:
            jobs += [job for job in page.value or [] if _waits(job)]
            if not page.odata_next_link:
                break
            page = await self._queue.jobs.with_url(page.odata_next_link).get()
        return jobs

    async def owner(self, job_id: str) -> str:
        """Who printed a job of our queue."""
        job = await self._queue.jobs.by_print_job_id(job_id).get()
        created_by = job.created_by if job else None
        return str(created_by.user_principal_name) if created_by else ""

    async def redirect(self, job_id: str, printer_id: str) -> str:
        """Send a job of our queue to a printer; returns the id that it has there. This ends its task."""
        body = RedirectPostRequestBody(destination_printer_id=printer_id)
        moved = await self._queue.jobs.by_print_job_id(job_id).redirect.post(body)
        if moved is None:
            raise ValueError(f"Graph did not say where job {job_id} went.")
        return str(moved.id)

    async def release(self, user: str, printer_id: str) -> list[str]:
        """Send all that waits for the user to the printer; returns the jobs' ids there."""
        return [await self.redirect(str(job.id), printer_id) for job in await self.waiting(user)]

    async def outcome(self, printer_id: str, job_id: str) -> Outcome:
        """How a released job stands."""
        printer = self._graph.print.printers.by_printer_id(printer_id)
        job = await printer.jobs.by_print_job_id(job_id).get()
        if job is None or job.status is None or job.status.state in {JobState.Aborted, JobState.Canceled}:
            return Outcome.FAILED
        if job.status.state is JobState.Completed:
            return Outcome.PRINTED
        shown = await printer.get()
        is_stopped = shown and shown.status and shown.status.state is PrinterState.Stopped
        if is_stopped and not job.status.is_acquired_by_printer:
            return Outcome.PRINTER_AWAY
        return Outcome.UNDER_WAY

    @property
    def _queue(self) -> PrinterItemRequestBuilder:
        return self._graph.print.printers.by_printer_id(self._queue_id)


def _waits(job: PrintJob) -> bool:
    return any(task.status and task.status.state is TaskState.Processing for task in job.tasks or [])
