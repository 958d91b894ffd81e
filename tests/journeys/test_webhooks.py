"""Change notifications from end to end: a server that dies, receivers that misbehave, and whose CA is trusted."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.graph.receiver import receiving
from tests.support.inbox import TENANT, a_shared_printer, app_token, subscribe
from tests.support.polling import until
from tests.support.processes import Process
from upsim.actors.wire import Wire
from upsim.app import Running, real_now, serve
from upsim.client.ask import camel_throughout
from upsim.config import ConfigError, Settings
from upsim.shipped import fixtures
from upsim.wire.x509 import authorities


async def test_what_was_not_delivered_when_the_server_was_killed_is_delivered_by_the_next(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    first = Process("--data", data)
    async with receiving() as receiver:
        async with Wire("test", first.https, Path(first.ca).read_text()) as wire:
            settings = {
                "registration": {"seconds": 0},
                "webhooks": {"backoffSeconds": 0.5, "backoffSecondsMax": 0.5},
            }
            await wire.call("PUT", f"{TENANT}/settings", json=settings)
            device, share_id, admin = await a_shared_printer(wire, first.tenant_id)
            token = await app_token(wire, first.tenant_id)
            await subscribe(wire, token, device.printer_id, receiver.url)
            receiver.status = 503
            job_id = await admin.print(share_id, fixtures() / "sample.pdf", {})
            await until(lambda: receiver.messages)
        first.kill()
        receiver.messages.clear()
        receiver.status = 202
        second = Process("--data", data)
        await until(lambda: receiver.messages)
        second.stop()
    assert [item["resourceData"]["id"] for item in receiver.told] == [job_id]


class Office:
    """A shared printer, its administrator and an application, at a running server."""

    def __init__(self, upsim: Running, wire: Wire) -> None:
        self.upsim, self.wire = upsim, wire

    async def open(self) -> "Office":
        tenant_id = self.upsim.tenants[0]["tenant"]["id"]
        await self.settings()
        self.device, self.share_id, self.admin = await a_shared_printer(self.wire, tenant_id)
        self.token = await app_token(self.wire, tenant_id)
        return self

    async def settings(self, **chosen: Any) -> None:
        await self.wire.call(
            "PUT", f"{TENANT}/settings", json={"registration": {"seconds": 0}, **camel_throughout(chosen)}
        )

    async def print(self) -> str:
        return await self.admin.print(self.share_id, fixtures() / "sample.pdf", {})

    async def advance(self, seconds: float) -> list[str]:
        body = {"bySeconds": seconds}
        moved = (await self.wire.call("POST", f"{TENANT}/clock/advance", json=body)).json()
        return [item["what"] for item in moved["happened"]]

    async def subscribe(self, url: str) -> str:
        """What came of it: a subscription's id, or the refusal."""
        answer = await subscribe(self.wire, self.token, self.device.printer_id, url, expect=(201, 400))
        return str(answer["id"] if "id" in answer else answer["error"]["message"])

    async def log(self) -> list[tuple[str, str]]:
        lines = (await self.wire.call("GET", f"{TENANT}/deliveries")).json()["value"]
        return [(line["purpose"], line["outcome"]) for line in lines]


@pytest.fixture
async def office(upsim: Running) -> AsyncIterator[Office]:
    async with Wire("test", upsim.https, Path(upsim.ca).read_text()) as wire:
        yield await Office(upsim, wire).open()


async def test_a_receiver_that_is_wrong_slow_and_down_in_turn_is_told_in_the_end(office: Office) -> None:
    async with receiving() as receiver:
        receiver.token = "another token"
        assert "not the validation token" in await office.subscribe(receiver.url)
        receiver.token, receiver.is_slow = None, True
        await office.settings(webhooks={"validation_seconds": 0.2})
        assert "within 0.2 s" in await office.subscribe(receiver.url)
        assert (await office.wire.call("GET", "/v1.0/subscriptions", token=office.token)).json()["value"] == []
        receiver.is_slow = False
        await office.settings()
        subscription = await office.subscribe(receiver.url)

        await office.wire.call("PATCH", f"{TENANT}/clock", json={"frozen": True})
        receiver.status = 500
        job_id = await office.print()
        await until(lambda: receiver.messages)
        await office.advance(0)  # what is under way is recorded
        receiver.is_slow = True
        await office.settings(webhooks={"timeout_seconds": 0.2})
        assert "timeout" in await office.advance(11)
        receiver.is_slow, receiver.status = False, 202
        receiver.release.set()
        await office.settings()
        assert "delivered" in await office.advance(21)
        told = len(receiver.messages)
        await office.advance(3600)
        assert len(receiver.messages) == told
        assert {told["subscriptionId"] for told in receiver.told} == {subscription}
        assert {told["resourceData"]["id"] for told in receiver.told} == {job_id}
    assert await office.log() == [
        ("validation", "wrong-token"),
        ("validation", "timeout"),
        ("validation", "delivered"),
        ("notification", "refused"),
        ("notification", "timeout"),
        ("notification", "delivered"),
    ]


async def test_the_built_in_receiver_is_wrong_down_and_slow_in_turn(office: Office) -> None:
    url = f"{office.upsim.https}/_upsim/inbox/floor"
    plan = [
        {"validation": "wrong", "times": 1},
        {"status": 202, "times": 1},
        {"status": 503, "times": 1},
        {"delaySeconds": 120, "times": 1},
    ]
    await office.wire.call("PUT", url, json={"answers": plan})
    assert "not the validation token" in await office.subscribe(url)
    await office.subscribe(url)
    await office.wire.call("PATCH", f"{TENANT}/clock", json={"frozen": True})
    job_id = await office.print()
    await office.wire.call("GET", f"{url}?wait=60")
    await office.advance(0)  # what is under way is recorded
    await office.settings(webhooks={"timeout_seconds": 0.2})
    assert "timeout" in await office.advance(11)
    await office.settings()
    assert "delivered" in await office.advance(21)
    got = (await office.wire.call("GET", url)).json()["value"]
    assert [each["json"]["value"][0]["resourceData"]["id"] for each in got] == [job_id] * len(got)
    assert [outcome for purpose, outcome in await office.log() if purpose == "notification"] == [
        "refused",
        "timeout",
        "delivered",
    ]


async def test_a_receivers_certificate_may_be_of_a_ca_that_the_operator_names(tmp_path: Path) -> None:
    ca = authorities.new_authority("Contoso hooks", real_now())
    server = authorities.new_server_certificate(ca, (), real_now())
    (tmp_path / "ca.pem").write_text(ca.certificate_pem)
    (tmp_path / "hook.pem").write_text(server.certificate_pem + server.private_key_pem)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "hook.pem")
    async with receiving(tls) as receiver:
        for named in (None, str(tmp_path / "ca.pem")):
            async with (
                serve(Settings(port=0, http_port="off", webhook_ca=named)) as upsim,
                Wire("test", upsim.https, Path(upsim.ca).read_text()) as wire,
            ):
                office = await Office(upsim, wire).open()
                said = await office.subscribe(receiver.url)
                if named is None:
                    assert "certificate" in said.lower()
                    assert await office.log() == [("validation", "unreachable")]
                    assert receiver.handshakes == []
                    continue
                job_id = await office.print()
                await until(lambda: receiver.messages)
                assert [item["subscriptionId"] for item in receiver.told] == [said]
                assert [item["resourceData"]["id"] for item in receiver.told] == [job_id]


@pytest.mark.parametrize("content", [None, "no certificate", "caf\u00e9"])
async def test_a_file_without_cas_is_one_sentence_at_the_start(tmp_path: Path, content: str | None) -> None:
    named = tmp_path / "ca.pem"
    if content is not None:
        named.write_text(content)
    with pytest.raises(ConfigError, match=r"--webhook-ca .*ca\.pem is not a PEM file of CAs"):
        async with serve(Settings(port=0, http_port="off", webhook_ca=str(named))):
            pass
