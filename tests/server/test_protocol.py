"""How long a client may take to send and to read, by a clock that stands still unless it is moved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
import uvicorn
from uvicorn.server import ServerState

from voicetel.server.protocol import READ_S, REQUEST_S, BoundedProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Clock(asyncio.SelectorEventLoop):
    """A loop whose timers run when ``pass_s`` says that time has passed, in their order."""

    now = 0.0

    def time(self) -> float:
        """The time that it is."""
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let so much time pass, and all that falls due in it happen."""
        self.now += seconds
        self.call_soon(self.stop)
        self.run_forever()


@dataclass
class Connection:
    """The other end of a protocol: what was written, what of it is not read yet, and how it ended."""

    written: bytes = b""
    unread: int = 0
    ended: str = ""
    given: dict[str, Any] = field(default_factory=dict)

    def write(self, data: bytes) -> None:
        """As a transport has it."""
        self.written += data

    def get_write_buffer_size(self) -> int:
        """What the client has not read."""
        return self.unread

    def get_extra_info(self, name: str) -> object:
        """Nothing is known of it."""
        return self.given.get(name)

    def close(self) -> None:
        """After what was written."""
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        """At once."""
        self.ended = "aborted"

    def is_closing(self) -> bool:
        """Whether it has ended."""
        return bool(self.ended)

    def pause_reading(self) -> None:
        """Nothing more is sent here."""

    def resume_reading(self) -> None:
        """Nothing more is sent here."""


@dataclass
class Client:
    """A connected client and the clock."""

    clock: Clock
    connection: Connection
    protocol: BoundedProtocol


@pytest.fixture
def client() -> Iterator[Client]:
    """A client that has connected just now, to an application that answers with nothing."""

    async def app(scope: Any, receive: Any, send: Callable[[Any], Any]) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    clock, connection = Clock(), Connection()
    config = uvicorn.Config(cast("Any", app), log_config=None, lifespan="off", timeout_keep_alive=5)
    protocol = BoundedProtocol(config, ServerState(), {}, clock)
    protocol.connection_made(cast("asyncio.Transport", connection))
    yield Client(clock, connection, protocol)
    protocol.connection_lost(None)
    for _ in range(5):
        clock.pass_s(0)
    clock.close()


def test_the_time_of_a_request_is_that_of_all_its_bytes(client: Client) -> None:
    """A byte a second, and the end comes when the first would have had it."""
    client.clock.pass_s(0)
    for byte in b"GET / HTT":
        client.protocol.data_received(bytes([byte]))
        client.clock.pass_s(1)
    assert client.connection.ended == ""
    client.clock.pass_s(REQUEST_S - 9)
    assert client.connection.ended == "closed"
    assert client.connection.written.startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_who_sends_nothing_has_as_long(client: Client) -> None:
    """From the connection on."""
    client.clock.pass_s(REQUEST_S - 0.1)
    assert client.connection.ended == ""
    client.clock.pass_s(0.1)
    assert client.connection.ended == "closed"


def test_each_request_has_its_own_time(client: Client) -> None:
    """One that is whole stops the clock, and the first byte of the next one starts it again."""
    for _ in range(3):
        client.clock.pass_s(4)
        client.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n")
        client.clock.pass_s(REQUEST_S - 5)
        client.protocol.data_received(b"\r\n")
        for _ in range(5):
            client.clock.pass_s(0)
        assert client.connection.ended == ""
    assert client.connection.written.count(b"HTTP/1.1 204") == 3
    client.protocol.data_received(b"G")
    client.clock.pass_s(REQUEST_S)
    assert client.connection.ended == "closed"


def test_a_body_has_the_time_of_its_request(client: Client) -> None:
    """Also after the answer, which has no use for it: then there is nothing more to say."""
    client.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
    for _ in range(9):
        client.clock.pass_s(1)
        client.protocol.data_received(b"a")
    assert client.connection.written.startswith(b"HTTP/1.1 204")
    assert client.connection.ended == ""
    client.clock.pass_s(REQUEST_S - 9)
    assert client.connection.ended == "aborted"


def test_who_reads_a_little_has_more_time(client: Client) -> None:
    """One that has read something since gets as long again; one that has not is cut."""
    client.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.connection.unread = 200_000
    client.protocol.pause_writing()
    for unread in (150_000, 149_999, 80_000):
        client.connection.unread = unread
        client.clock.pass_s(READ_S)
        assert client.connection.ended == ""
    client.clock.pass_s(READ_S)
    assert client.connection.ended == "aborted"


def test_who_has_read_all_is_not_timed(client: Client) -> None:
    """Until the next answer waits for it."""
    client.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.connection.unread = 200_000
    client.protocol.pause_writing()
    client.protocol.resume_writing()
    client.protocol._unset_keepalive_if_required()
    client.clock.pass_s(10 * READ_S)
    assert client.connection.ended == ""
