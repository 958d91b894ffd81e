"""The domain model: entities, their rules and their events. Pure: no I/O, no clock, no wire format."""
