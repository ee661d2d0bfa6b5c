"""Opens the port and answers until somebody ends it."""

from __future__ import annotations

import ipaddress
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from voicetel.errors import UsageError, VoicetelError
from voicetel.server.access import LOOPBACK_HOSTS, Access
from voicetel.server.app import make_app
from voicetel.server.protocol import BoundedProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicetel.service.served_logs import ServedLogs

MAX_CONNECTIONS = 64
"""Connections at once; who comes then is answered with 503."""

KEEP_ALIVE_S = 5
SHUTDOWN_S = 2
"""How long open answers may take when the server is ended, in s."""

MIN_TOKEN = 16
"""Characters of a token of one's own."""


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def read_token(path: str, warn: Callable[[str], None]) -> str:
    """The token in a file: its first line. Raises UsageError for one that is not there, too short, or no plain text."""
    try:
        text = Path(path).read_text("ascii").partition("\n")[0].strip()
        mode = Path(path).stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not plain ASCII"
        raise UsageError(f"{path}: {reason}", hint="write a token of 16 letters and digits or more into it") from None
    if len(text) < MIN_TOKEN or not text.isprintable() or " " in text or ";" in text:
        hint = "`openssl rand -hex 24` makes one"
        raise UsageError(f"{path}: a token has {MIN_TOKEN} characters or more, no space and no semicolon", hint=hint)
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        warn(f"{path}: others can read the token; chmod 600")
    return text


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises VoicetelError for a host that there is not, or a port that is taken."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, proto)
    except OSError as error:
        raise VoicetelError(f"{host}: {error.strerror}", hint="--host takes an address of this machine") from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen()
    except OSError as error:
        opened.close()
        raise VoicetelError(f"{host}:{port}: {error.strerror}", hint="--port 0 takes one that is free") from None
    return opened


def access_of(host: str, port: int, token: str, others: Sequence[str]) -> Access:
    """Who is let in: with ``token``, by the names of a loopback, ``host`` and ``others``."""
    shown = f"[{host}]" if ":" in host else host
    return Access(token, frozenset(name.lower() for name in (*LOOPBACK_HOSTS, shown, *others)), port)


def make_server(served: ServedLogs, access: Access) -> uvicorn.Server:
    """A server that is ready to run; ``run(sockets=[…])`` answers until it is ended."""
    config = uvicorn.Config(
        make_app(served, access),
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return uvicorn.Server(config)
