"""What nothing refers to is forgotten; what any version refers to is kept."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from upsim.app import Running, serve
from upsim.config import Settings
from upsim.domain.document import Document, Part, UploadSession
from upsim.domain.job import Job, JobState, Originator, Progress
from upsim.server.sweep import Swept, sweep
from upsim.storage.conformance.blobs import all_keys, read, stored
from upsim.storage.sqlite.blobs import ROW_BYTES_MAX

AT_ONCE = timedelta(hours=-1)
NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with serve(Settings(port=0, http_port="off", data=str(tmp_path / "data"))) as running:
        yield running


@pytest.mark.parametrize("size", [1, ROW_BYTES_MAX + 1])
async def test_the_sweep_keeps_what_any_version_names_and_nothing_else(running: Running, size: int) -> None:
    site, tenant = running.site, running.tenants[0]["tenant"]["id"]
    printed, replaced, uploading, forgotten = [await stored(site.blobs, bytes(size)) for _ in range(4)]
    half = await site.blobs.create()
    await half.write(bytes(ROW_BYTES_MAX + 1))

    def a_job(key: str) -> Job:
        document = Document(id="d", parts=(Part(0, size, key),), size_bytes=size)
        creator = Originator(user_id="u", display_name="Ada", user_principal_name="ada@contoso.example")
        return Job(
            id="1",
            name="",
            printer_id="p",
            created_at=NOW,
            created_by=creator,
            document=document,
            progress=Progress(JobState.PENDING),
        )

    session = UploadSession(
        id="s",
        job_id="1",
        document_id="d",
        document_name="",
        document_format="application/pdf",
        size_bytes=2 * size,
        secret="-",
        created_at=NOW,
        expires_at=NOW + timedelta(days=10_000),
        parts=(Part(0, size, uploading),),
    )
    await site.store.write(tenant, lambda tx: tx.put(a_job(replaced)))
    await site.store.write(tenant, lambda tx: (tx.put(a_job(printed)), tx.put(session)))

    assert await sweep(site) == Swept(unfinished=0, orphans=0)  # all of it is young
    assert await sweep(site, AT_ONCE) == Swept(unfinished=1, orphans=1)
    assert await all_keys(site.blobs) == {printed, replaced, uploading}
    with pytest.raises(FileNotFoundError):
        await read(site.blobs, forgotten)
    await half.discard()
