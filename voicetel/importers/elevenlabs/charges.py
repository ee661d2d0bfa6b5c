"""What ElevenLabs charged beside what stands in the rows: dropped attempts, speech, the platform's minute."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from voicetel.events.operation import Operation
from voicetel.importers.elevenlabs.usage import llm_operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.importers.calls.notes import Notes
    from voicetel.importers.calls.record import Record
    from voicetel.importers.calls.turns import ImportedTurn

_ROUNDING: Final = Decimal("0.000001")
"""Sums of prices differ by less where they are the same."""

_SPEECH: Final = (
    ("asr_usage", "stt", "asr_model", {"audio_s": "total_audio_input_seconds"}),
    (
        "tts_usage",
        "tts",
        "primary_tts_model",
        {"audio_s": "total_audio_output_seconds", "characters": "total_characters"},
    ),
)


def billed(metadata: Record, turns: Sequence[ImportedTurn], duration_s: float | None, notes: Notes) -> list[Operation]:
    """The operations that belong to no turn.

    The platform's price, else what is left of the total, has speech in it: where it is there, speech costs 0. Without
    it the minute is written unpriced, for the user's own card. What the price of all language models has beyond that of each is
    theirs, too.
    """
    charging = metadata.record("charging")
    dropped = list(_dropped(charging, turns))
    beyond = (charging.amount("llm_price") or Decimal(0)) - _charged_for_llm(turns, dropped)
    if beyond > _ROUNDING:
        dropped.append(Operation("llm", "elevenlabs", cost=beyond, currency="USD"))
    platform = charging.amount("platform_price")
    if platform is None and (total := metadata.amount("cost_fiat")):
        platform = max(total - _charged_for_llm(turns, dropped), Decimal(0))
    session = {} if duration_s is None else {"session_s": duration_s}
    operations = [*dropped, *_speech(charging, is_included=platform is not None)]
    if platform is not None:
        return [*operations, Operation("platform", "elevenlabs", quantities=session, cost=platform, currency="USD")]
    if metadata.positive("cost") is not None:
        notes.add("ElevenLabs' cost is in credits, which are no money: price the minutes with [platform.elevenlabs]")
    return [*operations, Operation("platform", "elevenlabs", quantities=session)] if session else operations


def _charged_for_llm(turns: Sequence[ImportedTurn], dropped: Sequence[Operation]) -> Decimal:
    in_rows = (operation for turn in turns for operation in turn.operations)
    return sum((operation.cost or Decimal(0) for operation in (*in_rows, *dropped)), Decimal(0))


def _dropped(charging: Record, turns: Sequence[ImportedTurn]) -> Iterator[Operation]:
    """What was generated and stands in no row: attempts that were dropped, and paid for all the same."""
    initiated = charging.record("llm_usage").record("initiated_generation").record("model_usage")
    in_rows = [operation for turn in turns for operation in turn.operations if operation.stage == "llm"]
    for whole in llm_operations(initiated):
        placed = [operation for operation in in_rows if operation.model == whole.model and operation.quantities]
        quantities = {
            name: rest
            for name, value in whole.quantities.items()
            if (rest := value - sum(operation.quantities.get(name, 0) for operation in placed)) > 0
        }
        cost = (whole.cost or Decimal(0)) - sum((each.cost or Decimal(0) for each in placed), Decimal(0))
        if quantities or cost > 0:
            yield Operation(
                "llm",
                "elevenlabs",
                whole.model,
                status="cancelled" if placed else None,
                quantities=quantities,
                cost=cost if cost > 0 else None,
                currency="USD" if cost > 0 else None,
            )


def _speech(charging: Record, *, is_included: bool) -> Iterator[Operation]:
    charged = {"cost": Decimal(0), "currency": "USD"} if is_included else {}
    for key, stage, model, names in _SPEECH:
        used = charging.record(key)
        quantities = {ours: value for ours, theirs in names.items() if (value := used.positive(theirs)) is not None}
        if quantities:
            yield Operation(stage, "elevenlabs", used.text(model), quantities=quantities, **charged)  # type: ignore[arg-type]
