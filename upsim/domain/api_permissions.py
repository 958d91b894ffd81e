"""The permissions that the two resources publish, by name and id, and who may consent to them.

Sources: Microsoft Graph's permissions reference, the permissions that Universal Print's service principal shows.
Note the spelling: the service's own scopes are plural and without `.All` (`Printers.Create`), Graph's are
`Printer.Create` and `PrintJob.ReadWrite.All`.
"""

from msgspec import Struct

from upsim.domain.application import GRAPH_APP_ID, UNIVERSAL_PRINT_APP_ID


class ApiPermission(Struct, frozen=True):
    """A permission, the id of its delegated scope and of its application role, where it has them."""

    name: str
    delegated: str | None = None
    application: str | None = None
    is_for_users: bool = False
    """Whether a user may consent to the delegated scope for themselves."""


GRAPH_PERMISSIONS = (
    ApiPermission("PrintAlertSettings.Read.All", delegated="f15be43b-9557-4156-8b74-7017302bc5ea"),
    ApiPermission("PrintAlertSettings.ReadWrite.All", delegated="6e8cbdd3-5627-423a-826e-05bdbc72b710"),
    ApiPermission("PrintConnector.Read.All", delegated="d69c2d6d-4f72-4f99-a6b9-663e32f8cf68"),
    ApiPermission("PrintConnector.ReadWrite.All", delegated="79ef9967-7d59-4213-9c64-4b10687637d8"),
    ApiPermission("PrintJob.Create", delegated="21f0d9c0-9f13-48b3-94e0-b6b231c7d320", is_for_users=True),
    ApiPermission("PrintJob.Manage.All", application="58a52f47-9e36-4b17-9ebe-ce4ef7f3e6c8"),
    ApiPermission("PrintJob.Read", delegated="248f5528-65c0-4c88-8326-876c7236df5e", is_for_users=True),
    ApiPermission(
        "PrintJob.Read.All",
        delegated="afdd6933-a0d8-40f7-bd1a-b5d778e8624b",
        application="ac6f956c-edea-44e4-bd06-64b1b4b9aec9",
    ),
    ApiPermission("PrintJob.ReadBasic", delegated="6a71a747-280f-4670-9ca0-a9cbf882b274", is_for_users=True),
    ApiPermission(
        "PrintJob.ReadBasic.All",
        delegated="04ce8d60-72ce-4867-85cf-6d82f36922f3",
        application="fbf67eee-e074-4ef7-b965-ab5ce1c1f689",
    ),
    ApiPermission("PrintJob.ReadWrite", delegated="b81dd597-8abb-4b3f-a07a-820b0316ed04", is_for_users=True),
    ApiPermission(
        "PrintJob.ReadWrite.All",
        delegated="036b9544-e8c5-46ef-900a-0646cc42b271",
        application="5114b07b-2898-4de7-a541-53b0004e2e13",
    ),
    ApiPermission("PrintJob.ReadWriteBasic", delegated="6f2d22f2-1cb6-412c-a17c-3336817eaa82", is_for_users=True),
    ApiPermission(
        "PrintJob.ReadWriteBasic.All",
        delegated="3a0db2f6-0d2a-4c19-971b-49109b19ad3d",
        application="57878358-37f4-4d3a-8c20-4816e0d457b1",
    ),
    ApiPermission(
        "PrintSettings.Read.All",
        delegated="490f32fd-d90f-4dd7-a601-ff6cdc1a3f6c",
        application="b5991872-94cf-4652-9765-29535087c6d8",
    ),
    ApiPermission("PrintSettings.ReadWrite.All", delegated="9ccc526a-c51c-4e5c-a1fd-74726ef50b8f"),
    ApiPermission("PrintTaskDefinition.ReadWrite.All", application="456b71a7-0ee0-4588-9842-c123fcc8f664"),
    ApiPermission("Printer.Create", delegated="90c30bed-6fd1-4279-bf39-714069619721"),
    ApiPermission("Printer.FullControl.All", delegated="93dae4bd-43a1-4a23-9a1a-92957e1d9121"),
    ApiPermission(
        "Printer.Read.All",
        delegated="3a736c8a-018e-460a-b60c-863b2683e8bf",
        application="9709bb33-4549-49d4-8ed9-a8f65e45bb0f",
    ),
    ApiPermission(
        "Printer.ReadWrite.All",
        delegated="89f66824-725f-4b8f-928e-e1c5258dc565",
        application="f5b3f73d-6247-44df-a74c-866173fddab0",
    ),
    ApiPermission("PrinterShare.Read.All", delegated="ed11134d-2f3f-440d-a2e1-411efada2502", is_for_users=True),
    ApiPermission(
        "PrinterShare.ReadBasic.All", delegated="5fa075e9-b951-4165-947b-c63396ff0a37", is_for_users=True
    ),
    ApiPermission("PrinterShare.ReadWrite.All", delegated="06ceea37-85e2-40d7-bec3-91337a46038f"),
    ApiPermission(
        "Reports.Read.All",
        delegated="02e97553-ed7b-43d0-ab3c-f8bace0d040c",
        application="230c1aed-a721-4c5d-9cb4-a90514e508ef",
    ),
    ApiPermission("User.Read", delegated="e1fe6dd8-ba31-4d61-89e7-88639da4683d", is_for_users=True),
)
"""Permissions of printing, and the one that every new registration asks for."""

UNIVERSAL_PRINT_PERMISSIONS = (
    ApiPermission("Connectors.Create", delegated="92ba9cb8-85d2-44c6-8f85-d9ed20717977"),
    ApiPermission("Connectors.FullControl", delegated="6c7c7cbe-f3f8-48fb-b096-39b9ef6f7620"),
    ApiPermission("Connectors.Read", delegated="37390602-91c2-474e-9a2d-9aecacfe8cb6"),
    ApiPermission("Connectors.ReadWrite", delegated="3bd7575e-0596-40d1-8c87-24cecd66f9b6"),
    ApiPermission("PrintBadgeCollections.Read", delegated="23b75ee2-e239-4146-92a4-e86346ffe4ad"),
    ApiPermission("PrintBadgeCollections.ReadWrite", delegated="d6c2f65a-47e8-40e8-88c6-6fb221d28b8d"),
    ApiPermission(
        "PrintBadges.Read",
        delegated="5ab706f2-4ce1-4c50-a91c-80c9d82f1a65",
        application="19f99fa8-134e-4c3f-a9f7-5180eaa6e011",
    ),
    ApiPermission("PrintBadges.ReadWrite", delegated="b0251562-fe60-48c3-a11c-b2a82962956a"),
    ApiPermission(
        "PrintJob.Read",
        delegated="bcc657b2-5a3c-4e61-bea8-cfe6eaaacce6",
        application="b695614a-52ec-4835-9e13-bdf5ff4c7448",
    ),
    ApiPermission("PrintJob.ReadBasic", delegated="252b1ec9-da64-49ca-8d0c-d0fd5eee4b94"),
    ApiPermission("PrintJob.ReadWrite", delegated="f9cca0f6-6a67-463c-86a3-da33c3cb5094"),
    ApiPermission(
        "PrintJob.ReadWriteBasic",
        delegated="51fba74e-4c95-42a3-85fe-9135380ad57a",
        application="11f87dac-027f-4d76-bd29-1ea1536b93da",
    ),
    ApiPermission("PrintSettings.Read", delegated="f30712c9-68f2-450e-94ef-87add9b0b790"),
    ApiPermission("PrintSettings.ReadWrite", delegated="73c00059-f52c-4a57-823b-94f60d7cb659"),
    ApiPermission(
        "PrinterProperties.Read",
        delegated="dda0c3bb-15d9-4582-a50f-c6e715d22379",
        application="94d79b9e-e7e6-4109-80ae-82b1babdcc9b",
    ),
    ApiPermission(
        "PrinterProperties.ReadWrite",
        delegated="76e86aee-8f10-4427-a1e9-1c7f5e3d658e",
        application="1c90a3a7-465b-49c4-adcc-c8ac83d3d3f8",
    ),
    ApiPermission("Printers.Create", delegated="3e306194-d6c5-43ad-afbb-0e7b16a9c10b"),
    ApiPermission("Printers.FullControl", delegated="67e6370f-d438-4822-8ea9-c90747b45121"),
    ApiPermission(
        "Printers.Read",
        delegated="fdbc1b4a-fe0d-4226-a236-9fd530d4f3ba",
        application="2b1bdd6b-9a0f-47c6-a806-b3e20cfd07a8",
    ),
    ApiPermission("Printers.ReadWrite", delegated="0ae9ddd9-ac50-491f-a823-c0dce61a5903"),
)
"""Permissions that need an administrator's consent, all of them."""

PUBLISHED = {GRAPH_APP_ID: GRAPH_PERMISSIONS, UNIVERSAL_PRINT_APP_ID: UNIVERSAL_PRINT_PERMISSIONS}

FOR_USERS_TO_GIVE = frozenset(item.name.lower() for item in GRAPH_PERMISSIONS if item.is_for_users)
"""Delegated permissions that a user may consent to, in lower case."""

_BY_NAME = {(app, item.name.lower()): item for app, items in PUBLISHED.items() for item in items}
_BY_ID = {
    (app, identifier): item
    for app, items in PUBLISHED.items()
    for item in items
    for identifier in (item.delegated, item.application)
    if identifier
}


def find_permission(resource_app_id: str, name_or_id: str) -> ApiPermission | None:
    """Return the resource's permission of this name or id, or none."""
    wanted = name_or_id.lower()
    return _BY_NAME.get((resource_app_id, wanted)) or _BY_ID.get((resource_app_id, wanted))
