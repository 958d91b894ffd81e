"""`upsim app`: applications that can ask for tokens."""

from upsim.cli.directory_group import directory_group

command = directory_group(
    "app",
    "applications",
    "an application",
    "List, add, change and remove applications of a tenant.",
    {"id": "id", "name": "displayName", "secret": "secret"},
)
