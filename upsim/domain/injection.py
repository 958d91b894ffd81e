"""Injections: conditions that a test adds to calls (`upsim inject`); what upsim turns down is a refusal.

An injection says which calls it meets (operation, printer, who), which of those (the third, every second, from
then on, once) and what happens to them.
"""

import hashlib
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from upsim.domain.entity import Entity

INJECTIONS_MAX = 256
"""Rules that one tenant may have at a time."""
DELAY_SECONDS_MAX = 300.0
WEBHOOK = "webhook.deliver"
"""The operation under which deliveries of change notifications are met."""

Effect = Literal[
    "printer-offline",
    "printer-online",
    "job-abort",
    "job-cancel",
    "certificate-revoke",
]
"""Effects on the printer or job of a call. An offline printer reaches nothing: its calls are reset."""

Count = Annotated[int, msgspec.Meta(ge=1)]
Octets = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Delay = Annotated[float, msgspec.Meta(ge=0, le=DELAY_SECONDS_MAX)]


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A refusal in place of the answer, in the dialect of the API that was asked.

    `status` is an HTTP status; `code` the dialect's own word: Graph's error.code, an IPP status keyword such as
    `server-error-busy` (which rides on HTTP 200 unless there is a `status` too), OAuth's error. `body` and
    `headers` stand in for the dialect's own.
    """

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    code: str = ""
    message: str = ""
    retry_after_seconds: Octets | None = None
    body: str | dict[str, Any] | list[Any] | None = None
    headers: dict[str, str] = {}


class Subject(Struct, frozen=True, kw_only=True):
    """The subject of a call: known ids, and all names of its caller."""

    printer_id: str = ""
    job_id: str = ""
    user_names: frozenset[str] = frozenset()
    app_id: str = ""


class Injection(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One rule. Everything that is set happens: `before` first, then the delay, then the answer, then `after`."""

    id: str = ""
    name: str = ""
    """For people."""

    operation: str = "*"
    """Ids of the table of operations, with `*`: `graph.job.*`, `ipp.fetch-document`, `webhook.deliver`."""
    printer: str = ""
    """Only calls about this printer, by its id or the id of its share."""
    job: str = ""
    user: str = ""
    """Only calls of this user, by id or user principal name."""
    application: str = ""

    nth: Count | None = None
    """Only the n-th of these calls, counted from 1."""
    every: Count | None = None
    start: Count = 1
    """From this call on."""
    times: Count | None = None
    """At most so often; 1 is once."""
    probability: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    seed: int | None = None
    """Decides, with the number of the call, which calls `probability` chooses: the same each time."""
    seconds: Seconds | None = None
    """How long the rule lives, on the tenant's clock."""
    expires_at: datetime | None = None

    answer: Answer | None = None
    expire_token: bool = False
    """As if the caller's token had just expired."""
    delay_seconds: Delay = 0.0
    """Real seconds, because they test the client's timeouts."""
    connection: Literal["reset", "tls-abort"] | None = None
    """Instead of an answer: a TCP reset, or a fatal TLS alert (over plain HTTP a reset)."""
    truncate_after_bytes: Octets | None = None
    """The answer's body ends here and the connection with it."""
    bytes_per_second: Count | None = None
    webhook: Literal["lose", "duplicate", "reorder"] | None = None
    """Not to send a change notification, to send it twice, or after the next one."""
    before: tuple[Effect, ...] = ()
    after: tuple[Effect, ...] = ()
    """Effects once the call has been served."""

    def is_over(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def names(self, operation_id: str) -> bool:
        return fnmatchcase(operation_id, self.operation)

    def meets(self, subject: Subject) -> bool:
        """Return whether it is for calls about this subject."""
        return (
            self.printer.lower() in {"", subject.printer_id}
            and self.job in {"", subject.job_id}
            and (not self.user or self.user.lower() in subject.user_names)
            and self.application.lower() in {"", subject.app_id}
        )

    def chooses(self, number: int) -> bool:
        """Return whether the `number`-th call that it meets is one of those it happens to, `times` aside."""
        return (
            self.nth in {None, number}
            and number >= self.start
            and (self.every is None or number % self.every == 0)
            and (self.probability is None or self._draw(number) < self.probability)
        )

    def _draw(self, number: int) -> float:
        digest = hashlib.blake2b(f"{self.seed}/{number}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64


class InjectionCount(Entity, frozen=True, kw_only=True):
    """How often a rule met a call and how often it happened. `id` is the rule's."""

    kind: ClassVar[str] = "injection-count"

    met: int = 0
    fired: int = 0


class Imposed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The injections and limits of a tenant. Part of the tenant, which every call reads anyway."""

    injections: tuple[Injection, ...] = ()
    offline_printers: tuple[str, ...] = ()
