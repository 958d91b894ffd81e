"""The example of a shared rig: its nginx before two nodes, and what its Compose file tells them."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.nodes import MEGABYTE, PUBLIC_CLIENT, put
from tests.support.postgres import PostgresServer
from tests.support.processes import Process
from tests.support.rigs import EXAMPLE, Nginx, RestlessWire, port_of
from tests.support.s3 import S3Server
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.cli.commands.serve import command as serve_command
from upsim.config import Settings, load

NODES = ("upsim-1", "upsim-2")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    value = yaml.safe_load((EXAMPLE / "compose.yaml").read_text())
    assert isinstance(value, dict)
    return value


@pytest.fixture(scope="module")
def parts() -> Iterator[tuple[str, str]]:
    """What the nodes share: `--store` and `--documents`."""
    postgres, s3 = PostgresServer(), S3Server()
    yield postgres.fresh_url(), s3.url("rig")
    s3.stop()
    postgres.close()


async def test_a_document_travels_through_nginx_and_both_nodes_though_one_dies(
    parts: tuple[str, str], tmp_path: Path
) -> None:
    store, documents = parts
    nodes = {name: Process("--store", store, "--documents", documents, "--node", name) for name in NODES}
    nginx = Nginx({name: port_of(process.https) for name, process in nodes.items()})
    first = nodes["upsim-1"]
    tenant = first.tenant_id
    content = b"%PDF-1.7\n" + bytes(range(256)) * 78_125  # 20 MB
    document, fetched = tmp_path / "large.pdf", tmp_path / "fetched.pdf"
    document.write_bytes(content)
    async with RestlessWire("everyone", nginx.https, Path(first.ca).read_text()) as wire:
        seen = {(await wire.call("GET", "/_upsim/readyz")).json()["node"] for _ in range(8)}
        assert seen == set(NODES)
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Lab")
        await device.prove_itself()
        await device.describe_itself()
        share_id = await admin.share(device.printer_id, "Floor")
        user = Person(wire, tenant, PUBLIC_CLIENT, "alex@contoso.example")
        await user.sign_in_with_browser()
        jobs = f"/print/shares/{share_id}/jobs"
        job = await user.graph("POST", jobs, json={"configuration": {}}, expect=(201,), note="")
        url = await user.open_upload(share_id, job, document)
        assert url.startswith(nginx.https + "/")  # the client stays on the name that it used
        path = url.removeprefix(nginx.https)
        await asyncio.gather(
            put(wire, path, content, 0, 7 * MEGABYTE, expect=202),
            put(wire, path, content, 7 * MEGABYTE, 14 * MEGABYTE, expect=202),
        )
        first.kill()
        await put(wire, path, content, 14 * MEGABYTE, len(content), expect=201)
        await user.graph("POST", f"{jobs}/{job['id']}/start", expect=(200,), note="")
        assert await device.fetchable_jobs() == [int(job["id"])]
        await device.acknowledge(int(job["id"]))
        await device.fetch_document(int(job["id"]), fetched)
        await device.report(int(job["id"]), 9, "job-completed-successfully")
        answer = await user.graph("GET", f"{jobs}/{job['id']}", expect=(200,), note="")
        assert answer["status"]["state"] == "completed"
        assert fetched.read_bytes() == content
        seen = {(await wire.call("GET", "/_upsim/readyz")).json()["node"] for _ in range(4)}
        assert seen == {"upsim-2"}
    nginx.stop()
    nodes["upsim-2"].stop()


@pytest.mark.parametrize("name", NODES)
def test_the_nodes_of_the_compose_file_are_called_as_upsim_wants_it(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    arguments = list(service["command"])
    assert arguments.pop(0) == "serve"
    with serve_command.make_context("serve", arguments) as context:
        flags = {key: value for key, value in context.params.items() if value is not None}
    environment = {key: _substituted(value) for key, value in service["environment"].items()}
    settings = load(flags, environment=environment | {"UPSIM_CONFIG": os.devnull})
    assert settings.node == name
    assert settings.metrics
    assert settings.store == "postgresql://upsim:change-me@database/upsim"
    assert settings.public_url == "https://localhost:8443"
    assert settings.port == Settings().port == 8443


def test_the_compose_file_names_only_what_it_has(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        assert ("image" in service) != ("build" in service), name
        assert set(service.get("depends_on", ())) <= set(services), name
    for name, service in services.items():
        for needed, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy" and needed not in NODES:  # theirs is in the image
                assert "healthcheck" in services[needed], name
    mounted = {mount.partition(":")[0] for service in services.values() for mount in service.get("volumes", ())}
    assert {mount for mount in mounted if not mount.startswith("./")} == set(compose["volumes"])
    assert (EXAMPLE / "nginx.conf").is_file()
    assert (EXAMPLE / services["upsim-1"]["build"]["context"] / "Dockerfile").is_file()
    settings = services["upsim-1"]["environment"]
    assert services["database"]["environment"]["POSTGRES_USER"] in settings["UPSIM_STORE"]
    assert "@database/" in settings["UPSIM_STORE"]
    assert "endpoint=http://documents:9000" in settings["UPSIM_DOCUMENTS"]
    assert "rig/upsim" in services["bucket"]["command"][0]


def test_nginx_knows_the_nodes_and_the_port_of_the_compose_file(compose: dict[str, Any]) -> None:
    text = (EXAMPLE / "nginx.conf").read_text()
    assert {line.split()[1] for line in text.splitlines() if line.strip().startswith("server upsim")} == {
        f"{name}:8443" for name in NODES
    }
    assert compose["services"]["nginx"]["ports"] == ["8443:8443"]


def _substituted(value: str) -> str:
    """As Compose does with `${NAME:-default}` where nothing is set."""
    while "${" in value:
        before, _, rest = value.partition("${")
        inner, _, after = rest.partition("}")
        value = before + inner.partition(":-")[2] + after
    return value
