"""Upload sessions and download links."""

import itertools
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.services import ADA, BOB, World
from upsim.domain.attributes import MIME_MEDIA_TYPE, many
from upsim.domain.document import Part, UploadSession
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import documents
from upsim.services.jobs import owner

PDF = {"name": "a.pdf", "format": "application/pdf"}


async def a_session(world: World, size_bytes: int = 100) -> UploadSession:
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    return await world.do(documents.create_session, ADA, job.id, job.document.id, **PDF, size_bytes=size_bytes)


async def record(world: World, session: UploadSession, start: int, end: int) -> UploadSession:
    part = Part(start, end - start, f"blob-{start}")
    return await world.do(documents.record_part, session.id, session.secret, part)


async def test_the_last_range_completes_the_document(world: World) -> None:
    session = await a_session(world)
    assert (await record(world, session, 60, 100)).completed_at is None
    assert (await record(world, session, 0, 60)).completed_at is not None
    document = (await world.job(session.job_id)).document
    assert (document.size_bytes, document.name) == (100, "a.pdf")
    assert [(part.start, part.end) for part in document.parts] == [(0, 60), (60, 100)]


@given(cuts=st.sets(st.integers(1, 99), max_size=8), seed=st.integers(0, 99))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_ranges_may_come_in_any_order(cuts: set[int], seed: int) -> None:
    world = await World().prepare()
    await world.a_printer()
    session = await a_session(world)
    edges = [0, *sorted(cuts), 100]
    ranges = list(itertools.pairwise(edges))
    random.Random(seed).shuffle(ranges)
    for start, end in ranges:
        session = await record(world, session, start, end)
    assert session.completed_at is not None
    parts = (await world.job(session.job_id)).document.parts
    assert [part.start for part in parts] == edges[:-1]
    await world.store.close()


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [(0, 10, "range-overlap"), (5, 15, "range-overlap"), (0, 100, "range-overlap"), (90, 101, "range-exceeds")],
)
async def test_a_range_that_does_not_fit_is_refused(world: World, start: int, end: int, reason: str) -> None:
    session = await record(world, await a_session(world), 0, 10)
    with pytest.raises(Refusal) as refusal:
        await record(world, session, start, end)
    assert (refusal.value.kind, refusal.value.reason) == (RefusalKind.PRECONDITION, reason)
    assert await world.do(documents.open_session, session.id, session.secret) == session


async def test_the_total_must_be_the_sessions(world: World) -> None:
    session = await a_session(world)
    with pytest.raises(Refusal) as refusal:
        await world.do(documents.check_range, session, 0, 10, 99)
    assert refusal.value.reason == "fragment-length"


async def test_a_session_opens_only_to_who_knows_its_secret_and_only_for_an_hour(world: World) -> None:
    session = await a_session(world)
    with pytest.raises(NotFound):
        await world.do(documents.open_session, session.id, "guess")
    await world.advance(minutes=59)
    await world.do(documents.open_session, session.id, session.secret)
    await world.advance(minutes=2)
    with pytest.raises(NotFound):
        await world.do(documents.open_session, session.id, session.secret)


async def test_a_new_session_closes_the_one_before(world: World) -> None:
    session = await record(world, await a_session(world), 0, 10)
    job = await world.job(session.job_id)
    await world.do(documents.create_session, ADA, job.id, job.document.id, **PDF, size_bytes=5)
    with pytest.raises(NotFound):
        await world.do(documents.open_session, session.id, session.secret)


async def test_a_canceled_session_is_gone(world: World) -> None:
    session = await record(world, await a_session(world), 0, 10)
    await world.do(documents.cancel_session, session.id, session.secret)
    with pytest.raises(NotFound):
        await record(world, session, 10, 20)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"size_bytes": 0}, RefusalKind.INVALID),
        ({"size_bytes": (1 << 30) + 1}, RefusalKind.TOO_LARGE),
        ({"format": "pdf"}, RefusalKind.INVALID),
        ({"format": "text/plain"}, RefusalKind.FORMAT_UNSUPPORTED),
    ],
)
async def test_a_document_that_the_printer_cannot_take_is_refused(
    world: World, change: dict[str, object], kind: RefusalKind
) -> None:
    formats = {"document-format-supported": many(MIME_MEDIA_TYPE, ["application/pdf"])}
    await world.a_printer("p1", attributes=formats)
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    with pytest.raises(Refusal) as refusal:
        await world.do(
            documents.create_session, ADA, job.id, job.document.id, **{**PDF, "size_bytes": 5, **change}
        )
    assert refusal.value.kind is kind
    assert await world.job(job.id) == job


async def test_only_the_owner_uploads_and_only_before_the_start(world: World) -> None:
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    with pytest.raises(Refusal):
        await world.do(documents.create_session, BOB, job.id, job.document.id, **PDF, size_bytes=5)
    started = await world.a_started_job()
    with pytest.raises(Refusal) as refusal:
        await world.do(documents.create_session, ADA, started.id, started.document.id, **PDF, size_bytes=5)
    assert refusal.value.reason == "job-started"


async def test_a_download_link_opens_the_document_for_a_while(world: World) -> None:
    job = await world.an_uploaded_job()
    link = await world.do(documents.create_download_link, ADA, job.id, job.document.id)
    assert await world.do(documents.follow_download_link, link.id, link.secret) == job
    with pytest.raises(NotFound):
        await world.do(documents.follow_download_link, link.id, "guess")
    await world.advance(minutes=11)
    with pytest.raises(NotFound):
        await world.do(documents.follow_download_link, link.id, link.secret)
