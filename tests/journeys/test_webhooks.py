"""A notification survives the server that was to send it."""

from pathlib import Path

from tests.conftest import Process
from tests.faces.control.test_inbox import TENANT, a_shared_printer, app_token, subscribe
from tests.faces.graph.receiver import receiving
from tests.polling import until
from upsim.actors.wire import Wire
from upsim.app import fixtures


async def test_what_was_not_delivered_when_the_server_was_killed_is_delivered_by_the_next(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    first = Process("--data", data)
    async with receiving() as receiver:
        async with Wire("test", first.https, Path(first.ca).read_text()) as wire:
            settings = {
                "registration_seconds": 0,
                "webhook_backoff_seconds": 0.5,
                "webhook_backoff_seconds_max": 0.5,
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
