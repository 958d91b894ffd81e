"""Whom upsim calls with notifications: this machine, and hosts that its operator names."""

import pytest

from upsim.domain.refusals import Refusal
from upsim.server.webhooks.calls import Webhooks


@pytest.mark.parametrize("url", ["https://localhost:9/hook", "http://127.0.0.1:9/hook", "https://[::1]/hook"])
def test_this_machine_may_always_be_called(url: str) -> None:
    Webhooks().check(url, "notificationUrl", takes_http=True)


@pytest.mark.parametrize(
    "url", ["https://hook.example/in", "https://HOOK.example:8443/in", "https://a.b.rig.example/"]
)
def test_another_host_is_called_only_when_it_is_named(url: str) -> None:
    Webhooks(["hook.example", "*.rig.example"]).check(url, "notificationUrl", takes_http=False)
    with pytest.raises(Refusal, match=r"calls this machine only.*start it with --webhook-hosts") as refusal:
        Webhooks().check(url, "notificationUrl", takes_http=False)
    assert refusal.value.facts["target"] == "notificationUrl"


@pytest.mark.parametrize(
    "url",
    [
        "https://rig.example/",  # the pattern names what is below it
        "https://evilrig.example/",
        "https://hook.example.evil.example/",
        "https://graph.microsoft.com/v1.0/",  # named or not
        "https://login.microsoftonline.com/",
    ],
)
def test_what_only_looks_like_a_named_host_is_not_called(url: str) -> None:
    named = ["hook.example", "*.rig.example", "graph.microsoft.com", "*.microsoftonline.com"]
    assert not Webhooks(named).allows(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://localhost/hook", "must be an absolute https URL"),
        ("ftp://localhost/hook", "must be an absolute https URL"),
        ("/hook", "must be an absolute https URL"),
        ("https://ada@localhost/hook", "no user name and no fragment"),
        ("https://localhost/hook#1", "no user name and no fragment"),
    ],
)
def test_an_address_that_cannot_be_called_is_refused_in_words(url: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        Webhooks().check(url, "notificationUrl", takes_http=False)
