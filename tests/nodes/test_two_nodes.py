"""Two servers on one PostgreSQL: what begins on one goes on on the other, and one may die."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.nodes import PUBLIC_CLIENT, node, on, wire
from tests.support.postgres import PostgresServer
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.shipped import fixtures


async def test_a_job_travels_over_two_nodes_and_one_dies_on_the_way(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url, document = postgres.fresh_url(), fixtures() / "sample.pdf"
    content, size = document.read_bytes(), document.stat().st_size
    first, second = node(url, tmp_path / "data"), node(url, tmp_path / "data")
    async with wire(first) as one, wire(second) as two:
        admin = Person(one, first.tenant_id, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(one, admin, "Lab")
        there = on(second, device.identity, two)
        await there.prove_itself()  # a certificate that the first signed, a nonce and a token of the second
        await there.describe_itself()
        share_id = await admin.share(device.printer_id, "Floor")

        user = Person(one, first.tenant_id, PUBLIC_CLIENT, "alex@contoso.example")
        await user.sign_in_with_browser()
        jobs = f"/print/shares/{share_id}/jobs"
        job = await user.graph("POST", jobs, json={"configuration": {}}, expect=(201,), note="")
        path = (await user.open_upload(share_id, job, document)).removeprefix(one.base_url)
        begin = {"Content-Range": f"bytes 0-399/{size}"}
        await one.call("PUT", path, data=content[:400], headers=begin, expect=(202,))
        first.kill()

        rest = {"Content-Range": f"bytes 400-{size - 1}/{size}"}
        await two.call("PUT", path, data=content[400:], headers=rest, expect=(201,))
        token = await user.token()
        await two.call("POST", f"/v1.0{jobs}/{job['id']}/start", token=token)
        assert await there.fetchable_jobs() == [int(job["id"])]
        await there.acknowledge(int(job["id"]))
        await there.fetch_document(int(job["id"]), tmp_path / "fetched.pdf")
        await there.report(int(job["id"]), 9, "job-completed-successfully")
        answer = await two.call("GET", f"/v1.0{jobs}/{job['id']}", token=token)
    assert answer.json()["status"]["state"] == "completed"
    assert (tmp_path / "fetched.pdf").read_bytes() == content
    second.stop()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--documents", "s3://rig"], "give --data or --store"),
        (["--store", "postgresql://127.0.0.1:1/none"], "--documents s3://..., or --data"),
    ],
)
def test_state_and_documents_need_a_place_each(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "upsim", "serve", "--port", "0", "--http-port", "0", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "AWS_ACCESS_KEY_ID": "rig", "AWS_SECRET_ACCESS_KEY": "rig-secret"},
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
