"""Writes the reference pages that follow from the tables: `python -m tools.make_docs`.

A test compares the pages with what this writes, so a table and its page change together.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from tools.command_line_page import command_line, settings
from upsim.app import apis
from upsim.domain import job_lifecycle, job_reasons
from upsim.domain.job_reasons import Explanation
from upsim.server.operation import Open, Operation, Scopes
from upsim.services.seeds import Seed

ROOT = Path(__file__).parents[1]

_LEVELS = """| evidence | what it means |
|---|---|
| documented | Microsoft or the standard says so; the source is named |
| observed | an official client sends it or depends on it |
| inferred | follows from documented facts, but nobody wrote it down |
| chosen | nothing is known: upsim decided, and says so |
"""


def pages() -> dict[Path, str]:
    """Return every generated page, by its path in the repository."""
    return {
        Path("docs/fidelity.md"): fidelity(),
        Path("docs/reference/job-states.md"): job_states(),
        Path("docs/reference/clients.md"): clients(),
        Path("docs/reference/sign-in-errors.md"): sign_in_errors(),
        Path("docs/reference/cli.md"): command_line(),
        Path("docs/reference/settings.md"): settings(),
        Path("docs/reference/tenant-settings.md"): tenant_settings(),
        Path("fixtures/seed.schema.json"): seed_schema(),
    }


def fidelity() -> str:
    """Return the ledger: each operation with its evidence and how far upsim goes."""
    parts = [
        "# Fidelity ledger\n\n"
        "Generated from the table of operations by `make docs`; do not edit. "
        "What a green test against upsim is worth stands here, row by row.\n\n" + _LEVELS
    ]
    for api in apis():
        rows = "".join(_ledger_row(operation) for operation in api.table)
        head = "| operation | what | support | evidence | opened by |\n|---|---|---|---|---|\n"
        conventions = "".join(
            f"- {each.what} ({each.evidence.level}: {each.evidence.source}.)\n" for each in api.conventions
        )
        parts.append(f"## {api.name}\n\n{conventions}{conventions and chr(10)}{head}{rows}")
    return "\n".join(parts)


def _ledger_row(operation: Operation) -> str:
    versions = ", ".join(version for version in operation.versions if version)
    call = f"`{operation.method} {operation.path}`" + (f" ({versions})" if versions else "")
    support = operation.support.value + (f": {operation.note}" if operation.note else "")
    evidence = f"{operation.evidence.level}: {operation.evidence.source}"
    cells = (f"`{operation.id}`<br>{call}", operation.summary, support, evidence, _opened_by(operation))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _opened_by(operation: Operation) -> str:
    access = operation.access
    if isinstance(access, Open):
        return access.value
    return _permissions(access)


def _permissions(scopes: Scopes) -> str:
    kinds = [("delegated", scopes.delegated), ("application", scopes.application)]
    texts = [f"{kind}: {', '.join(names)}" for kind, names in kinds if names]
    if scopes.administrator:
        texts.append("users must be Printer Administrators")
    return "; ".join(texts)


def job_states() -> str:
    """Return the job's life as a grid."""
    return (
        "# The life of a job\n\n"
        "Generated from `upsim/domain/job_lifecycle.py` by `make docs`; do not edit. "
        "A job's standing is its IPP state and its reasons; a row applies when all reasons of `requires` and none "
        "of `forbids` are there. What no row allows is refused.\n\n"
        f"```mermaid\n{job_lifecycle.as_diagram()}```\n\n{job_lifecycle.as_grid()}\n"
        "## What a job waits for\n\n"
        "`upsim job why JOB` says it for one job, with its ids filled in. Of several reasons the first decides; "
        "a reason that is not here is the device's own, and the sentence of the state holds.\n\n"
        "| state or reason | what it waits for | whose turn | what moves it |\n|---|---|---|---|\n"
    ) + "".join(_explanation_row(name, each) for name, each in _explanations())


def _explanations() -> list[tuple[str, Explanation]]:
    states = [(state.keyword, each) for state, each in job_reasons.STATES.items()]
    return [*job_reasons.REASONS.items(), *states]


def _explanation_row(name: str, explanation: Explanation) -> str:
    text = explanation.waits_for.replace("{until}", "")
    moves = "<br>".join(f"`{move}`" for move in explanation.moves)
    return f"| `{name}` | {text} | {explanation.turn} | {moves} |\n"


def sign_in_errors() -> str:
    """Return the page of sign-in refusals."""
    from upsim.apis.entra.errors import REASONS

    head = "| reason | AADSTS | HTTP | error | suberror | evidence |\n|---|---|---|---|---|---|\n"
    rows = "".join(
        f"| {reason} | {row.number} | {row.status} | `{row.error}` | {row.suberror} | {row.level} |\n"
        for reason, row in REASONS.items()
    )
    return (
        "# Refusals of signing in\n\n"
        "Generated from `upsim/apis/entra/errors.py` by `make docs`; do not edit. The reason stands in the log "
        "and in `/_upsim/tenants/{tenant}/sign-in-refusals`. `documented`: the number has this meaning in "
        "Microsoft's list of error codes; `observed`: published answers have it, the list does not; `chosen`: how "
        "the service answers was not written down by anybody, upsim chose.\n\n" + head + rows
    )


def clients() -> str:
    """Return the page of clients and the tests that run them."""
    rows = tomllib.loads((ROOT / "tests/clients/matrix.toml").read_text(encoding="utf-8"))["clients"]
    head = "| client | what it does | with its own flags, on localhost | under `upsim exec`, without a flag |\n"
    return (
        "# Clients\n\n"
        "Generated from `tests/clients/matrix.toml` by `make docs`; do not edit. Each of these is the published "
        "library, unchanged, and run by the test that the cell names: once configured by its own options, once "
        "with Microsoft's host names as they are compiled in.\n\n"
        f"{head}|---|---|---|---|\n{''.join(map(_client_row, rows))}\n"
        "Not run: the clients for .NET, PowerShell (`Connect-MgGraph`, `Connect-UPService`), Go and MSAL for "
        "Java. Their settings in `upsim snippets` follow their published sources and documentation.\n"
    )


def _client_row(row: dict[str, Any]) -> str:
    name = f"{row['client']} {row.get('version', '')}".strip()
    what = "; ".join(row["flows"]) + (f"<br>*{row['note']}*" if "note" in row else "")
    own = f"{row['flags']}<br>" if "flags" in row and "own_flags" in row else ""
    tests = [_test_of(row.get("own_flags")), *([_test_of(row["own_flags_too"])] if "own_flags_too" in row else [])]
    cells = (name, what, own + "<br>".join(tests), _test_of(row.get("exec")))
    return "| " + " | ".join(cells) + " |\n"


def _test_of(test: str | None) -> str:
    if test is None:
        return "-"
    path, _, function = test.partition("::")
    return f"[{function}](../../{path})"


def tenant_settings() -> str:
    """Return the page of a tenant's settings, group by group."""
    from upsim.domain.described_settings import describe
    from upsim.domain.tenant import TenantSettings
    from upsim.server.spelling import camel

    head = "\n## {group}\n\n| setting | in JSON | default | range | meaning |\n|---|---|---|---|---|\n"
    intro = (
        "# Settings of a tenant\n\n"
        "Generated from `upsim/domain/tenant.py` by `make docs`; do not edit. A seed in TOML has them as "
        "`[tenants.settings.GROUP]`; `PUT` and `PATCH /_upsim/tenants/{tenant}/settings` and "
        "`upsim tenant settings TENANT --set GROUP.NAME=VALUE` spell them as in JSON. `GET` shows all values.\n"
    )
    parts = [intro]
    group = ""
    for each in describe(TenantSettings()):
        if each.path[0] != group:
            group = each.path[0]
            parts.append(head.format(group=group))
        name, default = each.path[1], json.dumps(msgspec.to_builtins(each.default))
        meaning = each.meaning.replace("|", "\\|")
        parts.append(f"| `{name}` | `{group}.{camel(name)}` | `{default}` | {_range(each)} | {meaning} |\n")
    return "".join(parts)


def _range(setting: Any) -> str:
    if setting.choices:
        return ", ".join(f"`{choice}`" for choice in setting.choices)
    if setting.above is not None:
        return f"> {setting.above:g}"
    return f">= {setting.minimum:g}" if setting.minimum is not None else str(setting.type)


def seed_schema() -> str:
    """Return the JSON Schema of seed files."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Seed)}
    return json.dumps(schema, indent=2) + "\n"


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        (ROOT / path).write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
