"""Calls that the rules cannot tell, judged by a model: from a log to the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.logs import Event, store_of
from support.servers.model_server import model_answer, model_server
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.core.transcript_options import TranscriptOptions
from voicetel.analyzers.outcomes.explanation import explanation
from voicetel.analyzers.outcomes.outcomes import outcomes
from voicetel.analyzers.prepare import analysis_context
from voicetel.llm import Budget, LlmClassifier
from voicetel.outcomes import load_rules

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.store import Store

RULES = load_rules()


def call(call_id: str, user: str, minute: int = 0, **ended: Any) -> list[Event]:
    """A call of one turn that has ended."""
    common = {"v": 1, "call_id": call_id}
    return [
        common | {"event": "turn", "ts": f"2026-11-02T09:{minute:02}:00Z", "turn": 1, "user": {"text": user}},
        common | {"event": "call_ended", "ts": f"2026-11-02T09:{minute:02}:30Z", **ended},
    ]


LOG = [
    *call("unknown", "a small one, blue", 1),
    *call("logged", "hm", 2, outcome="fail", outcome_confidence=0.1),
    *call("state", "hm", 3, final_state="completed"),
    {"v": 1, "call_id": "silent", "event": "call_ended", "ts": "2026-11-02T09:05:00Z"},
    {"v": 1, "call_id": "going", "event": "turn", "ts": "2026-11-02T09:06:00Z", "turn": 1, "user": {"text": "and"}},
]


def judged(store: Store, classifier: LlmClassifier, below: float = 0) -> dict[str, tuple[str, str, str]]:
    """Call → outcome, source, reason."""
    context = analysis_context(
        store, Selection(by=("outcome",)), TranscriptOptions(classifier=classifier, below_confidence=below)
    )
    rows = context.rows("SELECT call_id, outcome, outcome_source, outcome_reason FROM selected_calls")
    found = outcomes(context)
    assert sum(share.calls for share in found[None].shares) == len(rows)
    return {call_id: tuple(rest) for call_id, *rest in rows}


def test_only_what_the_rules_leave_open_is_asked_about(tmp_path: Path) -> None:
    """A verdict of the model counts like any other; logged, told, silent and running calls are not sent."""
    with model_server(lambda text: model_answer("fail", 0.8, "put_off")) as server, store_of(tmp_path, LOG) as store:
        found = judged(store, LlmClassifier(server.base_url, "tiny"))
    assert found["unknown"] == ("fail", "llm", "tiny: put off to another time")
    assert found["logged"][:2] == ("fail", "logged")
    assert found["state"][:2] == ("success", "final_state")
    assert found["silent"][0] == found["going"][0] == "unknown"
    assert len(server.questions) == 1
    assert "a small one, blue" in server.questions[0]


def test_less_certain_verdicts_too_where_asked(tmp_path: Path) -> None:
    """Below the confidence that is wanted the model is asked, but never about a logged outcome."""
    with model_server(lambda text: model_answer("fail", 0.8)) as server, store_of(tmp_path, LOG) as store:
        found = judged(store, LlmClassifier(server.base_url, "tiny"), below=1.0)
    assert found["state"][:2] == ("fail", "llm")
    assert found["logged"][1] == "logged"


@pytest.mark.parametrize("said", [500, "broken", model_answer("maybe")])
def test_a_failure_is_visible_as_unknown_with_its_reason(tmp_path: Path, said: Any) -> None:
    """No call is lost; one that the rules had told keeps their verdict."""
    with model_server(lambda text: said) as server, store_of(tmp_path, LOG) as store:
        found = judged(store, LlmClassifier(server.base_url, "tiny", max_retries=0), below=1.0)
    assert len(found) == 5
    assert found["unknown"][0] == "unknown"
    assert "tiny: the " in found["unknown"][2]
    assert found["state"][:2] == ("success", "final_state")
    assert "tiny: the " in found["state"][2]


def test_the_newest_calls_come_first(tmp_path: Path) -> None:
    """A budget that does not reach for all is spent on what happened last."""
    log = [event for minute in range(10) for event in call(f"c{minute}", f"word {'x' * minute}", minute)]
    with model_server(lambda text: model_answer()) as server, store_of(tmp_path, log) as store:
        found = judged(store, LlmClassifier(server.base_url, "tiny", budget=Budget(calls=3)))
    assert {call_id for call_id, (_, source, _) in found.items() if source == "llm"} == {"c7", "c8", "c9"}
    assert "the budget of 3 calls is used up" in found["c0"][2]


def test_nothing_left_open_asks_nothing(tmp_path: Path) -> None:
    """No question, no file of answers."""
    with (
        model_server(lambda text: model_answer()) as server,
        store_of(tmp_path, call("a", "hm", outcome="busy")) as store,
    ):
        judged(store, LlmClassifier(server.base_url, "tiny", cache=tmp_path / "answers.sqlite"))
    assert server.questions == []


def test_an_explanation_asks_every_rule(tmp_path: Path) -> None:
    """Also those behind the one that decides, with what the log says of the call."""
    log = [
        {"v": 1, "call_id": "a", "event": "mark", "kind": "answered", "ts": "2026-11-02T09:00:00Z"},
        *call("a", "I am not interested", outcome="success", final_state="refused", sip_status=486),
    ]
    with store_of(tmp_path, log) as store:
        steps = {step.rule: step for step in explanation(store, RULES, "a").steps}
    assert [name for name, step in steps.items() if step.decided] == ["logged"]
    verdicts = {name: step.outcome for name, step in steps.items() if step.outcome}
    assert (verdicts["final_state"], verdicts["phrases"]) == ("fail", "fail")
    assert "the caller spoke" in steps["sip_status"].said
