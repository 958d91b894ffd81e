"""What desktop clients find."""

from tests.support.ipp.site import ADMIN, SHARE, IppSite


async def devices(ipp: IppSite, token: str | None) -> tuple[int, object]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with ipp.session.get(f"{ipp.https}/api/mod1.0/devices", headers=headers) as response:
        return response.status, await response.json() if response.status == 200 else None


async def test_a_user_finds_the_shares_that_admit_them(ipp: IppSite) -> None:
    assert await devices(ipp, await ipp.user_token()) == (200, {"devices": []})
    await ipp.a_share()
    status, found = await devices(ipp, await ipp.user_token(ADMIN))
    assert status == 200
    (device,) = found["devices"]
    assert (device["uuid"], device["device_names"]) == (SHARE, [{"name": "Floor"}])
    assert device["uris"] == [f"ipps://{ipp.https[8:]}/printers/{SHARE}"]


async def test_without_a_token_nothing_is_found(ipp: IppSite) -> None:
    assert (await devices(ipp, None))[0] == 401
    assert (await devices(ipp, await ipp.user_token(scopes=["Printers.Create"])))[0] == 403
