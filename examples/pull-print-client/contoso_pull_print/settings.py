"""What an installation has to say, as variables of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """Where the tenant is, who we are in it, and which print queue is ours."""

    tenant_id: str
    client_id: str
    client_secret: str
    queue_id: str
    """The virtual printer that holds the jobs."""
    task_name: str
    """Display name of our task definition, whose trigger hangs on the queue."""
    client_state: str
    """The secret that proves that a notification belongs to our subscription."""
    home_printers: Mapping[str, str] = field(default_factory=dict)
    """Users whose jobs go straight to a printer: user principal name to printer id."""
    authority: str = "https://login.microsoftonline.com"
    graph_url: str = "https://graph.microsoft.com/v1.0"
    ca_file: str | None = None
    """CAs to trust in place of the usual ones, as behind a proxy that inspects TLS."""


def from_environment(variables: Mapping[str, str] = os.environ) -> Settings:
    """Read them. Raises KeyError for one that is needed and not there."""
    homes = (pair.split("=", 1) for pair in variables.get("PULL_PRINT_HOME_PRINTERS", "").split(",") if pair)
    return Settings(
        tenant_id=variables["AZURE_TENANT_ID"],
        client_id=variables["AZURE_CLIENT_ID"],
        client_secret=variables["AZURE_CLIENT_SECRET"],
        queue_id=variables["PULL_PRINT_QUEUE"],
        task_name=variables["PULL_PRINT_TASK"],
        client_state=variables["PULL_PRINT_CLIENT_STATE"],
        home_printers=dict(homes),
        authority=variables.get("AZURE_AUTHORITY_HOST", Settings.authority),
        graph_url=variables.get("PULL_PRINT_GRAPH", Settings.graph_url),
        ca_file=variables.get("PULL_PRINT_CA_FILE"),
    )
