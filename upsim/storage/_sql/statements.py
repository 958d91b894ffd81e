"""The named statements of `queries.sql`, read once."""

import re
from functools import cache
from importlib import resources
from typing import Any

from upsim.domain.entity import Entity
from upsim.domain.query import Query

SCHEMA_VERSION = 1
"""Raised with every change of `schema.sql`; an engine refuses a store that is newer than itself."""

_COLUMNS = ("parent", "owner", "key", "tag")


@cache
def statements() -> dict[str, str]:
    """SQL text by name."""
    text = resources.files(__package__).joinpath("queries.sql").read_text(encoding="utf-8")
    blocks = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
    return {
        name: "\n".join(line for line in body.splitlines() if line and not line.startswith("--"))
        for name, body in zip(blocks[::2], blocks[1::2], strict=True)
    }


@cache
def schema() -> str:
    """The statements that make an empty store."""
    return resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")


def select(query: Query[Entity], tenant_id: str) -> tuple[str, dict[str, Any]]:
    """A query as SQL over the index columns. What only Python can judge (`accepts`) is left to the engine."""
    given = {name: getattr(query, name) for name in _COLUMNS if getattr(query, name) is not None}
    clauses = ["tenant = :tenant", "kind = :kind", "until IS NULL", *(f"{name} = :{name}" for name in given)]
    direction = "DESC" if query.is_newest_first else "ASC"
    sql = f"SELECT body FROM entity WHERE {' AND '.join(clauses)} ORDER BY at {direction}, id {direction}"  # noqa: S608 - names are ours
    parameters: dict[str, Any] = {"tenant": tenant_id, "kind": query.entity.kind, **given}
    if query.accepts is None:
        sql += " LIMIT :limit OFFSET :skip"
        parameters |= {"limit": -1 if query.limit is None else query.limit, "skip": query.skip}
    return sql, parameters
