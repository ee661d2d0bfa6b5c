"""What a command asks of the words that were said: sentiment, and a language model's verdicts."""

from __future__ import annotations

import contextlib
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from voicetel.cli import diagnostics
from voicetel.cli.terminal.progress import LoadProgress
from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.analyzers.core.transcript_options import TranscriptOptions
    from voicetel.cli.options.groups import LlmOptions, SentimentOptions
    from voicetel.llm import LlmClassifier
    from voicetel.pricing import RateCard

ANSWERS = "llm-answers.sqlite"
"""Where answers that were paid for are kept, in the cache directory."""


@contextlib.contextmanager
def options(
    *,
    sentiment: SentimentOptions | None = None,
    llm: LlmOptions | None = None,
    card: RateCard | None = None,
    keep: bool = True,
) -> Iterator[TranscriptOptions]:
    """What the options ask for, with progress on stderr, and at the end what asking a model came to.

    ``keep``: its answers are kept for the next time. Raises UsageError for a scorer that there is not, and for a model
    that cannot be asked.
    """
    from voicetel.analyzers.core.transcript_options import TranscriptOptions  # noqa: PLC0415  --help does without the engine
    from voicetel.sentiment import load_scorer  # noqa: PLC0415

    classifier = _classifier(llm, card, keep=keep) if llm and card else None
    if classifier and card:
        _warn_of_rates(classifier, card)
    scorer = load_scorer(sentiment.scorer) if sentiment and (sentiment.sentiment or sentiment.scorer) else None
    with LoadProgress("Reading transcripts") as progress:
        yield TranscriptOptions(scorer, classifier, llm.classify_below if llm else 0.0, progress)
    if classifier and card:
        diagnostics.note(spending_line(classifier, card.currency))


def _warn_of_rates(classifier: LlmClassifier, card: RateCard) -> None:
    """A budget is held by the card: by a rate far off its list price it allows far more, or far less, than is meant."""
    from voicetel.analyzers.cost.rate_notes import notes_on_rates  # noqa: PLC0415  see options

    rates = card.match("llm", classifier.provider, classifier.model)
    for sentence in notes_on_rates(card, {rate.key for rate in rates}):
        diagnostics.warn(sentence)


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


def _classifier(llm_options: LlmOptions, card: RateCard, *, keep: bool) -> LlmClassifier | None:
    """The classifier that is meant, None where none was asked for. Raises UsageError for half of what it takes."""
    if llm_options.classify_with is None and llm_options.model is None:
        return None
    if llm_options.classify_with is None or llm_options.model is None:
        raise UsageError("--classify-with and --model belong together", hint="name the endpoint and the model")
    from voicetel.llm import Budget, LlmClassifier  # noqa: PLC0415  only those who ask load it
    from voicetel.redaction import Redactor  # noqa: PLC0415
    from voicetel.store.directory import cache_directory  # noqa: PLC0415

    return LlmClassifier(
        llm_options.classify_with,
        llm_options.model,
        card=card,
        budget=Budget(llm_options.max_llm_calls, _amount(llm_options.max_llm_cost)),
        cache=cache_directory() / ANSWERS if keep else None,
        redact=Redactor(llm_options.redact_pattern or ()),
    )


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
