"""The printing world: what exists and what may happen to it. Pure: no I/O, no clock, no wire format."""
