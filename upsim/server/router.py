"""Path to row.

A tree of path segments. Static segments match whatever their case, as Graph does; empty segments are skipped,
because official clients send `//` in their default configuration; a function call such as
`getUserArchivedPrintJobs(userId='x')` matches the template segment `getUserArchivedPrintJobs()` and is handed
over whole as the parameter `function`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from upsim.domain.clouds import Service
from upsim.server.operation import DISPATCHED, Api, Operation


class Target(NamedTuple):
    """A row, the API and version under which the path named it, and its parameters in the path's order."""

    api: Api
    operation: Operation
    version: str
    names: tuple[str, ...] = ()
    rivals: tuple["Target", ...] = ()
    """Rows of other APIs for the same method and path; which is meant, the token's audience says."""

    @property
    def services(self) -> frozenset[Service]:
        """Under which of Microsoft's host names it answers."""
        return self.api.services if self.operation.services is None else self.operation.services


class Match(NamedTuple):
    """What lies at a path: rows by method, and the values of the template's parameters."""

    api: Api
    """The API that all rows of one path belong to."""
    targets: Mapping[str, Target]
    parameters: Mapping[str, str]


class Miss(NamedTuple):
    """Nothing lies there; `segment` is the first that is unknown."""

    segment: str


class _Node:
    """A place in the tree; `names` are those of the parameters on the way to it."""

    __slots__ = ("calls", "named", "names", "static", "targets")

    def __init__(self) -> None:
        self.static: dict[str, _Node] = {}
        self.calls: dict[str, _Node] = {}
        self.named: _Node | None = None
        self.names: tuple[str, ...] = ()
        self.targets: dict[str, Target] = {}


class Router:
    """All rows of all APIs, by path. Two rows with the same method and path are a mistake and raise."""

    def __init__(self, apis: Iterable[Api]) -> None:
        self._root = _Node()
        for api in apis:
            for operation in api.table:
                if operation.method not in DISPATCHED:
                    self._add_all(api, operation)

    def match(self, path: str) -> Match | Miss:
        """Find what lies at a raw (still percent-encoded) path."""
        node, values = self._root, []
        for raw in path.split("/"):
            if not raw:
                continue
            segment = unquote(raw) if "%" in raw else raw
            following = node.static.get(segment.lower())
            if following is None:
                name, bracket, _ = segment.partition("(")  # a function call, such as `getX(a='b')`
                following = (node.calls.get(name.lower()) if bracket else None) or node.named
                values.append(segment)
            if following is None:
                return Miss(segment)
            node = following
        if not node.targets:
            return Miss("")
        api = next(iter(node.targets.values())).api
        return Match(api, node.targets, dict(zip(node.names, values, strict=True)))

    def _add_all(self, api: Api, operation: Operation) -> None:
        for version in operation.versions:
            segments = [*filter(None, (api.roots[version] + operation.path).split("/"))]
            self._add(segments, Target(api, operation, version, _names(segments)))

    def _add(self, segments: list[str], target: Target) -> None:
        node = self._root
        for segment in segments:
            if segment[0] == "{":
                node.named = node.named or _Node()
                node = node.named
            elif segment.endswith("()"):
                node = _below(node.calls, segment[:-2].lower())
            else:
                node = _below(node.static, segment.lower())
        taken = node.targets.get(target.operation.method)
        if taken is not None and not _are_apart(taken, target):
            raise ValueError(f"two rows for {target.operation.method} {'/'.join(segments)}")
        if node.targets and node.names != target.names:
            raise ValueError(f"rows of {'/'.join(segments)} name its parameters differently")
        node.names = target.names
        node.targets[target.operation.method] = (
            target if taken is None else taken._replace(rivals=(*taken.rivals, target))
        )


def _are_apart(taken: Target, target: Target) -> bool:
    """Whether two rows for one path can be told apart by whom the caller's token is for."""
    audiences = target.api.audiences
    return all(
        each.api.audiences and audiences and each.api.audiences.isdisjoint(audiences)
        for each in (taken, *taken.rivals)
    )


def _below(nodes: dict[str, _Node], name: str) -> _Node:
    """The node of this name, made when it is not there: `setdefault` would make one each time."""
    node = nodes.get(name)
    if node is None:
        node = nodes[name] = _Node()
    return node


def _names(segments: list[str]) -> tuple[str, ...]:
    """Parameter names in the order of the path; sibling rows of one path name them alike."""
    return tuple(
        ["function" if segment.endswith("()") else segment[1:-1] for segment in segments if segment[-1] in "})"]
    )
