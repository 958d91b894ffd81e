"""requested-attributes: which of an object's attributes a client wants (RFC 8011 section 4.2.5.1)."""

from collections.abc import Iterable, Mapping

from upsim.wire.ipp.values import Attribute, AttributeGroup

ALL = frozenset({"all"})


class Requested:
    """The names and group keywords that a request asked for; nothing means everything."""

    __slots__ = ("_names",)

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names) or ALL

    @classmethod
    def of(cls, operation: AttributeGroup, default: Iterable[str] = ALL) -> "Requested":
        """Return the attributes that a request asks for; `default` where it names none."""
        return cls(operation.strings("requested-attributes") or default)

    def admits(self, name: str, groups: Iterable[str] = ()) -> bool:
        """Return whether an attribute that belongs to these groups is wanted."""
        return name in self._names or "all" in self._names or any(group in self._names for group in groups)

    @property
    def asked(self) -> frozenset[str]:
        """All that the request named."""
        return self._names

    def names(self, name: str) -> bool:
        """Return whether the request asked for the attribute by its own name."""
        return name in self._names

    def filter(self, attributes: Iterable[Attribute], groups: Mapping[str, str], default: str) -> list[Attribute]:
        """Those attributes that are wanted. `groups` names the group of some, all others are of `default`."""
        if "all" in self._names:
            return list(attributes)
        return [item for item in attributes if self.admits(item.name, (groups.get(item.name, default),))]
