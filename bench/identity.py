"""Tokens: the cost of a check, cached or not, and how fast they are issued beside a bare loop of signatures."""

import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import psutil

from bench.load import http, per_cpu_second
from upsim.domain.tenant import Tenant
from upsim.server.authentication import Authenticator
from upsim.server.keys import Keyring
from upsim.services.ports import SYSTEM
from upsim.storage.sqlite.engine import SqliteStore
from upsim.wire.jose import keys, tokens

TENANT_ID = "0c0a7050-0000-4000-8000-00000000a001"
AUDIENCE = "https://graph.microsoft.com"
CACHED_MICROSECONDS = 2.0
UNCACHED_MICROSECONDS = 200.0
ROUNDS = 5
CONNECTIONS = 8


def now() -> datetime:
    """Real time, as the server reads it."""
    return datetime.now(UTC)


def claims(number: int = 0) -> dict[str, Any]:
    """Return a user's token for Graph, of the size that upsim issues."""
    issued = int(time.time())
    return {
        "aud": AUDIENCE,
        "iss": f"https://localhost:8443/{TENANT_ID}/",
        "iat": issued,
        "nbf": issued,
        "exp": issued + 3600,
        "appid": "0c0a7050-0000-4000-8000-00000000d001",
        "app_displayname": "Contoso Print Client",
        "appidacr": "0",
        "idtyp": "user",
        "name": "Alex Sample",
        "oid": "0c0a7050-0000-4000-8000-00000000b002",
        "scp": "User.Read Printer.Read.All PrinterShare.Read.All PrintJob.Create openid profile",
        "sub": "x" * 43,
        "tid": TENANT_ID,
        "unique_name": "alex@contoso.example",
        "upn": "alex@contoso.example",
        "uti": str(number),
        "ver": "1.0",
        "wids": [],
    }


async def checks() -> tuple[float, float]:
    """Microseconds of CPU that a check takes: of a cached token, and of a new one."""
    store = SqliteStore.open_memory(now)
    tenant = Tenant(id=TENANT_ID, display_name="Contoso", domains=("contoso.example",), seed="bench")
    await store.write(SYSTEM, lambda tx: tx.put(tenant))
    keyring = Keyring(store, now)
    kid, key = await keyring.signing_key()
    checked = Authenticator(store, keyring)
    audiences = frozenset({AUDIENCE})

    async def each(headers: list[str]) -> float:
        began = time.process_time()
        for header in headers:
            await checked.authenticate(header, audiences, now())
        return (time.process_time() - began) / len(headers) * 1e6

    fresh = [f"Bearer {tokens.sign(claims(number), key, kid)}" for number in range(100 * ROUNDS)]
    await checked.authenticate(fresh[0], audiences, now())
    uncached = min([await each(fresh[at + 1 : at + 100]) for at in range(0, len(fresh), 100)])
    again = [[f"Bearer {fresh[-1][7:]}" for _ in range(1000)] for _ in range(10 * ROUNDS)]
    cached = min([await each(headers) for headers in again])
    await store.close()
    return cached, uncached


def token_request() -> bytes:
    """Return an application asks for a token of its own, with the sample tenant's secret."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "0c0a7050-0000-4000-8000-00000000d002",
        "client_secret": "Contoso-secret-1",
        "scope": f"{AUDIENCE}/.default",
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return http("POST", f"/{TENANT_ID}/oauth2/v2.0/token", headers, urlencode(form).encode())


async def issued_per_cpu_second(port: int, process: psutil.Process, seconds: float) -> float:
    """Tokens that a server issues for each second of its processor's time."""
    return await per_cpu_second(process, port, token_request(), CONNECTIONS, seconds)


async def signed_per_cpu_second(seconds: float) -> float:
    """Return the same of a process that signs tokens and does nothing else."""
    command = [sys.executable, "-m", "bench.identity", str(seconds)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _sign_for(seconds: float) -> float:
    key = keys.load_private_key(keys.new_key(now()).private_key_pem)
    tokens.sign(claims(), key, "kid")
    began, signed = time.process_time(), 0
    while time.process_time() - began < seconds:
        tokens.sign(claims(signed), key, "kid")
        signed += 1
    return signed / (time.process_time() - began)


if __name__ == "__main__":
    print(_sign_for(float(sys.argv[1])))
