"""What a command asks of the words that were said: sentiment, and a language model's verdicts."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from voicetel.cli import diagnostics
from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.analyzers.asked_words import AskedOfWords
    from voicetel.llm import LlmClassifier
    from voicetel.pricing import RateCard

ANSWERS = "llm-answers.sqlite"
"""Where answers that were paid for are kept, in the cache directory."""


@dataclass(frozen=True, slots=True)
class Model:
    """The model that is asked about calls, as typed."""

    base_url: str | None = None
    name: str | None = None
    below: float = 0.0
    max_calls: int | None = None
    max_cost: str | None = None
    patterns: Sequence[str] | None = None
    keep: bool = True

    def classifier(self, card: RateCard) -> LlmClassifier | None:
        """The classifier that is meant, None where none was asked for. Raises UsageError for half of what it takes."""
        if self.base_url is None and self.name is None:
            return None
        if self.base_url is None or self.name is None:
            raise UsageError("--classify-with and --model belong together", hint="name the endpoint and the model")
        from voicetel.llm import Budget, LlmClassifier  # noqa: PLC0415  only those who ask load it
        from voicetel.redaction import Redactor  # noqa: PLC0415
        from voicetel.store.database import cache_directory  # noqa: PLC0415

        return LlmClassifier(
            self.base_url,
            self.name,
            card=card,
            budget=Budget(self.max_calls, _amount(self.max_cost)),
            cache=cache_directory() / ANSWERS if self.keep else None,
            redact=Redactor(self.patterns or ()),
        )


@contextlib.contextmanager
def asked_of(
    *, sentiment: bool = False, scorer: str | None = None, model: Model | None = None, card: RateCard | None = None
) -> Iterator[AskedOfWords]:
    """What the options ask for, with progress on stderr, and at the end what asking a model came to.

    Raises UsageError for a scorer that there is not, and for a model that cannot be asked.
    """
    from voicetel.analyzers.asked_words import AskedOfWords  # noqa: PLC0415  --help does without the engine
    from voicetel.sentiment import load_scorer  # noqa: PLC0415

    classifier = model.classifier(card) if model and card else None
    with diagnostics.LoadProgress("Reading words") as progress:
        yield AskedOfWords(
            load_scorer(scorer) if sentiment or scorer else None, classifier, model.below if model else 0.0, progress
        )
    if classifier and card:
        diagnostics.note(spending_line(classifier, card.currency))


def spending_line(classifier: LlmClassifier, currency: str) -> str:
    """What asking came to: calls, failures and their reasons, tokens, money."""
    spent = classifier.spending
    parts = [f"{classifier.model}: {spent.answered:,} calls judged, {spent.kept:,} more from earlier answers"]
    parts += [f"{count:,} not: {reason}" for reason, count in spent.failures.most_common()]
    tokens = f"{spent.input_tokens:,} input and {spent.output_tokens:,} output tokens"
    if spent.amount is not None:
        parts.append(f"{tokens}, {currency} {spent.amount:.6f}")
    elif spent.input_tokens or spent.output_tokens:
        parts.append(f"{tokens}, no rate for llm {classifier.provider} {classifier.model}")
    if spent.perhaps:
        parts.append(f"{currency} {spent.perhaps:.6f} more at worst, for requests without an answer")
    return "; ".join(parts)


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise UsageError(f"--max-llm-cost: {text!r} is no amount of money", hint="write a number, such as 0.50")
    return amount
