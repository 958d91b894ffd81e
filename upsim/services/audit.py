"""The audit log of signing in: why each refusal happened. Under `SYSTEM` stand those that named no tenant."""

from msgspec.structs import replace

from upsim.domain.query import Query
from upsim.domain.sign_in import SignInRefusal
from upsim.services.ports import Transaction

REFUSALS_MAX = 1000
"""The oldest are forgotten beyond this."""
COUNTER = "sign-in-refusal"


def record(tx: Transaction, refusal: SignInRefusal) -> None:
    """Add a line; its id and time are given here."""
    number = tx.next_number(COUNTER)
    tx.put(replace(refusal, id=_id(number), at=tx.now))
    surplus = tx.get(SignInRefusal, _id(number - REFUSALS_MAX)) if number > REFUSALS_MAX else None
    if surplus is not None:
        tx.delete(surplus)


def list_refusals(tx: Transaction, limit: int) -> list[SignInRefusal]:
    """The newest first."""
    return tx.find(Query(entity=SignInRefusal, is_newest_first=True, limit=limit))


def _id(number: int) -> str:
    return f"{number:012d}"
