"""reports: usage by printer and by user, and archived jobs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from upsim.apis.graph.answers import count as count_of
from upsim.apis.graph.answers import many, one
from upsim.apis.graph.page_counts import count_finished
from upsim.apis.graph.selection import reading_query
from upsim.domain.job import Job
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, Handler
from upsim.services import reports
from upsim.services.ports import Transaction
from upsim.services.reports import Period, Subject
from upsim.wire.odata.function_call import parse_function_segment

TYPES: dict[Subject, str] = {"printer": "printUsageByPrinter", "user": "printUsageByUser"}


def list_usage(name: str, subject: Subject, period: Period, type_name: str = "") -> Handler:
    """Return the handler of one usage collection."""

    async def handler(call: Call) -> web.Response:
        await count_finished(call)
        return await many(
            call,
            type_name or TYPES[subject],
            f"reports/{name}",
            lambda tx: reports.usage(tx, call.caller, subject, period),
        )

    return handler


def count_usage(subject: Subject, period: Period) -> Handler:
    """Return the handler of one collection's $count."""

    async def handler(call: Call) -> web.Response:
        return await count_of(call, TYPES[subject], lambda tx: reports.usage(tx, call.caller, subject, period))

    return handler


def get_usage(name: str, subject: Subject, period: Period, type_name: str = "") -> Handler:
    """Return the handler of one row of a usage collection."""

    async def handler(call: Call) -> web.Response:
        await count_finished(call)
        row_id = call.parameters["row"]
        return await one(
            call,
            type_name or TYPES[subject],
            f"reports/{name}/$entity",
            lambda tx: reports.usage_row(tx, call.caller, subject, period, row_id),
        )

    return handler


async def archived_of_printer(call: Call) -> web.Response:
    return await _archived(call, "printerId", lambda _, given: reports.of_printer(given))


async def archived_of_user(call: Call) -> web.Response:
    return await _archived(call, "userId", lambda _, given: reports.of_user(given))


async def archived_of_group(call: Call) -> web.Response:
    return await _archived(call, "groupId", reports.of_members)


async def _archived(
    call: Call, parameter: str, accepting: Callable[[Transaction, str], Callable[[Job], bool]]
) -> web.Response:
    with reading_query():
        _, given = parse_function_segment(call.request.raw_path.partition("?")[0].rpartition("/")[2])
    subject, start, end = (
        _required(given, parameter),
        _instant(given, "startDateTime"),
        _instant(given, "endDateTime"),
    )
    await count_finished(call)

    def load(tx: Transaction) -> list[reports.ArchivedJob]:
        return reports.archived(tx, call.caller, accepting(tx, subject), start, end)

    return await many(call, "archivedPrintJob", "Collection(microsoft.graph.archivedPrintJob)", load)


def _required(given: dict[str, Any], name: str) -> str:
    if given.get(name) is None:
        raise Refusal(
            RefusalKind.INVALID,
            f"The function needs the parameter '{name}'.",
            reason="parameter-missing",
            target=name,
        )
    return str(given[name])


def _instant(given: dict[str, Any], name: str) -> datetime | None:
    """Return a bound of the period; None where it is not given, as both are optional."""
    value = given.get(name)
    if value is None or isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
    raise Refusal(
        RefusalKind.INVALID,
        f"The parameter '{name}' must be a DateTimeOffset.",
        reason="parameter-type",
        target=name,
    )
