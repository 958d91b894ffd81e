"""The operations of Microsoft Graph that upsim serves.

`v1.0` and `beta` are versions of a row. Rows that name no permission are URLs that carry their own secret. The
source of a documented row is its page in the API reference of Microsoft Graph; `inferred` rows exist in the
schema or in the permissions data without a page.
"""

from collections.abc import Iterator
from typing import Any

from upsim.faces.graph import permissions as allow
from upsim.faces.graph.errors import decorate, refuse
from upsim.faces.graph.handlers import directory, documents, jobs, printers, shares, uploads
from upsim.server.operation import Evidence, Face, Handler, Open, Operation

VERSIONS = ("v1.0", "beta")
BETA = ("beta",)
AUDIENCES = frozenset(
    {
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "00000003-0000-0000-c000-000000000000",
    }
)

_REFERENCE = "https://learn.microsoft.com/graph/api/"
_SCHEMA = Evidence("inferred", "schema of Microsoft Graph (CSDL, SDKs); no page in the API reference")


def documented(page: str) -> Evidence:
    return Evidence("documented", _REFERENCE + page)


def row(
    id_: str, route: str, handler: Handler, access: Any, evidence: Evidence, summary: str, **more: Any
) -> Operation:
    """One row; `route` is `METHOD /path`."""
    method, _, path = route.partition(" ")
    return Operation(
        id=f"graph.{id_}",
        method=method,
        path=path,
        handler=handler,
        access=access,
        evidence=evidence,
        summary=f"{summary}.",
        **{"versions": VERSIONS, **more},
    )


_PRINTERS = (
    row("printer.list", "GET /print/printers", printers.list_all, allow.administrator(*allow.PRINTER_READ),
        documented("print-list-printers"), "List printers"),
    row("printer.count", "GET /print/printers/$count", printers.count, allow.administrator(*allow.PRINTER_READ),
        _SCHEMA, "Count printers"),
    row("printer.create", "POST /print/printers/create", printers.create,
        allow.administrator(*allow.PRINTER_CREATE), documented("printer-create"), "Register a printer",
        success=(202,)),
    row("printer.create-qualified", "POST /print/printers/microsoft.graph.create", printers.create,
        allow.administrator(*allow.PRINTER_CREATE), documented("printer-create"), "Register a printer",
        success=(202,)),
    row("printer.get", "GET /print/printers/{printer}", printers.get,
        allow.administrator(*allow.PRINTER_READ, *allow.SHARE_READ, application=allow.PRINTER_READ_APP),
        documented("printer-get"), "Get a printer"),
    row("printer.update", "PATCH /print/printers/{printer}", printers.update,
        allow.administrator(*allow.PRINTER_WRITE, application=("Printer.ReadWrite.All",)),
        documented("printer-update"), "Update a printer"),
    row("printer.delete", "DELETE /print/printers/{printer}", printers.delete,
        allow.administrator(*allow.PRINTER_DELETE), documented("printer-delete"), "Unregister a printer",
        success=(204,)),
    row("operation.get", "GET /print/operations/{operation}", printers.get_operation,
        allow.administrator(*allow.PRINTER_CREATE), documented("printoperation-get"),
        "Get a long-running operation"),
)  # fmt: skip

_SHARES = (
    row("share.list", "GET /print/shares", shares.list_all, allow.anyone(*allow.SHARE_READ),
        documented("print-list-shares"), "List printer shares"),
    row("share.count", "GET /print/shares/$count", shares.count, allow.anyone(*allow.SHARE_READ),
        _SCHEMA, "Count printer shares"),
    row("share.create", "POST /print/shares", shares.create, allow.administrator(*allow.SHARE_WRITE),
        documented("print-post-shares"), "Share a printer", success=(201,)),
    row("share.get", "GET /print/shares/{share}", shares.get, allow.anyone(*allow.SHARE_READ),
        documented("printershare-get"), "Get a printer share"),
    row("share.update", "PATCH /print/shares/{share}", shares.update, allow.administrator(*allow.SHARE_WRITE),
        documented("printershare-update"), "Update a printer share"),
    row("share.delete", "DELETE /print/shares/{share}", shares.delete, allow.administrator(*allow.SHARE_WRITE),
        documented("printershare-delete"), "Unshare a printer", success=(204,)),
    row("share.printer.get", "GET /print/shares/{share}/printer", printers.get_of_share,
        allow.administrator(*allow.PRINTER_READ, application=allow.PRINTER_READ_APP),
        documented("printer-get"), "Get the printer behind a share"),
)  # fmt: skip


def _jobs(kind: str, parent: str) -> Iterator[Operation]:
    """Rows of jobs below printers or shares: an ordinary user prints through a share."""
    on_printer = kind == "printer"
    open_to = allow.administrator if on_printer else allow.anyone
    create = allow.JOB_CREATE if on_printer else allow.JOB_WRITE
    job, document = f"{parent}/jobs/{{job}}", f"{parent}/jobs/{{job}}/documents/{{document}}"
    app = allow.JOB_READ_APP
    yield row(
        f"{kind}.job.list",
        f"GET {parent}/jobs",
        jobs.list_all,
        open_to(*allow.JOB_READ, application=app),
        documented(f"{_page(kind)}-list-jobs"),
        "List jobs",
    )
    yield row(
        f"{kind}.job.count",
        f"GET {parent}/jobs/$count",
        jobs.count,
        open_to(*allow.JOB_READ, application=app),
        _SCHEMA,
        "Count jobs",
    )
    yield row(
        f"{kind}.job.create",
        f"POST {parent}/jobs",
        jobs.create,
        open_to(*create),
        documented(f"{_page(kind)}-post-jobs"),
        "Create a job",
        success=(201,),
    )
    yield row(
        f"{kind}.job.get",
        f"GET {job}",
        jobs.get,
        allow.anyone(*allow.JOB_READ, application=app),
        documented("printjob-get"),
        "Get a job",
    )
    for name in ("start", "microsoft.graph.start"):
        yield row(
            f"{kind}.job.{_id(name)}",
            f"POST {job}/{name}",
            jobs.start,
            allow.anyone(*allow.JOB_CREATE),
            documented("printjob-start"),
            "Start a job",
        )
    for name in ("cancel", "microsoft.graph.cancel"):
        yield row(
            f"{kind}.job.{_id(name)}",
            f"POST {job}/{name}",
            jobs.cancel,
            allow.anyone(*allow.JOB_WRITE),
            documented("printjob-cancel"),
            "Cancel a job",
            success=(204,),
        )
    for name in ("createUploadSession", "microsoft.graph.createUploadSession"):
        yield row(
            f"{kind}.document.{_id(name)}",
            f"POST {document}/{name}",
            documents.create_upload_session,
            allow.anyone(*allow.DOCUMENT_UPLOAD, application=allow.DOCUMENT_UPLOAD_APP),
            documented("printdocument-createuploadsession"),
            "Open an upload session",
        )
    yield row(f"{kind}.document.get-value", f"GET {document}/$value", documents.get_value,
              allow.anyone(*allow.DOCUMENT_READ, application=allow.DOCUMENT_READ_APP),
              documented("printdocument-get-file") if on_printer else _SCHEMA, "Download a document",
              success=(302,))  # fmt: skip


def _page(kind: str) -> str:
    return "printer" if kind == "printer" else "printershare"


def _id(name: str) -> str:
    """An action's part of a row id; the qualified spelling is a row of its own."""
    plain = name.removeprefix("microsoft.graph.")
    hyphened = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in plain)
    return hyphened if name == plain else f"{hyphened}-qualified"


_UPLOADS = (
    row("upload.put", "PUT /uploadSessions/{session}", uploads.put_range, Open.ANYONE,
        Evidence("documented", "https://learn.microsoft.com/graph/upload-data-to-upload-session"),
        "Upload a range of bytes", versions=("",), success=(201, 202)),
    row("upload.get", "GET /uploadSessions/{session}", uploads.get_status, Open.ANYONE,
        Evidence("documented", "https://learn.microsoft.com/graph/upload-data-to-upload-session"),
        "Which ranges are expected", versions=("",)),
    row("upload.cancel", "DELETE /uploadSessions/{session}", uploads.cancel, Open.ANYONE,
        Evidence("documented", "https://learn.microsoft.com/graph/upload-data-to-upload-session"),
        "Cancel an upload", versions=("",), success=(204,)),
    row("download.get", "GET /downloads/{link}", uploads.download, Open.ANYONE,
        documented("printdocument-get-file"), "Download by a pre-authenticated URL", versions=("",),
        success=(200, 206)),
)  # fmt: skip

_DIRECTORY = (
    row("me.get", "GET /me", directory.get_me, allow.anyone(*allow.USER_ME), documented("user-get"),
        "Get the signed-in user"),
    row("user.list", "GET /users", directory.list_users,
        allow.anyone(*allow.USER_READ, application=allow.USER_READ_APP), documented("user-list"), "List users"),
    row("user.get", "GET /users/{user}", directory.get_user,
        allow.anyone(*allow.USER_ME, application=allow.USER_READ_APP), documented("user-get"), "Get a user"),
    row("group.list", "GET /groups", directory.list_groups,
        allow.anyone(*allow.GROUP_READ, application=allow.GROUP_READ), documented("group-list"), "List groups"),
    row("group.get", "GET /groups/{group}", directory.get_group,
        allow.anyone(*allow.GROUP_READ, application=allow.GROUP_READ), documented("group-get"), "Get a group"),
    row("organization.list", "GET /organization", directory.list_organization,
        allow.anyone(*allow.ORGANIZATION_READ, application=allow.ORGANIZATION_READ_APP),
        documented("organization-list"), "List the organization"),
    row("organization.get", "GET /organization/{organization}", directory.get_organization,
        allow.anyone(*allow.ORGANIZATION_READ, application=allow.ORGANIZATION_READ_APP),
        documented("organization-get"), "Get the organization"),
)  # fmt: skip

TABLE: tuple[Operation, ...] = (
    *_PRINTERS,
    *_SHARES,
    *_jobs("printer", "/print/printers/{printer}"),
    *_jobs("share", "/print/shares/{share}"),
    *_UPLOADS,
    *_DIRECTORY,
)

FACE = Face(
    name="graph",
    table=TABLE,
    roots={"v1.0": "/v1.0", "beta": "/beta", "": ""},
    prefixes=("/v1.0", "/beta", "/uploadsessions", "/downloads"),
    audiences=AUDIENCES,
    refuse=refuse,
    decorate=decorate,
    is_for_browsers=True,
)
