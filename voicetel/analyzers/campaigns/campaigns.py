"""``voicetel campaigns``: how many people each campaign reached, step by step, and what that cost."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.pricing.money import NINTHS, RATE_PLACES, amount_of, round_fraction
from voicetel.results import ResultTable, figure, result

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request


@result
class Campaign:
    """How far the calls of one campaign came. Each step counts calls that took all steps before it."""

    campaign: str | None = figure("The campaign; null: not logged.")
    attempts: int = figure("Calls.")
    connects: int = figure("Picked up, by a person or a machine.")
    connect_rate: float | None = figure("connects ÷ attempts.", unit="share", title="of attempts", drop_priority=2)
    answered: int = figure("Of them, those that count as answered.")
    answer_rate: float | None = figure("answered ÷ connects.", unit="share", title="of connects", drop_priority=3)
    conversations: int = figure("Of them, those with at least two turns of the caller.")
    conversation_rate: float | None = figure(
        "conversations ÷ answered.", unit="share", title="of answered", drop_priority=4
    )
    successes: int = figure("Of them, those that ended as success.")
    conversation_success_rate: float | None = figure(
        "successes ÷ conversations.", unit="share", title="of conversations", drop_priority=1
    )
    short_successes: int = figure(
        "Answered calls that ended as success without a conversation.", title="short successes", drop_priority=9
    )
    voicemails: int = figure("Calls that ended as voicemail.", drop_priority=8)
    voicemail_rate: float | None = figure("voicemails ÷ attempts.", unit="share", title="voicemail", drop_priority=5)
    cost: Decimal | None = figure("What all calls cost. Null: no price.", unit="money", drop_priority=10)
    cost_per_attempt: Decimal | None = figure("cost ÷ attempts.", unit="money", title="per attempt", drop_priority=7)
    cost_per_conversation: Decimal | None = figure(
        "cost ÷ conversations.", unit="money", title="per conversation", drop_priority=6
    )
    cost_per_success: Decimal | None = figure(
        "cost ÷ successes, short ones too.", unit="money", title="per success", drop_priority=1
    )


CampaignReport = ResultTable[Campaign]
"""A row per group and campaign, the largest first."""


def answer(request: Request) -> CampaignReport:
    """``voicetel campaigns``. Raises NoDataError where there are no calls."""
    context = request.context()
    price_usage(context, request.rate_card)
    create_call_steps(context)
    rule = MergeByKeys(
        keys=("group_id", "campaign"), order_by="group_id NULLS FIRST, attempts DESC, campaign NULLS LAST"
    )
    records = context.aggregate_records("campaigns", load_sql(__name__, "campaigns.sql"), rule)
    return context.table(records, _campaign)


def create_call_steps(context: AnalysisContext) -> None:
    """Make ``call_steps`` of the selected calls: call_steps.sql names its columns."""
    context.create(load_sql(__name__, "call_steps.sql"))


def _campaign(**row: Any) -> Campaign:
    names = ("attempts", "connects", "answered", "conversations", "successes", "short_successes", "voicemails")
    n = {name: int(row[name]) for name in names}
    cost = None if row["ninths"] is None else Fraction(row["ninths"]) / NINTHS
    return Campaign(
        campaign=row["campaign"],
        attempts=n["attempts"],
        connects=n["connects"],
        connect_rate=_ratio(n["connects"], n["attempts"]),
        answered=n["answered"],
        answer_rate=_ratio(n["answered"], n["connects"]),
        conversations=n["conversations"],
        conversation_rate=_ratio(n["conversations"], n["answered"]),
        successes=n["successes"],
        conversation_success_rate=_ratio(n["successes"], n["conversations"]),
        short_successes=n["short_successes"],
        voicemails=n["voicemails"],
        voicemail_rate=_ratio(n["voicemails"], n["attempts"]),
        cost=None if cost is None else amount_of(cost),
        cost_per_attempt=_per(cost, n["attempts"]),
        cost_per_conversation=_per(cost, n["conversations"]),
        cost_per_success=_per(cost, n["successes"] + n["short_successes"]),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _per(cost: Fraction | None, number: int) -> Decimal | None:
    return None if cost is None or not number else round_fraction(cost / number, RATE_PLACES)
