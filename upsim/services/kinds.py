"""The kinds of things that are stored, by name: for reading what another server wrote down."""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from upsim import domain
from upsim.domain.entity import Entity


@cache
def every_kind() -> dict[str, type[Entity]]:
    """The entity of each kind. It imports the whole domain, so only who needs it asks."""
    for module in pkgutil.iter_modules(domain.__path__):
        import_module(f"{domain.__name__}.{module.name}")
    return {entity.kind: entity for entity in _below(Entity) if entity.__module__.startswith(domain.__name__)}


def _below(entity: type[Entity]) -> Iterator[type[Entity]]:
    for each in entity.__subclasses__():
        if hasattr(each, "kind"):
            yield each
        yield from _below(each)
