"""Work done once for each immutable thing, however often it is shown.

The store gives the very same object for a row that did not change, so what was made of it can be kept by the
object's identity: the thing is kept with the result, so that its identity cannot pass to another.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

R = TypeVar("R")

KEPT_MAX = 2048
"""Results that one function keeps; above, it begins anew."""


class Remembered(Generic[R]):
    """A function of an immutable thing and further arguments that can be hashed. Callers do not change results."""

    def __init__(self, make: Callable[..., R]) -> None:
        self._make = make
        self._kept: dict[tuple[Any, ...], tuple[Any, R]] = {}

    def __call__(self, thing: Any, *arguments: Any) -> R:
        key = (id(thing), *arguments)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is thing:
            return kept[1]
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        result = self._make(thing, *arguments)
        self._kept[key] = (thing, result)
        return result
