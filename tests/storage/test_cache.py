"""The cache of decoded entities: the row's octets are the key, so it cannot be stale, and it is bounded."""

import msgspec

from upsim.domain.user import Group, User
from upsim.storage.cache import Cache, decode
from upsim.storage.conformance.stores import a_user


def body_of(user: User) -> bytes:
    return msgspec.json.encode(user)


def test_equal_octets_are_decoded_once() -> None:
    cache = Cache()
    first, second = (cache.decode(User, body_of(a_user("u1"))) for _ in range(2))
    assert first == a_user("u1")
    assert second is first


def test_other_octets_or_another_type_are_another_entity() -> None:
    cache = Cache()
    assert cache.decode(User, body_of(a_user("u1"))) == a_user("u1")
    assert cache.decode(User, body_of(a_user("u1", "other@contoso.example"))) == a_user(
        "u1", "other@contoso.example"
    )
    body = msgspec.json.encode(Group(id="g1", display_name="Readers"))
    assert cache.decode(Group, body) == decode(Group, body)


def test_the_entities_not_used_for_longest_make_room() -> None:
    bodies = [body_of(a_user(f"u{number}")) for number in range(3)]
    cache = Cache(octets_max=2 * len(bodies[0]))
    first, second = (cache.decode(User, body) for body in bodies[:2])
    assert cache.decode(User, bodies[0]) is first
    cache.decode(User, bodies[2])
    assert cache.decode(User, bodies[0]) is first
    assert cache.decode(User, bodies[1]) is not second


def test_a_row_larger_than_all_room_is_decoded_and_not_held() -> None:
    body = body_of(a_user("u1"))
    cache = Cache(octets_max=len(body) - 1)
    first = cache.decode(User, body)
    assert first == a_user("u1")
    assert cache.decode(User, body) is not first
    assert cache.decode(User, body) == first
