"""The log of a server: one line a call that can be found again, and nothing in it that opens anything."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.processes import Process
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Answer, Wire
from upsim.shipped import fixtures

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
SECRET_NAMES = {"access_token", "refresh_token", "id_token", "client_secret", "password", "code_verifier"}
SECRET_NAMES |= {"assertion", "client_assertion", "refresh-token", "code", "device_code", "user_code", "request"}


class ListeningWire(Wire):
    """Remembers all that would open something: what was sent, and what came back."""

    def __init__(self, base_url: str, ca_pem: str) -> None:
        super().__init__("test", base_url, ca_pem)
        self.secrets: set[str] = set()

    async def call(self, method: str, url: str, **options: Any) -> Answer:
        answer = await super().call(method, url, **options)
        self.secrets.add(options.get("token") or "")
        self._gather(options.get("data"))
        self._gather(options.get("json"))
        if answer.body[:1] == b"{":
            self._gather(json.loads(answer.body))
        for address in (url, answer.headers.get("Location", "")):
            for name, values in parse_qs(urlsplit(address).query).items():
                if name in {"tempauthtoken", "code"}:
                    self.secrets.update(values)
        return answer

    def _gather(self, value: Any) -> None:
        for name, inner in value.items() if isinstance(value, dict) else ():
            if name in SECRET_NAMES and isinstance(inner, str):
                self.secrets.add(inner)
            if name == "uploadUrl":
                self.secrets.update(parse_qs(urlsplit(inner).query)["tempauthtoken"])
            self._gather(inner)


@pytest.fixture(params=["json", "text"])
def logging_process(request: pytest.FixtureRequest) -> Iterator[tuple[str, Process]]:
    process = Process("--node", "rig-7", "--log-format", request.param, "--log-level", "debug")
    yield request.param, process
    if process.process.poll() is None:
        process.stop()


async def test_each_call_is_a_line_that_can_be_found_and_holds_no_secret(
    logging_process: tuple[str, Process], tmp_path: Path
) -> None:
    log_format, process = logging_process
    tenant = process.tenant_id
    async with ListeningWire(process.https, Path(process.ca).read_text()) as wire:
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        await Person(wire, tenant, PUBLIC_CLIENT, "alex@contoso.example").sign_in_with_device_code()
        device = await PrinterDevice.register(wire, admin, "Lab")
        await device.prove_itself()
        await device.describe_itself()
        share_id = await admin.share(device.printer_id, "Floor")
        await admin.print(share_id, fixtures() / "sample.pdf", {})
        headers = {"client-request-id": "11111111-2222-4333-8444-555555555555"}
        answer = await wire.call("GET", "/v1.0/print/shares", token=await admin.token(), headers=headers)
        await wire.call("GET", "/v1.0/print/printers/nobody", token="not.a.token", expect=(401,))
        secrets = {secret for secret in wire.secrets if len(secret) > 5}
        wire.secrets.clear()
    _, _, errors = process.stop()

    secrets |= {user["password"] for user in process.ready["users"]}
    secrets |= {app["secret"] for app in process.ready["applications"] if app["secret"]}
    assert len(secrets) > 12
    for secret in secrets:
        assert secret not in errors
    assert "tempauthtoken" not in errors
    if log_format == "text":
        assert f"request_id={answer.headers['request-id']}" in errors
        assert f"tenant={tenant}" in errors
        return
    lines = [json.loads(line) for line in errors.splitlines()]
    assert {line["node"] for line in lines} == {"rig-7"}
    (found,) = [line for line in lines if line.get("requestId") == answer.headers["request-id"]]
    assert found["clientRequestId"] == "11111111-2222-4333-8444-555555555555"
    assert (found["operation"], found["status"], found["tenant"]) == ("graph.share.list", 200, tenant)
    assert found["caller"] == "admin@contoso.example"
    assert found["durationMs"] >= 0
    (refusal,) = [line for line in lines if line.get("status") == 401]
    assert refusal["refused"]
    by_device = [line for line in lines if line.get("operation") == "ipp.update-output-device-attributes"]
    assert by_device
    assert by_device[0]["tenant"] == tenant
