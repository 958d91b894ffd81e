"""Upper bounds on the functions, files and turns between layers that `tools/walk.py` counts for a request."""

from tools.walk import walks

BOUNDS = {
    "start": (133, 42, 72),
    "acknowledge": (176, 46, 78),
    "upload": (155, 36, 104),
    "token": (93, 30, 45),
    "429": (87, 30, 36),
}
"""Functions, files and turns of each request, at most."""


async def test_no_request_takes_a_longer_way() -> None:
    found = await walks()

    assert list(found) == list(BOUNDS)
    start = found["start"]
    assert {"server", "apis", "services", "domain", "storage"} <= set(start.by_layer()), (
        "the counter misses layers"
    )
    for name, bounds in BOUNDS.items():
        walk = found[name]
        counted = (walk.functions, walk.files, walk.turns)
        assert all(each <= bound for each, bound in zip(counted, bounds, strict=True)), (
            f"{name} enters (functions, files, turns) {counted}; at most {bounds} are allowed. "
            f"List the functions with: python -m tools.walk --show {name}"
        )
