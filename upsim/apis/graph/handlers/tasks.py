"""Task definitions and tasks of an application, task triggers of a printer, tasks of a job."""

from functools import partial

from aiohttp import web

from upsim.apis.graph.answers import count as count_of
from upsim.apis.graph.answers import entity_response, many, one
from upsim.apis.graph.bodies import Body, bound_id, taking
from upsim.apis.graph.handlers.jobs import address, context
from upsim.apis.graph.navigation import represent
from upsim.apis.graph.selection import Json, view_of
from upsim.server.context import Call
from upsim.services import tasks
from upsim.services.jobs import visibility
from upsim.services.ports import Transaction

UNSUPPORTED = frozenset({"$count", "$format", "$search", "$select", "$skip", "$top"})
"""Of all three lists (print: list taskDefinitions, list tasks, list taskTriggers)."""
WRITABLE = frozenset({"displayName", "createdBy"})
DEFINITION = "print/taskDefinitions/$entity"


async def list_definitions(call: Call) -> web.Response:
    load = partial(tasks.list_definitions, caller=call.caller)
    return await many(call, "printTaskDefinition", "print/taskDefinitions", load, UNSUPPORTED)


async def count_definitions(call: Call) -> web.Response:
    return await count_of(call, "printTaskDefinition", partial(tasks.list_definitions, caller=call.caller))


async def get_definition(call: Call) -> web.Response:
    load = partial(tasks.get_definition, caller=call.caller, definition_id=call.parameters["definition"])
    return await one(call, "printTaskDefinition", DEFINITION, load)


@taking(Body("printTaskDefinition", WRITABLE, required=("displayName",)))
async def create_definition(call: Call, given: Json) -> web.Response:
    view, app_name = view_of(call), (given.get("createdBy") or {}).get("displayName")

    def unit(tx: Transaction) -> Json:
        made = tasks.create_definition(tx, call.caller, given["displayName"], app_name)
        return represent(tx, view, "printTaskDefinition", made)

    return entity_response(view, DEFINITION, await call.write(unit), 201)


@taking(Body("printTaskDefinition", WRITABLE))
async def update_definition(call: Call, given: Json) -> web.Response:
    view, app_name = view_of(call), (given.get("createdBy") or {}).get("displayName")

    def unit(tx: Transaction) -> Json:
        changed = tasks.update_definition(
            tx,
            call.caller,
            call.parameters["definition"],
            display_name=given.get("displayName"),
            app_display_name=app_name,
        )
        return represent(tx, view, "printTaskDefinition", changed)

    return entity_response(view, DEFINITION, await call.write(unit))


async def delete_definition(call: Call) -> web.Response:
    await call.write(tasks.delete_definition, call.caller, call.parameters["definition"])
    return web.Response(status=204)


async def list_tasks(call: Call) -> web.Response:
    load = partial(tasks.list_tasks, caller=call.caller, definition_id=call.parameters["definition"])
    return await many(call, "printTask", "Collection(microsoft.graph.printTask)", load, UNSUPPORTED)


async def count_tasks(call: Call) -> web.Response:
    load = partial(tasks.list_tasks, caller=call.caller, definition_id=call.parameters["definition"])
    return await count_of(call, "printTask", load)


def _task_context(call: Call) -> str:
    return f"print/taskDefinitions('{call.parameters['definition']}')/tasks/$entity"


async def get_task(call: Call) -> web.Response:
    load = partial(
        tasks.get_task,
        caller=call.caller,
        definition_id=call.parameters["definition"],
        task_id=call.parameters["task"],
    )
    return await one(call, "printTask", _task_context(call), load)


async def get_definition_of_task(call: Call) -> web.Response:
    found = call.parameters

    def load(tx: Transaction) -> object:
        return tasks.definition_of(tx, tasks.get_task(tx, call.caller, found["definition"], found["task"]))

    return await one(call, "printTaskDefinition", DEFINITION, load)


async def get_trigger_of_task(call: Call) -> web.Response:
    found = call.parameters

    def load(tx: Transaction) -> object:
        return tasks.trigger_of(tx, tasks.get_task(tx, call.caller, found["definition"], found["task"]))

    return await one(call, "printTaskTrigger", "taskTriggers/$entity", load)


@taking(Body("printTask", frozenset({"status"}), required=("status",)))
async def update_task(call: Call, given: Json) -> web.Response:
    status, view, found = given["status"], view_of(call), call.parameters

    def unit(tx: Transaction) -> Json:
        task = tasks.update_task(
            tx,
            call.caller,
            found["definition"],
            found["task"],
            state=status.get("state"),
            description=status.get("description"),
        )
        return represent(tx, view, "printTask", task)

    return entity_response(view, _task_context(call), await call.write(unit))


async def list_triggers(call: Call) -> web.Response:
    printer_id = call.parameters["printer"]
    load = partial(tasks.list_triggers, printer_id=printer_id)
    return await many(call, "printTaskTrigger", f"print/printers('{printer_id}')/taskTriggers", load, UNSUPPORTED)


async def count_triggers(call: Call) -> web.Response:
    load = partial(tasks.list_triggers, printer_id=call.parameters["printer"])
    return await count_of(call, "printTaskTrigger", load)


def _trigger_context(call: Call) -> str:
    return f"print/printers('{call.parameters['printer']}')/taskTriggers/$entity"


async def get_trigger(call: Call) -> web.Response:
    load = partial(tasks.get_trigger, printer_id=call.parameters["printer"], trigger_id=call.parameters["trigger"])
    return await one(call, "printTaskTrigger", _trigger_context(call), load)


async def get_definition_of_trigger(call: Call) -> web.Response:
    found = call.parameters

    def load(tx: Transaction) -> object:
        return tasks.definition_of(tx, tasks.get_trigger(tx, found["printer"], found["trigger"]))

    return await one(call, "printTaskDefinition", DEFINITION, load)


@taking(Body("printTaskTrigger", frozenset({"event"}), required=("event", "definition"), binds=("definition",)))
async def create_trigger(call: Call, given: Json) -> web.Response:
    view, definition_id = view_of(call), bound_id(given["definition"], "taskDefinitions")

    def unit(tx: Transaction) -> Json:
        trigger = tasks.create_trigger(
            tx, call.caller, call.parameters["printer"], event=given["event"], definition_id=definition_id
        )
        return represent(tx, view, "printTaskTrigger", trigger)

    return entity_response(view, _trigger_context(call), await call.write(unit), 201)


async def delete_trigger(call: Call) -> web.Response:
    await call.write(tasks.delete_trigger, call.parameters["printer"], call.parameters["trigger"])
    return web.Response(status=204)


async def list_of_job(call: Call) -> web.Response:
    where = address(call)
    at = f"{context(call)}('{where['job_id']}')/tasks"
    return await many(call, "printTask", at, lambda tx: tasks.of_job(tx, visibility.get(tx, **where).id))


async def count_of_job(call: Call) -> web.Response:
    where = address(call)
    return await count_of(call, "printTask", lambda tx: tasks.of_job(tx, visibility.get(tx, **where).id))


async def get_of_job(call: Call) -> web.Response:
    where, task_id = address(call), call.parameters["task"]
    at = f"{context(call)}('{where['job_id']}')/tasks/$entity"
    return await one(
        call, "printTask", at, lambda tx: tasks.task_of_job(tx, visibility.get(tx, **where).id, task_id)
    )


async def get_definition_of_job(call: Call) -> web.Response:
    where, task_id = address(call), call.parameters["task"]

    def load(tx: Transaction) -> object:
        return tasks.definition_of(tx, tasks.task_of_job(tx, visibility.get(tx, **where).id, task_id))

    return await one(call, "printTaskDefinition", DEFINITION, load)


async def get_trigger_of_job(call: Call) -> web.Response:
    where, task_id = address(call), call.parameters["task"]

    def load(tx: Transaction) -> object:
        return tasks.trigger_of(tx, tasks.task_of_job(tx, visibility.get(tx, **where).id, task_id))

    return await one(call, "printTaskTrigger", "taskTriggers/$entity", load)
