"""The one table of units: which key of a rate card prices which quantity of the log.

Two halves. ``RATE_KEYS`` goes from what people write (``usd_per_1m_input_tokens``) to a column of rates per base
unit (``per_input_token``). ``BILLABLES`` goes from what was logged to what is multiplied with that column. An
amount is a plain sum of quantity × rate over ``BILLABLES``, so SQL can do it from the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["time", "characters", "tokens", "requests", "calls"]
"""What a provider counts. Two bases of one operation are two measures of the same work, not two bills."""

STAGES = ("stt", "llm", "tts", "realtime", "eot", "tool", "transport", "platform")
"""Stages a rate card may price."""

COMPONENTS = ("stt", "llm", "tts", "realtime", "transport", "other")
"""The parts that a cost is shown in. Every stage without a part of its own is in ``other``; the parts add up to the total."""

COMPONENT_SQL = f"CASE WHEN stage IN {COMPONENTS} THEN stage ELSE 'other' END"
"""SQL for the component of a stage."""

AUDIO_STAGES = ("stt", "tts")
"""Stages whose time rates price ``audio_s``; those of every other stage price ``session_s``."""


@dataclass(frozen=True, slots=True)
class RateKey:
    """One key of a rate card, without its currency: ``suffix`` ``per_minute`` is the price of ``units`` = 60 seconds."""

    suffix: str
    column: str
    units: int


RATE_KEYS = (
    RateKey("per_second", "per_second", 1),
    RateKey("per_minute", "per_second", 60),
    RateKey("per_hour", "per_second", 3600),
    RateKey("per_1k_characters", "per_character", 1_000),
    RateKey("per_1m_characters", "per_character", 1_000_000),
    RateKey("per_1m_input_tokens", "per_input_token", 1_000_000),
    RateKey("per_1m_cached_input_tokens", "per_cached_input_token", 1_000_000),
    RateKey("per_1m_cache_write_tokens", "per_cache_write_token", 1_000_000),
    RateKey("per_1m_input_audio_tokens", "per_input_audio_token", 1_000_000),
    RateKey("per_1m_cached_input_audio_tokens", "per_cached_input_audio_token", 1_000_000),
    RateKey("per_1m_output_tokens", "per_output_token", 1_000_000),
    RateKey("per_1m_output_audio_tokens", "per_output_audio_token", 1_000_000),
    RateKey("per_request", "per_request", 1),
    RateKey("per_call", "per_call", 1),
)

FALLBACKS = {
    "per_cached_input_token": "per_input_token",
    "per_cache_write_token": "per_input_token",
    "per_cached_input_audio_token": "per_input_audio_token",
}
"""Rate column → the column that stands in where a card gives none. Audio has none but audio: it is never text."""


@dataclass(frozen=True, slots=True)
class Billable:
    """A logged quantity and the column of rates that prices it.

    What is billed of it is what was logged less its ``parts``, which are quantities priced apart: each token is
    priced once. Parts that are larger than their whole are believed, and nothing is left of the whole.
    """

    quantity: str
    column: str
    basis: Basis
    parts: tuple[str, ...] = ()


BILLABLES = (
    Billable("cached_input_audio_tokens", "per_cached_input_audio_token", "tokens"),
    Billable("cached_input_tokens", "per_cached_input_token", "tokens", ("cached_input_audio_tokens",)),
    Billable("cache_write_tokens", "per_cache_write_token", "tokens"),
    Billable("input_audio_tokens", "per_input_audio_token", "tokens", ("cached_input_audio_tokens",)),
    Billable(
        "input_tokens",
        "per_input_token",
        "tokens",
        ("cached_input_audio_tokens", "cached_input_tokens", "cache_write_tokens", "input_audio_tokens"),
    ),
    Billable("output_audio_tokens", "per_output_audio_token", "tokens"),
    Billable("output_tokens", "per_output_token", "tokens", ("output_audio_tokens",)),
    Billable("audio_s", "per_second", "time"),
    Billable("session_s", "per_second", "time"),
    Billable("characters", "per_character", "characters"),
    Billable("requests", "per_request", "requests"),
    Billable("calls", "per_call", "calls"),
)
"""Every quantity that a card can price; a part stands before its whole.

Of ``audio_s`` and ``session_s`` an operation is billed for one: in ``AUDIO_STAGES`` for ``audio_s``, and for
``session_s`` where no ``audio_s`` was logged (providers that bill the connection); elsewhere for ``session_s``.
``calls`` is not logged: it is 1 on the first operation of a call that a rate with ``per_call`` applies to.
"""

EXACT_AMOUNT_MACRO = """
CREATE OR REPLACE TEMP MACRO exact_amount(ninths) AS (
    CAST((CAST(replace(CAST(CAST(ninths AS DECIMAL(38, 24)) AS VARCHAR), '.', '') AS HUGEINT) + 4) // 9 AS DECIMAL(38, 0))
        * CAST('0.000000000000000000000001' AS DECIMAL(24, 24))
)"""
"""DuckDB: ``exact_amount(ninths)`` divides a DECIMAL(38, 24) of at least 0 by nine, half up at the 24th place.

DuckDB's own division of decimals gives a DOUBLE. So its digits are read as a whole number: no arithmetic gets there as fast.
"""

RATE_COLUMNS = tuple(dict.fromkeys(key.column for key in RATE_KEYS))
"""The columns of rates, each in currency per base unit (second, character, token, request, call); in SQL in ninths of it."""

BILLABLE_BY_QUANTITY = {billable.quantity: billable for billable in BILLABLES}


def billed_sql(billable: Billable) -> str:
    """SQL for what is billed of a quantity, over an operation's logged quantities and its ``stage``.

    NULL where the quantity was not logged. It holds for one operation and must be taken before anything is summed:
    ``least`` does not add up. Its results do, and so does each of them × its column of rates.
    """
    if billable.basis == "time":
        return _time_sql(billable.quantity)
    if not billable.parts:
        return billable.quantity
    parts = " + ".join(f"coalesce({billed_sql(BILLABLE_BY_QUANTITY[part])}, 0)" for part in billable.parts)
    return f"({billable.quantity} - least({billable.quantity}, {parts}))"


def is_additive(billable: Billable) -> bool:
    """Whether ``billed_sql`` over sums of one stage gives the sum of what is billed of it.

    Not where something is taken off, and not for ``session_s``, of which an operation's ``audio_s`` decides.
    """
    return not billable.parts and billable.quantity != "session_s"


def rounded_up_sql(seconds: str, step_s: str) -> str:
    """SQL for ``seconds`` of one operation up to the next whole multiple of ``step_s``; a NULL step changes nothing."""
    return f"coalesce({seconds} + ({step_s} - {seconds} % {step_s}) % {step_s}, {seconds})"


def _time_sql(quantity: str) -> str:
    stages = ", ".join(f"'{stage}'" for stage in AUDIO_STAGES)
    if quantity == "audio_s":
        return f"(CASE WHEN stage IN ({stages}) THEN audio_s END)"
    return f"(CASE WHEN stage IN ({stages}) AND audio_s IS NOT NULL THEN NULL ELSE session_s END)"
