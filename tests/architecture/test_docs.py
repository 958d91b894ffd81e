"""The generated pages are what the tables say now, and the written ones name what exists."""

import re
from pathlib import Path

import pytest

from tools.make_docs import ROOT, pages


@pytest.mark.parametrize("path", pages(), ids=str)
def test_a_generated_page_is_up_to_date(path: Path) -> None:
    is_current = (ROOT / path).read_text(encoding="utf-8") == pages()[path]
    assert is_current, f"{path} does not follow from the tables; run `make docs`"


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for named in re.findall(r"`((?:upsim|tests|docs|fixtures|tools|bench|examples)/[\w./-]*)`", text):
        assert (ROOT / named).exists(), f"{page} names {named}"


def test_the_sample_seed_fits_its_schema() -> None:
    import json
    import tomllib

    import jsonschema

    schema = json.loads((ROOT / "fixtures/seed.schema.json").read_text())
    for seed in (ROOT / "fixtures").glob("*.toml"):
        jsonschema.validate(tomllib.loads(seed.read_text()), schema)
