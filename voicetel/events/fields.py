"""The one table of event fields.

A field stands here once, with its type, unit and exact meaning. Fields may be added; a meaning never changes,
because logs written years ago are read by today's definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FORMAT_VERSION = 1
MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_CALL_ID_CHARS = 256

Kind = Literal["string", "integer", "number", "boolean", "timestamp", "decimal", "object", "list", "map", "spans"]
"""Types of the format: ``decimal`` is a number written as a string, ``map`` is string → string, ``spans`` is [[start, end], …]."""

Stage = Literal["stt", "llm", "tts", "realtime", "eot", "tool", "transport", "platform"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event.

    ``values`` lists the values that have a meaning; with ``open_values`` others are kept as they are, without it
    they are read as unknown. ``fields`` are the members of an object or of each item of a list.
    """

    name: str
    kind: Kind
    doc: str
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    open_values: bool = False
    fields: tuple[Field, ...] = ()


def _ms(name: str, doc: str, minimum: float | None = 0) -> Field:
    return Field(name, "number", doc, unit="ms", minimum=minimum)


def _count(name: str, unit: str, doc: str) -> Field:
    return Field(name, "number", doc, unit=unit, minimum=0)


ENVELOPE = (
    Field("v", "integer", f"Version of the format: {FORMAT_VERSION}.", required=True, minimum=1),
    Field("event", "string", "What happened: the name of the event.", required=True),
    Field("ts", "timestamp", "When: RFC 3339, UTC. For a turn, its earliest moment.", required=True),
    Field("call_id", "string", f"The call, 1 to {MAX_CALL_ID_CHARS} characters.", required=True),
    Field("writer", "string", "Id of the process that wrote the line. With seq it makes the line count once."),
    Field("seq", "integer", "Running number of the line within its writer.", minimum=0),
)

QUANTITIES = (
    _count("input_tokens", "tokens", "All input tokens, cached and audio ones included."),
    _count("cached_input_tokens", "tokens", "Part of input_tokens that was read from the provider's cache."),
    _count("cache_write_tokens", "tokens", "Part of input_tokens that was written to the provider's cache."),
    _count("input_audio_tokens", "tokens", "Part of input_tokens that was audio."),
    _count("cached_input_audio_tokens", "tokens", "Part of both cached_input_tokens and input_audio_tokens."),
    _count("output_tokens", "tokens", "All output tokens, audio ones included."),
    _count("output_audio_tokens", "tokens", "Part of output_tokens that was audio."),
    _count("audio_s", "s", "Audio sent (stt) or made (tts), silence included."),
    _count("characters", "characters", "Characters sent to be spoken."),
    _count("session_s", "s", "Time connected."),
    _count("requests", "requests", "Requests made, where that is what the provider bills."),
)
"""What an operation used. Increments, each written once; missing is unknown, never zero."""

OPERATION = (
    Field(
        "stage",
        "string",
        "What the provider did. eot decides that the caller is done. Any other word is shown under its own name.",
        required=True,
        values=("stt", "llm", "tts", "realtime", "eot", "tool", "transport", "platform"),
        open_values=True,
    ),
    Field("provider", "string", "Who sends the bill, lower case: groq, not api.groq.com."),
    Field("model", "string", "The model, as the provider calls it."),
    Field("name", "string", "Name of a tool."),
    Field("request_id", "string", "The provider's id of the request."),
    _ms("start_ms", "When the operation began, counted from the turn's ts."),
    _ms(
        "ttfb_ms", "From request to first byte or token; streaming STT: from user.end_ms to the final transcript.", None
    ),
    _ms("duration_ms", "From request to the end of the answer.", None),
    _ms(
        "setting_ms", "eot: the part of duration_ms that is a setting, the silence that the agent is told to wait for."
    ),
    Field("status", "string", "How it went; missing is ok.", values=("ok", "error", "cancelled")),
    Field("error", "string", "What went wrong."),
    *QUANTITIES,
    Field("cost", "decimal", "What the provider itself charged, in currency.", minimum=0),
    Field("currency", "string", "ISO 4217 code of cost."),
)

_OPERATIONS = Field("operations", "list", "Calls to providers, in the order they were made.", fields=OPERATION)

_USER = Field(
    "user",
    "object",
    "What the caller said; missing where the agent spoke unasked.",
    fields=(
        Field("text", "string", "The words, as transcribed."),
        _ms("start_ms", "First voiced sound."),
        _ms("end_ms", "Last voiced sound, the voice detector's hang-over taken off."),
        Field("confidence", "number", "How sure the transcriber was of the text.", unit="1", minimum=0, maximum=1),
        Field("text_cut", "boolean", "The text was shortened."),
        Field("redacted", "boolean", "Parts of the text were taken out."),
    ),
)

_AGENT = Field(
    "agent",
    "object",
    "What the agent said; missing where it stayed silent.",
    fields=(
        Field("text", "string", "The words that were played."),
        _ms("start_ms", "First audio that left the process."),
        _ms("end_ms", "Last audio that left the process."),
        Field("spans", "spans", "[[start, end], …] of audio, where the agent fell silent in between.", unit="ms"),
        Field("interrupted", "boolean", "Playback stopped for good before its end."),
        Field(
            "interrupted_by",
            "string",
            "Who stopped it; missing is caller.",
            values=("caller", "hangup", "agent", "error"),
        ),
        Field("text_cut", "boolean", "The text was shortened."),
        Field("redacted", "boolean", "Parts of the text were taken out."),
    ),
)

CALL_STARTED = (
    Field("agent_name", "string", "Which agent took the call."),
    Field("agent_version", "string", "Which release of it."),
    Field("campaign", "string", "What the call belongs to."),
    Field("direction", "string", "Who called whom.", values=("inbound", "outbound", "web")),
    Field("language", "string", "Language of the call, BCP 47: en, ru, en-GB."),
    Field("source", "string", "What wrote the log, with its version."),
    Field("tags", "map", "Anything else, string → string."),
)

TURN = (
    Field("turn", "integer", "Number of the turn, unique and rising within the call."),
    Field("state_id", "string", "Where in the dialogue the agent was."),
    _USER,
    _AGENT,
    _OPERATIONS,
    _ms(
        "eou_latency_ms",
        "End of utterance to response: the caller stops → the agent's audio starts, as measured.",
        None,
    ),
    Field(
        "eou_from",
        "string",
        "What eou_latency_ms counts from; missing is speech_end. With turn_start the end of speech is unknown.",
        values=("speech_end", "turn_start"),
    ),
)

CALL_ENDED = (
    Field("duration_s", "number", "Length of the call.", unit="s", minimum=0),
    Field("final_state", "string", "Where in the dialogue the call ended."),
    Field(
        "end_reason",
        "string",
        "Why it ended; a vendor's own word goes to tags.",
        values=("caller_hangup", "agent_hangup", "transfer", "timeout", "error", "not_connected"),
    ),
    Field("sip_status", "integer", "The SIP status the call ended with.", minimum=100, maximum=699),
    Field(
        "amd",
        "string",
        "What answering-machine detection said.",
        values=("human", "machine-ivr", "machine-vm", "machine-unavailable", "uncertain"),
    ),
    _OPERATIONS,
    Field(
        "outcome",
        "string",
        "How the call ended.",
        values=("success", "fail", "voicemail", "no_answer", "busy", "unknown"),
    ),
    Field("outcome_confidence", "number", "How sure of it; missing is 1.", unit="1", minimum=0, maximum=1),
    Field("outcome_reason", "string", "Why so."),
    Field("sentiment", "number", "How the caller felt, −1 to 1.", unit="1", minimum=-1, maximum=1),
    Field("interruption_count", "integer", "Times the caller interrupted, where no turn says so.", minimum=0),
    Field("tags", "map", "Anything else, string → string."),
)

USAGE = (_OPERATIONS,)

MARK = (
    Field(
        "kind",
        "string",
        "What happened; unheard is speech without a transcript. Other words are kept and counted.",
        values=(
            "answered",
            "transfer",
            "hold",
            "resume",
            "dtmf",
            "handoff",
            "language",
            "false_interruption",
            "no_input",
            "unheard",
            "error",
            "dropped",
        ),
        open_values=True,
    ),
    Field("value", "string", "Which; for dtmf how many digits, never which ones."),
    Field("count", "integer", "How many, for dropped.", minimum=0),
)

EVENTS: dict[str, tuple[Field, ...]] = {
    "call_started": CALL_STARTED,
    "turn": TURN,
    "call_ended": CALL_ENDED,
    "usage": USAGE,
    "mark": MARK,
}
"""Event name → the fields it may carry beside the envelope."""

EVENT_DOCS: dict[str, str] = {
    "call_started": "A call began. May come again: field by field the later ts wins.",
    "turn": "One caller turn that the agent judged finished, or the agent speaking unasked, with its whole reply.",
    "call_ended": "A call ended. May come again (webhook, reviewer): field by field the later ts wins.",
    "usage": "Billed work that belongs to no turn.",
    "mark": "Anything else that happened.",
}
