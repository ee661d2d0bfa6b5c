"""Who is let in: reading methods only, by a name of this server, with its token. Every response says what a browser may do."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse

from voicetel.server.responses import error_response

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "HEAD")

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Names by which only this machine can have meant this server. A page elsewhere that has its own name lead here is refused."""

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
"""Of every response that does not say otherwise."""

_OWN_PAGES = {None, "same-origin", "none"}
"""What a browser says of a request (Sec-Fetch-Site) that no other site's page has made."""


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Access:
    """The token, and the names in the Host header that are this server's; ``port`` keeps cookies of two servers apart."""

    token: str = field(repr=False)
    hosts: frozenset[str]
    port: int

    @property
    def cookie(self) -> str:
        """Name of the cookie that holds the token."""
        return f"voicetel_{self.port}"

    def is_token(self, given: str) -> bool:
        """Whether ``given`` is the token, in the same time for every wrong one."""
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.token.encode())

    def is_host(self, headers: Headers) -> bool:
        """Whether the request was meant for this server, and says so once."""
        given = headers.getlist("host")
        return len(given) == 1 and _without_port(given[0]).lower() in self.hosts

    def is_allowed(self, headers: Headers) -> bool:
        """Whether the request has the token: as a program sends it, or as a browser does for a page of this server."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(given.strip()):
            return True
        if headers.get("sec-fetch-site") not in _OWN_PAGES:
            return False
        cookie = _cookies(headers).get(self.cookie)
        return cookie is not None and self.is_token(cookie.value)


@dataclass(slots=True)
class Guard:
    """Answers what is not let in, and hands on the rest."""

    app: ASGIApp
    access: Access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await (self._refusal(scope) or self.app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        """What is said to who is not let in; None for who is."""
        headers = Headers(scope=scope)
        if not self.access.is_host(headers):
            return error_response(400, "the Host header names another server", "--allow-host NAME adds a name")
        if scope["method"] not in METHODS:
            return error_response(405, "this server only reads", None, {"allow": ", ".join(METHODS)})
        if scope["path"] == "/" and (given := _token_of(scope)) is not None:
            return self._entry(given)
        if not self.access.is_allowed(headers):
            hint = "open the link that voicetel serve printed, or send Authorization: Bearer TOKEN"
            return error_response(401, "a token is needed", hint, {"www-authenticate": "Bearer"})
        return None

    def _entry(self, token: str) -> Response:
        """The link that the command prints: the token moves into a cookie and out of the address bar."""
        if not self.access.is_token(token):
            return error_response(
                401, "this token is not of this run of the server", None, {"www-authenticate": "Bearer"}
            )
        response = RedirectResponse("/", 303)
        response.set_cookie(self.access.cookie, self.access.token, httponly=True, samesite="strict", path="/")
        return response


def _token_of(scope: Scope) -> str | None:
    found = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("token")
    return None if found is None else found[-1]


def _cookies(headers: Headers) -> SimpleCookie:
    try:
        return SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return SimpleCookie()


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
