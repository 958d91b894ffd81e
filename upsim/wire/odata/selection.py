"""The properties of an answer: OData 4.01 Part 2 sections 5.1.3 ($expand) and 5.1.4 ($select)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from .query import ExpandItem, QueryOptions


def apply_select(
    representation: Mapping[str, Any],
    select: Sequence[str],
    always: Iterable[str] = ("id",),
    expanded: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the selected properties in their own order; no selection means all.

    Control information (``@odata.type``) stays, and so do ``expanded`` properties with theirs
    (``documents@odata.context``): an inlined property is sent whether or not it is selected.
    """
    if not select or "*" in select:
        return dict(representation)
    tree = _tree(select)
    retained = {"", *always, *expanded}
    result = {}
    for name, value in representation.items():
        owner = name.partition("@")[0]
        if owner in retained:
            result[name] = value
        elif owner in tree:
            result[name] = _prune(value, tree[owner]) if owner == name else value
    return result


def selected_names(select: Sequence[str]) -> frozenset[str] | None:
    """Return the top-level names a selection mentions, or none when it is everything."""
    return None if not select or "*" in select else frozenset(_tree(select))


def is_selected(select: Sequence[str], name: str) -> bool:
    """Return whether a property was asked for by name; costly ones are sent only then."""
    names = selected_names(select)
    return names is not None and name in names


def plan_expand(expand: Iterable[ExpandItem], navigation: Iterable[str] = ()) -> dict[str, QueryOptions]:
    """Return the navigation properties to inline, each with its own options.

    ``*`` stands for every name in ``navigation`` that is not mentioned itself. A path ``printer/shares``
    expands ``printer`` and, inside it, ``shares``.
    """
    plan: dict[str, QueryOptions] = {}
    items = list(expand)
    for item in items:
        if item.path == "*":
            continue
        name, _, rest = item.path.partition("/")
        options = _inside(rest, item.options) if rest else item.options
        plan[name] = _both(plan[name], options) if name in plan else options
    for item in items:
        if item.path == "*":
            for name in navigation:
                plan.setdefault(name, item.options)
    return plan


def _inside(path: str, options: QueryOptions) -> QueryOptions:
    return QueryOptions(expand=(ExpandItem(path, options),), given=frozenset({"$expand"}))


def _both(first: QueryOptions, second: QueryOptions) -> QueryOptions:
    """Return one property expanded twice (``printer,printer/shares``): what either asks for inside it."""
    outer, inner = (second, first) if second.given - {"$expand"} else (first, second)
    return replace(outer, expand=first.expand + second.expand, given=outer.given | inner.given)


# A selection as a tree; a leaf is empty and means the whole value.
_Tree = dict[str, "_Tree"]


def _tree(select: Iterable[str]) -> _Tree:
    root: _Tree = {}
    whole: set[tuple[str, ...]] = set()
    for item in select:
        # A type cast ("microsoft.graph.printer/shares") says nothing about the shape of the JSON.
        path = tuple(segment for segment in item.split("/") if "." not in segment)
        if not path:
            continue
        node = root
        for depth, name in enumerate(path, start=1):
            if path[:depth] in whole:
                break
            node = node.setdefault(name, {})
        else:
            node.clear()
            whole.add(path)
    return root


def _prune(value: Any, tree: _Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_prune(element, tree) for element in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _prune(inner, tree.get(name, {}))
        for name, inner in value.items()
        if name in tree or name.startswith("@")
    }
