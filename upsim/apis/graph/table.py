"""The operations of Microsoft Graph that upsim serves, and those of the print schema that it does not.

`v1.0` and `beta` are versions of an operation. The source of a documented one is its page in the API reference of
Microsoft Graph; `inferred` ones exist in the schema or in the permissions data without a page. Permissions follow
the permissions data of Microsoft Graph (August 2026), roles the pages. Those that name no permission are URLs that
carry their own secret, or dispatch to operations that do.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from upsim.apis.graph import permissions as allow
from upsim.apis.graph.declared import checked
from upsim.apis.graph.errors import decorate, refuse
from upsim.apis.graph.handlers import (
    batch,
    connectors,
    directory,
    documents,
    jobs,
    metadata,
    not_emulated,
    printers,
    reports,
    service_endpoints,
    settings,
    shares,
    subscriptions,
    tasks,
    uploads,
)
from upsim.apis.graph.openapi import describe
from upsim.domain.clouds import Service
from upsim.domain.limits import LimitName
from upsim.server.context import Handler
from upsim.server.operation import Api, Convention, Evidence, Open, Operation, Scopes, Support

VERSIONS = ("v1.0", "beta")
BETA = ("beta",)
ROOT = ("",)
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
_PERMISSIONS = Evidence("inferred", "permissions data of Microsoft Graph; no page in the API reference")
_UPLOAD_PAGE = Evidence("documented", "https://learn.microsoft.com/graph/upload-data-to-upload-session")
_BATCH_PAGE = Evidence("documented", "https://learn.microsoft.com/graph/json-batching")
_CHOSEN = Evidence("chosen", "upsim")

JOB_APP = allow.JOB_READ_APP
SUBSCRIPTION = allow.anyone(application=allow.SUBSCRIPTION_APP)
TASK = allow.anyone(application=allow.TASK_APP)
REPORTS = allow.anyone(*allow.REPORTS_READ)


def _page(name: str) -> Evidence:
    return Evidence("documented", _REFERENCE + name)


def row(
    id_: str, route: str, handler: Handler, access: Any, evidence: Evidence, summary: str, **more: Any
) -> Operation:
    """Return one operation; `route` is `METHOD /path`."""
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


def action(
    id_: str, route: str, handler: Handler, access: Any, evidence: Evidence, summary: str, **more: Any
) -> tuple[Operation, Operation]:
    """Return an action or function in both spellings: bare, and qualified with its namespace (OData 4.01)."""
    plain = row(id_, route, handler, access, evidence, summary, **more)
    parent, _, name = plain.path.rpartition("/")
    return plain, replace(plain, id=f"{plain.id}-qualified", path=f"{parent}/microsoft.graph.{name}")


# fmt: off
_PRINTERS = (
    row("printer.list", "GET /print/printers", printers.list_all, allow.administrator(*allow.PRINTER_READ),
        _page("print-list-printers"), "List printers"),
    row("printer.count", "GET /print/printers/$count", printers.count, allow.administrator(*allow.PRINTER_READ),
        _SCHEMA, "Count printers"),
    *action("printer.create", "POST /print/printers/create", printers.create,
            allow.administrator(*allow.PRINTER_CREATE), _page("printer-create"), "Register a printer",
            success=(202,)),
    row("printer.get", "GET /print/printers/{printer}", printers.get,
        allow.administrator(*allow.PRINTER_READ, *allow.SHARE_READ, application=allow.PRINTER_READ_APP),
        _page("printer-get"), "Get a printer"),
    row("printer.update", "PATCH /print/printers/{printer}", printers.update,
        allow.administrator(*allow.PRINTER_WRITE, application=allow.PRINTER_WRITE_APP),
        _page("printer-update"), "Update a printer", success=(200, 204), takes=printers.UPDATE),
    row("printer.delete", "DELETE /print/printers/{printer}", printers.delete,
        allow.administrator(*allow.PRINTER_DELETE), _page("printer-delete"), "Unregister a printer",
        success=(204,)),
    *action("printer.restore-factory-defaults", "POST /print/printers/{printer}/restoreFactoryDefaults",
            printers.restore_factory_defaults, allow.administrator(*allow.PRINTER_WRITE),
            _page("printer-restorefactorydefaults"), "Reset a printer's defaults", success=(204,)),
    *action("printer.reset-defaults", "POST /print/printers/{printer}/resetDefaults",
            printers.restore_factory_defaults, allow.administrator(*allow.PRINTER_WRITE),
            _SCHEMA, "Reset a printer's defaults by the action's older name", success=(204,), versions=BETA),
    *action("printer.get-capabilities", "GET /print/printers/{printer}/getCapabilities()",
            printers.get_capabilities, allow.administrator(*allow.PRINTER_READ),
            _page("printer-getcapabilities?view=graph-rest-beta"), "Get capabilities by their older names",
            versions=BETA),
    row("printer.get-capabilities-bare", "GET /print/printers/{printer}/getCapabilities",
        printers.get_capabilities, allow.administrator(*allow.PRINTER_READ),
        _page("printer-getcapabilities?view=graph-rest-beta"), "Get capabilities by their older names",
        versions=BETA),
    row("printer.connector.list", "GET /print/printers/{printer}/connectors", connectors.list_of_printer,
        allow.administrator(*allow.CONNECTOR_READ), _page("printer-list-connectors"),
        "List a printer's connectors"),
    row("printer.connector.count", "GET /print/printers/{printer}/connectors/$count",
        connectors.count_of_printer, allow.administrator(*allow.CONNECTOR_READ), _SCHEMA,
        "Count a printer's connectors"),
    row("printer.connector.get", "GET /print/printers/{printer}/connectors/{connector}",
        connectors.get_of_printer, allow.administrator(*allow.CONNECTOR_READ), _SCHEMA,
        "Get a printer's connector"),
    row("printer.share.list", "GET /print/printers/{printer}/shares", shares.list_of_printer,
        allow.anyone(*allow.SHARE_READ), _page("printer-list-shares"), "List a printer's shares"),
    row("printer.share.count", "GET /print/printers/{printer}/shares/$count", shares.count_of_printer,
        allow.anyone(*allow.SHARE_READ), _SCHEMA, "Count a printer's shares"),
    row("printer.share.get", "GET /print/printers/{printer}/shares/{share}", shares.get,
        allow.anyone(*allow.SHARE_READ), _page("printershare-get"), "Get a printer's share"),
    row("printer.share.allowed-group.add",
        "POST /print/printers/{printer}/shares/{share}/allowedGroups/$ref", shares.allow_group,
        allow.administrator(*allow.SHARE_WRITE), _page("printershare-post-allowedgroups"),
        "Grant a group access, at the path of the page's own HTTP block", success=(204,)),
    row("printer.share.get-only", "GET /print/printers/{printer}/share", shares.get_of_printer,
        allow.anyone(*allow.SHARE_READ), _SCHEMA, "Get a printer's share, by the older path", versions=BETA),
    row("printer.share.delete", "DELETE /print/printers/{printer}/share", shares.delete_of_printer,
        allow.administrator(*allow.SHARE_WRITE), _PERMISSIONS, "Unshare a printer, by the older path",
        success=(204,), versions=BETA),
    row("operation.get", "GET /print/operations/{operation}", printers.get_operation,
        allow.administrator(*allow.PRINTER_CREATE), _page("printoperation-get"),
        "Get a long-running operation"),
)

_SHARES = (
    row("share.list", "GET /print/shares", shares.list_all, allow.anyone(*allow.SHARE_READ),
        _page("print-list-shares"), "List printer shares"),
    row("share.count", "GET /print/shares/$count", shares.count, allow.anyone(*allow.SHARE_READ),
        _SCHEMA, "Count printer shares"),
    row("share.create", "POST /print/shares", shares.create, allow.administrator(*allow.SHARE_WRITE),
        _page("print-post-shares"), "Share a printer", success=(201,)),
    row("share.get", "GET /print/shares/{share}", shares.get, allow.anyone(*allow.SHARE_READ),
        _page("printershare-get"), "Get a printer share"),
    row("share.update", "PATCH /print/shares/{share}", shares.update, allow.administrator(*allow.SHARE_WRITE),
        _page("printershare-update"), "Update a printer share"),
    row("share.delete", "DELETE /print/shares/{share}", shares.delete, allow.administrator(*allow.SHARE_WRITE),
        _page("printershare-delete"), "Unshare a printer", success=(204,)),
    row("share.printer.get", "GET /print/shares/{share}/printer", printers.get_of_share,
        allow.administrator(*allow.PRINTER_READ, application=allow.PRINTER_READ_APP),
        _page("printer-get"), "Get the printer behind a share"),
    row("share.allowed-user.list", "GET /print/shares/{share}/allowedUsers", shares.list_allowed_users,
        allow.administrator(*allow.SHARE_MEMBERS_READ), _page("printershare-list-allowedusers"),
        "List users who may print to a share"),
    row("share.allowed-user.count", "GET /print/shares/{share}/allowedUsers/$count", shares.count_allowed_users,
        allow.administrator(*allow.SHARE_MEMBERS_READ), _SCHEMA, "Count users who may print to a share"),
    row("share.allowed-user.reference.list", "GET /print/shares/{share}/allowedUsers/$ref",
        shares.list_user_references, allow.administrator(*allow.SHARE_MEMBERS_READ), _SCHEMA,
        "List references to users who may print to a share"),
    row("share.allowed-user.add", "POST /print/shares/{share}/allowedUsers/$ref", shares.allow_user,
        allow.administrator(*allow.SHARE_WRITE), _page("printershare-post-allowedusers"),
        "Grant a user access", success=(204,)),
    row("share.allowed-user.remove", "DELETE /print/shares/{share}/allowedUsers/{user}/$ref",
        shares.disallow_user, allow.administrator(*allow.SHARE_WRITE),
        _page("printershare-delete-alloweduser"), "Revoke a user's access", success=(204,)),
    row("share.allowed-user.remove-by-query", "DELETE /print/shares/{share}/allowedUsers/$ref",
        shares.disallow_user, allow.administrator(*allow.SHARE_WRITE), _SCHEMA,
        "Revoke the access of the user that @id names", success=(204,)),
    row("share.allowed-group.list", "GET /print/shares/{share}/allowedGroups", shares.list_allowed_groups,
        allow.administrator(*allow.SHARE_MEMBERS_READ), _page("printershare-list-allowedgroups"),
        "List groups whose members may print to a share"),
    row("share.allowed-group.count", "GET /print/shares/{share}/allowedGroups/$count",
        shares.count_allowed_groups, allow.administrator(*allow.SHARE_MEMBERS_READ), _SCHEMA,
        "Count groups whose members may print to a share"),
    row("share.allowed-group.reference.list", "GET /print/shares/{share}/allowedGroups/$ref",
        shares.list_group_references, allow.administrator(*allow.SHARE_MEMBERS_READ), _SCHEMA,
        "List references to groups whose members may print to a share"),
    row("share.allowed-group.add", "POST /print/shares/{share}/allowedGroups/$ref", shares.allow_group,
        allow.administrator(*allow.SHARE_WRITE), _page("printershare-post-allowedgroups"),
        "Grant a group access", success=(204,)),
    row("share.allowed-group.remove", "DELETE /print/shares/{share}/allowedGroups/{group}/$ref",
        shares.disallow_group, allow.administrator(*allow.SHARE_WRITE),
        _page("printershare-delete-allowedgroup"), "Revoke a group's access", success=(204,)),
    row("share.allowed-group.remove-by-query", "DELETE /print/shares/{share}/allowedGroups/$ref",
        shares.disallow_group, allow.administrator(*allow.SHARE_WRITE), _SCHEMA,
        "Revoke the access of the group that @id names", success=(204,)),
)
_RECENT_SHARES = (
    row("me.recent-share.list", "GET /me/print/recentPrinterShares", shares.list_recent,
        allow.anyone(*allow.SHARE_READ), _page("print-list-recentshares"), "List shares used recently"),
    row("user.recent-share.list", "GET /users/{user}/print/recentPrinterShares", shares.list_recent,
        allow.anyone(*allow.SHARE_READ), _page("print-list-recentshares"), "List shares a user used recently"),
)


def _jobs(kind: str, parent: str) -> Iterator[Operation]:
    """Yield the job operations below printers or shares: users print through a share, administrators on both."""
    on_printer = kind == "printer"
    open_to = allow.administrator if on_printer else allow.anyone
    type_page = "printer" if on_printer else "printershare"
    job = f"{parent}/jobs/{{job}}"
    read = allow.anyone(*allow.JOB_READ, application=JOB_APP)
    yield row(f"{kind}.job.list", f"GET {parent}/jobs", jobs.list_all,
              open_to(*allow.JOB_READ, application=JOB_APP), _page(f"{type_page}-list-jobs"), "List jobs")
    yield row(f"{kind}.job.count", f"GET {parent}/jobs/$count", jobs.count,
              open_to(*allow.JOB_READ, application=JOB_APP), _SCHEMA, "Count jobs")
    yield row(f"{kind}.job.create", f"POST {parent}/jobs", jobs.create,
              open_to(*(allow.JOB_CREATE if on_printer else allow.JOB_WRITE)), _page(f"{type_page}-post-jobs"),
              "Create a job", success=(201,))
    yield row(f"{kind}.job.get", f"GET {job}", jobs.get, read, _page("printjob-get"), "Get a job")
    yield row(f"{kind}.job.update", f"PATCH {job}", jobs.update,
              allow.anyone(application=allow.JOB_CHANGE_APP),
              _page("printjob-update") if on_printer else _SCHEMA, "Change a held job's configuration")
    yield from action(f"{kind}.job.start", f"POST {job}/start", jobs.start, allow.anyone(*allow.JOB_CREATE),
                      _page("printjob-start"), "Start a job")
    yield from action(f"{kind}.job.start-print-job", f"POST {job}/startPrintJob", jobs.start,
                      allow.anyone(*allow.JOB_CREATE), _SCHEMA, "Start a job by the action's older name",
                      versions=BETA)
    yield from action(f"{kind}.job.cancel", f"POST {job}/cancel", jobs.cancel, allow.anyone(*allow.JOB_WRITE),
                      _page("printjob-cancel"), "Cancel a job", success=(204,))
    yield from action(f"{kind}.job.cancel-print-job", f"POST {job}/cancelPrintJob", jobs.cancel,
                      allow.anyone(*allow.JOB_WRITE), _SCHEMA, "Cancel a job by the action's older name",
                      success=(204,), versions=BETA)
    yield from action(f"{kind}.job.abort", f"POST {job}/abort", jobs.abort,
                      allow.anyone(application=allow.JOB_CHANGE_APP),
                      _page("printjob-abort") if on_printer else _SCHEMA, "Abort a held job", success=(204,))
    yield from action(f"{kind}.job.redirect", f"POST {job}/redirect", jobs.redirect,
                      allow.anyone(application=allow.JOB_REDIRECT_APP),
                      _page("printjob-redirect") if on_printer else _SCHEMA, "Move a held job to another printer")
    yield from _documents(kind, f"{job}/documents")
    yield from _tasks_of_jobs(kind, f"{job}/tasks", read)


def _documents(kind: str, documents_path: str) -> Iterator[Operation]:
    document = f"{documents_path}/{{document}}"
    read = allow.anyone(*allow.DOCUMENT_READ, application=allow.DOCUMENT_READ_APP)
    yield row(f"{kind}.document.list", f"GET {documents_path}", documents.list_of_job, read, _SCHEMA,
              "List a job's documents")
    yield row(f"{kind}.document.count", f"GET {documents_path}/$count", documents.count_of_job, read, _SCHEMA,
              "Count a job's documents")
    yield row(f"{kind}.document.get", f"GET {document}", documents.get, read, _PERMISSIONS, "Get a document")
    yield row(f"{kind}.document.get-value", f"GET {document}/$value", documents.get_value, read,
              _page("printdocument-get-file") if kind == "printer" else _SCHEMA, "Download a document",
              success=(302,))
    yield from action(f"{kind}.document.create-upload-session", f"POST {document}/createUploadSession",
                      documents.create_upload_session,
                      allow.anyone(*allow.DOCUMENT_UPLOAD, application=allow.DOCUMENT_UPLOAD_APP),
                      _page("printdocument-createuploadsession"), "Open an upload session")


def _tasks_of_jobs(kind: str, tasks_path: str, read: Any) -> Iterator[Operation]:
    task = f"{tasks_path}/{{task}}"
    yield row(f"{kind}.job.task.list", f"GET {tasks_path}", tasks.list_of_job, read, _SCHEMA, "List a job's tasks")
    yield row(f"{kind}.job.task.count", f"GET {tasks_path}/$count", tasks.count_of_job, read, _SCHEMA,
              "Count a job's tasks")
    yield row(f"{kind}.job.task.get", f"GET {task}", tasks.get_of_job, read, _SCHEMA, "Get a job's task")
    yield row(f"{kind}.job.task.definition", f"GET {task}/definition", tasks.get_definition_of_job, read, _SCHEMA,
              "Get the definition of a job's task")
    yield row(f"{kind}.job.task.trigger", f"GET {task}/trigger", tasks.get_trigger_of_job, read, _SCHEMA,
              "Get the trigger of a job's task")


_TASKS = (
    row("task-definition.list", "GET /print/taskDefinitions", tasks.list_definitions, TASK,
        _page("print-list-taskdefinitions"), "List the application's task definitions"),
    row("task-definition.count", "GET /print/taskDefinitions/$count", tasks.count_definitions, TASK, _SCHEMA,
        "Count the application's task definitions"),
    row("task-definition.create", "POST /print/taskDefinitions", tasks.create_definition, TASK,
        _page("print-post-taskdefinitions"), "Define a task", success=(201,)),
    row("task-definition.get", "GET /print/taskDefinitions/{definition}", tasks.get_definition, TASK,
        _page("printtaskdefinition-get"), "Get a task definition"),
    row("task-definition.update", "PATCH /print/taskDefinitions/{definition}", tasks.update_definition, TASK,
        _page("print-update-taskdefinition"), "Update a task definition"),
    row("task-definition.delete", "DELETE /print/taskDefinitions/{definition}", tasks.delete_definition, TASK,
        _page("print-delete-taskdefinition"), "Delete a task definition", success=(204,)),
    row("task.list", "GET /print/taskDefinitions/{definition}/tasks", tasks.list_tasks, TASK,
        _page("printtaskdefinition-list-tasks"), "List tasks"),
    row("task.count", "GET /print/taskDefinitions/{definition}/tasks/$count", tasks.count_tasks, TASK, _SCHEMA,
        "Count tasks"),
    row("task.get", "GET /print/taskDefinitions/{definition}/tasks/{task}", tasks.get_task, TASK,
        _page("printtask-get"), "Get a task"),
    row("task.update", "PATCH /print/taskDefinitions/{definition}/tasks/{task}", tasks.update_task, TASK,
        _page("printtaskdefinition-update-task"), "Report on a task"),
    row("task.definition", "GET /print/taskDefinitions/{definition}/tasks/{task}/definition",
        tasks.get_definition_of_task, TASK, _SCHEMA, "Get a task's definition"),
    row("task.trigger", "GET /print/taskDefinitions/{definition}/tasks/{task}/trigger",
        tasks.get_trigger_of_task, TASK, _SCHEMA, "Get a task's trigger"),
    row("task-trigger.list", "GET /print/printers/{printer}/taskTriggers", tasks.list_triggers,
        allow.administrator(*allow.PRINTER_READ), _page("printer-list-tasktriggers"), "List task triggers"),
    row("task-trigger.count", "GET /print/printers/{printer}/taskTriggers/$count", tasks.count_triggers,
        allow.administrator(*allow.PRINTER_READ), _SCHEMA, "Count task triggers"),
    row("task-trigger.create", "POST /print/printers/{printer}/taskTriggers", tasks.create_trigger,
        allow.administrator(*allow.PRINTER_WRITE), _page("printer-post-tasktriggers"), "Create a task trigger",
        success=(201,)),
    row("task-trigger.get", "GET /print/printers/{printer}/taskTriggers/{trigger}", tasks.get_trigger,
        allow.administrator(*allow.PRINTER_READ), _page("printtasktrigger-get"), "Get a task trigger"),
    row("task-trigger.delete", "DELETE /print/printers/{printer}/taskTriggers/{trigger}", tasks.delete_trigger,
        allow.administrator(*allow.PRINTER_WRITE), _page("printer-delete-tasktrigger"), "Delete a task trigger",
        success=(204,)),
    row("task-trigger.definition", "GET /print/printers/{printer}/taskTriggers/{trigger}/definition",
        tasks.get_definition_of_trigger, allow.administrator(*allow.PRINTER_READ), _SCHEMA,
        "Get the definition of a task trigger"),
)

_SERVICE = (
    row("print.get", "GET /print", settings.get_print, allow.administrator(*allow.SETTINGS_READ), _SCHEMA,
        "Get the print singleton"),
    row("settings.get", "GET /print/settings", settings.get, allow.administrator(*allow.SETTINGS_READ),
        _page("print-get-settings"), "Get tenant-wide settings"),
    row("settings.update", "PATCH /print/settings", settings.update,
        allow.administrator(*allow.SETTINGS_WRITE), _page("print-update-settings"),
        "Update tenant-wide settings", success=(204,)),
    row("connector.list", "GET /print/connectors", connectors.list_all,
        allow.administrator(*allow.CONNECTOR_READ), _page("print-list-connectors"), "List connectors"),
    row("connector.count", "GET /print/connectors/$count", connectors.count,
        allow.administrator(*allow.CONNECTOR_READ), _SCHEMA, "Count connectors"),
    row("connector.get", "GET /print/connectors/{connector}", connectors.get,
        allow.administrator(*allow.CONNECTOR_READ), _page("printconnector-get"), "Get a connector"),
    row("connector.update", "PATCH /print/connectors/{connector}", connectors.update,
        allow.administrator(*allow.CONNECTOR_WRITE), _page("printconnector-update"), "Update a connector"),
    row("connector.delete", "DELETE /print/connectors/{connector}", connectors.delete,
        allow.administrator(*allow.CONNECTOR_WRITE), _page("printconnector-delete"), "Unregister a connector",
        success=(204,)),
    row("service.list", "GET /print/services", service_endpoints.list_all, allow.anyone(*allow.SERVICE_READ),
        _page("print-list-services"), "List services"),
    row("service.count", "GET /print/services/$count", service_endpoints.count,
        allow.anyone(*allow.SERVICE_READ), _SCHEMA, "Count services"),
    row("service.get", "GET /print/services/{service}", service_endpoints.get,
        allow.anyone(*allow.SERVICE_READ), _page("printservice-get"), "Get a service"),
    row("service-endpoint.list", "GET /print/services/{service}/endpoints", service_endpoints.list_of_service,
        allow.anyone(*allow.SERVICE_READ), _page("printservice-list-endpoints"), "List endpoints"),
    row("service-endpoint.count", "GET /print/services/{service}/endpoints/$count",
        service_endpoints.count_of_service, allow.anyone(*allow.SERVICE_READ), _SCHEMA, "Count endpoints"),
    row("service-endpoint.get", "GET /print/services/{service}/endpoints/{endpoint}",
        service_endpoints.get_of_service, allow.anyone(*allow.SERVICE_READ),
        _page("printserviceendpoint-get"), "Get an endpoint"),
)


def _usage(name: str, subject: Any, period: Any, evidence: Evidence, **more: Any) -> Iterator[Operation]:
    id_ = "usage." + "".join(f"-{each.lower()}" if each.isupper() else each for each in name)
    type_name = more.pop("type_name", "")
    yield row(f"{id_}.list", f"GET /reports/{name}", reports.list_usage(name, subject, period, type_name), REPORTS,
              evidence, f"Usage by {subject} and {period}", **more)
    yield row(f"{id_}.count", f"GET /reports/{name}/$count", reports.count_usage(subject, period), REPORTS,
              _SCHEMA, f"Count rows of usage by {subject} and {period}", **more)
    yield row(f"{id_}.get", f"GET /reports/{name}/{{row}}", reports.get_usage(name, subject, period, type_name),
              REPORTS, evidence, f"One row of usage by {subject} and {period}", **more)


_REPORTS = (
    *_usage("dailyPrintUsageByPrinter", "printer", "day", _page("reportroot-list-dailyprintusagebyprinter")),
    *_usage("dailyPrintUsageByUser", "user", "day", _page("reportroot-list-dailyprintusagebyuser")),
    *_usage("monthlyPrintUsageByPrinter", "printer", "month", _page("reportroot-list-monthlyprintusagebyprinter")),
    *_usage("monthlyPrintUsageByUser", "user", "month", _page("reportroot-list-monthlyprintusagebyuser")),
    *_usage("dailyPrintUsage", "printer", "day", _SCHEMA, versions=BETA, type_name="printUsage"),
    *_usage("dailyPrintUsageSummariesByPrinter", "printer", "day", _SCHEMA, versions=BETA),
    *_usage("dailyPrintUsageSummariesByUser", "user", "day", _SCHEMA, versions=BETA),
    *_usage("monthlyPrintUsageSummariesByPrinter", "printer", "month", _SCHEMA, versions=BETA),
    *_usage("monthlyPrintUsageSummariesByUser", "user", "month", _SCHEMA, versions=BETA),
    *action("archived.of-printer", "GET /reports/getPrinterArchivedPrintJobs()", reports.archived_of_printer,
            REPORTS, _page("reports-getprinterarchivedprintjobs"), "Finished jobs of a printer"),
    *action("archived.of-user", "GET /reports/getUserArchivedPrintJobs()", reports.archived_of_user, REPORTS,
            _page("reports-getuserarchivedprintjobs"), "Finished jobs of a user"),
    *action("archived.of-group", "GET /reports/getGroupArchivedPrintJobs()", reports.archived_of_group, REPORTS,
            _page("reports-getgrouparchivedprintjobs"), "Finished jobs of a group's members"),
)

_UPLOADS = (
    row("upload.put", "PUT /uploadSessions/{session}", uploads.put_range, Open.ANYONE, _UPLOAD_PAGE,
        "Upload a range of bytes", versions=ROOT, success=(201, 202),
        resolve=uploads.enter_tenant_of_url),
    row("upload.get", "GET /uploadSessions/{session}", uploads.get_status, Open.ANYONE, _UPLOAD_PAGE,
        "Get the ranges that are still expected", versions=ROOT,
        resolve=uploads.enter_tenant_of_url),
    row("upload.cancel", "DELETE /uploadSessions/{session}", uploads.cancel, Open.ANYONE, _UPLOAD_PAGE,
        "Cancel an upload", versions=ROOT, success=(204,), resolve=uploads.enter_tenant_of_url),
    row("download.get", "GET /downloads/{link}", uploads.download, Open.ANYONE, _page("printdocument-get-file"),
        "Download by a pre-authenticated URL", versions=ROOT, success=(200, 206),
        resolve=uploads.enter_tenant_of_url),
)

_DIRECTORY = (
    row("me.get", "GET /me", directory.get_me, allow.anyone(*allow.USER_ME), _page("user-get"),
        "Get the signed-in user"),
    row("user.list", "GET /users", directory.list_users,
        allow.anyone(*allow.USER_READ, application=allow.USER_READ_APP), _page("user-list"), "List users"),
    row("user.get", "GET /users/{user}", directory.get_user,
        allow.anyone(*allow.USER_ME, application=allow.USER_READ_APP), _page("user-get"), "Get a user"),
    row("group.list", "GET /groups", directory.list_groups,
        allow.anyone(*allow.GROUP_READ, application=allow.GROUP_READ), _page("group-list"), "List groups"),
    row("group.get", "GET /groups/{group}", directory.get_group,
        allow.anyone(*allow.GROUP_READ, application=allow.GROUP_READ), _page("group-get"), "Get a group"),
    row("organization.list", "GET /organization", directory.list_organization,
        allow.anyone(*allow.ORGANIZATION_READ, application=allow.ORGANIZATION_READ_APP),
        _page("organization-list"), "List the organization"),
    row("organization.get", "GET /organization/{organization}", directory.get_organization,
        allow.anyone(*allow.ORGANIZATION_READ, application=allow.ORGANIZATION_READ_APP),
        _page("organization-get"), "Get the organization"),
)


_WHOLE = (
    row("batch", "POST /$batch", batch.batch, Open.CALLER, _BATCH_PAGE, "Up to 20 requests in one"),
    row("metadata", "GET /$metadata", metadata.get_metadata, Open.ANYONE,
        Evidence("documented", "https://learn.microsoft.com/graph/traverse-the-graph"),
        "The types of the print slice as CSDL"),
    row("openapi", "GET /_upsim/openapi.json", metadata.openapi(lambda url: describe(TABLE, url)), Open.ANYONE,
        _CHOSEN, "This table as an OpenAPI description", versions=ROOT),
)


_WRITES = "the schema has it, no page documents it, and it is not known to work on the service"
_NO_SUCH_PATH = "only the permissions data has it; schema and SDKs have it below /reports, with parameters"
_ARTEFACT = "an artefact of the schema's generator that has nothing to do with printing"


def _lacking(routes: str, note: str = _WRITES, versions: tuple[str, ...] = VERSIONS) -> Iterator[Operation]:
    """Yield operations that answer 501, one for each `METHOD[,METHOD] /path` line."""
    for line in routes.split("\n"):
        methods, _, path = line.strip().partition(" ")
        for method in filter(None, methods.split(",")):
            name = path.strip("/").replace("/", ".").replace("{", "").replace("}", "").replace("$", "")
            yield row(f"not-emulated.{name}.{method.lower()}", f"{method} {path}", not_emulated.refuse,
                      Open.CALLER, _SCHEMA, "Not emulated", support=Support.NOT_EMULATED, note=note,
                      versions=versions, success=(501,))


_JOB_WRITES = """
DELETE {parent}/jobs/{job}
POST {parent}/jobs/{job}/documents
PATCH,DELETE {parent}/jobs/{job}/documents/{document}
PUT,DELETE {parent}/jobs/{job}/documents/{document}/$value
POST {parent}/jobs/{job}/tasks
PATCH,DELETE {parent}/jobs/{job}/tasks/{task}
"""
_NOT_EMULATED = (
    *_lacking("""
        PATCH /print
        POST /print/connectors
        POST /print/printers
        GET,POST /print/operations
        GET /print/operations/$count
        PATCH,DELETE /print/operations/{operation}
        PATCH /print/printers/{printer}/taskTriggers/{trigger}
        POST /print/services
        PATCH,DELETE /print/services/{service}
        POST /print/services/{service}/endpoints
        PATCH,DELETE /print/services/{service}/endpoints/{endpoint}
        DELETE /print/settings
        POST /print/taskDefinitions/{definition}/tasks
        DELETE /print/taskDefinitions/{definition}/tasks/{task}"""),
    *_lacking(_JOB_WRITES.replace("{parent}", "/print/printers/{printer}")),
    *_lacking(_JOB_WRITES.replace("{parent}", "/print/shares/{share}")),
    *_lacking("\n".join(
        f"POST /reports/{period}PrintUsageBy{subject}\nPATCH,DELETE /reports/{period}PrintUsageBy{subject}/{{row}}"
        for period in ("daily", "monthly") for subject in ("Printer", "User"))),
    *_lacking("\n".join(
        f"POST /reports/{name}\nPATCH,DELETE /reports/{name}/{{row}}"
        for name in ("dailyPrintUsage", "dailyPrintUsageSummariesByPrinter", "dailyPrintUsageSummariesByUser",
                     "monthlyPrintUsageSummariesByPrinter", "monthlyPrintUsageSummariesByUser")), versions=BETA),
    *_lacking("""
        GET,PATCH /print/shares/{share}/allowedUsers/{user}/mailboxSettings
        GET /print/shares/{share}/allowedUsers/{user}/serviceProvisioningErrors
        GET /print/shares/{share}/allowedUsers/{user}/serviceProvisioningErrors/$count
        GET /print/shares/{share}/allowedGroups/{group}/serviceProvisioningErrors
        GET /print/shares/{share}/allowedGroups/{group}/serviceProvisioningErrors/$count""", _ARTEFACT),
    *_lacking("GET,PATCH /print/alertSettings", "only its permissions are public, not its type"),
    *_lacking("\n".join(
        f"GET /print/reports/{period}PrintUsageBy{subject}{row}" for row in ("", "/{row}")
        for period in ("daily", "monthly") for subject in ("Printer", "User")), _NO_SUCH_PATH),
    *_lacking("\n".join(
        f"GET /print/reports/get{subject}ArchivedPrintJobs()\nGET /reports/get{subject}ArchivedPrintJobs"
        for subject in ("Printer", "User", "Group")), _NO_SUCH_PATH),
    *_lacking("\n".join(
        f"POST /print/{parent}/jobs/{{job}}/documents/{{document}}/uploadData"
        for parent in ("printers/{printer}", "shares/{share}")),
        "the upload of 2020, which upload sessions replaced; it left the schema", BETA),
)
_SUBSCRIPTIONS = (
    row("subscription.create", "POST /subscriptions", subscriptions.create, SUBSCRIPTION,
        _page("subscription-post-subscriptions"), "Subscribe to new tasks or to fetchable jobs", success=(201,),
        note="resources of the print service alone; no lifecycle events, as documented for print"),
    row("subscription.list", "GET /subscriptions", subscriptions.list_all, SUBSCRIPTION,
        _page("subscription-list"), "List the application's subscriptions"),
    row("subscription.get", "GET /subscriptions/{subscription}", subscriptions.get, SUBSCRIPTION,
        _page("subscription-get"), "Get a subscription"),
    row("subscription.renew", "PATCH /subscriptions/{subscription}", subscriptions.renew, SUBSCRIPTION,
        _page("subscription-update"), "Renew a subscription"),
    row("subscription.delete", "DELETE /subscriptions/{subscription}", subscriptions.delete, SUBSCRIPTION,
        _page("subscription-delete"), "Delete a subscription", success=(204,)),
)
# fmt: on


def _with_common_rules(rows: Iterable[Operation]) -> Iterator[Operation]:
    """Yield the rules that hold for whole branches of the tree of paths.

    An administrator of an administrative unit administers its printers and their shares, and registers none.
    PrintJob permissions also need a permission to read the printer or the share.
    """
    for each in rows:
        access = each.access
        if isinstance(access, Scopes) and each.path.startswith(("/print/printers", "/print/shares")):
            if not each.id.startswith("graph.printer.create"):
                access = allow.within_units(access)
            if "/jobs" in each.path:
                on_printer = each.path.startswith("/print/printers")
                delegated = allow.BESIDE_JOBS_OF_PRINTERS if on_printer else allow.BESIDE_JOBS_OF_SHARES
                access = allow.beside(access, delegated, allow.PRINTER_READ_APP)
        yield replace(each, access=access)


def _mirrored(rows: tuple[Operation, ...]) -> Iterator[Operation]:
    """Beta's `printerShares`, an older name of `shares` with everything below it."""
    for each in rows:
        if each.path.startswith("/print/shares"):
            path = each.path.replace("/print/shares", "/print/printerShares", 1)
            id_ = each.id.replace("graph.", "graph.printer-shares.", 1)
            yield replace(each, id=id_, path=path, versions=BETA, evidence=_SCHEMA)


_PRINT = tuple(
    _with_common_rules(
        (
            *_PRINTERS,
            *_SHARES,
            *_jobs("printer", "/print/printers/{printer}"),
            *_jobs("share", "/print/shares/{share}"),
            *_TASKS,
            *_SERVICE,
            *_NOT_EMULATED,
        )
    )
)
TABLE: tuple[Operation, ...] = checked(
    (
        *_PRINT,
        *_mirrored(_PRINT),
        *_SUBSCRIPTIONS,
        *_REPORTS,
        *_RECENT_SHARES,
        *_DIRECTORY,
        *_UPLOADS,
        *_WHOLE,
    )
)

CONVENTIONS = (
    Convention(
        "`odata.metadata=full` is answered with minimal metadata, and Content-Type says so; "
        "`none` leaves the context out.",
        Evidence(
            "chosen",
            "RFC 9110 section 12.5.1 lets a server answer with another representation than Accept asks for; "
            "what full metadata adds (OData JSON 4.01 section 3.1.2) is not emulated",
        ),
    ),
    Convention(
        "A CORS preflight is granted on every path, also where nothing lies, so that a page can read the refusal.",
        Evidence("chosen", "Fetch standard section 3.2: what a server grants is its own choice"),
    ),
)
"""Rules that hold for all operations."""

API = Api(
    name="graph",
    table=TABLE,
    conventions=CONVENTIONS,
    roots={"v1.0": "/v1.0", "beta": "/beta", "": ""},
    prefixes=("/v1.0", "/beta", "/uploadsessions", "/downloads"),
    services=frozenset({Service.GRAPH, Service.PRINT_GRAPH}),
    audiences=AUDIENCES,
    refuse=refuse,
    decorate=decorate,
    request_limit=LimitName.GRAPH_REQUESTS,
    is_for_browsers=True,
    is_continuous=True,
)
