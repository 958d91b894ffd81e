"""GUIDs are what `uuid` makes of the same octets."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from upsim.domain.guids import guid_of


@given(st.binary(min_size=16, max_size=16))
def test_it_is_a_version_4_uuid_of_the_octets(octets: bytes) -> None:
    assert guid_of(octets) == str(UUID(bytes=octets, version=4))
