"""Metrics as Prometheus reads them: of calls, injections, the store, jobs, due work and deliveries."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support import engines
from tests.support.control import Office, opened
from tests.support.inbox import app_token, subscribe
from upsim.app import Running, operations, serve
from upsim.config import Settings
from upsim.domain.refusals import RefusalKind
from upsim.services import due

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def metered(tmp_path: Path) -> AsyncIterator[Office]:
    """An office on a server with metrics."""
    store = engines.shared_store()
    settings = Settings(
        port=0, http_port="off", metrics=True, node="rig-7", store=store, data=str(tmp_path) if store else None
    )
    async with serve(settings) as running, opened(running) as office:
        yield office


async def scrape(office: Office) -> Samples:
    answer = await office.wires[0].call("GET", "/_upsim/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


async def test_calls_are_counted_and_timed_by_operation_and_status(metered: Office, tmp_path: Path) -> None:
    before = await scrape(metered)
    for _ in range(3):
        await metered.as_alex("GET", metered.jobs)
    await metered.as_alex("GET", "/print/shares/00000000-0000-4000-8000-000000000000")
    await metered.wires[1].call("GET", "/v1.0/nonsense", expect=(400,))
    after = await scrape(metered)

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grown("upsim_requests_total", operation="graph.share.job.list", status="200") == 3
    assert grown("upsim_requests_total", operation="graph.share.get", status="404") == 1
    assert grown("upsim_requests_total", operation="unknown", status="400") == 1
    assert grown("upsim_refused_total", api="graph", kind="not_found") == 2
    assert grown("upsim_request_seconds_count", operation="graph.share.job.list") == 3
    assert grown("upsim_request_seconds_bucket", operation="graph.share.job.list", le="+Inf") == 3
    assert grown("upsim_store_seconds_count", work="read") >= 3


async def test_jobs_due_work_injections_and_throttling_are_told(metered: Office, tmp_path: Path) -> None:
    assert value(await scrape(metered), "upsim_jobs", state="pending") == 0
    await metered.control("PATCH", "/clock", {"frozen": True})
    first, second = await metered.print(tmp_path), await metered.print(tmp_path)
    await metered.device.acknowledge(first)
    await metered.device.fetch_document(first, tmp_path / "fetched.pdf")
    await metered.device.report(first, 9, "job-completed-successfully")
    await metered.impose(operation="graph.share.job.list", answer={"status": 429, "retryAfterSeconds": 7}, times=2)
    for _ in range(3):
        await metered.as_alex("GET", metered.jobs)
    samples = await scrape(metered)
    assert value(samples, "upsim_jobs", state="pending") == 1, second
    assert value(samples, "upsim_jobs", state="ended") == 1
    assert value(samples, "upsim_injections_fired_total", operation="graph.share.job.list") == 2
    assert value(samples, "upsim_throttled_total", operation="graph.share.job.list") == 2
    kinds = {dict(labels)["kind"] for name, labels in samples if name == "upsim_due_work"}
    assert kinds == set(due.kinds_of_work())


async def test_deliveries_are_counted(metered: Office, tmp_path: Path) -> None:
    wire = metered.wires[0]
    token = await app_token(wire, metered.tenant_id)
    await subscribe(wire, token, metered.device.printer_id, f"{metered.upsim.https}/_upsim/inbox/floor")
    await metered.print(tmp_path)
    await wire.call("GET", "/_upsim/inbox/floor?wait=60")
    assert value(await scrape(metered), "upsim_deliveries_total", outcome="delivered") == 1


async def test_no_label_grows_with_what_clients_send(metered: Office, tmp_path: Path) -> None:
    await metered.print(tmp_path)
    for number in range(5):
        await metered.wires[1].call("GET", f"/made-up-{number}/x", expect=(404,))
        await metered.wires[1].call("GET", f"/v1.0/print/printers/{number}", expect=(401,))
    allowed = {
        "operation": {operation.id for operation in operations()} | {"unknown", "webhook.deliver"},
        "kind": {kind.name.lower() for kind in RefusalKind},
        "api": {"graph", "entra", "registration", "ipp", "badges", "control"},
        "work": {"read", "write", "claim"},
        "node": {"rig-7"},
    }
    samples = await scrape(metered)
    for name, labels in samples:
        for label, text in labels:
            if label != "kind" or name.startswith("upsim_refused"):
                assert text in allowed.get(label, {text}), name
    text = str(samples)
    for telling in (metered.tenant_id, metered.device.printer_id, "alex@", "made-up"):
        assert telling not in text


async def test_without_the_option_there_are_none(upsim: Running, office: Office) -> None:
    answer = await office.wires[0].call("GET", "/_upsim/metrics", expect=(404,))
    assert "--metrics" in answer.json()["error"]["message"]


@pytest.fixture
async def office(upsim: Running) -> AsyncIterator[Office]:
    async with opened(upsim) as office:
        yield office
