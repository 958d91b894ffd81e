"""The built-in receiver: take a call, look at what came, choose how it answers."""

from msgspec.structs import replace

from upsim.domain.inbox import MESSAGES_KEPT, Inbox, InboxAnswer, InboxMessage, message_id
from upsim.domain.query import Query
from upsim.services.ports import Transaction


def next_answer(tx: Transaction, name: str) -> InboxAnswer:
    """How to answer a call; an answer that was to be given so many times is used up by it."""
    inbox = tx.get(Inbox, name)
    if inbox is None or not inbox.answers:
        return InboxAnswer()
    first = inbox.answers[0]
    if first.times is not None:
        rest = (replace(first, times=first.times - 1),) if first.times > 1 else ()
        tx.put(replace(inbox, answers=(*rest, *inbox.answers[1:])))
    return first


def receive(tx: Transaction, name: str, *, content_type: str, query: str, body: str) -> InboxAnswer:
    """Keep a message and say how to answer it."""
    number = tx.next_number(f"inbox/{name}")
    tx.put(
        InboxMessage(
            id=message_id(name, number),
            inbox=name,
            number=number,
            at=tx.now,
            content_type=content_type,
            query=query,
            body=body,
        )
    )
    old = tx.get(InboxMessage, message_id(name, number - MESSAGES_KEPT))
    if old is not None:
        tx.delete(old)
    return next_answer(tx, name)


def messages(tx: Transaction, name: str, after: int = 0) -> list[InboxMessage]:
    """What came after a number, oldest first."""
    return tx.find(Query(entity=InboxMessage, parent=name, accepts=lambda item: item.number > after))


def behave(tx: Transaction, name: str, answers: tuple[InboxAnswer, ...]) -> Inbox:
    """Choose the answers from now on; none: 202 to all."""
    inbox = Inbox(id=name, answers=answers)
    tx.put(inbox)
    return inbox


def empty(tx: Transaction, name: str) -> None:
    """Forget what came and how to answer; numbers go on."""
    for message in messages(tx, name):
        tx.delete(message)
    inbox = tx.get(Inbox, name)
    if inbox is not None:
        tx.delete(inbox)
