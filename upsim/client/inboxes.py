"""Receivers of webhooks inside upsim, one for each name that is called: `url` is what a subscription names."""

from typing import Literal, TypedDict

from upsim.client.ask import Ask, Json, asked, camel, nothing, segment, tenant_path, values


class Behaviour(TypedDict, total=False):
    """How the next `times` calls are answered; without: all that follow."""

    status: int
    delay_seconds: float
    validation: Literal["right", "wrong"]
    times: int


def path(tenant: str, name: str) -> str:
    """Where notifications are to be sent, below the server's address."""
    return tenant_path(tenant, f"/inbox/{segment(name)}")


def receive(tenant: str, name: str, *, after: int = 0, count: int = 1, seconds: float = 0) -> Ask[list[Json]]:
    """What came after the message of this number; waits so many (real) seconds for `count` messages."""
    return Ask("GET", asked(path(tenant, name), after=after, count=count, wait=seconds), values)


def behave(tenant: str, name: str, *answers: Behaviour) -> Ask[Json]:
    """Choose how the next calls are answered, first to last; none: as a receiver should."""
    return Ask("PUT", path(tenant, name), dict, {"answers": [camel(each) for each in answers]})


def empty(tenant: str, name: str) -> Ask[None]:
    """Forget its messages."""
    return Ask("DELETE", path(tenant, name), nothing)
