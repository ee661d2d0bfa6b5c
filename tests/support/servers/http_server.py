"""A server of ``voicetel serve`` in a thread of the test's process, over a real socket."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from voicetel.server.access import new_token
from voicetel.server.run import access_of, listen, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.service.served_logs import ServedLogs


@dataclass(frozen=True, slots=True)
class Served:
    """Where the server is, and its token."""

    port: int
    token: str

    @property
    def url(self) -> str:
        """Where it begins."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> httpx.Client:
        """A program that has the token."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=120, **options
        )

    def stranger(self, **options: Any) -> httpx.Client:
        """Somebody who has not."""
        return httpx.Client(base_url=self.url, timeout=120, **options)


@contextlib.contextmanager
def serving(logs: ServedLogs, *, allow_hosts: tuple[str, ...] = ()) -> Iterator[Served]:
    """A server that answers from ``logs`` until the end of the block."""
    token = new_token()
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        server = make_server(logs, access_of("127.0.0.1", port, token, allow_hosts))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield Served(port, token)
        finally:
            server.should_exit = True
            thread.join()
