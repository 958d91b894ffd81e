"""The database or the bucket goes away: every API says so in its own words, and all goes on when it is back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.nodes import PUBLIC_CLIENT, wire
from tests.support.postgres import PostgresServer
from tests.support.processes import Process
from tests.support.s3 import S3Server
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import ActorError, Answer, Wire

CONTENT = b"%PDF-1.7\nstays\n%%EOF\n"
BACK_WITHIN_ASKS = 600


class Office:
    """A user with a job that waits, and the device that will print it."""

    def __init__(self, connection: Wire, device: PrinterDevice, user: Person, share_id: str) -> None:
        self.wire, self.device, self.user = connection, device, user
        self.jobs = f"/v1.0/print/shares/{share_id}/jobs"
        self.share_id = share_id
        self.job_id = 0

    async def graph(self, method: str, path: str, *expect: int, **options: object) -> Answer:
        token = await self.user.token()
        return await self.wire.call(method, path, token=token, expect=expect, **options)

    async def refused_by_ipp(self) -> ActorError:
        with pytest.raises(ActorError) as refusal:
            await self.device.fetchable_jobs()
        return refusal.value


@asynccontextmanager
async def opened(process: Process, folder: Path) -> AsyncIterator[Office]:
    document = folder / "a.pdf"
    document.write_bytes(CONTENT)
    async with wire(process) as connection:
        admin = Person(connection, process.tenant_id, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(connection, admin, "Lab")
        await device.prove_itself()
        await device.describe_itself()
        office = Office(connection, device, admin, await admin.share(device.printer_id, "Floor"))
        office.job_id = int(await admin.print(office.share_id, document, {}))
        yield office


async def until_ready(connection: Wire) -> None:
    """Ask until it is ready; each answer takes as long as the store may."""
    for _ in range(BACK_WITHIN_ASKS):
        answer = await connection.call("GET", "/_upsim/readyz", expect=(200, 503))
        if answer.status == 200:
            return
    raise AssertionError(answer.body)


async def test_the_database_goes_away_and_comes_back(tmp_path: Path) -> None:
    database = PostgresServer(is_durable=True)
    data = str(tmp_path / "data")
    process = Process("--store", database.fresh_url(), "--data", data, "--store-timeout-seconds", "2")
    async with opened(process, tmp_path) as office:
        for _ in range(2):  # and it may happen again
            database.stop()
            ready = await office.wire.call("GET", "/_upsim/readyz", expect=(503,))
            assert ready.headers["Retry-After"] == "1"
            assert f"127.0.0.1:{database.port}" in ready.json()["why"]

            reading = await office.graph("GET", office.jobs, 503)
            assert reading.headers["Retry-After"] == "1"
            assert reading.json()["error"]["code"] == "ServiceUnavailable"
            writing = await office.graph("POST", office.jobs, 503, json={"configuration": {}})
            assert writing.headers["Retry-After"] == "1"
            form = {"grant_type": "srv_challenge", "windows_api_version": "2.0"}
            path = f"/{process.tenant_id}/oauth2/token"
            signing_in = await office.wire.call("POST", path, data=form, expect=(503,))
            assert signing_in.json()["error"] == "temporarily_unavailable"
            device_token = office.device.token
            steering = await office.wire.call("GET", f"/_upsim/tenants/{process.tenant_id}/clock", expect=(503,))
            assert steering.headers["Retry-After"] == "1"
            entry = await office.wire.call("POST", "/printers", token=device_token, data=b"\2\0", expect=(503,))
            assert entry.headers["Retry-After"] == "1"
            by_ipp = await office.refused_by_ipp()
            assert (by_ipp.status, by_ipp.ipp_status) == (503, 0)

            database.start()
            await until_ready(office.wire)
            listed = await office.graph("GET", office.jobs, 200)
            assert [job["id"] for job in listed.json()["value"]] == [str(office.job_id)]
            assert await office.device.fetchable_jobs() == [office.job_id]
        await office.device.acknowledge(office.job_id)
        assert await office.device.document(office.job_id) == CONTENT
        await office.device.report(office.job_id, 9, "job-completed-successfully")
    assert process.process.poll() is None, "the server was never started again"
    process.stop()
    database.close()


async def test_the_bucket_goes_away_and_comes_back(tmp_path: Path) -> None:
    database, s3 = PostgresServer(), S3Server()
    process = Process(
        "--store", database.fresh_url(), "--documents", s3.url("away"), "--store-timeout-seconds", "2"
    )
    async with opened(process, tmp_path) as office:
        job = (await office.graph("POST", office.jobs, 201, json={"configuration": {}})).json()
        (tmp_path / "b.pdf").write_bytes(CONTENT)
        url = await office.user.open_upload(office.share_id, job, tmp_path / "b.pdf")
        span = {"Content-Range": f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}"}
        await office.device.acknowledge(office.job_id)
        s3.stop()
        ready = await office.wire.call("GET", "/_upsim/readyz", expect=(503,))
        assert f"rig at 127.0.0.1:{s3.port}" in ready.json()["why"]
        assert (await office.graph("GET", office.jobs, 200)).json()["value"]  # what needs no document goes on
        refusal = await office.wire.call("PUT", url, data=CONTENT, headers=span, expect=(503,))
        assert refusal.headers["Retry-After"] == "1"
        with pytest.raises(ActorError) as by_ipp:
            await office.device.document(office.job_id)
        assert by_ipp.value.ipp_status == 0x0502, by_ipp.value  # server-error-service-unavailable

        s3.start()
        await until_ready(office.wire)
        await office.wire.call("PUT", url, data=CONTENT, headers=span, expect=(201,))
        await office.graph("POST", f"{office.jobs}/{job['id']}/start", 200)
        for job_id in (office.job_id, int(job["id"])):
            if job_id != office.job_id:
                await office.device.acknowledge(job_id)
            assert await office.device.document(job_id) == CONTENT
    process.stop()
    s3.stop()
    database.close()
