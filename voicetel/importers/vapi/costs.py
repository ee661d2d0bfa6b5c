"""What Vapi charged: ``costs`` with every digit, else ``costBreakdown`` rounded to four places."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.events.providers import model_name, provider_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record

Who = tuple[str | None, str | None]
"""Provider and model."""

_TOKENS: Final = {
    "promptTokens": "input_tokens",
    "cachedPromptTokens": "cached_input_tokens",
    "completionTokens": "output_tokens",
}
_BREAKDOWN_TOKENS: Final = {
    "llmPromptTokens": "input_tokens",
    "llmCachedPromptTokens": "cached_input_tokens",
    "llmCompletionTokens": "output_tokens",
}
_ANALYSES: Final = ("summary", "structuredData", "successEvaluation", "structuredOutput")
_ROUNDING: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Components:
    """Who does what in a call."""

    stt: Who
    llm: Who
    tts: Who

    @classmethod
    def of(cls, costs: Sequence[Record], assistant: Record) -> Components:
        """As billed, else as the assistant was set up."""
        billed = {cost.text("type"): cost for cost in costs}

        def who(kind: str, name: str) -> Who:
            part = billed[kind].record(name) if kind in billed and billed[kind].has(name) else assistant.record(name)
            return who_of(part)

        return cls(who("transcriber", "transcriber"), who("model", "model"), who("voice", "voice"))


def who_of(part: Record) -> Who:
    """Provider and model of a component."""
    return provider_name(part.text("provider")), model_name(part.text("model"))


def billed(
    costs: Sequence[Record], breakdown: Record, total: Decimal | None, components: Components, notes: Notes
) -> list[Operation]:
    """The operations that were billed; the total alone where the parts do not add up to it."""
    operations = [operation for cost in costs if (operation := _operation(cost))]
    if not operations and any(breakdown.amount(key) for key in ("stt", "llm", "tts", "vapi", "transport", "total")):
        notes.add("Vapi's costs are missing: amounts are those of costBreakdown, rounded to four places")
        operations = _broken_down(breakdown, components)
    parts = sum((operation.cost or Decimal(0) for operation in operations), Decimal(0))
    if total and abs(parts - total) > _ROUNDING * (len(operations) + 1):
        notes.add("Vapi's costs do not add up to the cost of the call: the cost of the call is written, not its parts")
        return [_charged("platform", ("vapi", None), total, {})]
    return operations


def _operation(cost: Record) -> Operation | None:
    kind, amount = cost.text("type"), cost.amount("cost")
    seconds = {"session_s": _seconds(cost)}
    match kind:
        case "transcriber":
            return _used("stt", who_of(cost.record("transcriber")), amount, {"audio_s": _seconds(cost)})
        case "model":
            return _used("llm", who_of(cost.record("model")), amount, _quantities(cost, _TOKENS))
        case "voice":
            return _used("tts", who_of(cost.record("voice")), amount, {"characters": cost.positive("characters")})
        case "transport":
            return _used("transport", (provider_name(cost.text("provider")), None), amount, seconds)
        case "vapi":
            return _used("platform", ("vapi", None), amount, seconds, cost.text("subType"))
        case "voicemail-detection":
            who = (provider_name(cost.text("provider")), who_of(cost.record("model"))[1])
            return _used("amd", who, amount, _detection_tokens(cost))
        case None:
            return None
    return _used(kind, who_of(cost.record("model")), amount, _quantities(cost, _TOKENS), cost.text("analysisType"))


def _detection_tokens(cost: Record) -> dict[str, float | None]:
    def both(text: str, audio: str) -> float | None:
        return (cost.positive(text) or 0.0) + (cost.positive(audio) or 0.0) or None

    return {
        "input_tokens": both("promptTextTokens", "promptAudioTokens"),
        "input_audio_tokens": cost.positive("promptAudioTokens"),
        "output_tokens": both("completionTextTokens", "completionAudioTokens"),
        "output_audio_tokens": cost.positive("completionAudioTokens"),
    }


def _broken_down(breakdown: Record, components: Components) -> list[Operation]:
    analyses = breakdown.record("analysisCostBreakdown")
    analysis = sum((analyses.amount(name) or Decimal(0) for name in _ANALYSES), Decimal(0))
    tokens = _quantities(breakdown, _BREAKDOWN_TOKENS)
    parts = (
        _used("stt", components.stt, breakdown.amount("stt"), {}),
        _used("llm", components.llm, breakdown.amount("llm"), tokens),
        _used("tts", components.tts, breakdown.amount("tts"), {"characters": breakdown.positive("ttsCharacters")}),
        _used("platform", ("vapi", None), breakdown.amount("vapi"), {}),
        _used("transport", (None, None), breakdown.amount("transport"), {}),
        _used("analysis", (None, None), analysis, {}),
    )
    return [part for part in parts if part]


def _used(
    stage: str, who: Who, cost: Decimal | None, quantities: dict[str, float | None], name: str | None = None
) -> Operation | None:
    """An operation, or None for a component that was not used.

    Nothing charged for something used means that the user's own key paid for it: Vapi's 0 is no price.
    """
    known = {key: value for key, value in quantities.items() if value}
    return _charged(stage, who, cost, known, name) if known or cost else None


def _charged(
    stage: str, who: Who, cost: Decimal | None, quantities: dict[str, float], name: str | None = None
) -> Operation:
    provider, model = who
    charged = {"cost": cost, "currency": "USD"} if cost else {}
    return Operation(stage, provider, model, name=name, quantities=quantities, **charged)  # type: ignore[arg-type]


def _quantities(record: Record, names: dict[str, str]) -> dict[str, float | None]:
    return {ours: record.positive(theirs) for theirs, ours in names.items()}


def _seconds(cost: Record) -> float | None:
    minutes = cost.amount("minutes")
    return float(minutes * 60) if minutes else None
