"""Whatever an agent hands to a hook or a method: nothing raises, and what can be known is written."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from support.recorded import named, service
from voicetel.recorder import MetricCollector, TurnMetrics
from voicetel.testing import capture_events

if TYPE_CHECKING:
    from collections.abc import Callable

Events = list[dict[str, Any]]


class Raising:
    """A value that raises whatever is asked of it."""

    def __str__(self) -> str:
        raise ValueError("no text")

    def __eq__(self, other: object) -> bool:
        raise ValueError("no comparison")

    def __bool__(self) -> bool:
        raise ValueError("no truth")

    def __hash__(self) -> int:
        raise ValueError("no hash")

    def __float__(self) -> float:
        raise ValueError("no number")

    __repr__ = __str__


class Endless(Sequence[Any]):
    """A list without end."""

    def __getitem__(self, index: Any) -> Any:
        return (1, 2)

    def __len__(self) -> int:
        return 2**31


VALUES: dict[str, Any] = {
    "None": None, "not a number": float("nan"), "infinite": float("inf"), "negative": -1, "huge": 10**400,
    "unspellable": 10**5000, "text": "1.5", "half a pair": "\ud800", "NUL": "\0", "bytes": b"\xff", "lists": [[]],
    "mapping": {"a": 1}, "object": object(), "raising": Raising(), "true": True, "large": 1e308,
    "decimal": Decimal("1.5"), "no decimal": Decimal("NaN"), "signal": Decimal("sNaN"), "fraction": Fraction(3, 2),
    "array": np.array([1, 2]), "scalar": np.float32(1.5), "range": range(10**12), "endless": Endless(),
    "first moment": datetime.min.replace(tzinfo=UTC), "function": len, "class": dict, "complex": 1j,
}  # fmt: skip


def parameters(function: Callable[..., object]) -> list[str]:
    """The parameters of a function, without its object."""
    return [name for name in inspect.signature(function).parameters if name != "self"]


HOOKS = [
    (name, parameter)
    for name, function in inspect.getmembers(MetricCollector, inspect.isfunction)
    if not name.startswith("_")
    for parameter in parameters(function)
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("hook", "parameter"), HOOKS)
async def test_no_hook_raises(events: Events, hook: str, parameter: str, value: str) -> None:
    """Any value for any parameter of any hook, and the turn is written all the same."""
    collector = MetricCollector("c", service())
    collector.start_turn("user", "x")
    for start in (collector.on_stt_start, collector.on_llm_start, collector.on_user_speech_start):
        start()
    collector.on_tts_start("hello")
    collector.on_audio_playback_start()
    given = {"text": "hi"} if hook == "on_tts_start" else {"role": "user"} if hook == "start_turn" else {}
    result = getattr(collector, hook)(**{**given, parameter: VALUES[value]})
    if inspect.isawaitable(result):
        await result
    await collector.finalize_turn()
    collector.telemetry.writer.flush()

    assert collector.current_turn is None
    assert named(events, "turn")
    assert collector.telemetry.writer.lost == 0


@pytest.mark.parametrize(
    ("given", "audio_s"),
    [(1.5, 1.5), (2, 2), (Decimal("1.5"), 1.5), (Fraction(3, 2), 1.5), (np.float32(1.5), 1.5), ("1.5", None),
     (0, None), (-1, None), (True, None), (float("nan"), None), (10**400, None), (None, None)],
)  # fmt: skip
async def test_seconds_of_audio_are_a_number_or_unknown(events: Events, given: Any, audio_s: float | None) -> None:
    """What is a number counts, in whatever type; what is none is unknown and never a wrong figure."""
    collector = MetricCollector("c", service())
    collector.start_turn("user", "x")
    collector.on_stt_start()
    collector.on_stt_first_byte(audio_s=given)
    record = await collector.finalize_turn()
    collector.telemetry.writer.flush()

    [operation] = named(events, "turn")[0]["operations"]
    assert operation.get("audio_s") == audio_s
    assert record is not None
    assert record.stt_duration_sec == (audio_s or 0)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("field", parameters(TurnMetrics.__init__))
async def test_no_field_of_a_record_raises(events: Events, field: str, value: str) -> None:
    """Any value in any field of a record: the call goes on, and its figures come."""
    telemetry = service()
    await telemetry.record_turn("c", TurnMetrics(1, "user", "before", eou_latency=500))
    record = TurnMetrics(2, "assistant", "x")
    setattr(record, field, VALUES[value])
    await telemetry.record_turn("c", record)
    await telemetry.record_turn("c", TurnMetrics(3, "user", "after"))
    metrics = await telemetry.finalize_call("c", "success", 1.0)

    texts = [turn.get("user", {}).get("text", "") for turn in named(events, "turn")]
    assert "before" in texts[0]
    assert "after" in texts[-1]
    assert metrics.user_turn_count >= 2
    assert len(await telemetry.get_call_logs("c")) in {2, 3}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("method", ["start_call", "finalize_call"])
async def test_no_parameter_of_a_call_raises(events: Events, method: str, value: str) -> None:
    """Any value for any parameter of a call's beginning and end."""
    telemetry = service()
    for parameter in parameters(getattr(telemetry, method)):
        given = {
            "call_id": "c",
            **({} if method == "start_call" else {"outcome": "success", "outcome_confidence": 1.0}),
        }
        result = getattr(telemetry, method)(**{**given, parameter: VALUES[value]})
        if inspect.isawaitable(result):
            await result
    metrics = await telemetry.finalize_call("c", "success", 1.0)

    assert metrics.outcome == "success"
    assert json.dumps(events)
    assert all(isinstance(event, Mapping) for event in events)


@pytest.mark.parametrize("value", VALUES)
async def test_no_name_of_an_agent_raises(value: str) -> None:
    """Any value for the agent's name, its version and a provider."""
    with capture_events() as events:
        telemetry = service(agent_name=VALUES[value], agent_version=VALUES[value])
        telemetry.record("c", TurnMetrics(1, "user", "a", ttfb_stt=100))
        telemetry.writer.flush()
    assert named(events, "turn")
