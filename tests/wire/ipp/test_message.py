"""Finding groups in a message."""

from upsim.wire.ipp import build
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.values import AttributeGroup

OPERATION = build.group(1, build.charset("attributes-charset", "utf-8"))
FIRST, SECOND = build.group(2, build.integer("job-id", 1)), build.group(2, build.integer("job-id", 2))
MESSAGE = Message((2, 0), 0, 1, (OPERATION, FIRST, SECOND))


def test_the_operation_attributes_have_a_name_of_their_own():
    assert MESSAGE.operation is OPERATION


def test_a_message_without_operation_attributes_has_an_empty_group():
    assert Message((2, 0), 0, 1).operation == AttributeGroup(1, ())


def test_a_group_is_the_first_of_its_tag():
    assert MESSAGE.group(2) is FIRST
    assert MESSAGE.group(4) is None


def test_all_groups_of_a_tag_come_in_order():
    assert MESSAGE.all_groups(2) == (FIRST, SECOND)
    assert MESSAGE.all_groups(4) == ()
