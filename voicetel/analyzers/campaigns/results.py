"""How far the calls of a campaign came. None is unknown; each rate has beside it what it is a share of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from voicetel.results import CellFormat, ResultTable, figure, result

RATES = {
    "connect_rate": "connects ÷ attempts. Null where it is known of none whether it was picked up.",
    "answer_rate": "answered ÷ connects. Null where it is known of none whether it was answered.",
    "attempt_answer_rate": "answered ÷ attempts. Null where it is known of none whether it was answered.",
    "conversation_rate": "conversations ÷ answered. Null where no answered call has a turn in the log.",
    "conversation_success_rate": "successes ÷ conversations. Null where it is known of none how it ended.",
    "voicemail_rate": "voicemails ÷ attempts. Null where it is known of none how it ended.",
}
"""The shares that calls are counted for, each call by itself."""


@result
class ShareInterval:
    """Where a share lies 19 times out of 20 in other calls of the kind: Wilson's interval."""

    low: float = figure("Its lower end.", unit="share")
    high: float = figure("Its upper end.", unit="share")


@result
class Contacts:
    """The people whom a campaign's calls were to, told apart by a hash of the tag that --contact names."""

    count: int = figure("Different contacts.")
    attempts: int = figure("Calls that name one.")
    attempts_per_contact: float = figure("attempts ÷ count.")
    retries_per_contact: float = figure("Calls after a contact's first ÷ count.")
    reached: int = figure("Contacts of whom at least one call was answered.")
    reach_rate: float | None = figure(
        "reached ÷ count. Null where it is known of no call whether it was answered.", unit="share"
    )


@result
class Campaign:
    """How far the calls of one campaign came. Each step counts calls that took all steps before it."""

    campaign: str | None = figure("The campaign; null: not logged.", format=CellFormat.KEY)
    attempts: int = figure("Calls.")
    connects: int = figure("Picked up, by a person or a machine.")
    connect_rate: float | None = figure(RATES["connect_rate"], unit="share", title="of attempts", drop_priority=2)
    answered: int = figure("Of them, those that count as answered.")
    answer_rate: float | None = figure(RATES["answer_rate"], unit="share", title="of connects", drop_priority=3)
    conversations: int = figure("Of them, those with at least two turns of the caller.")
    conversation_rate: float | None = figure(
        RATES["conversation_rate"], unit="share", title="of answered", drop_priority=4
    )
    successes: int = figure("Of them, those that ended as success.")
    conversation_success_rate: float | None = figure(
        RATES["conversation_success_rate"], unit="share", title="of conversations", drop_priority=1
    )
    short_successes: int = figure(
        "Answered calls that ended as success without a conversation.", title="short successes", drop_priority=9
    )
    voicemails: int = figure("Calls that ended as voicemail.", drop_priority=8)
    voicemail_rate: float | None = figure(RATES["voicemail_rate"], unit="share", title="voicemail", drop_priority=5)
    cost: Decimal | None = figure("What all calls cost. Null: no price.", unit="money", drop_priority=10)
    cost_per_attempt: Decimal | None = figure("cost ÷ attempts.", unit="money", title="per attempt", drop_priority=7)
    cost_per_conversation: Decimal | None = figure(
        "cost ÷ conversations.", unit="money", title="per conversation", drop_priority=6
    )
    cost_per_success: Decimal | None = figure(
        "cost ÷ successes, short ones too.", unit="money", title="per success", drop_priority=1
    )
    attempt_answer_rate: float | None = figure(RATES["attempt_answer_rate"], unit="share", title="answered of attempts")
    intervals: Mapping[str, ShareInterval | None] = figure(
        "Of each rate, where it lies 19 times out of 20.", keys=RATES, prefix=""
    )
    contacts: Contacts | None = figure("The people whom the calls were to. Null without --contact.")


CampaignReport = ResultTable[Campaign]
"""A row per group and campaign, the largest first."""
