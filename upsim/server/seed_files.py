"""Seed files: read, and what is wrong in one, with the line on which to mend it.

A file is TOML in snake_case, or JSON in camelCase where its name ends so. The same explains
a seed that came in the body of a request.
"""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from upsim.domain.refusals import Refusal
from upsim.server.spelling import Spelling, camel, respelled
from upsim.services.seeds import Flaw, Seed

Format = Literal["toml", "json"]
SHOWN_MAX = 10
"""So many mistakes are told at once."""


class Problem(Struct, frozen=True):
    """One mistake: the line, counted from 1, the path of what is there, and how to mend it."""

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}{f', {self.path}' if self.path else ''}: {self.message}"


class SeedError(Exception):
    """A text that is no seed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class SeedText(Struct, frozen=True):
    """A seed as it was typed. `name` is the file's."""

    name: str
    text: str
    format: Format = "toml"

    def read(self) -> Seed:
        """The seed; raises `SeedError` where the text is none."""
        document = self.document()
        try:
            if self.spelling is Spelling.JSON:
                return msgspec.convert(respelled(document, Seed, Spelling.JSON, Spelling.TOML), Seed)
            return msgspec.convert(document, Seed)
        except msgspec.ValidationError as error:
            raise SeedError(self.mistakes(document, Seed) or [Problem(1, "", str(error))]) from error

    @property
    def spelling(self) -> Spelling:
        """How members are spelled in it."""
        return Spelling.TOML if self.format == "toml" else Spelling.JSON

    def as_json(self) -> Any:
        """What the text holds, spelled as a seed in JSON, dates as text; raises `SeedError` where it is none."""
        self.read()
        typed = respelled(self.document(), Seed, self.spelling, Spelling.JSON)
        return json.loads(json.dumps(typed, default=lambda value: value.isoformat()))

    def document(self) -> Any:
        """What the text holds, seed or not; raises `SeedError` where it is not of its format."""
        try:
            return tomllib.loads(self.text) if self.format == "toml" else msgspec.json.decode(self.text)
        except tomllib.TOMLDecodeError as error:
            raise SeedError([_broken(str(error))]) from error
        except msgspec.DecodeError as error:
            raise SeedError([_broken_json(self.text, str(error))]) from error

    def mistakes(self, document: Any, kind: Any, *, is_part: bool = False) -> list[Problem]:
        """Why the text's content is not of a kind, or no part of one."""
        from upsim.server.typed_reading import mistakes, shown

        found = mistakes(document, kind, self.spelling, is_part=is_part)
        return [Problem(self.line_of(path), shown(path), text) for path, text in found]

    def problems(self, refusal: Refusal, *, under: tuple[str | int, ...] | None = None) -> list[Problem]:
        """What the services found wrong in the seed. `under` is where in the text its tenant stands."""
        from upsim.server.typed_reading import shown

        flaws: Iterable[Flaw] = refusal.facts.get("flaws") or [Flaw((), refusal.detail)]
        root = ("tenants", refusal.facts.get("tenant_index", 0)) if under is None else under
        places = ((flaw, (*root, *map(self._spelled, flaw.path))) for flaw in flaws)
        return [Problem(self._line_named(path, flaw.named), shown(path), flaw.detail) for flaw, path in places]

    def _spelled(self, part: str | int) -> str | int:
        return camel(part) if isinstance(part, str) and self.spelling is Spelling.JSON else part

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """The line on which what is at the path begins."""
        from upsim.wire.positions import json as in_json
        from upsim.wire.positions import toml as in_toml

        return (in_toml if self.format == "toml" else in_json).line_of(self.text, path) if path else 1

    def _line_named(self, path: tuple[str | int, ...], named: str) -> int:
        """The line of a name below the path, where it is found."""
        first = self.line_of(path)
        lines = self.text.splitlines()
        quoted = (json.dumps(named), f"'{named}'")
        held = [n for n in range(first, len(lines) + 1) if any(text in lines[n - 1] for text in quoted)]
        return held[0] if named and held else first


def open_file(path: Path) -> SeedText:
    """The text of a file; raises `OSError`, or `SeedError` where it is not text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SeedError([Problem(line, "", "the file is not UTF-8.")]) from error
    return SeedText(str(path), text, "json" if path.suffix.lower() == ".json" else "toml")


def listed(name: str, problems: list[Problem]) -> str:
    """Mistakes as a terminal shows them: `name:line` first, which editors follow."""
    lines = [
        f"{name}:{each.line}: {f'{each.path}: ' if each.path else ''}{each.message}"
        for each in problems[:SHOWN_MAX]
    ]
    more = [f"and {len(problems) - SHOWN_MAX} more"] if len(problems) > SHOWN_MAX else []
    return "\n".join([*lines, *more])


def _broken(said: str) -> Problem:
    """The parser says '... (at line 3, column 5)'."""
    text, _, place = said.rpartition(" (at ")
    number = "".join(filter(str.isdigit, place.partition(",")[0]))
    return Problem(int(number) if number else 1, "", f"this is not valid TOML: {text or said}.")


def _broken_json(text: str, said: str) -> Problem:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return Problem(error.lineno, "", f"this is not valid JSON: {error.msg}.")
    return Problem(1, "", f"this is not valid JSON: {said}.")
