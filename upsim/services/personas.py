"""The personas that come with upsim: one readable file each, in `fixtures/personas`."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from upsim.domain.persona import Persona
from upsim.domain.refusals import Refusal, RefusalKind


def names() -> list[str]:
    """What personas there are."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


@cache
def named(name: str) -> Persona:
    """A persona by its name."""
    if name not in names():
        raise Refusal(
            RefusalKind.INVALID,
            f"There is no persona '{name}'; there are {', '.join(names())}.",
            reason="persona-unknown",
        )
    return read(_folder() / f"{name}.toml")


def read(path: Path) -> Persona:
    """A persona from a file; refused with a sentence where it is none."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Persona)
    except OSError as error:
        raise Refusal(RefusalKind.INVALID, f"The persona {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Refusal(RefusalKind.INVALID, f"{path} is not a persona: {error}.") from error


def chosen(wish: str | Persona) -> Persona:
    """What a seed or a request chose: a persona by name, or one of its own."""
    return wish if isinstance(wish, Persona) else named(wish)


def _folder() -> Path:
    """Inside the installed package, or beside it in the repository."""
    package = Path(__file__).parents[1]
    installed = package / "fixtures" / "personas"
    return installed if installed.is_dir() else package.parent / "fixtures" / "personas"
