"""printTask, printTaskTrigger and printTaskDefinition."""

from upsim.apis.graph.resources.print_job import job_url
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.task import Task, TaskDefinition, TaskTrigger
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions


def represent_task(tx: Transaction, view: View, task: Task, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    """Return a task; clients cut printer and job out of `parentUrl`, so it is always the printer's path."""
    return {
        "id": task.id,
        "parentUrl": job_url(tx, view, task.job_id) or "",
        "status": {"state": task.state.value, "description": task.description},
    }


def represent_trigger(tx: Transaction, view: View, trigger: TaskTrigger, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    return {"id": trigger.id, "event": trigger.event}


def represent_definition(
    tx: Transaction,  # noqa: ARG001
    view: View,  # noqa: ARG001
    definition: TaskDefinition,
    options: QueryOptions = NONE,  # noqa: ARG001
) -> Json:
    return {
        "id": definition.id,
        "displayName": definition.display_name,
        "createdBy": {
            "appId": definition.app_id,
            "displayName": definition.app_display_name,
            "servicePrincipalId": None,
            "servicePrincipalName": None,
        },
    }
