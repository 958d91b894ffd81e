"""me, users, groups and organization."""

from tests.support.graph.world import ADA, BOB, READERS, TENANT, Person, World


async def test_me(ada: Person) -> None:
    me = (await ada.get("/v1.0/me")).json
    assert (me["id"], me["userPrincipalName"]) == (ADA, "ada@contoso.example")


async def test_an_application_is_nobodys_me(app: Person) -> None:
    assert (await app.get("/v1.0/me")).status == 403


async def test_users_by_id_and_by_name(admin: Person) -> None:
    assert (await admin.get(f"/v1.0/users/{BOB}")).json["displayName"] == "Bob"
    assert (await admin.get("/v1.0/users/Bob@contoso.example")).json["id"] == BOB
    listed = (await admin.get("/v1.0/users?$select=id&$filter=startswith(displayName,'B')")).json["value"]
    assert listed == [{"id": BOB}]
    unknown = await admin.get("/v1.0/users/nobody@contoso.example")
    assert (unknown.status, unknown.code) == (404, "Request_ResourceNotFound")


async def test_groups(admin: Person) -> None:
    assert (await admin.get("/v1.0/groups")).json["value"][0]["id"] == READERS
    assert (await admin.get(f"/v1.0/groups/{READERS}")).json["displayName"] == "Readers"
    assert (await admin.get("/v1.0/groups/none")).status == 404


async def test_organization(admin: Person) -> None:
    (organization,) = (await admin.get("/v1.0/organization")).json["value"]
    assert organization["id"] == TENANT
    assert organization["verifiedDomains"][0]["name"] == "contoso.example"
    assert (await admin.get(f"/v1.0/organization/{TENANT}")).status == 200
    assert (await admin.get("/v1.0/organization/none")).status == 404


async def test_an_application_reads_users(world: World) -> None:
    assert (await world.app().get(f"/v1.0/users/{ADA}")).status == 200
