"""No assertion of the tests takes several statuses, or has a part that cannot matter."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
STATUSES = {"status", "status_code", "ipp_status", "exit_code", "returncode"}
"""Names of what upsim answers with, as attributes and as members of JSON."""


def test_every_assertion_names_one_status_and_can_fail() -> None:
    modules = [path for path in TESTS.rglob("*.py") if "node_modules" not in path.parts]
    assert len(modules) > 100

    found = [
        f"{path.relative_to(TESTS)}:{line} {weakness}"
        for path in modules
        for line, weakness in _weaknesses(path.read_text(encoding="utf-8"))
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "weak",
    [
        "assert answer.status in {200, 404}",
        "assert answer.status in (200, 404)",
        "assert answer.status in ({200, 404} if found else {409})",
        "assert answer.status_code < 500",
        "assert answer.json()['status'] not in [200, 404], answer",
        "assert answer.status == 200 or answer.status == 404",
        "assert 'a' == name or True",
        "assert found or 'text'",
        "assert (found, 'text')",
        "assert 'text'",
        "assert (each for each in found)",
    ],
)
def test_a_weak_assertion_is_found(weak: str) -> None:
    assert len(list(_weaknesses(weak))) == 1


@pytest.mark.parametrize(
    "strong",
    [
        "assert answer.status == 200",
        "assert answer.status in {200}",
        "assert answer.status < limit",
        "assert name in {'a', 'b'}",
        "assert [each for each in found or []] == [1]",
        "assert False, 'never reached'",
    ],
)
def test_a_strong_assertion_is_not_found(strong: str) -> None:
    assert not list(_weaknesses(strong))


def _weaknesses(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Assert):
            continue
        if _is_always_true(node.test):
            yield node.lineno, "cannot fail"
        for part in ast.walk(node.test):
            if isinstance(part, ast.Compare) and _takes_several_statuses(part):
                yield node.lineno, f"takes several statuses: {ast.unparse(part)}"
            if isinstance(part, ast.BoolOp) and isinstance(part.op, ast.Or) and _is_loose(part):
                yield node.lineno, f"has a part that cannot matter, or two statuses: {ast.unparse(part)}"


def _takes_several_statuses(compared: ast.Compare) -> bool:
    left, operator, right = compared.left, compared.ops[0], compared.comparators[0]
    if not _is_status(left):
        return False
    if isinstance(operator, ast.In | ast.NotIn):
        choices = [right.body, right.orelse] if isinstance(right, ast.IfExp) else [right]
        return any(isinstance(each, ast.Set | ast.Tuple | ast.List) and len(each.elts) > 1 for each in choices)
    return isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.NotEq) and isinstance(
        right, ast.Constant
    )


def _is_loose(either: ast.BoolOp) -> bool:
    statuses = [each for each in either.values if isinstance(each, ast.Compare) and _is_status(each.left)]
    return len(statuses) > 1 or any(_is_always_true(each) for each in either.values)


def _is_status(value: ast.expr) -> bool:
    if isinstance(value, ast.Attribute):
        return value.attr in STATUSES
    return (
        isinstance(value, ast.Subscript)
        and isinstance(value.slice, ast.Constant)
        and value.slice.value in STATUSES
    )


def _is_always_true(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return bool(value.value)
    if isinstance(value, ast.Tuple | ast.List | ast.Set):
        return bool(value.elts)
    return isinstance(value, ast.GeneratorExp | ast.Lambda | ast.JoinedStr)
