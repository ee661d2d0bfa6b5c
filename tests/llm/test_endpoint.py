"""An endpoint that answers without end, too deep, too slowly, elsewhere, or does not say what it used."""

from __future__ import annotations

import gzip
import itertools
import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.servers.model_server import model_answer, model_server
from voicetel.errors import UsageError
from voicetel.llm import Budget, LlmClassifier, Transcript
from voicetel.llm.endpoint import MAX_RESPONSE_BYTES
from voicetel.outcomes import TurnText
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from collections.abc import Iterable
    from http.server import BaseHTTPRequestHandler

CARD = parse_card(
    'currency = "USD"\n[llm."127.0.0.1"]\nusd_per_1m_input_tokens = 10\nusd_per_1m_output_tokens = 100\n', source="test"
)
TURNS = [TurnText(user="hm", agent="I see.")]


def classifier(base_url: str, **options: Any) -> LlmClassifier:
    """One that tries once and waits a little."""
    settings: dict[str, Any] = {"timeout_s": 20, "max_retries": 0, "card": CARD} | options
    return LlmClassifier(base_url, "tiny", **settings)


def document(usage: object = None, content: str | None = None) -> bytes:
    """A response with this usage; none where it is None."""
    message = {"role": "assistant", "content": json.dumps(model_answer()) if content is None else content}
    found: dict[str, object] = {"choices": [{"index": 0, "message": message}]}
    return json.dumps(found if usage is None else found | {"usage": usage}).encode()


def begin(handler: BaseHTTPRequestHandler, **headers: str) -> None:
    """The head of a response whose body ends with the connection."""
    handler.send_response(200)
    for name, value in {"Content-Type": "application/json", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def trickle(handler: BaseHTTPRequestHandler, pieces: Iterable[bytes]) -> None:
    """Send a piece every now and then."""
    for piece in pieces:
        handler.wfile.write(piece)
        time.sleep(0.05)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """A body that goes on until the other side has had enough."""
    begin(handler)
    while True:
        handler.wfile.write(b" " * 65_536)


def trickling(handler: BaseHTTPRequestHandler) -> None:
    """A byte every now and then."""
    begin(handler)
    trickle(handler, itertools.repeat(b" "))


def trickling_head(handler: BaseHTTPRequestHandler) -> None:
    """A header line every now and then."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    trickle(handler, (b"X-%d: 1\r\n" % number for number in itertools.count()))


def trickling_chunks(handler: BaseHTTPRequestHandler) -> None:
    """Chunks of one byte."""
    begin(handler, Transfer_Encoding="chunked")
    trickle(handler, itertools.repeat(b"1\r\n \r\n"))


def trickling_promise(handler: BaseHTTPRequestHandler) -> None:
    """A body whose length is told, byte by byte."""
    begin(handler, Content_Length="100000")
    trickle(handler, (bytes([byte]) for byte in document().ljust(100_000)))


def stopping(handler: BaseHTTPRequestHandler) -> None:
    """Half an answer, and then nothing."""
    begin(handler, Content_Length=str(len(document())))
    handler.wfile.write(document()[:40])
    time.sleep(3)


def stopping_head(handler: BaseHTTPRequestHandler) -> None:
    """Half a status line, and then nothing."""
    handler.wfile.write(b"HTTP/1.1 2")
    time.sleep(3)


def processing(handler: BaseHTTPRequestHandler) -> None:
    """Again and again that it is being worked on."""
    trickle(handler, itertools.repeat(b"HTTP/1.1 102 Processing\r\n\r\n"))


def trickling_header_value(handler: BaseHTTPRequestHandler) -> None:
    """One header whose value does not end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    trickle(handler, itertools.repeat(b"x"))


def trickling_event_stream(handler: BaseHTTPRequestHandler) -> None:
    """A stream of comments, as an endpoint keeps a connection alive."""
    begin(handler, Content_Type="text/event-stream")
    trickle(handler, itertools.repeat(b": keep-alive\n\n"))


def trickling_white_space(handler: BaseHTTPRequestHandler) -> None:
    """White space, as an endpoint sends it until the answer is there."""
    begin(handler)
    handler.wfile.write(document()[:-1])
    trickle(handler, itertools.repeat(b"\n"))


def compressed(handler: BaseHTTPRequestHandler) -> None:
    """A few bytes that stand for many."""
    begin(handler, Content_Encoding="gzip")
    handler.wfile.write(gzip.compress(b" " * 50_000_000))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"[" * 100_000, "response is no JSON"),
        (b'{"choices":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "response is no JSON"),
        (document(content="[" * 100_000), "the answer is no JSON"),
        (b'{"usage":{"prompt_tokens":' + b"9" * 5000 + b"}}", "response is no JSON"),
        (b" " * (MAX_RESPONSE_BYTES + 1), "longer than 1,048,576 bytes"),
        (endless, "longer than 1,048,576 bytes"),
        (compressed, "is compressed"),
        (b"\x00\xff<html>", "response is no JSON"),
        (b"", "response is no JSON"),
        (document()[:-9], "response is no JSON"),
        (document().decode().encode("utf-16")[:-1], "response is no JSON"),
        (b'data: {"choices": []}\n\ndata: [DONE]\n\n', "response is no JSON"),
        (b'{"choices":[{"message":{"content":["success"]}}]}', ""),
        (b'{"choices":[{"message":{"content":null,"refusal":"no"}}]}', ""),
        (document(content='{"outcome":"success","confidence":NaN,"reason":"x"}'), ""),
        (document(content='{"outcome":"success","confidence":1e999,"reason":"x"}'), ""),
        (document(content='{"outcome":"success","confidence":' + "9" * 5000 + "}"), ""),
        (document(content='{"outcome":"\\ud800","confidence":1,"reason":"\\ud800"}'), ""),
        (document(content='{"outcome":["success"],"confidence":1}'), ""),
        (document(content="```json\n{"), ""),
    ],
)
async def test_an_answer_that_cannot_be_read_is_a_failure_of_one_call(reply: Any, reason: str) -> None:
    """In one line, and at worst as dear as one try."""
    with model_server(lambda text: reply) as server:
        asked = classifier(server.base_url)
        result = await asked.classify(TURNS)
    assert result.classification is None
    assert reason in (result.failure or "")
    assert len(server.questions) == 1
    assert asked.spending.perhaps > 0


@pytest.mark.parametrize(
    "reply",
    [
        trickling,
        trickling_head,
        trickling_chunks,
        trickling_promise,
        stopping,
        stopping_head,
        processing,
        trickling_header_value,
        trickling_event_stream,
        trickling_white_space,
    ],
)
async def test_an_answer_that_trickles_in_is_given_up(reply: Any) -> None:
    """The time is for the whole answer, not for its next byte."""
    with model_server(lambda text: reply) as server:
        result = await classifier(server.base_url, timeout_s=0.5).classify(TURNS)
    assert result.failure == "tiny: no answer within 0.5 s, 1 attempt"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_takes_the_transcript_nowhere(status: int) -> None:
    """The other address gets no request, nor do further calls go to the first."""
    with model_server(lambda text: model_answer()) as other:

        def redirect(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Location", f"{other.base_url}/chat/completions")
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        with model_server(lambda text: redirect) as server:
            asked = classifier(server.base_url, concurrency=1)
            results = await asked.classify_all([Transcript([TurnText(user=f"call {i}")]) for i in range(3)])
    assert other.questions == []
    assert len(server.questions) == 1
    assert {each.failure for each in results} == {f"tiny: the endpoint redirects elsewhere with status {status}"}


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        {"prompt_tokens": 5},
        {"prompt_tokens": -5, "completion_tokens": 7},
        {"prompt_tokens": True, "completion_tokens": True},
        {"prompt_tokens": "5", "completion_tokens": 7},
        {"prompt_tokens": 10**30, "completion_tokens": 7},
        {"prompt_tokens": 5.5, "completion_tokens": 7},
        {"prompt_tokens": None, "completion_tokens": None},
    ],
)
async def test_an_answer_that_does_not_say_what_it_used_counts_at_its_worst(usage: object) -> None:
    """It is taken, and costs the budget what it could have cost."""
    with model_server(lambda text: document(usage)) as server:
        asked = classifier(server.base_url, budget=Budget(amount=Decimal("0.2")), concurrency=1)
        results = await asked.classify_all([Transcript([TurnText(user=f"call {'x' * i}")]) for i in range(30)])
    answered = sum(each.classification is not None for each in results)
    assert 0 < answered < 30
    assert answered == len(server.questions)
    assert asked.spending.amount is None
    assert Decimal("0.1") < asked.spending.perhaps <= Decimal("0.2")


@pytest.mark.parametrize(
    "address",
    [
        "groq",
        "ftp://localhost/v1",
        "http://",
        "http://[x",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:port/v1",
        "http://exa mple.com/v1",
        "http://example.com\n/v1",
        "//example.com/v1",
        "http://user:hunter2@:80/v1",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_asked(address: str) -> None:
    """One line that shows it, without a password."""
    with pytest.raises(UsageError, match="is no endpoint") as caught:
        LlmClassifier(address, "tiny")
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)
