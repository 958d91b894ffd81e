"""Pull printing by a third party: definitions, triggers and tasks (Microsoft Graph printTaskDefinition).

An application defines a task; an administrator adds a trigger with it to a printer; every job that starts there
is then held under a task of its own until the application completes the task.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from upsim.domain.entity import Entity, Index

JOB_STARTED = "jobStarted"
"""The only printEvent."""


class TaskState(StrEnum):
    """Graph's printTaskProcessingState."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    ABORTED = "aborted"

    @property
    def is_terminal(self) -> bool:
        return self in {TaskState.COMPLETED, TaskState.ABORTED}


class TaskDefinition(Entity, frozen=True, kw_only=True):
    """An application's task definition; visible to and changed by that application only."""

    kind: ClassVar[str] = "task-definition"

    display_name: str
    app_id: str
    app_display_name: str | None = None
    created_at: datetime

    def index(self) -> Index:
        return Index(owner=self.app_id, at=self.created_at)


class TaskTrigger(Entity, frozen=True, kw_only=True):
    """A trigger that attaches a definition to a printer; a printer has at most one."""

    kind: ClassVar[str] = "task-trigger"

    printer_id: str
    definition_id: str
    event: str = JOB_STARTED
    created_at: datetime

    def index(self) -> Index:
        return Index(parent=self.printer_id, key=self.definition_id, at=self.created_at)


class Task(Entity, frozen=True, kw_only=True):
    """One job held for one definition. While it is being processed, its application may change the job."""

    kind: ClassVar[str] = "task"

    job_id: str
    definition_id: str
    trigger_id: str
    app_id: str
    state: TaskState = TaskState.PROCESSING
    description: str = "The task is being processed."
    created_at: datetime
    expires_at: datetime | None = None
    """When a task that is still open is aborted, with its job."""

    def index(self) -> Index:
        return Index(
            parent=self.job_id,
            key=self.definition_id,
            tag=self.state.value,
            at=self.created_at,
            due=None if self.state.is_terminal else self.expires_at,
        )
