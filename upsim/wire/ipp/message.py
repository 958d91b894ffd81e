"""A request or a response: RFC 8010 section 3.1.1. The octets do not show which of the two."""

from typing import NamedTuple

from .tags import GroupTag
from .values import AttributeGroup


class Message(NamedTuple):
    """The header and the attribute groups, without the document data that may follow them.

    `code` is the operation of a request (`operations.Operation`) or the status of a response
    (`status.Status`).
    """

    version: tuple[int, int]
    code: int
    request_id: int
    groups: tuple[AttributeGroup, ...] = ()

    @property
    def operation(self) -> AttributeGroup:
        """The operation attributes; an empty group where a peer sent none."""
        return self.group(GroupTag.OPERATION) or AttributeGroup(GroupTag.OPERATION)

    def group(self, tag: int) -> AttributeGroup | None:
        """Return the first group with this tag, or None."""
        for group in self.groups:
            if group.tag == tag:
                return group
        return None

    def all_groups(self, tag: int) -> tuple[AttributeGroup, ...]:
        """Return every group with this tag in order: one for each job of a Get-Jobs response."""
        return tuple([group for group in self.groups if group.tag == tag])
