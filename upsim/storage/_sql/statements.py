"""The named statements of `queries.sql` and the schemas, read once.

Parameters are written `:name`. A dialect changes the placeholders, the words for column types and the marks in
comments; everything else is the same in every engine.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from upsim.domain.entity import Entity
from upsim.domain.query import Query
from upsim.storage._sql.rows import instant

SCHEMA_VERSION = 6
"""The newest file in `schema/`; an engine refuses a store that is newer than itself."""
SKIP_LOCKED = "/* skip locked */"
"""Where an engine with concurrent callers says that rows which are locked are passed over."""

BOUNDS = {
    "after": "at > :after",
    "due_after": "due IS NOT NULL AND due > :due_after",
    "due_by": "due IS NOT NULL AND due <= :due_by",
}
"""Parameters of `select` that are instants."""
_COLUMNS = ("parent", "owner", "key", "tag")
_NO_LIMIT = 1 << 62
_LIVE = "until IS NULL"
_LIVE_THEN = "since <= :as_of AND (until IS NULL OR until > :as_of)"


@cache
def statements() -> dict[str, str]:
    """SQL text by name."""
    blocks = re.split(r"^-- name: (\w+)$", _text("queries.sql"), flags=re.MULTILINE)[1:]
    return {name: _without_comments(body) for name, body in zip(blocks[::2], blocks[1::2], strict=True)}


def migrations(version: int) -> list[str]:
    """The scripts that bring a store of `version` to `SCHEMA_VERSION`, in order; 0 is an empty store."""
    return [_text(f"schema/{number:03}.sql") for number in range(version + 1, SCHEMA_VERSION + 1)]


def too_new(version: int) -> str:
    """What to say of a store that a newer upsim wrote."""
    return (
        f"The store has schema {version}, this upsim knows {SCHEMA_VERSION} and could lose what it does not know: "
        "use a newer upsim."
    )


def select(query: Query[Entity], place: int, as_of: int | None = None) -> tuple[str, dict[str, Any]]:
    """A query as SQL over the index columns. What only Python can judge (`accepts`) is left to the engine."""
    given = {name: value for name in _COLUMNS if (value := getattr(query, name)) is not None}
    bounds = {name: instant(value) for name in BOUNDS if (value := getattr(query, name)) is not None}
    is_paged = query.accepts is None and (query.limit is not None or query.skip > 0)
    sql = _sql_of_shape(
        tuple(given),
        tuple(bounds),
        query.entity.is_numbered,
        query.is_newest_first,
        as_of is not None,
        is_paged,
    )
    parameters: dict[str, Any] = {
        "place": place,
        "kind": query.entity.kind,
        "as_of": as_of,
        **given,
        **bounds,
    }
    if is_paged:
        parameters |= {"limit": _NO_LIMIT if query.limit is None else query.limit, "skip": query.skip}
    return sql, parameters


@cache
def _sql_of_shape(
    given: tuple[str, ...],
    bounds: tuple[str, ...],
    is_numbered: bool,
    is_newest_first: bool,
    is_as_of: bool,
    is_paged: bool,
) -> str:
    """The text for queries of one shape; there are few shapes, so each is put together once."""
    clauses = ["place = :place", "kind = :kind", _LIVE_THEN if is_as_of else _LIVE]
    clauses += [*(f"{name} = :{name}" for name in given), *(BOUNDS[name] for name in bounds)]
    direction = "DESC" if is_newest_first else "ASC"
    order = ["due" if {"due_after", "due_by"} & set(bounds) else "at", *(["length(id)"] * is_numbered), "id"]
    ordered = ", ".join(f"{column} {direction}" for column in order)
    sql = f"SELECT body FROM entity WHERE {' AND '.join(clauses)} ORDER BY {ordered}"  # noqa: S608 - names are ours
    return sql + " LIMIT :limit OFFSET :skip" if is_paged else sql


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if line and not line.startswith("--"))
