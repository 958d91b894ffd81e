"""Changing a tenant's directory while it runs: what is typed replaces, adds or removes people and applications.

One shape serves all kinds of directory objects: they are described as in a seed file
(`upsim.services.seed_directory`) and kept as entities.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from upsim.domain.administrative_unit import AdministrativeUnit
from upsim.domain.application import Application, UserConsent
from upsim.domain.entity import Entity
from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.sign_in import RefreshToken
from upsim.domain.user import Group, User
from upsim.services import seed_directory as seeding
from upsim.services import sessions
from upsim.services.ports import Transaction

E = TypeVar("E", bound=Entity)
Json = dict[str, Any]


class DirectoryKind(Struct, Generic[E], frozen=True, kw_only=True):
    """One kind of directory object. `seed` is how it is typed, `make` and `typed` lead there and back."""

    name: str
    plural: str
    parameter: str
    """What stands for its id or name in a path."""
    entity: type[E]
    seed: type[Any]
    make: Callable[[Transaction, Any], E]
    typed: Callable[[Transaction, E], Any]
    carry: Callable[[Transaction, E, E], E] = lambda _, before, after: after  # noqa: ARG005
    """What an object that is described anew keeps of what it was."""

    def find(self, tx: Transaction, name: str) -> E:
        """The object with this id or name."""
        found = tx.get(self.entity, name.lower()) or tx.first(Query(entity=self.entity, key=name.lower()))
        if found is None:
            raise NotFound(self.name, name)
        return found

    def show(self, tx: Transaction, entity: E) -> Json:
        """The object as it would be typed, every field named."""
        typed = self.typed(tx, entity)
        shown: Json = {name: msgspec.to_builtins(getattr(typed, name)) for name in typed.__struct_fields__}
        return shown

    def list_all(self, tx: Transaction) -> list[Json]:
        return [self.show(tx, entity) for entity in tx.find(Query(entity=self.entity))]

    def get(self, tx: Transaction, name: str) -> Json:
        return self.show(tx, self.find(tx, name))

    def add(self, tx: Transaction, typed: Json) -> Json:
        """A new object; refused where there is one of its id or name."""
        seed = self._read(typed)
        entity = self.make(tx, seed)
        key = entity.index().key
        twin = tx.get(self.entity, entity.id) or (tx.first(Query(entity=self.entity, key=key)) if key else None)
        if twin is not None:
            raise Refusal(
                RefusalKind.ALREADY_EXISTS,
                f"The tenant has a {self.name} with this id or name already: {twin.id}. Change it with PATCH.",
                reason="directory-object-exists",
            )
        return self._put(tx, entity, seed)

    def change(self, tx: Transaction, name: str, typed: Json) -> Json:
        """Replace what is named, keep the rest, and the id."""
        found = self.find(tx, name)
        seed = self._read({**self.show(tx, found), **typed, "id": found.id})
        return self._put(tx, self.carry(tx, found, self.make(tx, seed)), seed)

    def remove(self, tx: Transaction, name: str) -> None:
        """Gone from now on, with the consents and refresh tokens that belonged to it."""
        entity = self.find(tx, name)
        belongs = lambda item: entity.id in {item.app_id, item.user_id}  # noqa: E731
        orphans: list[Entity] = [
            *tx.find(Query(entity=UserConsent, accepts=belongs)),
            *tx.find(Query(entity=RefreshToken, accepts=belongs)),
        ]
        for orphan in orphans:
            tx.delete(orphan)
        tx.delete(entity)
        tx.emit(Event(name=f"{self.entity.kind}.removed", subject=entity.id))

    def _put(self, tx: Transaction, entity: E, seed: Any) -> Json:
        tx.put(entity)
        if isinstance(seed, seeding.SeedApplication):
            for consent in tx.find(Query(entity=UserConsent, parent=entity.id)):
                tx.delete(consent)
            for consent in seeding.make_user_consents(tx, seed):
                tx.put(consent)
        tx.emit(Event(name=f"{self.entity.kind}.changed", subject=entity.id))
        return self.show(tx, entity)

    def _read(self, typed: Json) -> Any:
        try:
            return msgspec.convert(typed, self.seed)
        except msgspec.ValidationError as error:
            raise Refusal(
                RefusalKind.INVALID, f"The body is not a {self.name}: {error}.", reason="body-invalid"
            ) from error


USERS = DirectoryKind(
    name="user",
    plural="users",
    parameter="user",
    entity=User,
    seed=seeding.SeedUser,
    make=seeding.make_user,
    typed=lambda _, user: seeding.typed_user(user),
    carry=sessions.carried,
)
GROUPS = DirectoryKind(
    name="group",
    plural="groups",
    parameter="group",
    entity=Group,
    seed=seeding.SeedGroup,
    make=seeding.make_group,
    typed=seeding.typed_group,
)
UNITS = DirectoryKind(
    name="administrative unit",
    plural="administrative-units",
    parameter="unit",
    entity=AdministrativeUnit,
    seed=seeding.SeedAdministrativeUnit,
    make=seeding.make_unit,
    typed=seeding.typed_unit,
)
APPLICATIONS = DirectoryKind(
    name="application",
    plural="applications",
    parameter="application",
    entity=Application,
    seed=seeding.SeedApplication,
    make=seeding.make_application,
    typed=seeding.typed_application,
)
KINDS: tuple[DirectoryKind[Any], ...] = (USERS, GROUPS, UNITS, APPLICATIONS)
