"""URIs of printers and jobs, written and read.

The service finds a printer by the id in a URI's path, whatever its scheme and host; so does upsim, because
clients reach it under many names.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from upsim.wire.ipp.message import Message
from upsim.wire.ipp.tags import GroupTag


class Address(NamedTuple):
    """The target that a request names. `device` is output-device-uuid, `printer` the id in a URI.

    `path` is the id in the URL that was posted to. Devices may leave all else out, as Microsoft's library does;
    users may not (RFC 8011 section 4.2: printer-uri is required).
    """

    device: str = ""
    printer: str = ""
    path: str = ""
    job: int | None = None

    def under(self, path: Mapping[str, str]) -> "Address":
        """With what the URL says that the request was posted to; the message's word counts for more."""
        return _under(self, path.get("printer", ""), path.get("job", ""))

    @property
    def named(self) -> Mapping[str, str]:
        """Whom and which job the message is about, by the names that path parameters have."""
        return _named(self)


NOWHERE = Address()
_REMEMBERED_URIS = 1024
"""Clients send the same URI over and over."""


def printer_uri(base_url: str, identifier: str) -> str:
    """`ipps://host/printers/{id}`; `ipp:` where the client came without TLS."""
    scheme, _, host = base_url.partition("://")
    return f"{'ipps' if scheme == 'https' else 'ipp'}://{host}/printers/{identifier}"


def job_uri(base_url: str, identifier: str, job_id: int) -> str:
    """`ipps://host/printers/{id}/jobs/{number}`."""
    return f"{printer_uri(base_url, identifier)}/jobs/{job_id}"


def read_address(message: Message) -> Address:
    """Return the target of a request as its message names it.

    Old clients put job-id among the job attributes, and send job-uri together with job-id, when job-id counts.
    """
    operation = message.operation
    by_printer_uri = _parse(operation.string("printer-uri"))
    by_job_uri = _parse(operation.string("job-uri"))
    job_group = message.group(GroupTag.JOB)
    by_job_group = job_group.integer("job-id") if job_group else None
    numbers = (operation.integer("job-id"), by_job_group, by_job_uri.job)
    return Address(
        device=_uuid(operation.string("output-device-uuid") or ""),
        printer=by_printer_uri.printer or by_job_uri.printer,
        job=next((number for number in numbers if number is not None), None),
    )


@lru_cache(_REMEMBERED_URIS)
def _under(address: Address, printer: str, job: str) -> Address:
    return address._replace(path=printer, job=_number(job) if address.job is None else address.job)


@lru_cache(_REMEMBERED_URIS)
def _named(address: Address) -> Mapping[str, str]:
    printer = address.device or address.printer or address.path
    return {"printer": printer, "job": "" if address.job is None else str(address.job)}


def _uuid(text: str) -> str:
    return text.lower().removeprefix("urn:uuid:").strip()


@lru_cache(_REMEMBERED_URIS)
def _parse(uri: str | None) -> Address:
    if not uri:
        return NOWHERE
    try:
        segments = [unquote(segment) for segment in urlsplit(uri).path.split("/") if segment]
    except ValueError:
        return NOWHERE
    match segments:
        case [*_, root, printer, jobs, number] if root.lower() == "printers" and jobs.lower() == "jobs":
            return Address(printer=printer, job=_number(number))
        case [*_, root, printer] if root.lower() == "printers":
            return Address(printer=printer)
        case _:
            return NOWHERE


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
