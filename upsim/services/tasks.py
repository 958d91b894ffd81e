"""Task definitions, triggers and tasks: how an application holds jobs and lets them go.

Definitions and tasks belong to the application that made them. An application may change a job only while it has
a task in processing on it, which came from a definition of its own (Universal Print, "pull printing").
"""

from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.task import Task, TaskDefinition, TaskState, TaskTrigger
from upsim.services import printers
from upsim.services.jobs import lifecycle, visibility
from upsim.services.ports import Transaction

_DESCRIPTIONS = {
    TaskState.PENDING: "The task has not begun.",
    TaskState.PROCESSING: "The task is being processed.",
    TaskState.COMPLETED: "The task is completed.",
    TaskState.ABORTED: "The task was aborted.",
}


# Definitions


def create_definition(
    tx: Transaction, caller: Caller, display_name: str, app_display_name: str | None
) -> TaskDefinition:
    """Define a task; the calling application becomes its owner."""
    _check_name(display_name)
    definition = TaskDefinition(
        id=tx.new_id(),
        display_name=display_name,
        app_id=caller.app_id,
        app_display_name=app_display_name,
        created_at=tx.now,
    )
    tx.put(definition)
    return definition


def list_definitions(tx: Transaction, caller: Caller) -> list[TaskDefinition]:
    """The definitions of the calling application, oldest first."""
    return tx.find(Query(entity=TaskDefinition, owner=caller.app_id))


def get_definition(tx: Transaction, caller: Caller, definition_id: str) -> TaskDefinition:
    """A definition of the calling application; those of others are as good as absent."""
    definition = tx.get(TaskDefinition, definition_id.lower())
    if definition is None or definition.app_id != caller.app_id:
        raise NotFound("printTaskDefinition", definition_id)
    return definition


def update_definition(
    tx: Transaction,
    caller: Caller,
    definition_id: str,
    *,
    display_name: str | None = None,
    app_display_name: str | None = None,
) -> TaskDefinition:
    """Rename a definition or the application in it."""
    definition = get_definition(tx, caller, definition_id)
    if display_name is not None:
        _check_name(display_name)
        definition = replace(definition, display_name=display_name)
    if app_display_name is not None:
        definition = replace(definition, app_display_name=app_display_name)
    tx.put(definition)
    return definition


def delete_definition(tx: Transaction, caller: Caller, definition_id: str) -> None:
    """Delete a definition with its triggers. Jobs that it held are aborted, as nobody would let them go."""
    definition = get_definition(tx, caller, definition_id)
    for trigger in tx.find(Query(entity=TaskTrigger, key=definition.id)):
        tx.delete(trigger)
    for task in tx.find(Query(entity=Task, key=definition.id)):
        if not task.state.is_terminal:
            set_state(tx, task, TaskState.ABORTED)
        tx.delete(task)
    tx.delete(definition)


# Triggers


def create_trigger(
    tx: Transaction, caller: Caller, printer_id: str, *, event: str, definition_id: str
) -> TaskTrigger:
    """Hang a definition on a printer. It must be of the application that the administrator signed in with."""
    printer = printers.get(tx, printer_id)
    definition = tx.get(TaskDefinition, definition_id.lower())
    if definition is None:
        raise NotFound("printTaskDefinition", definition_id)
    if definition.app_id != caller.app_id:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "The task definition belongs to another application; sign in with the application that made it.",
            reason="definition-of-another-application",
        )
    if list_triggers(tx, printer.id):
        raise Refusal(
            RefusalKind.ALREADY_EXISTS,
            "The printer has a task trigger already and can have one; delete that first.",
            reason="trigger-exists",
        )
    trigger = TaskTrigger(
        id=tx.new_id(), printer_id=printer.id, definition_id=definition.id, event=event, created_at=tx.now
    )
    tx.put(trigger)
    return trigger


def list_triggers(tx: Transaction, printer_id: str) -> list[TaskTrigger]:
    """The trigger of a printer, or none."""
    return tx.find(Query(entity=TaskTrigger, parent=printers.get(tx, printer_id).id))


def get_trigger(tx: Transaction, printer_id: str, trigger_id: str) -> TaskTrigger:
    trigger = tx.get(TaskTrigger, trigger_id.lower())
    if trigger is None or trigger.printer_id != printer_id.lower():
        raise NotFound("printTaskTrigger", trigger_id)
    return trigger


def delete_trigger(tx: Transaction, printer_id: str, trigger_id: str) -> None:
    """Take a trigger off a printer. Jobs that it holds stay held until their tasks are done."""
    tx.delete(get_trigger(tx, printer_id, trigger_id))


def definition_of(tx: Transaction, thing: Task | TaskTrigger) -> TaskDefinition | None:
    """The definition behind a trigger or a task."""
    return tx.get(TaskDefinition, thing.definition_id)


def trigger_of(tx: Transaction, task: Task) -> TaskTrigger | None:
    """The trigger that made a task, while it exists."""
    return tx.get(TaskTrigger, task.trigger_id)


# Tasks


def of_job(tx: Transaction, job_id: str) -> list[Task]:
    """The tasks of a job, oldest first."""
    return tx.find(Query(entity=Task, parent=job_id))


def task_of_job(tx: Transaction, job_id: str, task_id: str) -> Task:
    task = tx.get(Task, task_id.lower())
    if task is None or task.job_id != job_id:
        raise NotFound("printTask", task_id)
    return task


def list_tasks(tx: Transaction, caller: Caller, definition_id: str) -> list[Task]:
    """The tasks of a definition of the calling application, oldest first."""
    return tx.find(Query(entity=Task, key=get_definition(tx, caller, definition_id).id))


def get_task(tx: Transaction, caller: Caller, definition_id: str, task_id: str) -> Task:
    definition = get_definition(tx, caller, definition_id)
    task = tx.get(Task, task_id.lower())
    if task is None or task.definition_id != definition.id:
        raise NotFound("printTask", task_id)
    return task


def update_task(
    tx: Transaction,
    caller: Caller,
    definition_id: str,
    task_id: str,
    *,
    state: str | None,
    description: str | None,
) -> Task:
    """What the application reports. A completed task lets its job go, an aborted one aborts it."""
    if state is None:
        raise Refusal(
            RefusalKind.INVALID, "status needs a state.", reason="property-missing", target="status/state"
        )
    task = get_task(tx, caller, definition_id, task_id)
    visibility.check_task_time(tx, task)
    return set_state(tx, task, TaskState(state), description)


def set_state(tx: Transaction, task: Task, state: TaskState, description: str | None = None) -> Task:
    """Move a task, and its job with it. A finished task stays as it finished."""
    if task.state.is_terminal:
        if task.state is state:
            return task
        raise Refusal(
            RefusalKind.NOT_POSSIBLE, f"The task has ended: it is {task.state.value}.", reason="task-ended"
        )
    changed = replace(task, state=state, description=description or _DESCRIPTIONS[state])
    tx.put(changed)
    job = tx.get(Job, task.job_id)
    if job is not None and not job.state.is_terminal and not job.redirected_to:
        if state is TaskState.COMPLETED:
            lifecycle.release_from_task(tx, job)
        elif state is TaskState.ABORTED:
            lifecycle.abort(tx, job)
    return changed


def expire(tx: Transaction, task: Task) -> Task:
    """Give up a task that nobody ended in time, and the job that it held."""
    return set_state(tx, task, TaskState.ABORTED, "The task was not ended in time.")


def _check_name(display_name: str) -> None:
    if not display_name.strip():
        raise Refusal(
            RefusalKind.INVALID, "displayName must not be empty.", reason="name-empty", target="displayName"
        )
