"""A real S3 server (moto's) in a thread of the test's process, on a port of its own, that counts what it is asked."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BUCKET = "calls"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "of-a-test",
    "AWS_SECRET_ACCESS_KEY": "xyzzy-4711",
    "AWS_EC2_METADATA_DISABLED": "true",
}

_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=of-a-test/20261102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)
"""The server does not check signatures, but takes what has none for a stranger's."""


@dataclass(slots=True)
class ObjectServer:
    """Where it is. ``requests``: (method, path with its query) of all that others than the test itself asked."""

    port: int
    client: httpx.Client
    requests: list[tuple[str, str]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    """Path → the code with which everything asked of it is refused."""

    @property
    def query(self) -> str:
        """What a URI says about where the server is."""
        return f"endpoint_override=127.0.0.1:{self.port}&region=us-east-1&scheme=http"

    def uri(self, key: str = "", bucket: str = BUCKET) -> str:
        """The URI of an object or of a folder."""
        return f"s3://{bucket}/{key}?{self.query}"

    def put(self, key: str, content: bytes) -> None:
        """Make or replace an object."""
        self._ask("PUT", key, content)

    def delete(self, key: str) -> None:
        """Delete one."""
        self._ask("DELETE", key)

    def upload(self, folder: Path, prefix: str) -> None:
        """All files of a folder."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.put(f"{prefix}{path.relative_to(folder).as_posix()}", path.read_bytes())

    def taken(self) -> list[tuple[str, str]]:
        """(method, path) of what was asked since this was last called; ``LIST`` for a listing."""
        taken = [("LIST" if "list-type" in path else method, path.partition("?")[0]) for method, path in self.requests]
        self.requests.clear()
        return taken

    def _ask(self, method: str, key: str, content: bytes = b"") -> None:
        path = f"/{BUCKET}/{quote(key)}" if key else f"/{BUCKET}"
        self.client.request(method, path, content=content).raise_for_status()


@contextlib.contextmanager
def object_server() -> Iterator[ObjectServer]:
    """A server with an empty bucket, until the end of the block."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Silent(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  the name of its parent
            """Say nothing on stderr."""

    app: Callable[..., Any] = DomainDispatcherApplication(create_backend_app)

    def counting(environ: dict[str, Any], start: Any) -> Any:
        code = found.refusals.get(environ["PATH_INFO"])
        if code and "HTTP_X_TEST" not in environ:
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>No</Message></Error>".encode()]
        if "HTTP_X_TEST" not in environ:
            query = environ.get("QUERY_STRING")
            found.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"] + (f"?{query}" if query else "")))
        return app(environ, start)

    server = make_server("127.0.0.1", 0, counting, threaded=True, request_handler=Silent)
    headers = {"X-Test": "1", "Authorization": _AUTHORIZATION}
    client = httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", headers=headers, timeout=60)
    found = ObjectServer(server.server_port, client)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        found._ask("PUT", "")
        yield found
    finally:
        client.close()
        server.shutdown()
        thread.join()
        server.server_close()
