"""The registration service: what a printer sends, what comes back, what is refused."""

import base64
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.registration import PUBLIC_CLIENT, REGISTER, body, post, token
from upsim.actors.person import UNIVERSAL_PRINT_SCOPE, Person
from upsim.actors.printer import PrinterDevice, _new_key
from upsim.actors.wire import ActorError, Wire
from upsim.app import Running
from upsim.domain.connector import Connector
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.registration import PrinterCreateOperation
from upsim.services import tenants
from upsim.services.ports import SYSTEM


async def count(upsim: Running, kind: Any) -> int:
    return len(
        await upsim.site.store.read(upsim.tenants[0]["tenant"]["id"], lambda tx: tx.find(Query(entity=kind)))
    )


async def poll(http: aiohttp.ClientSession, identifier: str, bearer: str, path: str = REGISTER) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {bearer}"}
    async with http.get(path, params={"registration_id": identifier}, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def advance(upsim: Running, seconds: float) -> None:
    tenant = upsim.tenants[0]["tenant"]["id"]
    await upsim.site.store.write(SYSTEM, lambda tx: tenants.set_clock(tx, tenant, advance_seconds=seconds))


async def test_a_registration_runs_and_then_gives_a_certificate_for_the_printers_key(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    bearer = await token(upsim)
    sent = body()
    status, started = await post(http, sent, bearer)
    assert status == 202
    assert set(started) == {"registration_id", "interval"}
    assert (await poll(http, started["registration_id"], bearer))[0] == 202
    await advance(upsim, 2)
    status, done = await poll(http, started["registration_id"], bearer, REGISTER + "/")
    assert status == 200
    assert "interval" not in done  # a client polls as long as it sees one
    certificate = x509.load_der_x509_certificate(base64.b64decode(done["certificate"]))
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert base64.b64encode(public).decode() == sent["certificate_request"]["transport_key"]
    assert certificate.subject.rfc4514_string() == f"CN={done['cloud_device_id']}"
    assert done["device_token_url"].startswith(upsim.https)
    assert await poll(http, started["registration_id"], bearer) == (200, done)  # and again
    assert await count(upsim, Printer) == 1


async def test_a_virtual_printer_needs_no_device_id(upsim: Running, http: aiohttp.ClientSession) -> None:
    virtual = body(has_physical_device=False)
    del virtual["device_id"]
    assert (await post(http, virtual, await token(upsim)))[0] == 202


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": ""},
        {"manufacturer": 7},
        {"device_type": "scanner"},
        {"device_id": None},
        {"certificate_request": {}},
        {"certificate_request": {"type": "pkcs7", "data": "AAAA", "transport_key": "AAAA"}},
        {"certificate_request": {"type": "pkcs10", "data": "AAAA", "transport_key": "AAAA"}},
        {"certificate_request": {"type": "pkcs10", "data": "not base64!", "transport_key": "AAAA"}},
    ],
    ids=str,
)
async def test_a_bad_body_is_refused_and_registers_nothing(
    upsim: Running, http: aiohttp.ClientSession, change: dict[str, Any]
) -> None:
    status, answer = await post(http, body(**change), await token(upsim))
    assert status == 400
    assert answer["error"]["code"] == "BadRequest"
    assert await count(upsim, PrinterCreateOperation) == 0


async def test_a_request_signed_by_another_key_is_refused(upsim: Running, http: aiohttp.ClientSession) -> None:
    _, request, transport_key = _new_key()
    broken = bytearray(base64.b64decode(request))
    broken[-1] ^= 1  # the last byte of the signature
    sent = body(
        certificate_request={
            "type": "pkcs10",
            "data": base64.b64encode(bytes(broken)).decode(),
            "transport_key": transport_key,
        }
    )
    status, answer = await post(http, sent, await token(upsim))
    assert status == 400
    assert "PKCS#10" in answer["error"]["message"]


async def test_what_is_no_json_is_refused(upsim: Running, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {await token(upsim)}"}
    async with http.post(REGISTER, data=b"{", headers={**headers, "Content-Type": "application/json"}) as response:
        assert response.status == 400
    async with http.post(REGISTER, data=b"<x/>", headers={**headers, "Content-Type": "text/xml"}) as response:
        assert response.status == 415


async def test_without_a_fitting_token_nothing_is_registered(upsim: Running, http: aiohttp.ClientSession) -> None:
    graph = await token(upsim, scope="https://graph.microsoft.com/.default")
    user = await token(upsim, "alex@contoso.example")
    assert (await post(http, body(), None))[0] == 401
    assert (await post(http, body(), "rubbish"))[0] == 401
    assert (await post(http, body(), graph))[0] == 401
    status, answer = await post(http, body(), user)
    assert (status, answer["error"]["code"]) == (403, "Forbidden")
    assert "Printer Administrator" in answer["error"]["message"]
    assert await count(upsim, PrinterCreateOperation) == 0


async def test_an_expired_token_is_refused(upsim: Running, http: aiohttp.ClientSession) -> None:
    bearer = await token(upsim)
    await advance(upsim, 3601)
    status, answer = await post(http, body(), bearer)
    assert status == 401
    assert "expired" in answer["error"]["message"]


async def test_an_unknown_registration_is_not_found(upsim: Running, http: aiohttp.ClientSession) -> None:
    bearer = await token(upsim)
    assert (await poll(http, "6f6cc0a5-0000-4000-8000-00000000ffff", bearer))[0] == 404
    assert (await poll(http, "", bearer))[0] == 400


async def test_other_methods_and_paths_are_refused_as_json(upsim: Running, http: aiohttp.ClientSession) -> None:
    async with http.put(REGISTER) as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, POST")
    async with http.get("/api/v9.9/register") as response:
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "NotFound"


async def register(
    upsim: Running, http: aiohttp.ClientSession, bearer: str, sent: dict[str, Any]
) -> dict[str, Any]:
    """A finished registration."""
    status, started = await post(http, sent, bearer)
    assert status == 202
    await advance(upsim, 2)
    status, done = await poll(http, started["registration_id"], bearer)
    assert status == 200
    return done


async def test_a_registered_printer_renews_its_certificate_with_a_new_key(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    bearer = await token(upsim)
    first = await register(upsim, http, bearer, body())
    second = await register(upsim, http, bearer, body(cloud_device_id=first["cloud_device_id"]))
    assert second["cloud_device_id"] == first["cloud_device_id"]
    assert second["certificate"] != first["certificate"]
    assert await count(upsim, Printer) == 1
    status, _ = await post(http, body(cloud_device_id="6f6cc0a5-0000-4000-8000-00000000ffff"), bearer)
    assert status == 404


async def test_only_the_newest_certificate_gets_a_token_and_a_revoked_one_none(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    tenant = upsim.tenants[0]["tenant"]["id"]
    async with Wire("test", upsim.https, upsim.site.ca_certificate_pem) as wire:
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Lab")
        await device.prove_itself()
        async with http.post(
            f"/_upsim/tenants/{tenant}/printers/{device.printer_id}/revoke-certificate"
        ) as response:
            assert response.status == 204
        with pytest.raises(ActorError, match="AADSTS500183"):
            await device.prove_itself()
        bearer = await admin.token(UNIVERSAL_PRINT_SCOPE)
        await register(upsim, http, bearer, body(cloud_device_id=device.printer_id))
        with pytest.raises(ActorError, match="AADSTS135010"):
            await device.prove_itself()  # the printer's old key, after its renewal


async def test_a_deleted_printers_token_is_good_for_nothing_at_once(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    tenant = upsim.tenants[0]["tenant"]["id"]
    async with Wire("test", upsim.https, upsim.site.ca_certificate_pem) as wire:
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Lab")
        await device.prove_itself()
        assert await device.fetchable_jobs() == []
        bearer = await admin.token("https://graph.microsoft.com/.default")
        async with http.delete(
            f"/v1.0/print/printers/{device.printer_id}", headers={"Authorization": f"Bearer {bearer}"}
        ) as response:
            assert response.status == 204
        with pytest.raises(ActorError, match="0x0406"):
            await device.fetchable_jobs()
        with pytest.raises(ActorError, match="AADSTS700003"):
            await device.prove_itself()


async def test_a_connector_registers_with_a_key_of_its_own_and_gets_a_token(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    bearer = await token(upsim)
    key, request, transport_key = _new_key()
    sent = {
        "name": "Connector",
        "hostname": "connector.contoso.example",
        "os_version": "Windows 11",
        "app_version": "2.2",
        "device_id": "guid_connector",
        "device_type": "connector",
        "certificate_request": {"type": "pkcs10", "data": request, "transport_key": transport_key},
    }
    path = REGISTER + "Connector"
    headers = {"Authorization": f"Bearer {bearer}"}
    async with http.post(path, json=sent, headers=headers) as response:
        assert response.status == 202
        started = await response.json()
    assert (await poll(http, started["registration_id"], bearer, path + "/"))[0] == 202
    await advance(upsim, 2)
    status, done = await poll(http, started["registration_id"], bearer, path + "/")
    assert status == 200
    certificate = x509.load_der_x509_certificate(base64.b64decode(done["certificate"]))
    assert certificate.subject.rfc4514_string() == f"CN={done['cloud_device_id']}"
    assert await count(upsim, Connector) == 1
    tenant = upsim.tenants[0]["tenant"]["id"]
    async with http.post(f"/{tenant}/oauth2/token", data={"grant_type": "srv_challenge"}) as response:
        nonce = (await response.json(content_type=None))["Nonce"]
    claims = {
        "request_nonce": nonce,
        "grant_type": "device_token",
        "resource": done["mcp_svc_resource_id"],
        "client_id": PUBLIC_CLIENT,
        "iss": done["cloud_device_id"],
    }
    proof = jwt.encode(claims, key, algorithm="RS256", headers={"x5c": done["certificate"]})
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "request": proof}
    async with http.post(f"/{tenant}/oauth2/token", data=form) as response:
        answer = await response.json()
    held = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert (held["deviceid"], held["idtyp"]) == (done["cloud_device_id"], "device")
    async with http.post(path, json={**sent, "hostname": 1}, headers=headers) as response:
        assert response.status == 400
