"""Get-Jobs, RFC 8011 section 4.2.6; `which-jobs` 'fetchable' is PWG 5100.18."""

from aiohttp import web

from upsim.apis.ipp.job_attributes import represent_job
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.services.jobs import queue

_UNASKED = ("job-uri", "job-id")
"""The attributes of each job when a request names none (RFC 8011)."""
_OF_DEVICES = ("job-uri", "job-id", "job-state", "job-state-reasons")
"""Devices read the state too, and do not ask for it (PWG 5100.18)."""


async def get_jobs(request: IppRequest) -> web.StreamResponse:
    call, attributes = request.call, request.attributes
    numbers = attributes.integers("job-ids")
    wanted = queue.Wanted(
        which=attributes.string("which-jobs") or ("all" if numbers else "not-completed"),
        numbers=numbers,
        is_mine=attributes.boolean("my-jobs") or False,
        user=request.user_name,
        user_uri=attributes.string("requesting-user-uri") or "",
        limit=attributes.integer("limit"),
    )
    jobs = await call.read(queue.list_jobs, call.caller, request.printer.printer.id, wanted)
    requested = Requested.of(attributes, _OF_DEVICES if call.caller.kind == "device" else _UNASKED)
    return request.answer(*[represent_job(job, request.printer, call.base_url, requested) for job in jobs])
