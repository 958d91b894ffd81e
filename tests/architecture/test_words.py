"""The words of `docs/glossary.md` that are not used do not come back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNUSED = {
    "remember": r"\bremember(s|ed|ing)?\b",
    "recall": r"\brecall(s|ed|ing)?\b",
    "recollect": r"\brecollect\w*",
    "anew": r"\banew\b",
    "in vain": r"\bin vain\b",
    "so many": r"(?<!not )\bso many\b(?! that)",
    "universe": r"(?<!data )\buniverses?\b",
    "face": r"\bfaces?\b",
    "impose": r"\bimpos(e|es|ed|ing|ition)\b",
    "told": r"\b(is|are|was|were|be|been|being|once) told\b",
    "tells": r"(?<!def )\btells?\b",
    "errand": r"\berrands?\b",
    "openness": r"\bopenness\b",
    "headless": r'^\s*"""(What|Who|Whose|How many) [^?]*$',
}
"""Words that are not used, each with the pattern that finds it."""
COVERED = (
    "upsim/wire",
    "upsim/trust",
    "upsim/actors",
    "upsim/apis/badges",
    "upsim/apis/entra",
    "upsim/apis/registration",
    "upsim/apis/graph",
    "upsim/apis/ipp",
    "bench",
    "tools",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/benchmarks.md",
    "docs/decisions",
)
"""Folders and pages that hold to the glossary."""
EXEMPT = {"upsim/wire/ipp/registry/generated.py"}
"""Names that are not upsim's own."""


def covered() -> Iterator[Path]:
    for name in COVERED:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in {".py", ".md", ".toml", ".html"} and str(file.relative_to(ROOT)) not in EXEMPT:
                yield file


@pytest.mark.parametrize("word", UNUSED)
def test_a_word_that_is_not_used_does_not_come_back(word: str) -> None:
    pattern = re.compile(UNUSED[word], re.IGNORECASE)
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in covered()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"'{word}' is not used (docs/glossary.md):\n" + "\n".join(found)


def test_a_function_does_what_its_docstring_begins_with() -> None:
    """A headless "Whether ..." or "The ..." names no verb."""
    headless = re.compile(r"(Whether|What|Who|Whose|Where|How) ")
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {doc.splitlines()[0]}"
        for file in covered()
        if file.suffix == ".py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not any("property" in ast.unparse(each) for each in node.decorator_list)
        and (doc := ast.get_docstring(node))
        and headless.match(doc)
    ]
    assert not found, "begin with a verb:\n" + "\n".join(found)
