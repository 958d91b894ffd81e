"""A printer's device: registers with a key of its own, proves itself, fetches and reports jobs (IPP INFRA)."""

import asyncio
import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upsim.actors.person import UNIVERSAL_PRINT_SCOPE, Person
from upsim.actors.wire import ActorError, Wire
from upsim.wire.ipp import build
from upsim.wire.ipp.decode import decode
from upsim.wire.ipp.encode import encode
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute, AttributeGroup, Range, Resolution

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

REGISTRATION_POLLS_MAX = 60


@dataclass(frozen=True)
class Identity:
    """The printer's credentials: the result of registration and its own key."""

    printer_id: str
    private_key: "RSAPrivateKey"
    certificate_base64: str
    device_token_url: str
    resource: str
    client_id: str
    redirect_uri: str


class PrinterDevice:
    """A registered printer with its key and certificate."""

    def __init__(self, wire: Wire, identity: Identity) -> None:
        self.wire = wire
        self.identity = identity
        self.token = ""
        self._request_id = 0
        self.printer_id = identity.printer_id

    @classmethod
    async def register(cls, wire: Wire, administrator: Person, name: str) -> "PrinterDevice":
        """Register through the registration service, with an administrator's consent, and wait for the end."""
        key, request, transport_key = _new_key()
        token = await administrator.token(UNIVERSAL_PRINT_SCOPE)
        answer = await wire.call(
            "POST",
            "/api/v1.0/register",
            token=token,
            json={
                "name": name,
                "manufacturer": "Contoso",
                "model": "Laser 1000",
                "device_type": "printer",
                "has_physical_device": False,
                "certificate_request": {"type": "pkcs10", "data": request, "transport_key": transport_key},
            },
            expect=(202,),
            note=f"register '{name}' with a key of its own",
        )
        done = await cls._await_registration(wire, token, answer.json())
        identity = Identity(
            printer_id=done["cloud_device_id"],
            private_key=key,
            certificate_base64=done["certificate"],
            device_token_url=done["device_token_url"],
            resource=done["mcp_svc_resource_id"],
            client_id=done["printer_client_id"],
            redirect_uri=done["printer_redirect_uri"],
        )
        return cls(wire, identity)

    @staticmethod
    async def _await_registration(wire: Wire, token: str, started: dict[str, Any]) -> dict[str, Any]:
        interval = float(started.get("interval", 3))
        for _ in range(REGISTRATION_POLLS_MAX):
            answer = await wire.call(
                "GET",
                "/api/v1.0/register",
                token=token,
                params={"registration_id": started["registration_id"]},
                expect=(200, 202),
                note="poll the registration",
            )
            if answer.status == 200:
                return answer.json()
            interval = float(answer.json().get("interval", interval))
            await asyncio.sleep(interval)  # noqa: TID251 - a real client waits in real time
        raise ActorError(
            "The registration did not end. If the tenant's clock stands still, nothing falls due: upsim clock run"
        )

    async def prove_itself(self) -> None:
        """Get a device token with a nonce and a JWT that the printer's key signs."""
        identity = self.identity
        answer = await self.wire.call(
            "POST",
            identity.device_token_url,
            data={"grant_type": "srv_challenge", "windows_api_version": "2.0"},
            note="ask for a nonce",
        )
        assertion = self._assertion(str(json.loads(answer.body)["Nonce"]))
        answer = await self.wire.call(
            "POST",
            identity.device_token_url,
            data={"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "request": assertion},
            note="device token of the printer",
        )
        self.token = answer.json()["access_token"]

    async def describe_itself(self, attributes: tuple[Attribute, ...] = ()) -> None:
        """Update-Output-Device-Attributes with everything the printer can do."""
        described = AttributeGroup(GroupTag.PRINTER, attributes or LASER_PRINTER)
        await self.ipp(Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, groups=(described,), note="describe itself")

    async def advertise_badges(self) -> None:
        """Report that the printer has a badge reader, so that it may release held jobs to their owners."""
        await self.describe_itself(
            (build.keyword("job-release-action-supported", "none", "owner-authorized-badge"),)
        )

    async def jobs(self, which: str, user_uri: str = "") -> list[AttributeGroup]:
        """Get-Jobs of a kind; with `user_uri` those of the user who stands before the printer."""
        user = (build.uri("requesting-user-uri", user_uri), build.boolean("my-jobs", True)) if user_uri else ()
        answer, _ = await self.ipp(
            Operation.GET_JOBS,
            *user,
            build.keyword("which-jobs", which),
            build.keyword("requested-attributes", "all"),
            note=f"which jobs are {which}?",
        )
        return list(answer.all_groups(GroupTag.JOB))

    async def fetchable_jobs(self, user_uri: str = "") -> list[int]:
        """Return the ids of the jobs that wait for this printer."""
        return [int(group.value("job-id")) for group in await self.jobs("fetchable", user_uri)]

    async def fetch(self, job_id: int, user_uri: str = "") -> AttributeGroup:
        """Fetch-Job: the job's attributes."""
        answer, _ = await self.ipp(
            Operation.FETCH_JOB, build.integer("job-id", job_id), *_by(user_uri), note=f"job {job_id}"
        )
        group = answer.group(GroupTag.JOB)
        if group is None:
            raise ActorError("Fetch-Job was answered without a job.")
        return group

    async def acknowledge(self, job_id: int, user_uri: str = "") -> None:
        """Acknowledge-Job: this printer takes the job."""
        await self.ipp(
            Operation.ACKNOWLEDGE_JOB, build.integer("job-id", job_id), *_by(user_uri), note=f"take job {job_id}"
        )

    async def document(self, job_id: int, user_uri: str = "") -> bytes:
        """Fetch-Document."""
        _, document = await self.ipp(
            Operation.FETCH_DOCUMENT,
            build.integer("job-id", job_id),
            build.integer("document-number", 1),
            *_by(user_uri),
            note="its document",
        )
        return document

    async def acknowledge_document(self, job_id: int) -> None:
        """Acknowledge-Document: the printer has the bytes."""
        await self.ipp(
            Operation.ACKNOWLEDGE_DOCUMENT,
            build.integer("job-id", job_id),
            build.integer("document-number", 1),
            note="the document is here",
        )

    async def fetch_document(self, job_id: int, save: Path) -> str:
        """Fetch-Document into a file; returns the SHA-256 of its bytes."""
        document = await self.document(job_id)
        save.write_bytes(document)
        return hashlib.sha256(document).hexdigest()

    async def report(self, job_id: int, state: int, reason: str, sheets: int = 0) -> None:
        """Update-Job-Status with an output-device-job-state, its reason and what is printed so far."""
        counted = (build.integer("job-impressions-completed", sheets),) if sheets else ()
        group = build.group(
            GroupTag.JOB,
            build.enum("output-device-job-state", state),
            build.keyword("output-device-job-state-reasons", reason),
            *counted,
        )
        await self.ipp(
            Operation.UPDATE_JOB_STATUS, build.integer("job-id", job_id), groups=(group,), note=f"report {reason}"
        )

    async def subscribe(self) -> int:
        """Create-Printer-Subscriptions for jobs that become fetchable; the subscription's id."""
        subscription = build.group(
            GroupTag.SUBSCRIPTION,
            build.keyword("notify-pull-method", "ippget"),
            build.keyword("notify-events", "job-fetchable", "job-state-changed"),
        )
        answer, _ = await self.ipp(
            Operation.CREATE_PRINTER_SUBSCRIPTIONS, groups=(subscription,), note="subscribe"
        )
        group = answer.group(GroupTag.SUBSCRIPTION)
        if group is None:
            raise ActorError("Create-Printer-Subscriptions was answered without a subscription.")
        return int(group.value("notify-subscription-id"))

    async def wait_for_events(self, subscription: int, lowest: int) -> int:
        """Get-Notifications that waits; the sequence number to ask for next."""
        answer, _ = await self.ipp(
            Operation.GET_NOTIFICATIONS,
            build.integer("notify-subscription-ids", subscription),
            build.integer("notify-sequence-numbers", lowest),
            build.boolean("notify-wait", True),
            note="wait for events",
        )
        numbers = [
            int(group.value("notify-sequence-number")) for group in answer.all_groups(GroupTag.EVENT_NOTIFICATION)
        ]
        return max(numbers, default=lowest - 1) + 1

    async def badge_owner(self, badge: str) -> str:
        """Return the owner of the badge that the printer's reader has read, as a mailto URI."""
        answer = await self.wire.call(
            "POST", "/api/v2.0/badges/lookup", token=self.token, json={"badgeId": badge}, note="whose badge?"
        )
        return str(answer.json()["userURI"])

    async def ipp(
        self,
        operation: Operation,
        *attributes: Attribute,
        groups: tuple[AttributeGroup, ...] = (),
        note: str = "",
    ) -> tuple[Message, bytes]:
        """Send one IPP operation; the answer and the document that follows it."""
        self._request_id += 1
        printer = self.printer_id
        head = build.group(
            GroupTag.OPERATION,
            build.charset("attributes-charset", "utf-8"),
            build.natural_language("attributes-natural-language", "en-us"),
            build.uri("printer-uri", f"ipps://print.print.microsoft.com/printers/{printer}"),
            build.uri("output-device-uuid", f"urn:uuid:{printer}"),
            *attributes,
        )
        request = Message((2, 0), operation, self._request_id, (head, *groups))
        answer = await self.wire.call(
            "POST",
            "/printers",
            token=self.token,
            data=encode(request),
            headers={"Content-Type": "application/ipp"},
            note=f"{operation.name.replace('_', '-').title()}: {note}",
        )
        message, offset = decode(answer.body)
        if message.code != 0:
            said = message.operation.value("status-message", "")
            raise ActorError(
                f"{operation.name} was answered with status 0x{message.code:04x} {said}",
                ipp_status=message.code,
            )
        return message, answer.body[offset:]

    def _assertion(self, nonce: str) -> str:
        import jwt

        identity = self.identity
        claims = {
            "request_nonce": nonce,
            "grant_type": "device_token",
            "resource": identity.resource,
            "client_id": identity.client_id,
            "redirect_uri": identity.redirect_uri,
            "iss": identity.printer_id,
        }
        headers = {"x5c": [identity.certificate_base64]}
        return jwt.encode(claims, identity.private_key, algorithm="RS256", headers=headers)


def _by(user_uri: str) -> tuple[Attribute, ...]:
    return (build.uri("requesting-user-uri", user_uri),) if user_uri else ()


def _new_key() -> tuple["RSAPrivateKey", str, str]:
    """Make an RSA key, a certificate request signed with it and the public key, the latter two as base64 DER."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Contoso Laser 1000")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key, _base64(request.public_bytes(Encoding.DER)), _base64(public)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


_600_DPI = Resolution(600, 600, 3)

LASER_PRINTER: tuple[Attribute, ...] = (
    build.text("printer-make-and-model", "Contoso Laser 1000"),
    build.enum("printer-state", 3),
    build.keyword("printer-state-reasons", "none"),
    build.boolean("printer-is-accepting-jobs", True),
    build.mime("document-format-supported", "application/pdf", "image/pwg-raster"),
    build.mime("document-format-default", "application/pdf"),
    build.boolean("color-supported", True),
    build.keyword("print-color-mode-supported", "monochrome", "color", "auto"),
    build.keyword("print-color-mode-default", "auto"),
    build.range_("copies-supported", Range(1, 99)),
    build.integer("copies-default", 1),
    build.keyword("sides-supported", "one-sided", "two-sided-long-edge", "two-sided-short-edge"),
    build.keyword("sides-default", "one-sided"),
    build.keyword("media-supported", "iso_a4_210x297mm", "na_letter_8.5x11in"),
    build.keyword("media-default", "iso_a4_210x297mm"),
    build.keyword("media-source-supported", "auto", "tray-1"),
    build.keyword("media-type-supported", "stationery"),
    build.keyword("output-bin-supported", "API-down"),
    build.keyword("output-bin-default", "API-down"),
    build.resolution("printer-resolution-supported", _600_DPI),
    build.resolution("printer-resolution-default", _600_DPI),
    build.enum("print-quality-supported", 3, 4, 5),
    build.enum("print-quality-default", 4),
    build.enum("finishings-supported", 3),
    build.enum("finishings-default", 3),
    build.enum("orientation-requested-supported", 3, 4),
    build.enum("orientation-requested-default", 3),
    build.boolean("page-ranges-supported", True),
)
"""The capabilities of the sample printer."""
