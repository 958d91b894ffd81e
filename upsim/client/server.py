"""The server itself."""

from upsim.client.ask import Ask, Json


def readiness() -> Ask[Json]:
    """Whether it is ready, its version and engines. Refused with 503 while it is not."""
    return Ask("GET", "/_upsim/readyz", dict)


def addresses() -> Ask[Json]:
    """Where its listeners are."""
    return Ask("GET", "/_upsim/addresses", dict)


def operations() -> Ask[list[Json]]:
    """The table of operations."""
    return Ask("GET", "/_upsim/operations", lambda answer: list(answer["value"]))


def stop() -> Ask[Json]:
    """End it, as SIGTERM does; it answers before."""
    return Ask("POST", "/_upsim/stop", dict)
