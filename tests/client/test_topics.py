"""Every topic of the client against a running server, and that no route of the control API is without one."""

import asyncio
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.support.processes import Process
from upsim.app import operations
from upsim.client import (
    Ask,
    AsyncClient,
    Client,
    ControlError,
    badges,
    clock,
    deliveries,
    directory,
    inboxes,
    injections,
    journal,
    keys,
    limits,
    printing,
    pull_printers,
    releases,
    server,
    settings,
    simulated_printers,
    snapshots,
    states,
    tenants,
    tokens,
)
from upsim.server.operation import Open

ADMIN, ALEX = "admin@contoso.example", "alex@contoso.example"
T = "tenant"


@pytest.fixture
def client(upsim_process: Process):
    with Client(upsim_process.https) as client:
        yield client


@pytest.fixture
def tenant(client: Client):
    tenant = client.send(tenants.create(frozen_at=datetime(2026, 1, 31, 12, tzinfo=UTC)))["tenant"]["id"]
    yield tenant
    client.send(tenants.delete(tenant))


@pytest.fixture
def graph(client: Client, tenant: str):
    """Graph as an administrator of the tenant calls it."""
    token = client.send(
        tokens.forge(tenant, user=ADMIN, permissions=["Printer.ReadWrite.All", "PrinterShare.ReadWrite.All"])
    )["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=client.url, headers=headers, verify=client.verify, trust_env=False) as graph:
        yield graph


def test_every_route_of_the_control_api_has_a_topic() -> None:
    asks: list[Ask[object]] = [
        *(clock.get(T), clock.advance(T), clock.freeze(T)),
        *(
            tenants.create(),
            tenants.list_all(),
            tenants.reset(T),
            tenants.delete(T),
            tenants.get(T),
            settings.get(T),
        ),
        *(
            settings.choose(T, {}),
            settings.change(T, {}),
            settings.described(T),
            tenants.sign_in_policy(T),
            tenants.judge_sign_ins(T),
        ),
        *(
            injections.inject(T),
            injections.list_all(T),
            injections.get(T, "f"),
            injections.remove(T, "f"),
            injections.remove_all(T),
        ),
        *(journal.query(T), journal.entry(T, 1), journal.count(T), journal.wait(T), journal.verify(T, [])),
        *(journal.har(T), journal.transcript(T), journal.clear(T)),
        *(limits.get(T), limits.of_every_tenant(), deliveries.list_all(T), tokens.refusals(T)),
        *(
            inboxes.receive(T, "i"),
            inboxes.behave(T, "i"),
            inboxes.empty(T, "i"),
            tokens.refusals_without_tenant(),
        ),
        *(tokens.forge(T), tokens.rotate_keys(), tokens.approve("C", "u"), tokens.deny("C")),
        *(keys.of_device(T, "p"), keys.of_user(T, "u"), keys.revoke_certificate(T, "p")),
        *(simulated_printers.personas(), simulated_printers.list_all(T), simulated_printers.create(T, "P")),
        *(simulated_printers.switch_on(T, "p"), simulated_printers.switch_off(T, "p")),
        *(server.readiness(), server.addresses(), server.operations(), server.stop(), server.snippets()),
        *(server.snippets("python"), server.description(), server.metrics()),
        *(badges.list_all(T), badges.add(T, "b", "u"), badges.remove(T, "b"), badges.tap(T, "b", "p")),
        *(releases.waiting(T, "u"), releases.release(T, 1, "u")),
        *(pull_printers.list_all(T), pull_printers.get(T, "p"), pull_printers.create(T, "p")),
        *(pull_printers.change(T, "p"), pull_printers.share(T, "p", "s"), pull_printers.unshare(T, "p")),
        *(
            pull_printers.delete(T, "p"),
            pull_printers.add_member(T, "p", "m"),
            pull_printers.remove_member(T, "p", "m"),
        ),
        *(printing.printers(T), printing.printer(T, "p"), printing.shares(T), printing.share(T, "s")),
        *(
            printing.jobs(T),
            printing.job(T, "j"),
            printing.why(T, "j"),
            states.hold(T, "j"),
            states.go(T, "j"),
            states.step(T, "j"),
        ),
        *(states.force(T, "j", "s"), states.pace_printer(T, "p", "manual"), states.let_printer_go_on(T, "p")),
        *(states.step_printer(T, "p"), states.force_printer(T, "p", "s"), states.free_printer(T, "p")),
    ]
    kinds: list[directory.Kind] = ["users", "groups", "administrative-units", "applications"]
    for kind in kinds:
        asks += [directory.list_all(T, kind), directory.get(T, kind, "n"), directory.add(T, kind, {})]
        asks += [directory.change(T, kind, "n", {}), directory.remove(T, kind, "n")]
    asks += [snapshots.list_all(T), snapshots.take(T), snapshots.delete(T, "s"), snapshots.restore(T, "s")]
    asks += [snapshots.get(T, "s"), directory.revoke_sessions(T, "u")]
    asks += [snapshots.fork(T), snapshots.diff(T, "s"), tenants.plant({})]
    asks += [Ask("GET", snapshots.export_path(T), bytes), Ask("POST", snapshots.import_path(), dict)]
    asked = {(ask.method, ask.path.partition("?")[0]) for ask in asks}

    def is_asked(method: str, template: str) -> bool:
        pattern = re.compile(re.sub(r"\{[^}]*\}", "[^/]+", template))
        return any(method == each and pattern.fullmatch(path) for each, path in asked)

    missing = {
        row.id
        for row in operations()
        if row.path.startswith("/_upsim/") and row.access is Open.OPERATOR and not is_asked(row.method, row.path)
    }
    shared_inbox = {f"control.inbox.{verb}" for verb in ("get", "put", "delete")}
    assert missing - shared_inbox == set(), "the inboxes of the first tenant are had by its id"


def test_upsim_exports_the_clients_and_loads_them_only_when_asked() -> None:
    code = (
        "import sys, upsim; assert 'upsim.client' not in sys.modules; "
        "from upsim import AsyncClient, Client; assert 'httpx' not in sys.modules; print(Client, AsyncClient)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "upsim.client.clients.Client" in done.stdout


def test_the_clock_moves_by_to_next_and_until(client: Client, tenant: str) -> None:
    client.send(simulated_printers.create(tenant, "Slow", persona="slow", share="Slow"))
    assert client.send(clock.advance(tenant, timedelta(hours=1)))["now"].startswith("2026-01-31T13:00")
    assert client.send(clock.advance(tenant, to=datetime(2026, 2, 1, tzinfo=UTC)))["now"].startswith(
        "2026-02-01T00:00"
    )
    moved = client.send(clock.advance(tenant, by_seconds=60, until="job.completed"))
    assert (moved["met"], moved["now"]) == (False, "2026-02-01T00:01:00+00:00")
    with pytest.raises(ControlError, match="does not go back"):
        client.send(clock.advance(tenant, to=datetime(2026, 1, 1, tzinfo=UTC)))
    assert client.send(clock.run(tenant, 60))["rate"] == 60


def test_an_injection_stands_as_long_as_its_block(client: Client, tenant: str, graph: httpx.Client) -> None:
    answer: injections.Answer = {"status": 429, "code": "tooMany", "retryAfterSeconds": 7}
    with injections.injected(
        client, tenant, name="busy", operation="graph.printer.list", answer=answer, times=1
    ) as rule:
        refusal = graph.get("/v1.0/print/printers")
        assert (refusal.status_code, refusal.headers["Retry-After"]) == (429, "7")
        assert refusal.json()["error"]["code"] == "tooMany"
        assert graph.get("/v1.0/print/printers").status_code == 200
        assert client.send(injections.get(tenant, "busy"))["fired"] == 1
        assert [each["id"] for each in client.send(injections.list_all(tenant))] == [rule["id"]]
    assert client.send(injections.list_all(tenant)) == []
    with pytest.raises(ControlError, match=r"Did you mean 'graph\.printer\.list'"):
        client.send(injections.inject(tenant, operation="graph.printer.lst"))
    client.send(injections.inject(tenant, expire_token=True))
    client.send(injections.remove_all(tenant))
    assert client.send(injections.list_all(tenant)) == []


async def test_an_injection_is_scoped_in_a_running_loop_too(upsim_process: Process) -> None:
    async with AsyncClient(upsim_process.https) as client:
        tenant = (await client.send(tenants.create()))["tenant"]["id"]
        async with injections.injected_async(client, tenant, operation="graph.*", delay_seconds=0.01):
            assert len(await client.send(injections.list_all(tenant))) == 1
        assert await client.send(injections.list_all(tenant)) == []
        waiting = asyncio.create_task(client.send(journal.wait_for(tenant, operation="entra.*")))
        form = {"grant_type": "password", "client_id": "none"}
        async with httpx.AsyncClient(verify=client.verify, trust_env=False) as http:
            await http.post(f"{client.url}/{tenant}/oauth2/v2.0/token", data=form)
        assert (await waiting)[0]["method"] == "POST"
        await client.send(tenants.delete(tenant))


def test_the_journal_tells_what_came_nearest(client: Client, tenant: str, graph: httpx.Client) -> None:
    graph.get("/v1.0/print/printers")
    graph.get("/v1.0/print/shares")
    assert client.send(journal.count(tenant, operation="graph.*", status=200)) == 2
    client.send(
        journal.expect(
            tenant,
            {"operation": "graph.printer.list", "times": 1},
            {"operation": "graph.share.list"},
            in_order=True,
        )
    )
    with pytest.raises(journal.Unmet) as unmet:
        client.send(journal.expect(tenant, {"operation": "graph.printer.list", "status": 429}))
    assert "status is '200', not '429'" in str(unmet.value)
    assert "(admin@contoso.example)\n    status is" in str(unmet.value)
    with pytest.raises(journal.Unmet, match="fits, but not in this order"):
        client.send(
            journal.expect(
                tenant, {"operation": "graph.share.list"}, {"operation": "graph.printer.list"}, in_order=True
            )
        )
    with pytest.raises(TimeoutError, match="0 of 1 calls"):
        client.send(journal.wait_for(tenant, operation="ipp.*", timeout_seconds=0))
    (listed,) = client.send(journal.query(tenant, operation="graph.printer.list", messages=True))
    assert client.send(journal.entry(tenant, listed["number"])) == listed
    assert client.send(journal.last(tenant)) >= listed["number"]
    assert "GET /v1.0/print/printers" in client.send(journal.transcript(tenant))
    assert client.send(journal.har(tenant, path="*/shares"))["log"]["version"] == "1.2"
    client.send(journal.clear(tenant))
    assert client.send(journal.query(tenant)) == []


def test_limits_are_chosen_and_shown(client: Client, tenant: str) -> None:
    client.send(settings.choose(tenant, limits.chosen(own={"jobs-per-user": 3})))
    assert client.send(settings.get(tenant))["limits"]["own"] == {"jobs-per-user": 3}
    values = {each["name"]: each["value"] for each in client.send(limits.get(tenant))["limits"]}
    assert values["jobs-per-user"] == 3
    assert tenant in client.send(limits.of_every_tenant())


def test_an_inbox_receives_and_behaves(client: Client, tenant: str) -> None:
    client.send(inboxes.behave(tenant, "mine", {"status": 503, "times": 1}))
    with httpx.Client(base_url=client.url, verify=client.verify, trust_env=False) as sender:
        statuses = [sender.post(inboxes.path(tenant, "mine"), json={"n": n}).status_code for n in range(2)]
    assert statuses == [503, 202]
    received = client.send(inboxes.receive(tenant, "mine", seconds=30))
    assert received[-1]["json"] == {"n": 1}
    client.send(inboxes.empty(tenant, "mine"))
    assert client.send(inboxes.receive(tenant, "mine")) == []
    assert client.send(deliveries.list_all(tenant)) == []


def test_the_directory_is_changed_and_refusals_are_told(client: Client, tenant: str) -> None:
    added = client.send(
        directory.add(tenant, "users", {"userPrincipalName": "lynne@contoso.example", "password": "Lynne-1"})
    )
    assert added["displayName"] is not None
    changed = client.send(
        directory.change(tenant, "users", "lynne@contoso.example", {"displayName": "Lynne Robbins"})
    )
    assert changed == client.send(directory.get(tenant, "users", changed["id"]))
    client.send(directory.remove(tenant, "users", "lynne@contoso.example"))
    assert "lynne@contoso.example" not in {
        each["userPrincipalName"] for each in client.send(directory.list_all(tenant, "users"))
    }
    app = client.send(directory.list_all(tenant, "applications"))[0]["id"]
    form = {"grant_type": "password", "client_id": app, "username": ALEX, "password": "wrong", "scope": "openid"}
    with httpx.Client(base_url=client.url, verify=client.verify, trust_env=False) as http:
        http.post(f"/{tenant}/oauth2/v2.0/token", data=form)
    assert client.send(tokens.refusals(tenant, limit=1))[0]["appId"] == app
    assert client.send(tokens.refusals_without_tenant()) is not None
    assert client.send(tenants.judge_sign_ins(tenant)) == client.send(tenants.sign_in_policy(tenant))


def test_printers_are_simulated_and_have_keys(client: Client, tenant: str) -> None:
    made = client.send(simulated_printers.create(tenant, "Copy room", share="Copies"))
    assert [each["id"] for each in client.send(simulated_printers.list_all(tenant))] == [made["id"]]
    assert client.send(keys.of_device(tenant, made["id"]))["userName"] == made["id"]
    assert client.send(keys.of_user(tenant, ALEX))["userName"] == ALEX
    assert client.send(simulated_printers.switch_on(tenant, made["id"], "jams"))["persona"] != made["persona"]
    client.send(simulated_printers.switch_off(tenant, made["id"]))
    assert client.send(simulated_printers.list_all(tenant)) == []
    assert "ideal" in {each["name"] for each in client.send(simulated_printers.personas())}
    assert client.send(server.description())["openapi"].startswith("3.")
    assert tenant in client.send(server.snippets("python", tenant=tenant))
