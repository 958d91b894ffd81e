"""A browser as far as the sign-in pages need one: it keeps cookies and submits forms."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.support.entra.server import PUBLIC_APP, TENANT_ID, Server

REDIRECT = "http://localhost:4711/back"
AUTHORIZE = f"/{TENANT_ID}/oauth2/v2.0/authorize"


def query_of(response: requests.Response) -> dict[str, str]:
    """What a redirect carries back to the client."""
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def fields_of(page: requests.Response) -> dict[str, str]:
    """The hidden fields of a page's first form."""
    first = page.text.partition("<form")[2].partition("</form>")[0]
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', first)
    }


class Browser:
    """One person's browser in front of the sign-in pages."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def ask(self, **parameters: str) -> requests.Response:
        """Open the authorization endpoint as a client would make the browser do."""
        asked = {
            "client_id": PUBLIC_APP,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": "User.Read openid",
            "state": "a/b c&d",
        }
        return self.server.get(AUTHORIZE, params={**asked, **parameters})

    def answer(self, page: requests.Response, path: str = AUTHORIZE, **answers: str) -> requests.Response:
        """Submit the page's form with these answers."""
        return self.server.post(path, {**fields_of(page), **answers})
