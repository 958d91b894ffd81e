"""Why a store cannot be opened. The message is one sentence for whoever started upsim."""


class StoreError(Exception):
    """The store cannot be used: wrong address, missing rights, nobody there."""


class StoreTooNewError(StoreError):
    """A newer upsim wrote the store; opening it could lose what this one does not know."""
