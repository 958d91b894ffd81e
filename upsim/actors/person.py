"""A person at a client program: signs in, registers, shares, prints (Microsoft Graph)."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from upsim.actors.wire import ActorError, Wire

GRAPH_SCOPE = "https://graph.microsoft.com/.default"
UNIVERSAL_PRINT_SCOPE = "https://print.print.microsoft.com/.default"
REDIRECT_URI = "http://localhost"
_MEDIA_TYPES = {".pwg": "image/pwg-raster", ".xps": "application/oxps", ".oxps": "application/oxps"}
CHUNK_BYTES = 5 * 1024 * 1024
"""The size of a range that Microsoft's libraries send."""


class Person:
    """A user of a tenant with a client, public unless it has a secret.

    Tokens are cached by scope and refreshed.
    """

    def __init__(
        self, wire: Wire, tenant: str, client_id: str, user_principal_name: str, client_secret: str = ""
    ) -> None:
        self._wire = wire
        self._tenant = tenant
        self._client = {"client_id": client_id, **({"client_secret": client_secret} if client_secret else {})}
        self._refresh_token = ""
        self._tokens: dict[str, str] = {}
        self.user_principal_name = user_principal_name

    async def sign_in_with_browser(self) -> None:
        """Authorization code with PKCE (RFC 7636); `login_hint` stands for the person at the page."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        answer = await self._wire.call(
            "GET",
            f"/{self._tenant}/oauth2/v2.0/authorize",
            params={
                "client_id": self._client["client_id"],
                "response_type": "code",
                "redirect_uri": REDIRECT_URI,
                "scope": f"{GRAPH_SCOPE} openid profile offline_access",
                "state": "demo",
                "login_hint": self.user_principal_name,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            },
            expect=(302,),
            note=f"{self.user_principal_name} signs in",
        )
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        await self._redeem(
            GRAPH_SCOPE,
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=verifier,
        )

    async def sign_in_with_device_code(self) -> None:
        """Device authorization (RFC 8628); the control API stands for the person at another screen."""
        scope = f"{GRAPH_SCOPE} openid profile offline_access"
        answer = await self._wire.call(
            "POST",
            f"/{self._tenant}/oauth2/v2.0/devicecode",
            data={"client_id": self._client["client_id"], "scope": scope},
            note="the client shows a code",
        )
        device = answer.json()
        await self._wire.call(
            "POST",
            f"/_upsim/device-codes/{device['user_code']}/approve",
            json={"userPrincipalName": self.user_principal_name},
            expect=(200, 204),
            note=f"{self.user_principal_name} enters {device['user_code']}",
        )
        await self._redeem(
            GRAPH_SCOPE,
            grant_type="urn:ietf:params:oauth:grant-type:device_code",
            device_code=device["device_code"],
        )

    async def token(self, scope: str = GRAPH_SCOPE) -> str:
        """Return an access token for the resource of a scope."""
        if scope not in self._tokens:
            await self._redeem(scope, grant_type="refresh_token", refresh_token=self._refresh_token, scope=scope)
        return self._tokens[scope]

    async def graph(self, method: str, path: str, *, expect: tuple[int, ...], note: str, json: Any = None) -> Any:
        """Call Graph v1.0 as this person and return the JSON of the answer, or None."""
        answer = await self._wire.call(
            method, f"/v1.0{path}", expect=expect, note=note, json=json, token=await self.token()
        )
        return answer.json() if answer.body else None

    async def share(self, printer_id: str, display_name: str) -> str:
        """Share a printer with everyone; returns the share's id."""
        share = await self.graph(
            "POST",
            "/print/shares",
            json={
                "displayName": display_name,
                "allowAllUsers": True,
                "printer@odata.bind": f"{self._wire.base_url}/v1.0/print/printers/{printer_id}",
            },
            expect=(201,),
            note=f"share '{display_name}'",
        )
        return str(share["id"])

    async def print(
        self,
        share_id: str,
        document: Path,
        configuration: dict[str, Any],
        on_progress: Callable[[int], object] = lambda _: None,
    ) -> str:
        """Create a job on a share, upload the document in ranges, start it; returns the job's id.

        `on_progress` is called with the number of bytes stored so far.
        """
        jobs = f"/print/shares/{share_id}/jobs"
        job = await self.graph(
            "POST", jobs, json={"configuration": configuration}, expect=(201,), note="create the job"
        )
        await self._upload(await self.open_upload(share_id, job, document), document, on_progress)
        started = await self.graph("POST", f"{jobs}/{job['id']}/start", expect=(200,), note="start the job")
        if started["state"] in {"aborted", "canceled"}:
            raise ActorError(f"The job was started and is {started['state']}: {started['description']}")
        return str(job["id"])

    async def open_upload(self, share_id: str, job: dict[str, Any], document: Path) -> str:
        """Open an upload session for a job's document and return its URL, which needs no token."""
        identifier = job["documents"][0]["id"]
        session = await self.graph(
            "POST",
            f"/print/shares/{share_id}/jobs/{job['id']}/documents/{identifier}/createUploadSession",
            json={
                "properties": {
                    "documentName": document.name,
                    "contentType": _MEDIA_TYPES.get(document.suffix.lower(), "application/pdf"),
                    "size": document.stat().st_size,
                }
            },
            expect=(200,),
            note=f"job {job['id']} is {job['status']['state']}",
        )
        return str(session["uploadUrl"])

    async def _upload(self, upload_url: str, document: Path, on_progress: Callable[[int], object]) -> None:
        size = document.stat().st_size
        with document.open("rb") as file:
            start = 0
            while chunk := file.read(CHUNK_BYTES):
                end = start + len(chunk)
                await self._wire.call(
                    "PUT",
                    upload_url,
                    data=chunk,
                    headers={"Content-Range": f"bytes {start}-{end - 1}/{size}"},
                    expect=(201,) if end == size else (202,),
                    note=f"bytes {start}-{end - 1} of {size}",
                )
                start = end
                on_progress(end)

    async def _redeem(self, wanted: str, **form: str) -> None:
        answer = await self._wire.call(
            "POST",
            f"/{self._tenant}/oauth2/v2.0/token",
            data={**self._client, **form},
            note=f"token of {self.user_principal_name}",
        )
        tokens = answer.json()
        self._tokens[wanted] = tokens["access_token"]
        self._refresh_token = tokens.get("refresh_token", self._refresh_token)
