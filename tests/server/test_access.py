"""Who is let in, and what every response tells a browser."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from voicetel.server.access import SECURITY_HEADERS

if TYPE_CHECKING:
    from support.servers.http_server import Served

PLACES = ("/", "/call/c-slow", "/api/v1/analyze", "/api/v1/call/c-slow", "/api/v1/openapi.json", "/nothing")


@pytest.mark.parametrize("place", PLACES)
def test_nobody_is_let_in_without_the_token(served: Served, place: str) -> None:
    """Nor with another, nor with the right one in another way; not even to learn what there is."""
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer " + "x" * len(served.token)},
        {"Authorization": f"Basic {served.token}"},
        {"Authorization": served.token},
        {"Authorization": "Bearer"},
        {"Cookie": f"voicetel_{served.port}=wrong"},
        {"Cookie": f"other={served.token}"},
        {"Cookie": f"voicetel_{served.port}={served.token}", "Sec-Fetch-Site": "same-site"},
        {"Cookie": f"voicetel_{served.port}={served.token}", "Sec-Fetch-Site": "cross-site"},
    )
    with served.stranger() as client:
        for headers in wrong:
            answer = client.get(place, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), headers
            assert answer.json()["error"] == "a token is needed"
        assert client.get("/api/v1/analyze", params={"token": served.token}).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "127.0.0.1@evil.example"]
)
def test_a_page_elsewhere_cannot_lead_its_name_here(served: Served, host: str) -> None:
    """DNS rebinding: the request arrives, with the token even, under a name that is not this server's."""
    with served.client() as client:
        for place in PLACES:
            assert client.get(place, headers={"Host": host}).status_code == 400
        assert client.get("/", params={"token": served.token}, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1", "[::1]:8722", "voice.example.com"])
def test_names_of_this_server(served: Served, host: str) -> None:
    """A loopback by any name, and those that were allowed."""
    with served.client() as client:
        assert client.get("/api/v1/openapi.json", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("lines", ["", "Host: localhost\r\nHost: evil.example\r\n"])
def test_a_request_says_once_whom_it_means(served: Served, lines: str) -> None:
    """No name, or two, is none."""
    request = f"GET /api/v1/analyze HTTP/1.0\r\n{lines}Authorization: Bearer {served.token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(request.encode())
        assert connection.recv(100).split()[1] == b"400"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "INVENTED"])
def test_nothing_can_be_changed(served: Served, method: str) -> None:
    """There is nothing but reading, with a token or without."""
    for client in (served.client(), served.stranger()):
        with client:
            for place in PLACES:
                answer = client.request(method, place, content=b"x")
                assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_link_lets_a_browser_in(served: Served) -> None:
    """Once: the token goes into a cookie that no script reads, and out of the address bar."""
    with served.stranger() as browser:
        assert browser.get("/", params={"token": "wrong"}).status_code == 401
        assert browser.get("/", params={"token": ""}).status_code == 401
        entered = browser.get("/", params={"token": served.token})
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        for site in ("none", "same-origin"):
            page = browser.get("/", headers={"Sec-Fetch-Site": site})
            assert page.status_code == 200
            assert served.token not in page.text


def test_every_response_says_what_a_browser_may_do(served: Served) -> None:
    """Whatever its status."""
    found = set()
    with served.client() as client:
        for method, place, host in (
            ("GET", "/api/v1/analyze", "localhost"),
            ("HEAD", "/api/v1/analyze", "localhost"),
            ("GET", "/api/v1/analyze?by=x", "localhost"),
            ("GET", "/nothing", "localhost"),
            ("POST", "/", "localhost"),
            ("GET", "/", "evil.example"),
        ):
            answer = client.request(method, place, headers={"Host": host})
            found.add(answer.status_code)
            assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
            assert "access-control-allow-origin" not in answer.headers
            assert "server" not in answer.headers
    assert found == {200, 400, 404, 405}
