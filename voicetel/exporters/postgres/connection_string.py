"""The connection string: where it is taken from, what is added to it, and which of it is secret."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from voicetel.errors import VoicetelError

if TYPE_CHECKING:
    from collections.abc import Mapping

DSN_VARIABLES = ("VOICETEL_PG_DSN", "DATABASE_URL")

DSN_HINT = "write postgresql://user@host/database, or key=value pairs; what stands in a URL is percent-encoded"

_ADDED = {
    "fallback_application_name": "voicetel",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""A server that is gone without a word is noticed within a minute. What the user says of these wins."""

_VARIABLES = {"connect_timeout": "PGCONNECT_TIMEOUT"}

_URI = re.compile(r"postgres(?:ql)?://", re.IGNORECASE)
_ANY_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_QUERY = re.compile(r"[^=&@]+=[^&]*(?:&[^=&@]+=[^&]*)*&?")
_HOSTS = re.compile(r"(?:\[[^\]]*\]|[^\[\]:,]*)(?::\d*)?(?:,(?:\[[^\]]*\]|[^\[\]:,]*)(?::\d*)?)*")
_PASSWORD = re.compile(r"\b(?:ssl)?password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]+)", re.IGNORECASE)


def connection_string(option: str | None, environ: Mapping[str, str]) -> str:
    """What to connect with: ``--dsn``, else $VOICETEL_PG_DSN, else $DATABASE_URL, else nothing but libpq's own variables and files."""
    if option:
        return option
    return next((environ[name] for name in DSN_VARIABLES if environ.get(name)), "")


def is_connection_string(text: str) -> bool:
    """Whether a text that was given as something else, a path say, is meant for PostgreSQL."""
    return bool(_URI.match(text.strip()) or re.match(r"(?:host|hostaddr|dbname|service|user|password)=", text.strip()))


def complete(dsn: str) -> str:
    """The connection string with what we add to it. Raises VoicetelError for a URL that libpq would misread."""
    dsn = dsn.strip()
    if _URI.match(dsn):
        _check_url(dsn)
        return (
            dsn + ("&" if "?" in dsn and not dsn.endswith(("?", "&")) else "" if "?" in dsn else "?") + _added(dsn, "&")
        )
    if _ANY_URL.match(dsn):
        raise VoicetelError("the connection string cannot be read", hint=DSN_HINT)
    return f"{dsn} {_added(dsn, ' ')}"


def secrets_of(dsn: str) -> tuple[str, ...]:
    """The passwords in a connection string, as written and as meant, the longest first."""
    found = {match.strip("'") for match in _PASSWORD.findall(dsn)}
    found |= {re.sub(r"\\(.)", r"\1", secret) for secret in found}
    if _URI.match(dsn.strip()):
        found.add(dsn.split("://", 1)[1].rpartition("@")[0].partition(":")[2])
    found |= {unquote(secret) for secret in found}
    return tuple(sorted((secret for secret in found if secret), key=len, reverse=True))


def _check_url(dsn: str) -> None:
    """Refuse what is not percent-encoded: libpq would take a part of such a password for the host, and quote it."""
    rest = dsn.split("://", 1)[1]
    authority, path, query = re.fullmatch(r"([^/?#]*)([^?]*)\??(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    hosts = authority.rpartition("@")[2]
    is_readable = (authority.count("@") <= 1 and _HOSTS.fullmatch(hosts) and "@" not in path and "#" not in path) and (
        not query or _QUERY.fullmatch(query)
    )
    if not is_readable:
        raise VoicetelError("the connection string cannot be read", hint=DSN_HINT)


def _added(dsn: str, separator: str) -> str:
    """Our parameters, but for those that the string or libpq's variables have."""
    return separator.join(
        f"{name}={value}"
        for name, value in _ADDED.items()
        if not re.search(rf"\b{name}\s*=", dsn) and _VARIABLES.get(name, "") not in os.environ
    )
