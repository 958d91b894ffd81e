"""Printed jobs for reports to count."""

import io
from typing import Any

from msgspec.structs import replace

from tests.support.graph.jobs import an_uploaded_job
from tests.support.graph.world import Person, World
from upsim.domain.job import JobState, Progress
from upsim.domain.printer_share import PrinterShare


def pdf(pages: int) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


async def printed(
    world: World, person: Person, share: PrinterShare, content: bytes, configuration: dict[str, Any] | None = None
) -> str:
    """A job that was printed; returns its id."""
    made = await an_uploaded_job(person, share, content)
    job = await world.job(made["id"])
    if configuration:
        from upsim.apis.graph.print_options import write_configuration

        job = replace(job, template=write_configuration(configuration))
    done = Progress(JobState.COMPLETED, frozenset({"job-completed-successfully"}))
    await world.put(replace(job, progress=done, ended_at=world.now(), acknowledged_at=world.now()))
    return str(made["id"])
