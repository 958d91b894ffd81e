"""A module's tests are found from its name, and test modules share builders through `tests/support/` alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"

TOPIC_FOLDERS = {"architecture", "clients", "guides", "journeys", "nodes", "stateful"}
"""Folders, at any level, whose tests go through many modules and are named by what is done."""

TOPIC_FILES = {
    "apis/graph/test_filter_now.py": "one function of OData in every collection",
    "apis/graph/test_webhook_injections.py": "what is injected into deliveries, seen from Graph",
    "apis/ipp/test_bad_input.py": "the same mistakes in every operation",
    "apis/ipp/test_correlation.py": "headers of every answer",
    "apis/ipp/test_keys.py": "short keys in every operation",
    "apis/ipp/test_reach.py": "whose data each operation gives away",
    "apis/ipp/test_refusals.py": "refusals of every operation",
    "apis/ipp/test_throttling.py": "limits, in every operation",
    "client/test_topics.py": "every module of the client",
    "server/test_host_names.py": "every API under Microsoft's host names",
    "server/test_logs.py": "the log of every API",
    "server/test_settled.py": "a program that embeds a server",
    "storage/test_engines_agree.py": "both engines side by side",
    "storage/test_upgrade.py": "states of earlier releases, on both engines",
}
"""Files outside those folders that match no module, and their subject."""


def test_a_test_module_is_named_after_what_it_tests() -> None:
    unnamed = {str(path.relative_to(TESTS)) for path in _test_modules() if not _matches(path)}

    assert unnamed - set(TOPIC_FILES) == set(), "name it tests/X/test_Y.py after upsim/X/Y.py, or test_Y_topic.py"
    assert set(TOPIC_FILES) - unnamed == set(), "no exception is needed for these"


def test_no_module_imports_a_test_module_or_a_conftest() -> None:
    importers = [*TESTS.rglob("*.py"), *(ROOT / "bench").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in importers
        if "node_modules" not in path.parts
        for name in _imported(path)
        if any(part == "conftest" or part.startswith("test_") for part in name.split("."))
    ]

    assert not wrong, "move what both need to tests/support/"


def test_support_holds_no_test() -> None:
    assert list(TESTS.glob("support/**/*.py"))
    assert not list(TESTS.glob("support/**/test_*.py"))


def _test_modules() -> list[Path]:
    found = [path for path in TESTS.rglob("test_*.py") if "node_modules" not in path.parts]
    assert len(found) > 100
    return found


def _matches(path: Path) -> bool:
    """Whether a package of the same path has the module, or a package, somewhere below it."""
    folder = path.relative_to(TESTS).parent
    if TOPIC_FOLDERS & set(folder.parts):
        return True
    package, topic = ROOT / "upsim" / folder, path.stem.removeprefix("test_")
    found = [*package.rglob("*.py"), *(init.parent for init in package.rglob("__init__.py"))]
    return any(topic == each.stem or topic.startswith(f"{each.stem}_") for each in found)


def _imported(path: Path) -> Iterator[str]:
    """Modules of `tests` that a module imports, relative imports resolved."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("tests."))
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*parents, *(node.module or "").split("."))).strip(".")
            if module.split(".")[0] == "tests":
                yield from (f"{module}.{alias.name}" for alias in node.names if alias.name.islower())
                yield module
