"""`upsim user`: who can sign in."""

from upsim.cli.directory_group import directory_group

command = directory_group(
    "user",
    "users",
    "a user",
    "List, add, change and remove users of a tenant.",
    {"user": "user_principal_name", "id": "id", "name": "display_name", "password": "password", "roles": "roles"},
)
