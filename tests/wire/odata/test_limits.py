import pytest
from msgspec.structs import fields, replace

from upsim.wire.odata.limits import DEFAULT_LIMITS


def test_everything_but_the_page_size_is_limited_by_default():
    unlimited = [field.name for field in fields(DEFAULT_LIMITS) if not getattr(DEFAULT_LIMITS, field.name)]
    assert unlimited == ["top_max"]


def test_limits_are_changed_by_making_others():
    assert replace(DEFAULT_LIMITS, top_max=5).top_max == 5
    with pytest.raises(AttributeError):
        DEFAULT_LIMITS.top_max = 5
