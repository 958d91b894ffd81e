"""Servers inside the process of a test, blocking and in the running loop."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from upsim.client import ControlError, clock, tenants
from upsim.config import ConfigError
from upsim.testing import running, running_here


def test_several_run_at_once_and_leave_nothing_behind() -> None:
    with running() as one, running() as two:
        with one.client() as client, two.client() as other:
            made = client.send(tenants.create())["tenant"]["id"]
            with pytest.raises(ControlError, match="tenant"):
                other.send(clock.get(made))
        assert one.http_url is not None
        assert httpx.get(f"{one.http_url}/_upsim/readyz", trust_env=False).status_code == 200
        port = urlsplit(one.url).port
    assert "upsim" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port or 0), timeout=30)


def test_a_server_that_cannot_start_says_why() -> None:
    with pytest.raises(ConfigError, match="cannot be read"), running(seed="/nowhere/seed.toml"):
        pass
    with pytest.raises(TypeError, match="no_such_option"), running(no_such_option=1):
        pass


def test_options_of_the_server_are_taken() -> None:
    with running(http_port="off", control_key="a-key-of-this-test") as server:
        assert server.http_url is None
        with server.client() as client:
            assert client.send(tenants.list_all())[0]["tenant"]["id"] == server.tenant


async def test_a_server_in_the_loop_of_the_test() -> None:
    async with running_here() as server, server.async_client() as client:
        moved = await client.send(clock.advance(server.tenant, by_seconds=5))
        assert moved["settled"] is True
        async with running_here() as other:
            assert other.url != server.url


def test_a_tenant_ends_with_its_block_and_holds_all_there_is_to_do_to_it() -> None:
    with running() as server:
        with server.new_tenant(random_seed="7", frozen_at=datetime(2026, 1, 31, tzinfo=UTC)) as tenant:
            printer = tenant.printer("Copy room")
            assert tenant.clock.now() == datetime(2026, 1, 31, tzinfo=UTC)
            tenant.clock.advance(timedelta(hours=1))
            user = tenant.users[1]["userPrincipalName"]
            headers = {"Authorization": f"Bearer {tenant.token(user=user, permissions=['PrinterShare.Read.All'])}"}
            with httpx.Client(base_url=server.url, verify=tenant.client.verify, headers=headers) as graph:
                with tenant.injections.injected(operation="graph.share.get", answer={"status": 503}) as injection:
                    assert graph.get(f"/v1.0/print/shares/{printer.share_id}").status_code == 503
                    assert tenant.injections.fired(injection["id"]) == 1
                assert graph.get(f"/v1.0/print/shares/{printer.share_id}").status_code == 200
            tenant.journal.expect(
                {"operation": "graph.share.get", "status": 503},
                {"operation": "graph.share.get", "status": 200},
                in_order=True,
            )
            printer.force("stopped", reasons=("media-empty",))
            assert tenant.journal.tail(1).count("graph.share.get") == 1
            ended = tenant.id
        with server.client() as client, pytest.raises(ControlError):
            client.send(clock.get(ended))


def test_the_same_seed_id_and_instant_give_the_same_ids() -> None:
    begins = {"random_seed": "7", "tenant_id": "0c0a7050-0000-4000-8000-00000000a777"}
    with running() as server:
        made = []
        for _ in range(2):
            with server.new_tenant(**begins, frozen_at=datetime(2026, 1, 31, tzinfo=UTC)) as tenant:
                made.append(tenant.printer().id)
    assert made[0] == made[1]


def test_a_shipped_seed_stands_in_two_tenants_at_once_and_prints_through_time() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with (
        running() as server,
        server.new_tenant(seed="pull-print") as other,
        server.new_tenant(seed="pull-print", frozen_at=noon) as tenant,
    ):
        assert other.id != tenant.id
        assert [each["id"] for each in other.users] == [each["id"] for each in tenant.users]
        with pytest.raises(KeyError, match="There is no 'nobody'; there are "):
            tenant.user("nobody")
        printer, inbox = tenant.printer("Copy room"), tenant.inbox()
        wish = {
            "application": tenant.applications[0]["appId"],
            "user": tenant.user("alex")["userPrincipalName"],
            "permissions": ["PrintJob.ReadWrite", "PrinterShare.ReadBasic.All"],
        }
        headers = {"Authorization": f"Bearer {tenant.token(**wish)}"}
        with httpx.Client(verify=tenant.client.verify, headers=headers) as graph:
            jobs = f"{server.url}/v1.0/print/shares/{printer.share_id}/jobs"
            job = graph.post(jobs, json={"configuration": {}}).json()
            document = f"{jobs}/{job['id']}/documents/{job['documents'][0]['id']}"
            what = {"documentName": "a.pdf", "contentType": "application/pdf", "size": 9}
            session = graph.post(f"{document}/createUploadSession", json={"properties": what}).json()
            sent = graph.put(session["uploadUrl"], content=b"%PDF-1.7\n", headers={"Content-Range": "bytes 0-8/9"})
            assert (sent.status_code, graph.post(f"{jobs}/{job['id']}/start").status_code) == (201, 200)
            assert printer.jobs("completed") == []
            tenant.clock.advance(timedelta(hours=1), until="job.completed")
            assert [each["id"] for each in printer.jobs("completed")] == [job["id"]]
            printer.force("stopped")
            assert printer.state()["state"] == "stopped"
            printer.free()
            assert printer.state()["state"] != "stopped"
            inbox.behave({"status": 503, "times": 1})
            assert [graph.post(inbox.url, json={"n": n}).status_code for n in (1, 2)] == [503, 202]
            assert inbox.messages(count=1)[-1]["json"] == {"n": 2}
        tenant.choose(limits={"scale": 0.5})
        assert tenant.choose(journal={"calls_max": 7})["limits"]["scale"] == 0.5
        assert tenant.limits()
