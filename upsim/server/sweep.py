"""Bytes that no document refers to: what a server that died between storing and recording left behind.

A range is stored first and recorded afterwards, so a crash in between leaves a blob that nobody names. The sweep
looks at blobs old enough that whoever stored them has recorded them or never will, and keeps each that any version
of a job or upload session names, so that a look back still finds its document.
"""

from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from upsim.domain.document import UploadSession
from upsim.domain.job import Job
from upsim.server.site import Site
from upsim.services import tenants
from upsim.services.ports import SYSTEM

GRACE = timedelta(hours=1)
"""A blob is recorded when its request ends, and no request takes as long."""


class Swept(Struct, frozen=True):
    """How many blobs were deleted: never finished ones, and finished ones that nothing names."""

    unfinished: int
    orphans: int


async def sweep(site: Site, older_than: timedelta = GRACE) -> Swept:
    """Delete what nothing refers to. Any node may do it, at any time."""
    before = site.now() - older_than
    unfinished = await site.blobs.discard_unfinished(before)
    unnamed = {key async for key in site.blobs.older_than(before)}
    for tenant in await site.store.read(SYSTEM, tenants.list_all) if unnamed else ():
        unnamed -= await site.store.scan(tenant.id, Job, _of_job)
        unnamed -= await site.store.scan(tenant.id, UploadSession, _of_session)
    for key in unnamed:
        await site.blobs.delete(key)
    return Swept(unfinished, len(unnamed))


def _of_job(job: Job) -> Iterator[str]:
    return (part.key for part in job.document.parts)


def _of_session(session: UploadSession) -> Iterator[str]:
    return (part.key for part in session.parts)
