"""``voicetel models``: what each model did, what of it failed or was thrown away, what that cost, and how prompts grew."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.cost.rate_notes import rate_notes
from voicetel.analyzers.priced_usage.rates import create_amounts
from voicetel.analyzers.priced_usage.usage import ORDER_IN_CALL_COLUMNS, can_price_sums, prepare_rates
from voicetel.pricing.money import NINTHS, amount_of
from voicetel.results import CellFormat, ResultTable, figure, result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.priced_usage.rates import MatchedRate
    from voicetel.analyzers.request import Request
    from voicetel.pricing import RateCard

_KEYS = ("group_id", "stage", "provider", "model")


@result
class ModelUse:
    """What one model did. Amounts are in the rate card's currency; null: no price."""

    stage: str = figure("What it did: stt, llm, tts, realtime, eot, tool, …")
    provider: str | None = figure("Who sends the bill.", format=CellFormat.KEY)
    model: str | None = figure("The model.", format=CellFormat.KEY)
    requests: int = figure("Calls to the provider.")
    errors: int = figure("Of them, those that failed.")
    error_rate: float | None = figure("errors ÷ requests.", unit="share", title="error rate")
    cancelled: int = figure("Of them, those that were cancelled.")
    cancelled_rate: float | None = figure("cancelled ÷ requests.", unit="share", title="cancelled rate")
    cost: Decimal | None = figure("What all of them cost.", unit="money")
    error_cost: Decimal | None = figure(
        "What those that failed cost.", unit="money", title="cost of errors", drop_priority=3
    )
    cancelled_cost: Decimal | None = figure(
        "What those that were cancelled cost.", unit="money", title="cost of cancelled"
    )
    cache_hit_rate: float | None = figure(
        "Cached input tokens ÷ input tokens, of requests that say both.",
        unit="share",
        title="cache hits",
        drop_priority=2,
    )
    first_input_tokens_avg: float | None = figure(
        "Input tokens in the first turn of a call: the mean over calls.",
        format=CellFormat.MEAN, title="first prompt", drop_priority=4,
    )  # fmt: skip
    input_tokens_per_turn: float | None = figure(
        "By how many tokens the prompt grows from turn to turn, whatever their numbers, over calls of more than one turn.",
        format=CellFormat.MEAN, title="prompt growth", drop_priority=1,
    )  # fmt: skip


ModelReport = ResultTable[ModelUse]
"""A row per group, stage, provider and model."""


def answer(request: Request) -> ModelReport:
    """``voicetel models``. Raises NoDataError where there are no calls."""
    context, card = request.context(), request.rate_card
    return replace(model_uses(context, card), rate_notes=rate_notes(context, card))


def model_uses(context: AnalysisContext, card: RateCard) -> ModelReport:
    """The same of calls that have been selected."""
    create_request_sums(context, prepare_rates(context, card))
    rows = context.aggregate_records("prompts", load_sql(__name__, "prompts.sql"), MergeByKeys(keys=_KEYS))
    prompts = {tuple(row[name] for name in _KEYS): row for row in rows}
    rule = MergeByKeys(
        keys=_KEYS, order_by="group_id NULLS FIRST, stage, requests DESC, provider NULLS LAST, model NULLS LAST"
    )

    def use(**row: Any) -> ModelUse:
        prompt = prompts.get((row["group"], row["stage"], row["provider"], row["model"]), {})
        requests, errors, cancelled = (int(row[name]) for name in ("requests", "errors", "cancelled"))
        return ModelUse(
            stage=row["stage"],
            provider=row["provider"],
            model=row["model"],
            requests=requests,
            errors=errors,
            error_rate=errors / requests,
            cancelled=cancelled,
            cancelled_rate=cancelled / requests,
            cost=_amount(row["ninths"]),
            error_cost=_amount(row["error_ninths"]),
            cancelled_cost=_amount(row["cancelled_ninths"]),
            cache_hit_rate=_ratio(row["cached_input_tokens"], row["input_tokens"]),
            first_input_tokens_avg=_ratio(prompt.get("first_tokens"), prompt.get("calls")),
            input_tokens_per_turn=_ratio(prompt.get("grown_tokens"), prompt.get("grown_turns")),
        )

    records = context.aggregate_records("model_use", load_sql(__name__, "models.sql"), rule)
    return context.table(({**record, "group": record["group_id"]} for record in records), use)


def create_request_costs(context: AnalysisContext, matched: Sequence[MatchedRate]) -> None:
    """Make ``request_costs``, every call to a provider with what it cost by the rates that were matched, and ``call_prompts``."""
    create_amounts(context, matched, "request_costs", "operations_to_price", order_in_call=ORDER_IN_CALL_COLUMNS)
    _create_call_prompts(context)


def create_request_sums(context: AnalysisContext, matched: Sequence[MatchedRate]) -> None:
    """Make ``request_sums``, which models.sql adds up, and ``call_prompts``.

    Where the rates allow it, what calls used is priced as it was added up when the logs were read, and of single requests only
    those that failed or were cancelled: that gives the same sums much sooner.
    """
    if not can_price_sums(matched):
        create_request_costs(context, matched)
        context.create_view("request_sums", load_sql(__name__, "single_requests.sql"))
        return
    _create_call_prompts(context)
    # There are few of them: materialized, they are not looked up in the rates before they are added up.
    context.create_view("requests_to_price", load_sql(__name__, "similar_requests.sql"), materialize=True)
    create_amounts(context, matched, "similar_request_amounts", "requests_to_price", order_in_call=["day"])
    context.create_view("request_sums", load_sql(__name__, "request_sums.sql"))


def _create_call_prompts(context: AnalysisContext) -> None:
    context.run_on_calls(load_sql(__name__, "calls_with_number_gaps.sql"))
    context.run_on_calls(load_sql(__name__, "call_prompts.sql"))


def _amount(ninths: Decimal | None) -> Decimal | None:
    return None if ninths is None else amount_of(Fraction(ninths) / NINTHS)


def _ratio(part: Any, whole: Any) -> float | None:
    return None if part is None or not whole else round(float(part) / float(whole), 6)
