"""Refusals: the kinds of errors that upsim reports to clients.

`RefusalKind` is the coarse kind that every API maps to its own error (`apis/*/errors.py`, total by test);
`Refused.reason` is the fine keyword (`wrong-password`, `range-overlap`) where an API distinguishes more.
No protocol number lives here.
"""

from enum import Enum
from typing import Any


class RefusalKind(Enum):
    """The kinds of refusal. Each API has exactly one wire error for each of them."""

    UNAUTHENTICATED = "the caller did not prove who it is"
    FORBIDDEN = "the caller is known but may not do this"
    NOT_FOUND = "there is no such thing, or the caller may not know of it"
    GONE = "the thing existed and has ended"
    ALREADY_EXISTS = "there is one already"
    INVALID = "the request is malformed or a value is out of range"
    NOT_POSSIBLE = "not in the state that the thing is in now"
    NOT_FETCHABLE = "the job cannot be fetched, or another device has it"
    FORMAT_UNSUPPORTED = "the document or body format is not supported"
    TOO_LARGE = "more than the limit"
    ATTRIBUTES_UNSUPPORTED = "an attribute, option or value is not supported"
    CONFLICTING = "values contradict each other"
    PRECONDITION = "a range or version does not fit what is stored"
    METHOD_NOT_ALLOWED = "the path exists, the method does not"
    THROTTLED = "too much in too short a time"
    NOT_ACCEPTING = "the printer takes no jobs now"
    NOT_EMULATED = "the service has this, upsim does not"
    UNAVAILABLE = "cannot be served now, try again"
    INTERNAL = "upsim failed"


class Refusal(Exception):
    """A request that upsim refuses, with the reason and the remedy.

    `detail` is one sentence, subject first, that a caller can act on. `facts` are named values that an API
    may put into its error: `retry_after_seconds`, `target`, `attributes`.
    """

    def __init__(self, kind: RefusalKind, detail: str, *, reason: str = "", **facts: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.reason = reason
        self.facts = facts

    def __repr__(self) -> str:
        return f"Refusal({self.kind.name}, {self.detail!r}, reason={self.reason!r})"


class NotFound(Refusal):
    """A resource that does not exist; raised where callers distinguish it from other refusals."""

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(RefusalKind.NOT_FOUND, f"There is no {kind} with id '{identifier}'.", target=identifier)


class IllegalTransition(Refusal):
    """The job's state or reasons do not allow the event (`upsim.domain.job_lifecycle`)."""

    def __init__(self, event: str, standing: str) -> None:
        super().__init__(
            RefusalKind.NOT_POSSIBLE,
            f"The job cannot take '{event}' while it is {standing}.",
            reason="illegal-transition",
            event=event,
            standing=standing,
        )
