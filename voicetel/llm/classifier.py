"""Asks a language model how a call ended, over any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from voicetel.errors import UsageError, VoicetelError
from voicetel.llm.answers import KeptAnswers
from voicetel.llm.question import (
    ANSWER_FORMAT,
    MAX_ANSWER_TOKENS,
    WHYS,
    BadAnswerError,
    fingerprint,
    question,
    read_answer,
)
from voicetel.llm.spending import ZERO, Budget, Purse, Spending
from voicetel.outcomes import Classification
from voicetel.pricing import cost_of
from voicetel.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from voicetel.llm.question import Answer
    from voicetel.outcomes import TurnText
    from voicetel.pricing import RateCard

KEY_VARIABLE: Final = "OPENAI_API_KEY"

_FRAME_TOKENS: Final = 500
"""More than any endpoint adds to a question: roles, separators, the schema of the answer."""

_HOPELESS: Final = frozenset({401, 403, 404})
"""Statuses that the next call would get too."""

_GIVE_UP_AFTER: Final = 3
"""Calls in a row for which the endpoint could not be reached, whatever was tried: the next will fare no better."""

_RETRIED: Final = frozenset({408, 409, 429})
"""Statuses below 500 that the package tries again."""


class MissingPackageError(VoicetelError):
    """The package that talks to the endpoint is not installed."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What of a call is asked about."""

    turns: Sequence[TurnText]
    final_state: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one question: a verdict, or in ``failure`` why there is none."""

    classification: Classification | None
    failure: str | None = None


class LlmClassifier:
    """Judges calls by their words, for those that the rules cannot tell.

    ``base_url`` and ``model`` name any OpenAI-compatible endpoint; ``api_key`` is ``$OPENAI_API_KEY`` unless given. Words
    are redacted before they are sent. Rate limits, server errors and timeouts are tried again ``max_retries`` times with
    growing pauses (by the ``openai`` package); nothing else is, so that no answer is paid for twice. Calls with the same
    words are asked about once, and with ``cache`` (a file) never again. ``spending`` says what it came to.

    ``card`` prices the tokens; the provider is taken from the host's name (``api.groq.com`` is groq). Raises
    MissingPackageError without the extra ``llm``, UsageError for a budget of money that no rate could keep.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        card: RateCard | None = None,
        budget: Budget | None = None,
        cache: Path | None = None,
        concurrency: int = 4,
        timeout_s: float = 30.0,
        max_retries: int = 3,
        redact: Callable[[str], str] | None = None,
    ) -> None:
        self._openai = _openai()
        self.provider = provider_of(base_url)
        self.model = model
        self.spending = Spending()
        self._base_url, self._api_key = base_url, api_key or os.environ.get(KEY_VARIABLE) or "none"
        self._card = card
        self._timeout_s, self._max_retries = timeout_s, max_retries
        self._redact = redact or Redactor()
        self._answers = KeptAnswers(cache)
        self._pending: dict[str, asyncio.Future[Judgement]] = {}
        self._room = asyncio.Semaphore(concurrency)
        self._hopeless: str | None = None
        self._unreachable = 0
        budget = budget or Budget()
        self._purse = Purse(budget, self.spending)
        if budget.amount is not None and self._cost(1, 1) is None:
            raise UsageError(
                f"a budget of money needs a price: the rate card has none for llm {self.provider}, model {model}",
                hint=f'add [llm.{self.provider}."{model}"] to pricing.toml, or limit the calls instead',
            )

    async def classify(self, turns: Sequence[TurnText], final_state: str | None = None) -> Judgement:
        """Judge one call. Never raises for what an endpoint does."""
        (judgement,) = await self.classify_all([Transcript(turns, final_state)])
        return judgement

    async def classify_all(self, transcripts: Sequence[Transcript]) -> list[Judgement]:
        """Judge calls, several at a time; the judgements come in the order of the calls."""
        async with self._client() as client, asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._judge(client, transcript)) for transcript in transcripts]
        return [task.result() for task in tasks]

    @contextlib.asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        client = self._openai.AsyncOpenAI(
            base_url=self._base_url, api_key=self._api_key, timeout=self._timeout_s, max_retries=self._max_retries
        )
        async with client:
            yield client

    async def _judge(self, client: Any, transcript: Transcript) -> Judgement:
        if not any(text and text.strip() for turn in transcript.turns for text in turn):
            return self._failed("nothing was said")
        messages = question(transcript.turns, transcript.final_state, self._redact)
        key = fingerprint(self._base_url, self.model, messages)
        if kept := self._answers.get(key):
            self.spending.kept += 1
            return self._judged(kept)
        if key in self._pending:
            return self._counted(await asyncio.shield(self._pending[key]))
        self._pending[key] = asyncio.get_running_loop().create_future()
        judgement = Judgement(None, "it was broken off")
        try:
            judgement = await self._ask(client, key, messages)
        finally:
            self._pending.pop(key).set_result(judgement)
        return judgement

    async def _ask(self, client: Any, key: str, messages: list[dict[str, str]]) -> Judgement:
        async with self._room:
            if self._hopeless:
                return self._failed(self._hopeless)
            worst = self._worst(messages)
            if refusal := await self._purse.reserve(worst):
                return self._failed(refusal)
            cost: Decimal | None = None
            perhaps = worst
            try:
                document = await self._request(client, key, messages)
                perhaps = ZERO
                cost = self._count(document)
                answer = read_answer(_content(document))
            except BadAnswerError as error:
                return self._failed(str(error))
            except self._openai.APIStatusError as error:
                perhaps = ZERO
                self._unreachable = 0
                return self._failed(self._status(error.status_code))
            except self._openai.APITimeoutError:
                return self._failed(f"no answer within {self._timeout_s:g} s, {self._attempts()}")
            except self._openai.OpenAIError as error:
                return self._failed(self._no_connection(type(error).__name__))
            finally:
                await self._purse.settle(worst, cost, perhaps)
            self._answers.keep(key, answer)
            self.spending.answered += 1
            return self._judged(answer)

    async def _request(self, client: Any, key: str, messages: list[dict[str, str]]) -> Mapping[str, Any]:
        """The endpoint's document. One that is none is a bad answer: the package would hand it on half read."""
        raw = await client.chat.completions.with_raw_response.create(
            model=self.model,
            messages=messages,
            response_format=ANSWER_FORMAT,
            max_completion_tokens=MAX_ANSWER_TOKENS,
            extra_headers={"Idempotency-Key": key},
        )
        self._unreachable = 0
        try:
            document = json.loads(raw.http_response.content)
        except ValueError:
            raise BadAnswerError("the endpoint's response is no JSON") from None
        if not isinstance(document, dict):
            raise BadAnswerError("the endpoint's response is no JSON object")
        return document

    def _count(self, document: Mapping[str, Any]) -> Decimal | None:
        usage = document.get("usage")
        used = usage if isinstance(usage, dict) else {}
        tokens = [used.get(name) for name in ("prompt_tokens", "completion_tokens")]
        sent, received = (count if isinstance(count, int) and count >= 0 else 0 for count in tokens)
        self.spending.input_tokens += sent
        self.spending.output_tokens += received
        return self._cost(sent, received)

    def _worst(self, messages: list[dict[str, str]]) -> Decimal:
        """What a question costs if every attempt is billed. A token is at least a byte: it has no more than that."""
        most_tokens = sum(len(each["content"].encode()) for each in messages) + _FRAME_TOKENS
        return (self._cost(most_tokens, MAX_ANSWER_TOKENS) or ZERO) * (self._max_retries + 1)

    def _cost(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        if self._card is None:
            return None
        operation = {
            "stage": "llm",
            "provider": self.provider,
            "model": self.model,
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
        }
        cost = cost_of(operation, self._card, datetime.now(UTC).date())
        return None if cost.unpriced else cost.amount

    def _status(self, status: int) -> str:
        if status in _RETRIED or status >= 500:
            return f"the endpoint answered with status {status}, {self._attempts()}"
        reason = f"the endpoint refused with status {status}"
        if status in _HOPELESS:
            self._hopeless = reason
        return reason

    def _no_connection(self, kind: str) -> str:
        self._unreachable += 1
        reason = f"the endpoint cannot be reached ({kind})"
        if self._unreachable >= _GIVE_UP_AFTER:
            self._hopeless = reason
        return f"{reason}, {self._attempts()}"

    def _attempts(self) -> str:
        return f"{self._max_retries + 1} attempts" if self._max_retries else "1 attempt"

    def _counted(self, judgement: Judgement) -> Judgement:
        """The judgement of a call that waited for the answer to another's same words."""
        if judgement.failure is None:
            self.spending.kept += 1
        else:
            self.spending.failures[judgement.failure.removeprefix(f"{self.model}: ")] += 1
        return judgement

    def _judged(self, answer: Answer) -> Judgement:
        return Judgement(Classification(answer.outcome, answer.confidence, f"{self.model}: {WHYS[answer.why]}", "llm"))

    def _failed(self, reason: str) -> Judgement:
        self.spending.failures[reason] += 1
        return Judgement(None, f"{self.model}: {reason}")


def provider_of(base_url: str) -> str:
    """Who sends the bill, by the host's name: ``https://api.groq.com/openai/v1`` is groq. Raises UsageError."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{base_url!r} is no endpoint", hint="write the whole URL, such as http://localhost:11434/v1")
    labels = parts.hostname.split(".")
    return labels[-2] if len(labels) > 1 and not labels[-1].isdigit() else parts.hostname


def _content(document: Mapping[str, Any]) -> object:
    try:
        return document["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise BadAnswerError("the endpoint's response has no message") from None


def _openai() -> Any:
    try:
        return importlib.import_module("openai")
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            "asking a model needs the package openai", hint="pip install 'voicetel[llm]'"
        ) from error
