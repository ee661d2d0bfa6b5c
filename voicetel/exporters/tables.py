"""The tables that exports have: every column once, with its type, its source and its meaning.

From here come the columns that are selected and the ones that are checked in the database, the comments on them there,
and the tables of docs/postgres.md.
"""

from __future__ import annotations

from voicetel.events.fields import QUANTITIES
from voicetel.events.metrics import TURN_LATENCIES
from voicetel.exporters.columns import Column, Table, call_id_sql, figures_json, without_nul

LATENCY_NAMES = {
    "eou_latency_ms": "eou_latency",
    "endpointing_ms": "endpointing",
    "stt_ttfb_ms": "ttfb_stt",
    "llm_ttft_ms": "ttft_llm",
    "llm_latency_ms": "latency_llm",
    "tts_ttfb_ms": "ttfb_tts",
    "realtime_ttfb_ms": "ttfb_realtime",
    "unattributed_ms": "unattributed",
}
"""Latency → what its columns are called in the tables: the names of tables that exist at those who log calls into a database."""

_STATISTICS = {
    "avg": "Mean over the call's turns, ms",
    "min": "Least, ms",
    "max": "Greatest, ms",
    "p50": "Median, ms",
    "p95": "95th percentile, interpolated linearly, ms",
    "n": "Turns that have it",
}


_EXTRA_FIGURES = (
    "turn", "llm_ttft_ms", "endpointing_ms", "realtime_ttfb_ms", "unattributed_ms", "user_start_ms", "user_end_ms",
    "agent_start_ms", "agent_end_ms", "interrupted_by", "eou_from",
)  # fmt: skip
"""What call_logs has no column for."""


def _latency_statistics() -> tuple[Column, ...]:
    return tuple(
        Column(
            f"{LATENCY_NAMES[latency.name]}_{statistic}",
            "integer" if statistic == "n" else "float",
            f"{doc}. {latency.doc}",
            f"{latency.name}_{statistic}",
        )
        for latency in TURN_LATENCIES
        for statistic, doc in _STATISTICS.items()
    )


CALL_METRICS = Table(
    "call_metrics",
    "call",
    ("call_id",),
    (
        Column(
            "call_id",
            "text",
            "The call. A NUL in a text is U+FFFD here; an id that had one ends with # and a hash, so that it stays unique.",
            "call_id",
            call_id_sql(),
        ),
        Column("agent_name", "text", "Which agent took the call.", "agent_name", without_nul("agent_name")),
        Column("agent_version", "text", "Which release of it.", "agent_version", without_nul("agent_version")),
        Column("campaign", "text", "What the call belongs to.", "campaign", without_nul("campaign")),
        Column("direction", "text", "Who called whom: inbound, outbound, web.", "direction"),
        Column("language", "text", "Language of the call, BCP 47.", "language", without_nul("language")),
        Column("started_at", "time", "First event of the call.", "started_at"),
        Column(
            "ended_at",
            "time",
            "started_at + duration_sec. NULL: the call has not ended, as far as the log says.",
            "started_at + duration_s",
            "started_at + to_microseconds(CAST(duration_s * 1000000 AS BIGINT))",
        ),
        Column("duration_sec", "number", "Length of the call, s. NULL: not ended.", "duration_s"),
        Column(
            "state",
            "text",
            "ended; in_progress: no end logged, the last event is recent; incomplete: no end logged, and it is old.",
            "state",
        ),
        Column("end_reason", "text", "Why the call ended.", "end_reason"),
        Column("turn_count", "integer", "Turns.", "turns"),
        Column("user_turn_count", "integer", "Turns in which the caller spoke.", "user_turns"),
        Column("bot_turn_count", "integer", "Turns in which the agent spoke.", "agent_turns"),
        *_latency_statistics(),
        Column(
            "stt_duration_sec", "number", "Audio sent to STT, s; connected time where no audio was logged.", "stt_s"
        ),
        Column("llm_input_tokens", "number", "Input tokens of the LLM, cached ones included.", "llm_input_tokens"),
        Column("llm_output_tokens", "number", "Output tokens of the LLM.", "llm_output_tokens"),
        Column("tts_characters", "number", "Characters sent to be spoken.", "tts_characters"),
        Column("livekit_duration_sec", "number", "Connected time of transports, LiveKit or another, s.", "transport_s"),
        Column("cost_stt", "number", "Cost of STT, exact, in currency. NULL: nothing of it has a price.", "cost_stt"),
        Column("cost_llm", "number", "Cost of the LLM, likewise.", "cost_llm"),
        Column("cost_tts", "number", "Cost of TTS, likewise.", "cost_tts"),
        Column("cost_livekit", "number", "Cost of transports, LiveKit or another, likewise.", "cost_transport"),
        Column(
            "cost_other",
            "number",
            "Cost of everything else (speech-to-speech models, tools, platforms), likewise.",
            "cost_realtime + cost_other",
            "CASE WHEN cost_realtime IS NULL THEN cost_other ELSE cost_realtime + coalesce(cost_other, 0) END",
        ),
        Column("cost_total", "number", "Sum of the costs above. NULL: nothing of the call has a price.", "cost_total"),
        Column(
            "currency", "text", "Currency of the costs: that of the rate card.", "the rate card's currency", "$currency"
        ),
        Column(
            "unpriced_operations",
            "integer",
            "Operations that a card could price and this one does not, wholly or in part.",
            "unpriced_operations",
        ),
        Column(
            "interruption_count",
            "integer",
            "Times the caller stopped the agent. NULL: nothing of the call says whether it was.",
            "interruption_count",
        ),
        Column("interruption_rate", "float", "interruption_count ÷ bot_turn_count, 0 to 1.", "interruption_rate"),
        Column("sentiment_score", "float", "How the caller felt, −1 to 1.", "sentiment"),
        Column("outcome", "text", "How the call ended: success, fail, voicemail, no_answer, busy, unknown.", "outcome"),
        Column("outcome_confidence", "float", "How sure of it, 0 to 1.", "outcome_confidence"),
        Column("outcome_reason", "text", "Why so.", "outcome_reason", without_nul("outcome_reason")),
        Column("outcome_source", "text", "Which rule said so; logged: the agent itself.", "outcome_source"),
        Column("answered", "boolean", "Whether it counts as answered.", "answered"),
        Column(
            "transferred",
            "boolean",
            "Whether it was passed on: a mark transfer, or that end_reason. NULL: it does not say.",
            "transferred",
        ),
        Column(
            "first_word_ms",
            "float",
            "The mark answered, else the first event → the agent's first audio, ms.",
            "first_word_ms",
        ),
        Column(
            "caller_silence_ms",
            "float",
            "Silence before the caller's first sound, from the end of the agent's audio, ms.",
            "caller_silence_ms",
        ),
        Column("no_input_count", "integer", "Marks no_input: the caller said nothing when asked.", "no_input_count"),
        Column("unheard_count", "integer", "Marks unheard: speech without a transcript.", "unheard_count"),
        Column(
            "confidence_avg",
            "float",
            "How sure the transcriber was, the mean over turns that say so, 0 to 1.",
            "confidence_avg",
        ),
    ),
)

CALL_LOGS = Table(
    "call_logs",
    "turn",
    ("call_id", "turn_index"),
    (
        Column("call_id", "text", "The call.", "call_id", call_id_sql()),
        Column(
            "turn_index",
            "integer",
            "Number of the turn as logged; where a call's numbers are missing or come twice, its place from 1.",
            "turn",
            "turn_index",
        ),
        Column(
            "role",
            "text",
            "Who opened the turn: user, or agent where the caller said nothing in it.",
            "user, agent",
            "CASE WHEN user_spoke THEN 'user' ELSE 'agent' END",
        ),
        Column(
            "content",
            "text",
            "The opener's words. NULL: not exported, or none.",
            "user.text, agent.text",
            without_nul("CASE WHEN user_spoke THEN user_text ELSE agent_text END"),
            of_text=True,
        ),
        Column("state_id", "text", "Where in the dialogue the agent was.", "state_id", without_nul("state_id")),
        Column(
            "ttfb_stt",
            "number",
            "stt_ttfb_ms of the turn, ms. NULL, as everywhere: unknown or impossible.",
            "stt_ttfb_ms",
        ),
        Column(
            "latency_stt",
            "number",
            "Whole STT time, ms: the sum of duration_ms over STT operations that were not cancelled.",
            "duration_ms (stt)",
            "stt_latency_ms",
        ),
        Column("latency_llm", "number", "llm_latency_ms of the turn, ms.", "llm_latency_ms"),
        Column("ttfb_tts", "number", "tts_ttfb_ms of the turn, ms.", "tts_ttfb_ms"),
        Column(
            "latency_tts",
            "number",
            "Whole TTS time, ms: the sum of duration_ms over TTS operations that were not cancelled.",
            "duration_ms (tts)",
            "tts_latency_ms",
        ),
        Column("eou_latency", "number", "eou_latency_ms of the turn, ms.", "eou_latency_ms"),
        Column(
            "stt_duration_sec", "number", "Audio sent to STT, s; connected time where no audio was logged.", "stt_s"
        ),
        Column("llm_input_tokens", "number", "Input tokens of the LLM, cached ones included.", "llm_input_tokens"),
        Column("llm_output_tokens", "number", "Output tokens of the LLM.", "llm_output_tokens"),
        Column("tts_characters", "number", "Characters sent to be spoken.", "tts_characters"),
        Column(
            "was_interrupted",
            "boolean",
            "The caller stopped the agent. NULL: not said, or the agent was silent.",
            "agent.interrupted",
            "was_interrupted",
        ),
        Column(
            "sentiment",
            "float",
            "How the caller felt, −1 to 1. Logs have it per call, so it is NULL here.",
            "—",
            "NULL",
        ),
        Column(
            "extra_data",
            "json",
            "The rest of the turn: turn (as logged), the latencies without a column, when each side spoke, interrupted_by, "
            "eou_from; with words agent_text. What is unknown is left out.",
            "the turn",
            figures_json(_EXTRA_FIGURES, agent_text=without_nul("agent_text")),
            of_text=True,
        ),
        Column("created_at", "time", "When the turn began.", "ts"),
    ),
)

OPERATIONS = Table(
    "operations",
    "call to a provider",
    ("call_id", "operation_index"),
    (
        Column("call_id", "text", "The call.", "call_id", call_id_sql()),
        Column("operation_index", "integer", "Its place in the call, from 1.", "operations[]", "operation_index"),
        Column("turn_index", "integer", "The turn it belongs to, as in call_logs. NULL: none.", "turn", "turn_index"),
        Column("event", "text", "The event that says so: turn, call_ended, usage.", "event"),
        Column("ts", "time", "Time of that event.", "ts"),
        Column(
            "stage",
            "text",
            "What the provider did: stt, llm, tts, realtime, eot, tool, …",
            "stage",
            without_nul("stage"),
        ),
        Column("provider", "text", "Who sends the bill.", "provider", without_nul("provider")),
        Column("model", "text", "The model.", "model", without_nul("model")),
        Column("name", "text", "Name of a tool.", "name", without_nul("name")),
        Column("status", "text", "error, cancelled; ok or NULL: it went well.", "status"),
        Column("start_ms", "number", "When it began, ms after ts.", "start_ms"),
        Column("ttfb_ms", "number", "From request to first byte or token, ms, as logged.", "ttfb_ms"),
        Column("duration_ms", "number", "From request to the end of the answer, ms, as logged.", "duration_ms"),
        *(Column(quantity.name, "number", f"{quantity.doc} NULL: unknown.", quantity.name) for quantity in QUANTITIES),
        Column(
            "component",
            "text",
            "The part of the bill it is in: stt, llm, tts, realtime, transport, other.",
            "component",
        ),
        Column("cost", "number", "What it cost, exact, in currency. NULL: it has no price.", "cost"),
        Column("currency", "text", "Currency of cost: that of the rate card.", "the rate card's currency", "$currency"),
        Column(
            "rate",
            "text",
            "Key of the rate card's table that priced it. NULL: billed, or without a price.",
            "rate",
            without_nul("rate"),
        ),
        Column("rate_from", "date", "UTC day from which that rate holds. NULL: always.", "effective_from", "rate_from"),
        Column("billed_cost", "number", "What the provider itself charged, in billed_currency.", "cost", "charged"),
        Column("billed_currency", "text", "Currency of billed_cost.", "currency", "charged_currency"),
    ),
)

TABLES = (CALL_METRICS, CALL_LOGS, OPERATIONS)
