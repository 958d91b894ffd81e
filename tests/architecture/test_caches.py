"""Results that depend on a tenant's state are cached in one place; other caches are of pure functions."""

import ast
from collections.abc import Iterator
from pathlib import Path

import upsim

ROOT = Path(upsim.__file__).parent
PURE = {
    "apis/control/snippets.py": "templates shipped with upsim",
    "apis/entra/pages.py": "templates shipped with upsim",
    "apis/graph/model.py": "the model shipped with upsim",
    "apis/graph/navigation.py": "the model shipped with upsim",
    "apis/graph/resources/printer_status.py": "the model shipped with upsim",
    "apis/ipp/addresses.py": "parsed URIs",
    "apis/ipp/request.py": "the table of operations",
    "app.py": "the table of operations",
    "config.py": "the settings' own types",
    "domain/clouds.py": "parsed host names",
    "services/kinds.py": "types",
    "services/personas.py": "personas shipped with upsim",
    "storage/_sql/statements.py": "texts of statements",
    "storage/cache.py": "the cache",
    "storage/postgres/dialect.py": "texts of statements",
    "wire/ipp/registry/lookup.py": "tables",
    "wire/jose/tokens.py": "algorithms of signatures",
    "wire/repeatable_rsa.py": "primes",
    "wire/x509/authorities.py": "parsed keys and certificates",
}
"""Modules that may cache the results of functions, and of what."""


def modules_with_caches() -> Iterator[str]:
    for path in ROOT.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            from_functools = isinstance(node, ast.ImportFrom) and node.module == "functools"
            if from_functools and {alias.name for alias in node.names} & {"cache", "lru_cache"}:
                yield path.relative_to(ROOT).as_posix()


def test_only_pure_functions_are_cached_outside_the_cache() -> None:
    assert set(modules_with_caches()) - PURE.keys() == set()


def test_the_list_names_no_module_without_a_cache() -> None:
    assert PURE.keys() - set(modules_with_caches()) == set()
