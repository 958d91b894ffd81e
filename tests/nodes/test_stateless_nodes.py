"""Nodes that keep nothing of their own: state in PostgreSQL, documents in a bucket, one CA for all."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.support.nodes import MEGABYTE, PUBLIC_CLIENT, on, put, wire
from tests.support.postgres import PostgresServer
from tests.support.processes import Process
from tests.support.s3 import S3Server
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.app import serve
from upsim.config import Settings
from upsim.server.sweep import sweep


async def test_an_upload_begins_on_one_node_and_ends_on_another_and_nothing_is_orphaned(
    postgres: PostgresServer, s3: S3Server, tmp_path: Path
) -> None:
    store, documents = postgres.fresh_url(), s3.url("uploads")
    first, second = (Process("--store", store, "--documents", documents) for _ in range(2))
    assert Path(first.ca).read_bytes() == Path(second.ca).read_bytes()
    content = b"%PDF-1.7\n" + bytes(range(256)) * 78_125  # 20 MB
    async with wire(first) as one, wire(second) as two:
        admin = Person(one, first.tenant_id, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(one, admin, "Lab")
        there = on(second, device.identity, two)
        await there.prove_itself()
        await there.describe_itself()
        share_id = await admin.share(device.printer_id, "Floor")
        user = Person(one, first.tenant_id, PUBLIC_CLIENT, "alex@contoso.example")
        await user.sign_in_with_browser()
        jobs = f"/print/shares/{share_id}/jobs"
        job = await user.graph("POST", jobs, json={"configuration": {}}, expect=(201,), note="")
        document = tmp_path / "large.pdf"
        document.write_bytes(content)
        path = (await user.open_upload(share_id, job, document)).removeprefix(one.base_url)

        # The last range first, on the one; the others on the other.
        await put(one, path, content, 18 * MEGABYTE, len(content), expect=202)
        broken = asyncio.create_task(put(one, path, content, 0, 9 * MEGABYTE, expect=202, stop_after=4 * MEGABYTE))
        await asyncio.wait([broken], timeout=1)
        first.kill()
        await asyncio.gather(broken, return_exceptions=True)
        await put(two, path, content, 0, 9 * MEGABYTE, expect=202)
        await put(two, path, content, 9 * MEGABYTE, 18 * MEGABYTE, expect=201)

        token = await user.token()
        await two.call("POST", f"/v1.0{jobs}/{job['id']}/start", token=token)
        await there.acknowledge(int(job["id"]))
        await there.fetch_document(int(job["id"]), tmp_path / "fetched.pdf")
    assert (tmp_path / "fetched.pdf").read_bytes() == content
    second.stop()

    s3.client().put_object(Bucket="rig", Key="uploads/stored-and-never-recorded", Body=b"x")
    async with serve(Settings(port=0, http_port="off", store=store, documents=documents)) as third:
        await sweep(third.site, timedelta(hours=-1))
    assert len(s3.keys("uploads/")) == 3
    uploads = s3.client().list_multipart_uploads(Bucket="rig")
    assert not uploads.get("Uploads")
