"""Microsoft's Python clients in every flow: with their own flags on localhost, with none under `upsim exec`."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.support.entra.keys import a_certificate_and_key
from tests.support.peers import require_port_443, require_program
from upsim.app import Running, serve
from upsim.config import Settings
from upsim.domain.application import Application, Consent

SCRIPT = Path(__file__).with_name("python_flows.py")
CERTIFICATE_APP = "0c0a7050-0000-4000-8000-00000000d009"
NEEDS_PORT_443 = {"msal: user name and password", "azure-identity: user name and password"}
"""MSAL asks for the user's realm at the authority's host without its port (msal/authority.py, as of 1.39)."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    made = a_certificate_and_key("client")
    files = {
        "key.pem": made.key_pem,
        "certificate.pem": made.pem,
        "both.pem": made.key_pem + made.pem,
        "thumbprint": made.sha1_hex,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


async def registered(upsim: Running) -> str:
    """An application that proves itself with the certificate; returns the tenant's id."""
    tenant = str(upsim.tenants[0]["tenant"]["id"])
    application = Application(
        id=CERTIFICATE_APP,
        display_name="Certified",
        service_principal_id="0c0a7050-0000-4000-8000-00000000e009",
        certificates=(a_certificate_and_key("client").der_base64,),
        graph=Consent(application=("Printer.Read.All",)),
    )
    await upsim.site.store.write(tenant, lambda tx: tx.put(application))
    return tenant


async def outcomes(*command: str, **environment: str) -> dict[str, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        | environment,
    )
    async with asyncio.timeout(300):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return json.loads(output)


def failed(found: dict[str, str]) -> dict[str, str]:
    return {name: outcome for name, outcome in found.items() if outcome != "ok"}


async def test_every_flow_without_a_flag_under_exec(upsim: Running, certificate: Path) -> None:
    require_program("curl")
    await registered(upsim)
    found = await outcomes(
        *(sys.executable, "-m", "upsim", "exec", "-q", "--url", upsim.https),
        *("--", sys.executable, "-W", "ignore", str(SCRIPT), "exec", str(certificate)),
    )
    assert not failed(found), "\n".join(failed(found).values())


async def with_flags(upsim: Running, certificate: Path, *which: str) -> dict[str, str]:
    tenant = await registered(upsim)
    return await outcomes(
        *(sys.executable, "-W", "ignore", str(SCRIPT), "flags", str(certificate), *which),
        UPSIM_URL=upsim.https,
        UPSIM_CA=upsim.ca,
        UPSIM_TENANT=tenant,
        SSL_CERT_FILE=upsim.ca,
        REQUESTS_CA_BUNDLE=upsim.ca,
        CURL_CA_BUNDLE=upsim.ca,
    )


async def test_every_flow_with_flags_of_its_own_on_localhost(upsim: Running, certificate: Path) -> None:
    require_program("curl")
    found = await with_flags(upsim, certificate, "not", *NEEDS_PORT_443)
    assert found
    assert not failed(found), "\n".join(failed(found).values())


async def test_user_name_and_password_with_flags_where_port_443_is_upsims_too(certificate: Path) -> None:
    """The realm is asked for on 443, which `--listen-443` serves; all else goes to the port of the authority."""
    require_port_443()
    async with serve(Settings(port=0, http_port="off", listen_443=True)) as upsim:
        found = await with_flags(upsim, certificate, "only", *NEEDS_PORT_443)
    assert found == dict.fromkeys(NEEDS_PORT_443, "ok"), "\n".join(failed(found).values())
