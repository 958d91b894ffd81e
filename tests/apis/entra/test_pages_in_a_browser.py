"""The sign-in pages in Chromium, by keyboard alone, with msal-node as the client behind them."""

from typing import Any

import pytest

from tests.support.javascript import run_node
from tests.support.peers import require_program
from tests.support.processes import Process

DOMAIN = "pages.contoso.example"


@pytest.fixture(scope="module")
def said(upsim_process: Process) -> dict[str, Any]:
    """What the browser saw, page by page: one walk for all the tests of this file."""
    return run_node("pages.mjs", upsim_process, CHROMIUM=require_program("chromium"), DOMAIN=DOMAIN)


@pytest.fixture(scope="module")
def seen(said: dict[str, Any]) -> dict[str, Any]:
    return said["seen"]


def test_choosing_an_account_signs_in(seen: dict[str, Any]) -> None:
    page = seen["account picker"]
    assert "Print Station asks who you are" in page["text"]
    assert "Megan Bowen" in page["text"]
    assert "Lynne Robbins" not in page["text"]  # she types her password
    assert (page["account"], page["scopes"]) == (f"adele@{DOMAIN}", "User.Read openid profile")


def test_a_wrong_password_is_told_and_the_right_one_signs_in(seen: dict[str, Any]) -> None:
    assert "AADSTS50126" in seen["wrong password"]["text"]
    assert seen["password"]["account"] == f"lynne@{DOMAIN}"


def test_consent_names_what_is_missing_and_is_kept(seen: dict[str, Any]) -> None:
    page = seen["consent"]
    assert "Permissions requested" in page["title"]
    assert "PrintJob.Create" in page["text"]
    assert "User.Read" not in page["text"]  # the administrator gave that
    assert page["scopes"].split()[:2] == ["User.Read", "PrintJob.Create"]


def test_a_second_factor_is_a_step_of_its_own(seen: dict[str, Any]) -> None:
    assert "second factor" in seen["second factor"]["text"]
    assert seen["second factor"]["account"] == f"megan@{DOMAIN}"


def test_a_device_code_is_entered(seen: dict[str, Any]) -> None:
    assert "AADSTS70018" in seen["wrong device code"]["text"]
    assert "on another device" in seen["device account"]["text"]
    assert "You have signed in on your device" in seen["device done"]["text"]
    assert seen["device code"]["account"] == f"adele@{DOMAIN}"


def test_an_unregistered_redirect_stays_on_the_error_page(said: dict[str, Any]) -> None:
    assert "AADSTS50011" in said["seen"]["error"]["text"]
    assert "evil.example" not in said["hosts"]


def test_an_administrator_consents_for_everyone(said: dict[str, Any]) -> None:
    page = said["seen"]["admin consent"]
    assert "AADSTS50011" in said["seen"]["admin consent refused"]["text"]
    for name in ("PrinterShare.ReadWrite.All", "Printer.Read.All"):
        assert name in page["text"]
    assert page["answer"] == {"admin_consent": "True", "tenant": said["tenant"], "scope": "", "state": "s"}
    assert page["held"] == {"delegated": ["PrinterShare.ReadWrite.All"], "application": ["Printer.Read.All"]}


def test_the_pages_ask_no_other_host(said: dict[str, Any]) -> None:
    assert said["hosts"] == ["localhost"]
