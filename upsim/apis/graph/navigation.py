"""Representation of entities as JSON: the function of each type, and the targets of navigation properties.

This module refers to all types, so that a printer can inline its shares and a share its printer.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from msgspec.structs import replace

from upsim.apis.graph.model import schema_of
from upsim.apis.graph.resources.directory import represent_group, represent_user
from upsim.apis.graph.resources.print_connector import represent_connector
from upsim.apis.graph.resources.print_document import represent_document
from upsim.apis.graph.resources.print_job import represent_job
from upsim.apis.graph.resources.print_service import Service, represent_endpoint, represent_service
from upsim.apis.graph.resources.print_task import represent_definition, represent_task, represent_trigger
from upsim.apis.graph.resources.print_usage import (
    represent_archived_job,
    represent_usage,
    represent_usage_by_printer,
    represent_usage_by_user,
)
from upsim.apis.graph.resources.printer import represent_printer
from upsim.apis.graph.resources.printer_share import represent_share
from upsim.apis.graph.resources.subscription import represent_subscription
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.task import Task
from upsim.services import connectors, printers, shares, tasks
from upsim.services.ports import Transaction
from upsim.wire.odata.evaluate import compile_filter, sort_key
from upsim.wire.odata.query import QueryOptions
from upsim.wire.odata.selection import apply_select, plan_expand

Represent = Callable[[Transaction, View, Any, QueryOptions], Json]
Load = Callable[[Transaction, View, Any], Any]
"""Loads what a navigation property leads to: a list, one thing, or None."""

REPRESENT: dict[str, Represent] = {
    "archivedPrintJob": represent_archived_job,
    "group": represent_group,
    "printConnector": represent_connector,
    "printDocument": represent_document,
    "printJob": represent_job,
    "printService": represent_service,
    "printServiceEndpoint": represent_endpoint,
    "printTask": represent_task,
    "printTaskDefinition": represent_definition,
    "printTaskTrigger": represent_trigger,
    "printUsage": represent_usage,
    "printUsageByPrinter": represent_usage_by_printer,
    "printUsageByUser": represent_usage_by_user,
    "printer": represent_printer,
    "printerShare": represent_share,
    "subscription": represent_subscription,
    "user": represent_user,
}


def _shares(tx: Transaction, _: View, printer: Printer) -> list[PrinterShare]:
    share = printers.share_of(tx, printer.id)
    return [share] if share else []


def _documents(_tx: Transaction, _: View, job: Job) -> list[Job]:
    return [job]


def _endpoints(_tx: Transaction, _: View, service: Service) -> list[Any]:
    return list(service.endpoints)


def _tasks(tx: Transaction, _: View, job: Job) -> list[Task]:
    return tasks.of_job(tx, job.id)


NAVIGATION: dict[tuple[str, str], Load] = {
    ("printJob", "documents"): _documents,
    ("printJob", "tasks"): _tasks,
    ("printService", "endpoints"): _endpoints,
    ("printTask", "definition"): lambda tx, _, task: tasks.definition_of(tx, task),
    ("printTask", "trigger"): lambda tx, _, task: tasks.trigger_of(tx, task),
    ("printTaskDefinition", "tasks"): lambda tx, view, each: tasks.list_tasks(tx, view.caller, each.id),
    ("printTaskTrigger", "definition"): lambda tx, _, trigger: tasks.definition_of(tx, trigger),
    ("printer", "connectors"): lambda tx, _, printer: connectors.of_printer(tx, printer.id),
    ("printer", "taskTriggers"): lambda tx, _, printer: tasks.list_triggers(tx, printer.id),
    ("printerShare", "allowedGroups"): lambda tx, view, share: shares.allowed_groups(tx, view.caller, share.id),
    ("printerShare", "allowedUsers"): lambda tx, view, share: shares.allowed_users(tx, view.caller, share.id),
    ("printer", "share"): lambda tx, _, printer: printers.share_of(tx, printer.id),
    ("printer", "shares"): _shares,
    ("printerShare", "printer"): lambda tx, _, share: printers.get(tx, share.printer_id),
}
INLINED: dict[str, tuple[str, ...]] = {"printService": ("endpoints",)}
"""Navigation properties that are inlined without `$expand`."""


def represent(tx: Transaction, view: View, type_name: str, thing: Any, options: QueryOptions = NONE) -> Json:
    """Return a thing with what was selected and expanded."""
    body = REPRESENT[type_name](tx, view, thing, options)
    return shape(tx, view, type_name, thing, body, options)


def shape(tx: Transaction, view: View, type_name: str, thing: Any, body: Json, options: QueryOptions) -> Json:
    """Inline expanded properties, then drop those that were not selected."""
    if type_name not in INLINED and not (options.select or options.expand):
        return body
    plan = plan_expand(options.expand, _navigable(view.version, type_name))
    for name in INLINED.get(type_name, ()):
        plan.setdefault(name, NONE)
    for name, inner in plan.items():
        body[name] = _inline(tx, view, type_name, thing, name, inner)
    return apply_select(body, options.select, expanded=plan)


def of_many(tx: Transaction, view: View, type_name: str) -> View:
    """Return the view of one entity among many. What all of them need is read once."""
    shared = printers.shared_ids(tx) if type_name == "printer" else None
    return replace(view, is_list=True, shared_printers=shared)


def represent_all(
    tx: Transaction, view: View, type_name: str, things: Sequence[Any], options: QueryOptions
) -> list[tuple[Any, Json | None]]:
    """Things with their JSON, filtered and in order. Where nothing is asked of them, JSON waits for the page."""
    if options.filter is None and not options.orderby:
        return [(thing, None) for thing in things]
    rows = [(thing, REPRESENT[type_name](tx, view, thing, options)) for thing in things]
    if options.filter is not None:
        accepts = compile_filter(options.filter, type_name=type_name, now=tx.now)
        rows = [row for row in rows if accepts(row[1])]
    if options.orderby:
        key = sort_key(options.orderby)
        rows.sort(key=lambda row: key(row[1]))
    return list(rows)


def finish(
    tx: Transaction,
    view: View,
    type_name: str,
    rows: Iterable[tuple[Any, Json | None]],
    options: QueryOptions,
) -> list[Json]:
    """Return the JSON of the rows that a page kept."""
    return [
        shape(tx, view, type_name, thing, body or REPRESENT[type_name](tx, view, thing, options), options)
        for thing, body in rows
    ]


@cache
def _navigable(version: str, type_name: str) -> tuple[str, ...]:
    """Return the navigation properties that `$expand=*` names."""
    names = schema_of(version).navigation(type_name)
    return tuple(name for name in names if (type_name, name) in NAVIGATION)


def _inline(tx: Transaction, view: View, type_name: str, thing: Any, name: str, options: QueryOptions) -> Any:
    load = NAVIGATION.get((type_name, name))
    if load is None:
        raise Refusal(
            RefusalKind.INVALID,
            f"$expand of '{name}' is not supported on type 'microsoft.graph.{type_name}'.",
            reason="expand-unsupported",
            target="$expand",
        )
    target = schema_of(view.version).navigation(type_name)[name].type
    found = load(tx, view, thing)
    if found is None:
        return None
    if not isinstance(found, list):
        return represent(tx, view, target, found, options)
    listed = of_many(tx, view, target)
    rows = represent_all(tx, listed, target, found, options)
    start = options.skip or 0
    end = None if options.top is None else start + options.top
    return finish(tx, listed, target, rows[start:end], options)
