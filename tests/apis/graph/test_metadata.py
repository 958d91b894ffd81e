"""$metadata, the OpenAPI description, and that what is sent is what the types say."""

from typing import Any

import pytest
from defusedxml import ElementTree

from tests.support.graph.jobs import an_uploaded_job
from tests.support.graph.world import ADA, Person, World, a_printer, a_share
from upsim.apis.graph.model import schema_of
from upsim.apis.graph.table import TABLE
from upsim.domain.connector import Connector
from upsim.domain.printer import PrinterState
from upsim.server.operation import Support
from upsim.wire.odata.schema import EnumType, Schema, TypeReference

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_metadata(world: World, version: str) -> None:
    answer = await world.nobody().get(f"/{version}/$metadata")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    root = ElementTree.fromstring(answer.body)
    names = {each.get("Name") for each in root.iter(f"{EDM}EntityType")}
    assert {"printer", "printerShare", "printJob", "printTaskDefinition"} <= names
    complex_names = {each.get("Name") for each in root.iter(f"{EDM}ComplexType")}
    assert ("deviceHealth" in complex_names) is (version == "beta")


async def test_openapi_is_valid_and_names_every_row(world: World) -> None:
    answer = await world.nobody().get("/_upsim/openapi.json")
    document = answer.json
    served = {
        f"{row.method.lower()} {version}"
        for row in TABLE
        if row.support is not Support.NOT_EMULATED
        for version in row.versions
    }
    assert served
    ids = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert len(ids) == len(set(ids))
    assert len(ids) == sum(len(row.versions) for row in TABLE if row.support is not Support.NOT_EMULATED)
    check(document)


def check(document: dict[str, Any]) -> None:
    """OpenAPI 3.0.3: the official validator where it is installed, and the rules that it would apply anyway."""
    try:
        from openapi_spec_validator import validate  # type: ignore[import-not-found]
    except ImportError:
        pass
    else:
        validate(document)
    assert document["openapi"] == "3.0.3"
    assert {"title", "version"} <= set(document["info"])
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        assert path.startswith("/")
        for method, operation in operations.items():
            assert method in {"get", "put", "post", "delete", "patch"}
            assert operation["responses"]
            named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert named == set(__import__("re").findall(r"\{(\w+)\}", path))
            assert all(each["required"] is True for each in operation["parameters"] if each["in"] == "path")
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for each in value.values() for found in references(each)]
    if isinstance(value, list):
        return [found for each in value for found in references(each)]
    return []


def conforms(schema: Schema, described: TypeReference, value: Any, path: str) -> None:
    """What is sent is of its type: names, nullability, enum members."""
    if described.collection:
        if value is None:
            assert described.nullable, f"{path} must not be null"
            return
        assert isinstance(value, list), path
        for item in value:
            conforms(schema, TypeReference(described.type, nullable=False), item, path)
        return
    if value is None:
        assert described.nullable, f"{path} must not be null"
        return
    declared = schema.type(described.type)
    if isinstance(declared, EnumType):
        assert value in declared.members, f"{path}: {value}"
    elif declared is not None:
        members_conform(schema, described.type, value, path)
    else:
        expected = {"Edm.Boolean": bool, "Edm.Int32": int, "Edm.Int64": int, "Edm.Double": (int, float)}
        assert isinstance(value, expected.get(described.type, str)), path


def members_conform(schema: Schema, type_name: str, body: dict[str, Any], path: str) -> None:
    properties, navigation = schema.properties(type_name), schema.navigation(type_name)
    for name, value in body.items():
        if "@" in name:
            continue
        if name in navigation:
            conforms(schema, navigation[name], value, f"{path}/{name}")
        elif name in properties or not schema.is_open(type_name):
            assert name in properties, f"{path}/{name} is not a member of {type_name}"
            conforms(schema, properties[name], value, f"{path}/{name}")
    for name, declared in properties.items():
        if not declared.nullable:
            assert body.get(name) is not None, f"{path}/{name} is missing"


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_everything_sent_is_of_its_type(world: World, admin: Person, ada: Person, version: str) -> None:
    connector = Connector(
        id="5b0d7c1e-0000-4000-8000-00000000c0c0",
        display_name="Basement",
        fully_qualified_domain_name="x",
        operating_system="x",
        app_version="1",
        registered_at=world.now(),
    )
    printer = a_printer(connector_id=connector.id, state=PrinterState.IDLE, last_seen_at=world.now())
    share = a_share(printer, allowed_users=(ADA,))
    await world.put(connector, printer, share)
    await admin.patch(f"/v1.0/print/printers/{printer.id}", {"defaults": {"dpi": 600, "finishings": ["staple"]}})
    job = await an_uploaded_job(ada, share)
    schema = schema_of(version)
    asked = {
        f"print/printers/{printer.id}?$expand=shares,connectors,taskTriggers": "printer",
        f"print/shares/{share.id}?$expand=printer,allowedUsers,allowedGroups": "printerShare",
        f"print/shares/{share.id}/jobs/{job['id']}?$expand=documents,tasks": "printJob",
        f"print/connectors/{connector.id}": "printConnector",
        "print/settings": "printSettings",
        "print/services": "printService",
        "print/shares": "printerShare",
        "reports/dailyPrintUsageByUser": "printUsageByUser",
        "reports/dailyPrintUsageByPrinter": "printUsageByPrinter",
        f"users/{ADA}": "user",
        "groups": "group",
    }
    for path, type_name in asked.items():
        answer = await admin.get(f"/{version}/{path}")
        assert answer.status == 200, (path, answer.body)
        for body in answer.json.get("value", [answer.json]):
            members_conform(schema, type_name, body, type_name)


async def test_beta_members_stay_in_beta(world: World, admin: Person) -> None:
    printer = a_printer()
    await world.put(printer, a_share(printer))
    for path in ("print/printers", "print/shares"):
        stable = (await admin.get(f"/v1.0/{path}")).json["value"][0]
        beta = (await admin.get(f"/beta/{path}")).json["value"][0]
        assert "name" not in stable
        assert "name" in beta
        assert "processingState" not in stable["status"]
        assert "processingState" in beta["status"]
    assert (await admin.get("/v1.0/print/printers?$select=acceptingJobs")).status == 400
    assert (await admin.get("/beta/print/printers?$select=acceptingJobs")).status == 200
