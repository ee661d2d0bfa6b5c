"""Many clients, slow ones, such as go away, and requests that nobody would send on purpose."""

from __future__ import annotations

import contextlib
import random
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from support.example_logs.served_logs import HOSTILE_CALL, SLOW_CALL
from support.servers.http_server import serving
from support.soak import SOAK
from voicetel.server import protocol
from voicetel.server.api import reports

if TYPE_CHECKING:
    from support.servers.http_server import Served
    from voicetel.service.served_logs import ServedLogs

REQUESTS = 1000 if SOAK else 150

NAMES = (
    "by",
    "since",
    "until",
    "last",
    "agent",
    "tz",
    "sort",
    "limit",
    "offset",
    "split",
    "split_at",
    "metric",
    "x",
    "",
)
VALUES = (
    *("day", "agent_version", "1", "-1", "1e9", "9" * 400, "2026-11-03", "yesterday", "7d", "clinic", "Europe/Berlin"),
    *(
        "cost",
        "agent_version=1.8.1:1.8.2",
        "eou_latency_ms p95",
        "",
        " ",
        ",",
        "\x00",
        "\x1b[2J",
        "\u202e",
        "\U0001f600",
    ),
    *("' OR 1=1 --", "$(id)", "../../etc/passwd", "--output=/tmp/x", "<script>", "%", "{}", "[]", "null", "nan", "inf"),
)
PLACES = (
    *("/", "/call/", "/api/v1/", "/api/v1/call/", "/api/v2/analyze", "/static/../../etc/passwd", "//evil.example/"),
    *(f"/api/v1/{name}" for name in reports()),
    *(f"/api/v1/call/{quote(each, safe='')}" for each in (SLOW_CALL, HOSTILE_CALL, "\x00", "a" * 3000, "%", "..")),
    f"/call/{SLOW_CALL}",
)


def test_no_request_makes_the_server_fail(served: Served) -> None:
    """Random ones, most of them nonsense: each has a status of its own, never 500, and the last is answered as the first."""
    dice = random.Random(20261126)
    with served.client() as client:
        first = client.get("/api/v1/analyze").text
        for _ in range(REQUESTS):
            query = [(dice.choice(NAMES), dice.choice(VALUES)) for _ in range(dice.randrange(4))]
            place = dice.choice(PLACES)
            answer = client.get(
                place + ("?" + "&".join(f"{name}={quote(value)}" for name, value in query) if query else "")
            )
            assert answer.status_code in {200, 303, 400, 401, 404}, (place, query, answer.text)
        assert client.get("/api/v1/analyze").text == first


def test_bytes_that_are_no_request(served: Served) -> None:
    """None makes the server fail, and it goes on."""
    host = b"Host: localhost\r\nAuthorization: Bearer " + served.token.encode() + b"\r\n"
    for sent in (
        b"\x00\xff\x16\x03\x01 no HTTP at all\r\n\r\n",
        b"GET /api/v1/call/\xff\xfe%ff%00 HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n",
        b"GET /api/v1/analyze?by=%ff%fe&%zz HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"Cookie: " + b"\xff=;;\x01" * 10 + b"\r\nConnection: close\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + host + b"\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 1000000000\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
            connection.sendall(sent)
            status = connection.recv(12)
        assert status == b"" or status.split()[1][:1] in {b"2", b"4"}, (sent[:60], status)
    with served.client() as client:
        assert client.get("/api/v1/analyze").status_code == 200


def test_many_clients_at_once(served: Served) -> None:
    """Thirty-two, each with another question: each gets its own answer."""
    places = [f"/api/v1/calls?limit=1&offset={number}" for number in range(32)]

    def ask(place: str) -> str:
        with served.client() as client:
            answer = client.get(place)
            assert answer.status_code == 200
            return str(answer.json()[0]["call_id"])

    with ThreadPoolExecutor(32) as pool:
        together = list(pool.map(ask, places))
    assert len(set(together)) == 32
    assert together == [ask(place) for place in places]


def test_slow_clients_and_such_as_go_away_keep_nobody_waiting(served: Served) -> None:
    """One that sends half a request, one that reads nothing, and one that hangs up before its answer."""
    head = f"Host: localhost\r\nAuthorization: Bearer {served.token}\r\n\r\n".encode()
    address = ("127.0.0.1", served.port)
    with (
        socket.create_connection(address) as half,
        socket.create_connection(address) as deaf,
        served.client() as client,
    ):
        half.sendall(b"GET /api/v1/analyze HTTP/1.1\r\nHost: loc")
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        for _ in range(40):
            deaf.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\n" + head)
        for number in range(10):
            with socket.create_connection(address) as gone:
                gone.sendall(f"GET /api/v1/calls?limit={number + 1} HTTP/1.1\r\n".encode() + head)
        assert client.get("/api/v1/analyze").status_code == 200
        half.sendall(head.removeprefix(b"Host: loc"))
        assert half.recv(12) == b"HTTP/1.1 200"


def test_a_client_that_never_ends_its_request_is_cut(logs: ServedLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers that come byte by byte give no more time, and neither does a body that nobody reads; nothing at all gives none."""
    monkeypatch.setattr(protocol, "REQUEST_S", 0.5)
    with serving(logs) as served:
        head = (
            f"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {served.token}\r\n".encode()
        )
        for begin, more, answer in (
            (b"", b"", b"HTTP/1.1 408 "),
            (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"a", b"HTTP/1.1 408 "),
            (head + b"Content-Length: 1000000\r\n\r\n", b"a", b"HTTP/1.1 200 "),
        ):
            with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
                connection.sendall(begin)
                assert _until_closed(connection, more).startswith(answer), begin


def test_a_client_that_never_reads_is_cut(logs: ServedLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks and asks, and reads none of the answers: its connection ends, and what it would send is refused."""
    monkeypatch.setattr(protocol, "READ_S", 0.5)
    with serving(logs) as served, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        deaf.settimeout(60)
        deaf.connect(("127.0.0.1", served.port))
        ask = f"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {served.token}\r\n\r\n"
        with pytest.raises(ConnectionError):
            deaf.sendall(ask.encode() * 100_000)


def _until_closed(connection: socket.socket, more: bytes) -> bytes:
    """What the server says until it closes the connection, ``more`` being sent again and again."""
    answer = b""
    with contextlib.suppress(ConnectionError):
        while True:
            if more:
                connection.sendall(more)
            readable, _, _ = select.select([connection], [], [], 0.02 if more else 60)
            if not readable:
                continue
            found = connection.recv(65536)
            if not found:
                break
            answer += found
    return answer
