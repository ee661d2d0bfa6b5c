"""Asks a language model how a call ended, over any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from voicetel.errors import UsageError
from voicetel.llm.answer_cache import AnswerCache
from voicetel.llm.budget import ZERO, Budget, BudgetGuard, Spending
from voicetel.llm.endpoint import (
    check_address,
    complete,
    load_openai,
    message_content,
    open_client,
    provider_of,
    tokens_used,
)
from voicetel.llm.question import MAX_ANSWER_TOKENS, WHYS, BadAnswerError, fingerprint, question, read_answer
from voicetel.outcomes import Classification
from voicetel.pricing import cost_of
from voicetel.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from voicetel.llm.question import Answer
    from voicetel.outcomes import TurnText
    from voicetel.pricing import RateCard

KEY_VARIABLE: Final = "OPENAI_API_KEY"

_FRAME_TOKENS: Final = 500
"""More than any endpoint adds to a question: roles, separators, the schema of the answer."""

_MAX_TOKENS: Final = 10**9
"""No answer uses so many: what is more is no count of tokens."""

_HOPELESS: Final = frozenset({401, 403, 404})
"""Statuses that the next call would get too, as it would a redirect."""

_GIVE_UP_AFTER: Final = 3
"""Calls in a row for which the endpoint could not be reached, whatever was tried: the next will fare no better."""

_RETRIED: Final = frozenset({408, 409, 429})
"""Statuses below 500 that the package tries again."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What of a call is asked about."""

    turns: Sequence[TurnText]
    final_state: str | None = None


@dataclass(frozen=True, slots=True)
class LlmResult:
    """What became of one question: a classification, or in ``failure`` why there is none."""

    classification: Classification | None
    failure: str | None = None


class LlmClassifier:
    """Classifies calls by their transcripts, for those that the rules leave open.

    ``base_url`` and ``model`` name any OpenAI-compatible endpoint; ``api_key`` is ``$OPENAI_API_KEY`` unless given. Texts
    are redacted before they are sent. Rate limits, server errors and timeouts are tried again ``max_retries`` times with
    growing pauses (by the ``openai`` package); nothing else is, so that no answer is paid for twice. A try ends after
    ``timeout_s`` seconds, whether or not bytes still come, and redirects are not followed. Calls with the same
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
        self._openai = load_openai()
        self.provider = provider_of(base_url)
        check_address(base_url)
        self.model = model
        self.spending = Spending()
        self._base_url, self._api_key = base_url, api_key or os.environ.get(KEY_VARIABLE) or "none"
        self._card = card
        self._timeout_s, self._max_retries = timeout_s, max_retries
        self._redact = redact or Redactor()
        self._answers = AnswerCache(cache)
        self._pending: dict[str, asyncio.Future[LlmResult]] = {}
        self._room = asyncio.Semaphore(concurrency)
        self._hopeless: str | None = None
        self._unreachable = 0
        budget = budget or Budget()
        self._guard = BudgetGuard(budget, self.spending)
        if budget.amount is not None and self._cost(1, 1) is None:
            raise UsageError(
                f"a budget of money needs a price: the rate card has none for llm {self.provider}, model {model}",
                hint=f'add [llm.{self.provider}."{model}"] to pricing.toml, or limit the calls instead',
            )

    async def classify(self, turns: Sequence[TurnText], final_state: str | None = None) -> LlmResult:
        """Classify one call. Never raises for what an endpoint does."""
        (result,) = await self.classify_all([Transcript(turns, final_state)])
        return result

    async def classify_all(self, transcripts: Sequence[Transcript]) -> list[LlmResult]:
        """Classify calls, several at a time; the results come in the order of the calls."""
        client = open_client(self._base_url, self._api_key, timeout_s=self._timeout_s, max_retries=self._max_retries)
        async with client, asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._classify(client, transcript)) for transcript in transcripts]
        return [task.result() for task in tasks]

    async def _classify(self, client: Any, transcript: Transcript) -> LlmResult:
        if not any(text and text.strip() for turn in transcript.turns for text in turn):
            return self._failed("nothing was said")
        messages = question(transcript.turns, transcript.final_state, self._redact)
        key = fingerprint(self._base_url, self.model, messages)
        if kept := self._answers.get(key):
            self.spending.kept += 1
            return self._answered(kept)
        if key in self._pending:
            return self._counted(await asyncio.shield(self._pending[key]))
        self._pending[key] = asyncio.get_running_loop().create_future()
        result = LlmResult(None, "it was broken off")
        try:
            result = await self._ask(client, key, messages)
        finally:
            self._pending.pop(key).set_result(result)
        return result

    async def _ask(self, client: Any, key: str, messages: list[dict[str, str]]) -> LlmResult:
        async with self._room:
            if self._hopeless:
                return self._failed(self._hopeless)
            once = self._worst(messages)
            worst = once * (self._max_retries + 1)
            if refusal := await self._guard.reserve(worst):
                return self._failed(refusal)
            cost: Decimal | None = None
            perhaps = worst
            try:
                document = await self._request(client, key, messages)
                cost, perhaps = self._count(document, once)
                answer = read_answer(message_content(document))
            except BadAnswerError as error:
                perhaps = min(perhaps, once)
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
                await self._guard.charge(worst, cost, perhaps)
            self._answers.keep(key, answer)
            self.spending.answered += 1
            return self._answered(answer)

    async def _request(self, client: Any, key: str, messages: list[dict[str, str]]) -> Mapping[str, Any]:
        document = await complete(client, self.model, key, messages)
        self._unreachable = 0
        return document

    def _count(self, document: Mapping[str, Any], once: Decimal) -> tuple[Decimal | None, Decimal]:
        """What an answer cost, and what it cost at worst where it does not say what it used."""
        used = tokens_used(document, _MAX_TOKENS)
        if used is None:
            return None, once
        self.spending.input_tokens += used[0]
        self.spending.output_tokens += used[1]
        return self._cost(*used), ZERO

    def _worst(self, messages: list[dict[str, str]]) -> Decimal:
        """What one try costs at most. A token is at least a byte: a question has no more than that."""
        most_tokens = sum(len(each["content"].encode()) for each in messages) + _FRAME_TOKENS
        return self._cost(most_tokens, MAX_ANSWER_TOKENS) or ZERO

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
        redirects = 300 <= status < 400
        reason = f"the endpoint {'redirects elsewhere' if redirects else 'refused'} with status {status}"
        if redirects or status in _HOPELESS:
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

    def _counted(self, result: LlmResult) -> LlmResult:
        """The result of a call that waited for the answer to another's same transcript."""
        if result.failure is None:
            self.spending.kept += 1
        else:
            self.spending.failures[result.failure.removeprefix(f"{self.model}: ")] += 1
        return result

    def _answered(self, answer: Answer) -> LlmResult:
        return LlmResult(Classification(answer.outcome, answer.confidence, f"{self.model}: {WHYS[answer.why]}", "llm"))

    def _failed(self, reason: str) -> LlmResult:
        self.spending.failures[reason] += 1
        return LlmResult(None, f"{self.model}: {reason}")
