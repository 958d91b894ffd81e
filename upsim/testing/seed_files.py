"""The tenant of a seed, under an id and a domain of its own."""

from pathlib import Path
from typing import Any

Json = dict[str, Any]


def tenant_of(seed: str | Path | Json) -> Json:
    """The first tenant of a seed file, of a shipped seed by its name, or the one given (as JSON).

    Several tests may use it on one server, so it gets another id and domain; its people keep their names.
    """
    tenant = dict(seed) if isinstance(seed, dict) else _read(seed)
    return {**tenant, "domains": []}  # so the server chooses, and the id as well


def _read(seed: str | Path) -> Json:
    from upsim.server.seed_files import open_file
    from upsim.shipped import seed_path

    tenant: Json = open_file(seed_path(str(seed))).as_json()["tenants"][0]
    return tenant
