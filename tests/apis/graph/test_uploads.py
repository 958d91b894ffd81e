"""Upload sessions and downloads: ranges in any order, in parallel, repeated, wrong."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.graph.jobs import a_job
from tests.support.graph.world import TENANT, Person, World, a_printer, a_share
from upsim.domain.attributes import MIME_MEDIA_TYPE, many
from upsim.domain.printer_share import PrinterShare
from upsim.server.sweep import sweep

PDF = {"documentName": "a.pdf", "contentType": "application/pdf"}


class Upload:
    """An open session of a fresh job."""

    def __init__(self, world: World, path: str, session: Any, document_id: str) -> None:
        self.anonymous = world.nobody()
        self.world = world
        self.path = path
        self.session = session
        self.url = session["uploadUrl"]
        self.document_id = document_id

    async def put(self, data: bytes, start: int, total: int) -> Any:
        return await self.anonymous.put(self.url, data, f"bytes {start}-{start + len(data) - 1}/{total}")


async def open_upload(world: World, person: Person, share: PrinterShare, size: int) -> Upload:
    job = await a_job(person, share)
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}"
    document_id = job["documents"][0]["id"]
    answer = await person.post(
        f"{path}/documents/{document_id}/microsoft.graph.createuploadsession",
        {"properties": {**PDF, "size": size}},
    )
    assert answer.status == 200, answer.message
    return Upload(world, path, answer.json, document_id)


async def test_the_session_says_where_and_what(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 10)
    assert upload.session["@odata.context"] == f"{world.url}/v1.0/$metadata#microsoft.graph.uploadSession"
    assert upload.session["nextExpectedRanges"] == ["0-9"]
    assert f"tempauthtoken={TENANT}." in upload.url
    assert not upload.url.startswith(f"{world.url}/v1.0")


async def test_ranges_in_any_order(world: World, ada: Person, share: PrinterShare) -> None:
    content = random.Random(1).randbytes(10_000)
    upload = await open_upload(world, ada, share, len(content))
    pieces = [(start, content[start : start + 997]) for start in range(0, len(content), 997)]
    random.Random(2).shuffle(pieces)
    for start, data in pieces[:-1]:
        answer = await upload.put(data, start, len(content))
        assert answer.status == 202
        assert answer.json["nextExpectedRanges"]
        assert set(answer.json) == {"expirationDateTime", "nextExpectedRanges"}
    start, data = pieces[-1]
    done = await upload.put(data, start, len(content))
    assert done.status == 201
    assert done.json == {
        "id": upload.document_id,
        "documentName": "a.pdf",
        "displayName": "a.pdf",
        "contentType": "application/pdf",
        "size": len(content),
    }
    assert await downloaded(ada, upload) == content


async def downloaded(person: Person, upload: Upload) -> bytes:
    link = await person.get(f"{upload.path}/documents/{upload.document_id}/$value")
    assert (link.status, link.body) == (302, b"")
    answer = await person.world.nobody().get(link.headers["Location"])
    assert answer.status == 200
    return bytes(answer.body)


async def test_four_ranges_in_parallel(world: World, ada: Person, share: PrinterShare) -> None:
    content = random.Random(3).randbytes(4 * 300_000)
    upload = await open_upload(world, ada, share, len(content))
    answers = await asyncio.gather(
        *(upload.put(content[at : at + 300_000], at, len(content)) for at in range(0, len(content), 300_000))
    )
    assert sorted(answer.status for answer in answers) == [201, 202, 202, 202]
    assert await downloaded(ada, upload) == content


async def test_the_same_range_in_parallel_is_taken_once(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 200_000)
    data = bytes(100_000)
    answers = await asyncio.gather(*(upload.put(data, 0, 200_000) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [202, 416, 416, 416]
    assert len(world.blobs()) == 1


async def test_a_repeated_range_is_416_and_the_session_goes_on(
    world: World, ada: Person, share: PrinterShare
) -> None:
    upload = await open_upload(world, ada, share, 10)
    assert (await upload.put(b"01234", 0, 10)).status == 202
    before = await world.rows()
    for start, data in ((0, b"01234"), (4, b"45"), (0, b"0"), (0, b"0123456789")):
        refusal = await upload.put(data, start, 10)
        assert (refusal.status, refusal.code) == (416, "invalidRange")
    assert await world.rows() == before
    status = await upload.anonymous.get(upload.url)
    assert (status.status, status.json["nextExpectedRanges"]) == (200, ["5-9"])
    assert (await upload.put(b"56789", 5, 10)).status == 201


BAD_RANGES = [
    ("bytes 0-4/11", b"01234", 400, "fragmentLengthMismatch"),
    ("bytes 5-10/10", b"567890", 400, "BadRequest"),
    ("bytes 0-9/10", b"0123", 400, "fragmentLengthMismatch"),
    ("bytes 0-3/10", b"01234567", 400, "fragmentLengthMismatch"),
    ("bytes 4-3/10", b"", 400, "BadRequest"),
    ("bytes */10", b"", 400, "BadRequest"),
    ("octets 0-4/10", b"01234", 400, "BadRequest"),
    (None, b"0123456789", 400, "BadRequest"),
]


@pytest.mark.parametrize(("header", "data", "status", "code"), BAD_RANGES)
async def test_a_wrong_range_is_refused_and_leaves_nothing(
    world: World, ada: Person, share: PrinterShare, header: str | None, data: bytes, status: int, code: str
) -> None:
    upload = await open_upload(world, ada, share, 10)
    before = await world.rows()
    answer = await upload.anonymous.put(upload.url, data, header)
    assert (answer.status, answer.code) == (status, code)
    assert await world.rows() == before
    assert world.blobs() == []


async def test_a_range_of_ten_megabytes_is_too_large(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 20_000_000)
    answer = await upload.put(bytes(10_000_000), 0, 20_000_000)
    assert (answer.status, answer.code) == (413, "maxFragmentLengthExceeded")
    assert world.blobs() == []


async def test_the_last_range_may_come_again_as_the_sdk_sends_it(
    world: World, ada: Person, share: PrinterShare
) -> None:
    upload = await open_upload(world, ada, share, 10)
    done = await upload.put(b"0123456789", 0, 10)
    empty = await upload.anonymous.put(upload.url, b"", "bytes 0-9/10")
    full = await upload.put(b"0123456789", 0, 10)
    assert [done.status, empty.status, full.status] == [201, 201, 201]
    assert done.json == empty.json == full.json
    assert (await upload.anonymous.get(upload.url)).status == 404
    assert (await upload.anonymous.delete(upload.url)).status == 404
    world.elapsed += timedelta(seconds=61)
    assert (await upload.put(b"0123456789", 0, 10)).status == 404
    assert await downloaded(ada, upload) == b"0123456789"


async def test_a_strict_tenant_refuses_the_repetition(world: World, ada: Person, share: PrinterShare) -> None:
    await world.settings(uploads={"repeated_range": "refuse"})
    upload = await open_upload(world, ada, share, 10)
    assert (await upload.put(b"0123456789", 0, 10)).status == 201
    assert (await upload.put(b"0123456789", 0, 10)).status == 416


async def test_an_expired_session_is_gone(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 10)
    await upload.put(b"01234", 0, 10)
    world.elapsed += timedelta(hours=1, seconds=1)
    for answer in (await upload.put(b"56789", 5, 10), await upload.anonymous.get(upload.url)):
        assert (answer.status, answer.code) == (404, "NotFound")


async def bytes_left(world: World) -> list[Path]:
    """What the sweep keeps once the history is gone, which a rewind to the present lets go."""
    point = await world.site.store.read(TENANT, lambda tx: tx.change_number)
    await world.site.store.write(TENANT, lambda tx: tx.history.rewind(point))
    await sweep(world.site, timedelta(hours=-1))
    return world.blobs()


async def test_cancel_forgets_what_was_received(world: World, ada: Person, share: PrinterShare) -> None:
    await world.settings(history={"changes_max": 0})
    upload = await open_upload(world, ada, share, 10)
    await upload.put(b"01234", 0, 10)
    cancelled = await upload.anonymous.delete(upload.url)
    assert (cancelled.status, cancelled.body) == (204, b"")
    assert await bytes_left(world) == []
    assert (await upload.anonymous.get(upload.url)).status == 404


async def test_a_second_session_closes_the_first(world: World, ada: Person, share: PrinterShare) -> None:
    await world.settings(history={"changes_max": 0})
    upload = await open_upload(world, ada, share, 10)
    await upload.put(b"01234", 0, 10)
    assert len(await bytes_left(world)) == 1
    path = f"{upload.path}/documents/{upload.document_id}/createUploadSession"
    second = await ada.post(path, {"properties": {**PDF, "size": 5}})
    assert second.status == 200
    assert await bytes_left(world) == []
    assert (await upload.put(b"56789", 5, 10)).status == 404
    assert (await world.nobody().put(second.json["uploadUrl"], b"abcde", "bytes 0-4/5")).status == 201


async def test_an_authorization_header_is_ignored(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 5)
    assert (await ada.put(upload.url, b"01234", "bytes 0-4/5")).status == 201


async def test_a_wrong_secret_opens_nothing(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 5)
    address = upload.url.partition("?")[0]
    anonymous = world.nobody()
    assert (await anonymous.put(address, b"01234", "bytes 0-4/5")).status == 401
    assert (await anonymous.put(f"{address}?tempauthtoken={TENANT}.x", b"01234", "bytes 0-4/5")).status == 404
    assert (await anonymous.put(f"{address}?tempauthtoken=x.x", b"01234", "bytes 0-4/5")).status == 404
    assert world.blobs() == []


async def test_a_broken_connection_leaves_no_half_range(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 1_000_000)

    async def breaking() -> Any:
        yield bytes(100_000)
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        raise ConnectionAbortedError

    headers = {"Content-Range": "bytes 0-999999/1000000", "Content-Length": "1000000"}
    with pytest.raises(Exception):  # noqa: B017, PT011 - aiohttp wraps it as it likes
        await upload.anonymous.call("PUT", upload.url, data=breaking(), headers=headers)
    for _ in range(50):
        if not world.blobs():
            break
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    assert (await upload.anonymous.get(upload.url)).json["nextExpectedRanges"] == ["0-999999"]
    assert world.blobs() == []


BAD_PROPERTIES: list[tuple[dict[str, Any], int]] = [
    ({"size": 0}, 400),
    ({"size": -1}, 400),
    ({"size": "10"}, 400),
    ({"size": None}, 400),
    ({"size": 2**31}, 413),
    ({"contentType": "pdf"}, 400),
    ({"contentType": "text/plain"}, 415),
    ({"documentName": None}, 400),
    ({"nonsense": 1}, 400),
]


@pytest.mark.parametrize(("changes", "status"), BAD_PROPERTIES)
async def test_bad_upload_properties_are_refused(
    world: World, ada: Person, changes: dict[str, Any], status: int
) -> None:
    formats = many(MIME_MEDIA_TYPE, ["application/pdf", "image/pwg-raster"])
    printer = a_printer(attributes={"document-format-supported": formats})
    share = a_share(printer)
    await world.put(printer, share)
    job = await a_job(ada, share)
    before = await world.rows()
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/documents/{job['documents'][0]['id']}"
    answer = await ada.post(f"{path}/createUploadSession", {"properties": {**PDF, "size": 10, **changes}})
    assert answer.status == status, answer.message
    assert await world.rows() == before


async def test_only_the_owner_uploads(world: World, ada: Person, share: PrinterShare) -> None:
    job = await a_job(ada, share)
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/documents/{job['documents'][0]['id']}"
    answer = await world.admin().post(f"{path}/createUploadSession", {"properties": {**PDF, "size": 1}})
    assert (answer.status, answer.code) == (403, "Forbidden")


async def test_a_started_job_takes_no_other_document(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 1)
    await upload.put(b"x", 0, 1)
    path = f"{upload.path}/documents/{upload.document_id}/createUploadSession"
    assert (await ada.post(path, {"properties": {**PDF, "size": 1}})).status == 409
    await ada.post(f"{upload.path}/start")
    assert (await ada.post(path, {"properties": {**PDF, "size": 1}})).status == 409


async def test_download_ranges_and_head(world: World, ada: Person, share: PrinterShare) -> None:
    upload = await open_upload(world, ada, share, 10)
    await upload.put(b"01234", 0, 10)
    await upload.put(b"56789", 5, 10)
    link = (await ada.get(f"{upload.path}/documents/{upload.document_id}/$value")).headers["Location"]
    anonymous = world.nobody()
    for header, status, expected in (
        ("bytes=3-6", 206, b"3456"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=0-99", 206, b"0123456789"),
        ("nonsense", 200, b"0123456789"),
    ):
        answer = await anonymous.get(link, headers={"Range": header})
        assert (answer.status, answer.body) == (status, expected)
    beyond = await anonymous.get(link, headers={"Range": "bytes=10-"})
    assert beyond.status == 416
    head = await anonymous.call("HEAD", link)
    assert (head.status, head.headers["Content-Length"], head.body) == (200, "10", b"")
    world.elapsed += timedelta(seconds=601)
    assert (await anonymous.get(link)).status == 404


async def test_there_is_nothing_to_download_before_the_upload(
    world: World, ada: Person, share: PrinterShare
) -> None:
    upload = await open_upload(world, ada, share, 10)
    answer = await ada.get(f"{upload.path}/documents/{upload.document_id}/$value")
    assert answer.status == 404
