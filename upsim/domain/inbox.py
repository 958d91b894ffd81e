"""The built-in receiver of webhooks: received messages and configured answers."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Struct

from upsim.domain.entity import Entity, Index

MESSAGES_KEPT = 1000
"""The most messages in one inbox; older ones are dropped."""
DELAY_SECONDS_MAX = 120


class InboxAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How to answer the next `times` calls; absent: all that follow."""

    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 202
    """To a notification. The handshake is answered 200, or with this status if it is no 2xx."""
    delay_seconds: Annotated[float, msgspec.Meta(ge=0, le=DELAY_SECONDS_MAX)] = 0.0
    """Real time before the answer."""
    validation: Literal["right", "wrong"] = "right"
    """The answer to the handshake."""
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Inbox(Entity, frozen=True, kw_only=True):
    """The answers of the receiver `id`, first to last."""

    kind: ClassVar[str] = "inbox"

    answers: tuple[InboxAnswer, ...] = ()


class InboxMessage(Entity, frozen=True, kw_only=True):
    """One received call. Handshakes are answered and not stored."""

    kind: ClassVar[str] = "inbox-message"

    inbox: str
    number: int
    at: datetime
    content_type: str
    query: str
    body: str

    def index(self) -> Index:
        return Index(parent=self.inbox, at=self.at)


def message_id(inbox: str, number: int) -> str:
    """Return the id of an inbox's message."""
    return f"{inbox}/{number:010d}"
