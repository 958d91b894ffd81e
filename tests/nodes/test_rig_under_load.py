"""What `make rig` does at large, in a minute: two nodes, one of which is killed while everybody prints."""

from bench.shared_rig import Size, play


async def test_nothing_is_lost_doubled_or_stuck_while_nodes_die() -> None:
    size = Size(devices=4, users=5, jobs=80, kill_every_seconds=2.0, kills_max=2, patience_seconds=300.0)
    outcome = await play(size)
    assert outcome.wrong == []
    assert outcome.jobs == 80
    assert outcome.kills >= 1
    assert outcome.told >= 80
    assert outcome.throttled > 0
