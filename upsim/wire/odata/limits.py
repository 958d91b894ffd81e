"""Limits of one request's query options."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Lengths are characters; ``top_max`` is the largest ``$top`` a service accepts, or none."""

    query_length: int = 16_384
    options: int = 50
    select_items: int = 200
    expand_items: int = 50
    expand_depth: int = 4
    orderby_items: int = 10
    filter_length: int = 8_192
    filter_depth: int = 32
    filter_nodes: int = 1_000
    top_max: int | None = None


DEFAULT_LIMITS = Limits()
