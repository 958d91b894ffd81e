"""`upsim user`: who can sign in."""

from upsim.cli.directory_group import directory_group

command = directory_group(
    "user",
    "users",
    "a user",
    "List, add, change and remove users of a tenant.",
    {"user": "userPrincipalName", "id": "id", "name": "displayName", "password": "password", "roles": "roles"},
)
