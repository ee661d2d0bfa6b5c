"""``voicetel campaigns``: how many people each campaign reached, step by step, and what that cost."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.campaigns.results import Campaign, Contacts, ShareInterval
from voicetel.analyzers.core.dimensions import TAG_PREFIX
from voicetel.analyzers.core.merge_rules import MergeByKeys
from voicetel.analyzers.core.sql_files import load_sql
from voicetel.analyzers.core.statistics import wilson_interval
from voicetel.analyzers.cost.rate_notes import rate_notes
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.errors import UsageError
from voicetel.pricing.money import NINTHS, RATE_PLACES, amount_of, round_fraction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from voicetel.analyzers.campaigns.results import CampaignReport
    from voicetel.analyzers.core.context import AnalysisContext
    from voicetel.analyzers.request import Request

    Key = tuple[int | None, str | None]

_COUNTS = ("attempts", "connects", "answered", "conversations", "successes", "short_successes", "voicemails")

_SHARES = {
    "connect_rate": ("connects", "attempts"),
    "answer_rate": ("answered", "connects"),
    "attempt_answer_rate": ("answered", "attempts"),
    "conversation_rate": ("conversations", "answered"),
    "conversation_success_rate": ("successes", "conversations"),
    "voicemail_rate": ("voicemails", "attempts"),
}
"""Rate → (what it is a share, of what)."""
_KNOWN_COUNTS = {
    "connect_rate": "known_connects",
    "answer_rate": "known_connected_answers",
    "attempt_answer_rate": "known_answers",
    "conversation_rate": "known_turns",
    "conversation_success_rate": "known_endings",
    "voicemail_rate": "known_outcomes",
}
"""Rate → how many calls it is known of. Of none: the rate is unknown, and not 0."""


def answer(request: Request, *, contact: str = "") -> CampaignReport:
    """``voicetel campaigns``. ``contact``: the tag that names whom a call was to, as ``tag.NAME``; empty: none does.

    Raises NoDataError where there are no calls, UsageError for a contact that is no tag.
    """
    check_contact(contact)
    context = request.context()
    price_usage(context, request.rate_card)
    create_call_steps(context)
    contacts = _contacts(context, request, contact) if contact else {}
    rule = MergeByKeys(
        keys=("group_id", "campaign"), order_by="group_id NULLS FIRST, attempts DESC, campaign NULLS LAST"
    )
    records = context.aggregate_records("campaigns", load_sql(__name__, "campaigns.sql"), rule)
    rows = ({**row, "contacts": contacts.get((row["group_id"], row["campaign"]))} for row in records)
    no_contacts = f"No call among these has a text as {contact}: contacts are not known."
    return replace(
        context.table(rows, _campaign),
        notes=(no_contacts,) if contact and not contacts else (),
        rate_notes=rate_notes(context, request.rate_card),
    )


def check_contact(contact: str) -> None:
    """Raise UsageError for what names no tag; nothing is fine."""
    if contact and not (contact.startswith(TAG_PREFIX) and contact != TAG_PREFIX):
        raise UsageError(f"--contact: {contact!r} is no tag", hint="write it as tag.NAME, such as tag.contact_id")


def create_call_steps(context: AnalysisContext) -> None:
    """Make ``call_steps`` of the selected calls: call_steps.sql names its columns."""
    context.run_on_calls(load_sql(__name__, "call_steps.sql"))


def _contacts(context: AnalysisContext, request: Request, contact: str) -> dict[Key, Contacts]:
    """Group and campaign → its contacts, where a call says any. What a tag holds is hashed and goes nowhere."""
    from voicetel.analyzers.core.logged_details import create_logged_details  # noqa: PLC0415  only those who ask

    create_logged_details(request.store, [contact.removeprefix(TAG_PREFIX)])
    return {
        (row["group_id"], row["campaign"]): Contacts(
            count=(count := row["contacts"]),
            attempts=row["attempts"],
            attempts_per_contact=row["attempts"] / count,
            retries_per_contact=(row["attempts"] - count) / count,
            reached=row["reached"],
            reach_rate=row["reached"] / count if row["known"] else None,
        )
        for row in context.records(load_sql(__name__, "contacts.sql"))
    }


def _campaign(**row: Any) -> Campaign:
    n = {name: int(row[name]) for name in _COUNTS}
    shares: dict[str, Any] = {name: n[part] / n[whole] if n[whole] else None for name, (part, whole) in _SHARES.items()}
    unknown = [name for name, known in _KNOWN_COUNTS.items() if not row[known]]
    shares |= dict.fromkeys(unknown)
    cost = None if row["ninths"] is None else Fraction(row["ninths"]) / NINTHS
    return Campaign(
        campaign=row["campaign"],
        **n,
        **shares,
        cost=None if cost is None else amount_of(cost),
        cost_per_attempt=_per(cost, n["attempts"]),
        cost_per_conversation=_per(cost, n["conversations"]),
        cost_per_success=_per(cost, n["successes"] + n["short_successes"]),
        intervals=_intervals(n) | dict.fromkeys(unknown),
        contacts=row["contacts"],
    )


def _intervals(n: Mapping[str, int]) -> dict[str, ShareInterval | None]:
    return {
        name: ShareInterval(*wilson_interval(n[part] / n[whole], n[whole])) if n[whole] else None
        for name, (part, whole) in _SHARES.items()
    }


def _per(cost: Fraction | None, number: int) -> Decimal | None:
    return None if cost is None or not number else round_fraction(cost / number, RATE_PLACES)
