"""Connectors, settings, services and endpoints."""

from typing import Any

import pytest

from tests.support.graph.jobs import a_job
from tests.support.graph.world import TENANT, Person, World, a_printer, a_share
from upsim.domain.attributes import MIME_MEDIA_TYPE, one
from upsim.domain.connector import Connector
from upsim.services import connectors


@pytest.fixture
async def connector(world: World) -> Connector:
    return await world.site.store.write(
        TENANT,
        lambda tx: connectors.register(
            tx,
            display_name="Basement",
            fully_qualified_domain_name="basement.contoso.example",
            operating_system="Windows",
            app_version="1.0",
        ),
    )


async def test_connectors(admin: Person, world: World, connector: Connector) -> None:
    (listed,) = (await admin.get("/v1.0/print/connectors")).json["value"]
    assert (listed["displayName"], listed["appVersion"]) == ("Basement", "1.0")
    path = f"/v1.0/print/connectors/{connector.id}"
    changed = await admin.patch(path, {"displayName": "Cellar", "location": {"city": "Redmond"}})
    assert (changed.json["displayName"], changed.json["location"]["city"]) == ("Cellar", "Redmond")
    beta = await admin.patch(path.replace("v1.0", "beta"), {"name": "Vault"})
    assert (beta.json["name"], beta.json["displayName"]) == ("Vault", "Vault")
    assert (await admin.patch(path, {"name": "x"})).status == 400
    assert (await admin.patch(path, {"displayName": ""})).status == 400
    assert (await admin.patch(path, {"operatingSystem": None})).status == 400
    assert (await admin.get("/v1.0/print/connectors?$filter=displayName%20eq%20'x'")).status == 400


async def test_a_connector_goes_after_its_printers(admin: Person, world: World, connector: Connector) -> None:
    printer = a_printer(connector_id=connector.id)
    await world.put(printer)
    at_printer = f"/v1.0/print/printers/{printer.id}/connectors"
    assert [each["id"] for each in (await admin.get(at_printer)).json["value"]] == [connector.id]
    assert (await admin.get(f"{at_printer}/{connector.id}")).status == 200
    expanded = await admin.get(f"/v1.0/print/printers/{printer.id}?$expand=connectors")
    assert expanded.json["connectors"][0]["id"] == connector.id
    path = f"/v1.0/print/connectors/{connector.id}"
    before = await world.rows()
    refusal = await admin.delete(path)
    assert refusal.status == 409
    assert refusal.message == "Before deleting the connector, please unregister the associated printers."
    assert await world.rows() == before
    await admin.delete(f"/v1.0/print/printers/{printer.id}")
    assert (await admin.delete(path)).status == 204
    assert (await admin.get(path)).status == 404


async def test_a_printer_of_an_unknown_connector(admin: Person, certificate_request: str) -> None:
    body = {
        "displayName": "x",
        "manufacturer": "x",
        "model": "x",
        "hasPhysicalDevice": False,
        "connectorId": "none",
        "certificateSigningRequest": {"content": certificate_request, "transportKey": "x"},
    }
    assert (await admin.post("/v1.0/print/printers/create", body)).status == 404


async def test_settings(admin: Person, world: World) -> None:
    path = "/v1.0/print/settings"
    plain = (await admin.get(path)).json
    assert plain == {
        "@odata.context": f"{world.url}/v1.0/$metadata#print/settings",
        "documentConversionEnabled": False,
        "printerDiscoverySettings": {"airPrint": {"incompatiblePrinters": "show"}},
    }
    changed = await admin.patch(path, {"documentConversionEnabled": True})
    assert (changed.status, changed.body) == (204, b"")
    air_print = {"printerDiscoverySettings": {"airPrint": {"incompatiblePrinters": "hide"}}}
    assert (await admin.patch(path, air_print)).status == 204
    seen = (await admin.get(path)).json
    assert seen["documentConversionEnabled"] is True
    assert seen["printerDiscoverySettings"] == air_print["printerDiscoverySettings"]
    assert (await admin.get("/v1.0/print")).json["settings"]["documentConversionEnabled"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"documentConversionEnabled": None},
        {"documentConversionEnabled": "yes"},
        {"nonsense": 1},
        {"printerDiscoverySettings": {"airPrint": {"incompatiblePrinters": "burn"}}},
        {"printerDiscoverySettings": {"airPrint": None}},
    ],
)
async def test_bad_settings_change_nothing(admin: Person, world: World, body: Any) -> None:
    before = await world.rows()
    assert (await admin.patch("/v1.0/print/settings", body)).status == 400
    assert await world.rows() == before


async def test_conversion_lets_oxps_in(admin: Person, ada: Person, world: World) -> None:
    printer = a_printer(attributes={"document-format-supported": one(MIME_MEDIA_TYPE, "application/pdf")})
    share = a_share(printer)
    await world.put(printer, share)
    job = await a_job(ada, share)
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/documents/{job['documents'][0]['id']}"
    body = {"properties": {"documentName": "a.oxps", "contentType": "application/oxps", "size": 1}}
    assert (await ada.post(f"{path}/createUploadSession", body)).status == 415
    await admin.patch("/v1.0/print/settings", {"documentConversionEnabled": True})
    assert (await ada.post(f"{path}/createUploadSession", body)).status == 200


async def test_services_point_at_this_server(ada: Person, world: World) -> None:
    (service,) = (await ada.get("/v1.0/print/services")).json["value"]
    endpoints = {each["id"]: each["uri"] for each in service["endpoints"]}
    assert set(endpoints) == {"discovery", "notification", "ipp", "registration"}
    assert all(uri.startswith(world.url) for uri in endpoints.values())
    path = f"/v1.0/print/services/{service['id']}"
    assert (await ada.get(path)).json["endpoints"] == service["endpoints"]
    listed = (await ada.get(f"{path}/endpoints")).json
    assert listed["@odata.context"].endswith("#Collection(microsoft.graph.printServiceEndpoint)")
    assert (await ada.get(f"{path}/endpoints/ipp")).json["uri"] == endpoints["ipp"]
    assert (await ada.get(f"{path}/endpoints/none")).status == 404
    assert (await ada.get("/v1.0/print/services/none")).status == 404
    beta = (await ada.get("/beta/print/services")).json["value"][0]["endpoints"][0]
    assert beta["name"] == beta["displayName"]
