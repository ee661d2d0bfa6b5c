"""A local endpoint that speaks chat completions, and misbehaves as told."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INPUT_TOKENS, OUTPUT_TOKENS = 100, 20


@dataclass
class ModelServer:
    """What the endpoint was asked, and how it answers: a function from the question's text to what it does.

    A dict is the answer's content as JSON, a str the content as it stands, an int a status, bytes a raw body, a float so
    many seconds of silence. ``billed`` counts the answers by idempotency key.
    """

    reply: Callable[[str], Any]
    base_url: str = ""
    questions: list[str] = field(default_factory=list)
    billed: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def model_answer(outcome: str = "success", confidence: float = 0.9, reason: str = "goal_reached") -> dict[str, object]:
    """A right answer."""
    return {"outcome": outcome, "confidence": confidence, "reason": reason}


@contextlib.contextmanager
def model_server(reply: Callable[[str], Any]) -> Iterator[ModelServer]:
    """An endpoint on this machine."""
    state = ModelServer(reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = body["messages"][-1]["content"]
            with state.lock:
                state.questions.append(text)
                state.at_once += 1
                state.most_at_once = max(state.most_at_once, state.at_once)
                said = state.reply(text)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                if callable(said):
                    said(self)
                else:
                    self._do(said)
            with state.lock:
                state.at_once -= 1

        def _do(self, said: Any) -> None:
            if isinstance(said, float):
                time.sleep(said)
            elif isinstance(said, int):
                self._send(said, b'{"error": {"message": "no"}}')
            elif isinstance(said, bytes):
                self._send(200, said)
            else:
                content = said if isinstance(said, str) else json.dumps(said)
                usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS}
                state.billed[self.headers["Idempotency-Key"]] += 1
                choices = [{"index": 0, "message": {"role": "assistant", "content": content}}]
                self._send(200, json.dumps({"choices": choices, "usage": usage}).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After-Ms", "1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
