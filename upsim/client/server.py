"""The server itself."""

from upsim.client.ask import Ask, Json, asked, segment, values


def readiness() -> Ask[Json]:
    """Whether it is ready, its version and engines. Refused with 503 while it is not."""
    return Ask("GET", "/_upsim/readyz", dict)


def addresses() -> Ask[Json]:
    """Where its listeners are."""
    return Ask("GET", "/_upsim/addresses", dict)


def operations() -> Ask[list[Json]]:
    """The table of operations."""
    return Ask("GET", "/_upsim/operations", values)


def stop() -> Ask[Json]:
    """End it, as SIGTERM does; it answers before."""
    return Ask("POST", "/_upsim/stop", dict)


def snippets(client: str | None = None, *, tenant: str = "") -> Ask[str]:
    """Ready settings for one client, or for all."""
    path = f"/_upsim/snippets/{segment(client)}" if client else "/_upsim/snippets"
    return Ask("GET", asked(path, tenant=tenant or None), str)


def description() -> Ask[Json]:
    """The OpenAPI description of what Graph serves."""
    return Ask("GET", "/_upsim/openapi.json", dict)


def metrics() -> Ask[str]:
    """Metrics in Prometheus' format; only with `--metrics`."""
    return Ask("GET", "/_upsim/metrics", str)
