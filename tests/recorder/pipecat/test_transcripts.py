"""How sure a transcriber was, out of answers as vendors shape them; and what else may stand there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.pipecat.services import RATE

from pipecat.services.assemblyai.models import TurnMessage  # isort: skip  support silences what Pipecat warns of

from voicetel.recorder.pipecat.transcripts import transcript_confidence
from voicetel.recorder.pipecat.turn_tracker import TurnTracker

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.events.turn_builder import TurnBuilder
    from voicetel.recorder.pipecat.open_turn import OpenTurn

assert RATE


def assembly_ai(*confidences: float) -> TurnMessage:
    """The message of AssemblyAI's stream that ends a turn, as Pipecat reads it."""
    words = [
        {"start": n, "end": n + 1, "text": "a", "confidence": confidence, "word_is_final": True}
        for n, confidence in enumerate(confidences)
    ]
    message = {"type": "Turn", "turn_order": 1, "turn_is_formatted": True, "end_of_turn": True, "transcript": "a b"}
    return TurnMessage(**message, end_of_turn_confidence=0.3, words=words)  # type: ignore[arg-type]


def deepgram(confidence: float) -> SimpleNamespace:
    """Deepgram's result: objects within objects."""
    best = SimpleNamespace(transcript="a", confidence=confidence, words=[SimpleNamespace(confidence=0.1)])
    return SimpleNamespace(type="Results", is_final=True, channel=SimpleNamespace(alternatives=[best]))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (deepgram(0.96), 0.96),
        (SimpleNamespace(alternatives=[SimpleNamespace(transcript="a", confidence=0.5)], is_final=True), 0.5),
        ({"type": "transcript", "data": {"is_final": True, "utterance": {"text": "a", "confidence": 0.75}}}, 0.75),
        ([{"text": "a", "confidence": 0.5}, {"text": "<end>"}, {"text": "b", "confidence": 1.0}], 0.75),
        ({"words": [{"confidence": 0.25}, {"confidence": 0.75}]}, 0.5),
        (deepgram(0.0), 0.1),
        (SimpleNamespace(alternatives=[SimpleNamespace(transcript="a", confidence=0.0)]), None),
        ({"confidence": True}, None),
        ({"confidence": 87}, None),
        ({"confidence": float("nan")}, None),
        ({"confidence": "0.9", "words": "confidence"}, None),
        ({"alternatives": []}, None),
        ("a", None),
        (None, None),
    ],
)
def test_where_vendors_say_it(result: object, expected: float | None) -> None:
    """Of the whole, else on average over words; 0 stands for not known, and no other shape is guessed at."""
    assert transcript_confidence(result) == expected


def test_words_of_assembly_ai() -> None:
    """Pipecat's own class; how sure it is that the turn is over is another thing."""
    assert transcript_confidence(assembly_ai(0.5, 1.0)) == 0.75
    assert transcript_confidence(assembly_ai()) is None


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["confidence", "words", "alternatives", "channel", "data"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_comes_is_a_share_or_nothing(result: object) -> None:
    """Nothing raises, and nothing outside of 0 to 1 comes out."""
    found = transcript_confidence(result)
    assert found is None or 0 < found <= 1


def ended(act: Callable[[TurnTracker], None]) -> TurnBuilder:
    """The one turn of a call in which the caller speaks from 1 to 2 s and a detector waits 0.3 s."""
    emitted: list[OpenTurn] = []
    tracker = TurnTracker(emitted.append)
    tracker.caller.voice_started(1)
    tracker.caller_turn_started(1.1)
    tracker.caller.voice_stopped(2, 0.3)
    tracker.caller_text("a", 1.1)
    act(tracker)
    tracker.close(10, "agent")
    (turn,) = emitted
    return turn


def test_several_transcripts_of_a_turn() -> None:
    """Their mean, whether they come before the turn is over or after; what says nothing changes nothing."""

    def act(tracker: TurnTracker) -> None:
        tracker.transcript_confidence(0.5)
        tracker.transcript_confidence(None)
        tracker.caller_turn_ended(2.5)
        tracker.transcript_confidence(1.0)

    assert ended(act).user_confidence == 0.75
    assert ended(lambda tracker: tracker.caller_turn_ended(2.5)).user_confidence is None


@pytest.mark.parametrize(("ended_s", "setting_s"), [(2.5, 0.3), (2.1, 0.1)])
def test_the_setting_is_no_longer_than_the_wait(ended_s: float, setting_s: float) -> None:
    """A transcriber can take the turn for over before the detector has waited as long as it is set to."""
    turn = ended(lambda tracker: tracker.caller_turn_ended(ended_s))
    (eot,) = [operation for operation in turn.operations if operation.stage == "eot"]
    assert eot.setting_s == pytest.approx(setting_s)
    assert eot.duration_s == pytest.approx(ended_s - 2)
