"""Bytes that no document refers to: what a server that died between storing and recording left behind.

A range is stored first and recorded afterwards, so a crash in between leaves a blob that nobody names. The sweep
looks at blobs old enough that whoever stored them has recorded them or never will, and keeps each that any version
of a job or upload session names, so that a look back still finds its document.
"""

import asyncio
import logging
from datetime import timedelta

from msgspec import Struct

from upsim.domain.refusals import Refusal
from upsim.server.site import Site
from upsim.services import blob_names, tenants
from upsim.services.ports import SYSTEM

GRACE = timedelta(hours=1)
"""A blob is recorded when its request ends, and no request takes as long."""
SWEEP_EVERY_SECONDS = 1800.0
"""Real time. Documents of canceled uploads and of pruned history go then, in memory as on disk."""

log = logging.getLogger("upsim")


class Swept(Struct, frozen=True):
    """How many blobs were deleted: never finished ones, and finished ones that nothing names."""

    unfinished: int
    orphans: int


async def keep_sweeping(site: Site) -> None:
    """Sweep now and then; what cannot be reached now is swept the next time."""
    while True:
        try:
            swept = await sweep(site)
            if swept.unfinished or swept.orphans:
                log.info("Swept %d unfinished and %d forgotten blobs.", swept.unfinished, swept.orphans)
        except Refusal as refusal:
            log.warning("The documents were not swept: %s", refusal.detail)
        await asyncio.sleep(SWEEP_EVERY_SECONDS)  # noqa: TID251 - housekeeping is in real time


async def sweep(site: Site, older_than: timedelta = GRACE) -> Swept:
    """Delete what nothing refers to. Any node may do it, at any time."""
    before = site.now() - older_than
    unfinished = await site.blobs.discard_unfinished(before)
    unnamed = {key async for key in site.blobs.older_than(before)}
    for tenant in await site.store.read(SYSTEM, tenants.list_all) if unnamed else ():
        unnamed -= await blob_names.named_by(site.store, tenant.id)
    await site.blobs.delete(unnamed)
    return Swept(unfinished, len(unnamed))
