"""How much there is of what operators watch: jobs by state, and work that waits to be done."""

from collections import Counter

from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.services import due
from upsim.services.ports import Transaction

ENDED = "ended"
"""Jobs in any terminal state. They are counted by the store; only jobs that go on are looked at one by one."""


def jobs_by_state(tx: Transaction) -> Counter[str]:
    """How many jobs there are by job-state; those in a terminal state together."""
    tally = tx.tally(Job)
    found = Counter({ENDED: tally.pop(ENDED, 0)})
    for tag in tally:
        found.update(job.state.keyword for job in tx.find(Query(entity=Job, tag=tag)))
    return found


def work_that_waits(tx: Transaction) -> Counter[str]:
    """How much of what the worker and the courier do is due now, by kind."""
    overdue = tx.overdue()
    return Counter({kind: overdue.get(kind, 0) for kind in due.kinds_of_work()})
