"""The choice of the event loop, and that a server on uvloop does what one on asyncio's own loop does."""

import asyncio
import signal
import ssl
import sys
import urllib.request
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Process
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire
from upsim.app import serve
from upsim.config import ConfigError, Settings
from upsim.server.loops import loop_factory

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run on Windows")


def test_each_choice_makes_its_loop() -> None:
    import uvloop

    assert loop_factory("asyncio") is None
    assert loop_factory("uvloop") is uvloop.new_event_loop
    assert loop_factory("auto") is uvloop.new_event_loop


def test_without_uvloop_auto_takes_asyncio_and_uvloop_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)  # as if it were not installed

    assert loop_factory("auto") is None
    with pytest.raises(ConfigError, match=r"pip install 'upsim\[uvloop\]'"):
        loop_factory("uvloop")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_on_uvloop_answers_and_ends_on_a_signal(number: signal.Signals) -> None:
    process = Process("--loop", "uvloop")
    context = ssl.create_default_context(cafile=process.ca)
    with urllib.request.urlopen(f"{process.https}/_upsim/readyz", context=context, timeout=60) as answer:
        assert answer.status == 200

    process.process.send_signal(number)
    process.process.communicate(timeout=60)

    assert process.process.returncode == 0


def test_a_document_in_a_file_is_fetched_over_plain_http_on_uvloop(tmp_path: Path) -> None:
    """uvloop has no sendfile, by which files go out on asyncio's own loop."""
    document = tmp_path / "large.pdf"
    document.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 4000)

    async def check() -> None:
        async with (
            serve(Settings(port=0, http_port=0, data=str(tmp_path / "data"))) as running,
            Wire("test", str(running.http), Path(running.ca).read_text()) as wire,
        ):
            tenant = str(running.tenants[0]["tenant"]["id"])  # type: ignore[index]
            admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
            await admin.sign_in_with_browser()
            device = await PrinterDevice.register(wire, admin, "Printer")
            await device.prove_itself()
            await device.describe_itself()
            job = await admin.print(await admin.share(device.printer_id, "Share"), document, {})

            assert await device.document(int(job)) == document.read_bytes()

    _on_uvloop(check)


def _on_uvloop(check: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=loop_factory("uvloop")) as runner:
        runner.run(check())
