"""One request to an endpoint that speaks OpenAI's chat completions, bounded in time and bytes whatever it answers.

The ``openai`` package does the talking and the trying again. It waits for ever where bytes keep trickling in, reads an
answer of any size and follows redirects with the transcript to wherever they lead: its HTTP client is replaced by one that
does none of this.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from voicetel.errors import UsageError, VoicetelError
from voicetel.llm.question import ANSWER_FORMAT, MAX_ANSWER_TOKENS, BadAnswerError, read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_RESPONSE_BYTES: Final = 1 << 20
"""Far more than MAX_ANSWER_TOKENS tokens take."""

_TOO_LONG: Final = "voicetel_too_long"
_ENCODED: Final = "voicetel_encoded"


class MissingPackageError(VoicetelError):
    """The package that talks to the endpoint is not installed."""


def load_openai() -> Any:
    """The ``openai`` package. Raises MissingPackageError."""
    try:
        return importlib.import_module("openai")
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            "asking a model needs the package openai", hint="pip install 'voicetel[llm]'"
        ) from error


def _http_package() -> Any:
    """The package that ``openai`` talks HTTP with: httpx, or what came after it under another name."""
    base = load_openai().DefaultAsyncHttpxClient.__mro__[1]
    return importlib.import_module(base.__module__.partition(".")[0])


def provider_of(base_url: str) -> str:
    """Who sends the bill, by the host's name: ``https://api.groq.com/openai/v1`` is groq. Raises UsageError."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or not base_url.isprintable() or " " in base_url:
        shown = repr(_without_password(base_url))
        raise UsageError(f"{shown} is no endpoint", hint="write the whole URL, such as http://localhost:11434/v1")
    labels = host.split(".")
    return labels[-2] if len(labels) > 1 and not labels[-1].isdigit() else host


def check_address(base_url: str) -> None:
    """Raise UsageError for an address that the HTTP client cannot make anything of."""
    httpx = _http_package()
    try:
        httpx.URL(base_url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UsageError(f"{_without_password(base_url)!r} is no endpoint: {error}") from error


def _without_password(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
    except ValueError:
        return base_url.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def open_client(base_url: str, api_key: str, *, timeout_s: float, max_retries: int) -> Any:
    """An ``AsyncOpenAI`` with the bounded HTTP client, to be used as a context manager."""
    return load_openai().AsyncOpenAI(
        base_url=base_url,
        api_key=api_key,
        timeout=timeout_s,
        max_retries=max_retries,
        http_client=_bounded_client(timeout_s),
    )


def _bounded_client(timeout_s: float) -> Any:
    httpx = _http_package()
    base: Any = httpx.AsyncClient

    class BoundedClient(base):  # type: ignore[misc]  # known only when it is imported
        """Gives up a request after ``timeout_s`` seconds in all, and its answer after MAX_RESPONSE_BYTES bytes."""

        async def send(self, request: Any, **options: Any) -> Any:
            options |= {"stream": True, "follow_redirects": False}
            try:
                async with asyncio.timeout(timeout_s):
                    response = await super().send(request, **options)
                    try:
                        body, extensions = await _read(response)
                    finally:
                        await response.aclose()
            except TimeoutError as error:
                raise httpx.ReadTimeout("no whole answer in time", request=request) from error
            headers = [(name, value) for name, value in response.headers.items() if name != "content-encoding"]
            return httpx.Response(
                response.status_code, headers=headers, content=body, request=request, extensions=extensions
            )

    return BoundedClient(timeout=timeout_s, headers={"Accept-Encoding": "identity"})


async def _read(response: Any) -> tuple[bytes, dict[str, Any]]:
    """The body, and in the extensions why it was not read to its end."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        return b"", {_ENCODED: True}
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_RESPONSE_BYTES:
            return b"", {_TOO_LONG: True}
    return bytes(body), {}


async def complete(client: Any, model: str, key: str, messages: list[dict[str, str]]) -> Mapping[str, Any]:
    """The endpoint's document. Raises BadAnswerError for one that is none, and what ``openai`` raises."""
    raw = await client.chat.completions.with_raw_response.create(
        model=model,
        messages=messages,
        response_format=ANSWER_FORMAT,
        max_completion_tokens=MAX_ANSWER_TOKENS,
        extra_headers={"Idempotency-Key": key, "Accept-Encoding": "identity"},
    )
    if raw.http_response.extensions.get(_TOO_LONG):
        raise BadAnswerError(f"the endpoint's response is longer than {MAX_RESPONSE_BYTES:,} bytes")
    if raw.http_response.extensions.get(_ENCODED):
        raise BadAnswerError("the endpoint's response is compressed, which was not asked for")
    return read_object(raw.http_response.content, "endpoint's response")


def message_content(document: Mapping[str, Any]) -> object:
    """The content of the first message. Raises BadAnswerError."""
    try:
        return document["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise BadAnswerError("the endpoint's response has no message") from None


def tokens_used(document: Mapping[str, Any], most: int) -> tuple[int, int] | None:
    """Input and output tokens that the endpoint says it used. None where it does not say, or says what cannot be.

    ``most``: a bound beyond which no number of tokens is believed.
    """
    usage = document.get("usage")
    used = usage if isinstance(usage, dict) else {}
    counts = [used.get(name) for name in ("prompt_tokens", "completion_tokens")]
    known = [each for each in counts if isinstance(each, int) and not isinstance(each, bool) and 0 <= each <= most]
    return (known[0], known[1]) if len(known) == len(counts) else None
