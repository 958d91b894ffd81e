"""Domain events. An event is written in the same transaction as the change it reports (an outbox)."""

from typing import Any

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True):
    """`name` is `subject.verb` in past tense (`job.acknowledged`), `subject` the id of the thing."""

    name: str
    subject: str
    facts: dict[str, Any] = {}
