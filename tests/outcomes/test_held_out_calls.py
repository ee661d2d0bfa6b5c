"""The rules against the labelled calls they were not made on, and the analyzers against the rules."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.logs import Event, store_of
from support.scripts import load_script
from voicetel.analyzers.prepare import analysis_context
from voicetel.events.fields import EVENTS
from voicetel.outcomes import CallOutcome, classify, load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LABELLED = ROOT / "tests/outcomes/labelled"


@pytest.fixture(scope="module")
def evaluation() -> Any:
    """The script that scores the rules."""
    return load_script("scripts/eval_outcomes.py")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_rules_tell_calls_they_were_not_made_on(evaluation: Any, language: str) -> None:
    """Macro F1 is at least 0.8 in each language, over at least 80 calls and every outcome five times."""
    judged = evaluation.judge([LABELLED / f"held_out_{language}.jsonl"], load_rules())
    labels = Counter(each.label for each in judged)
    assert len(judged) >= 80
    assert all(labels[outcome] >= 5 for outcome in CallOutcome)
    assert evaluation.macro_f1(judged) >= 0.8


def test_a_person_is_no_machine_and_a_machine_no_person(evaluation: Any) -> None:
    """Mailboxes, screening, menus and people who sound like them, none of which the rules were made on.

    No machine is a success or a fail, and of the 28 people one at most is taken for a machine.
    """
    paths = [LABELLED / f"held_out_machine_{language}.jsonl" for language in ("en", "ru")]
    judged = evaluation.judge(paths, load_rules())
    persons, machines = evaluation.person_or_machine(judged)
    right = sum(each.classification.outcome is each.label for each in judged)
    assert len(judged) >= 60
    assert (persons <= 1, machines) == (True, 0)
    assert right / len(judged) >= 0.85


def loggable(call: dict[str, Any]) -> dict[str, Any]:
    """A call as far as the format has words for it: a vendor's own word for why it ended is none of them."""
    closed = {field.name: field.values for field in EVENTS["call_ended"] if field.values and not field.open_values}
    known = {name: value for name, value in call.items() if value in closed.get(name, (value,))}
    return {"duration_s": 600.0} | known


def lines_of(case: dict[str, Any]) -> Iterator[Event]:
    """A labelled call as an agent would have logged it, a turn every twenty seconds."""
    fields = loggable(case["call"])
    turns, marks, ended = fields.pop("turns"), fields.pop("marks", []), fields.pop("ended", True)
    seconds = iter(range(0, 3600, 20))

    def line(event: str, **members: Any) -> Event:
        second = next(seconds)
        moment = f"2026-11-02T09:{second // 60:02}:{second % 60:02}Z"
        return {"v": 1, "event": event, "call_id": case["id"], "ts": moment, **members}

    yield line("call_started", language=case["language"], direction=fields.pop("direction", None))
    for number, turn in enumerate(turns):
        yield line("turn", turn=number + 1, **{side: {"text": text} for side, text in turn.items()})
    for kind in marks:
        yield line("mark", kind=kind)
    if ended:
        yield line("call_ended", **fields)


def test_recorder_and_analyzers_rule_alike(evaluation: Any, tmp_path: Path) -> None:
    """Over the whole set a call read from a log has the verdict of the same call judged in the agent."""
    rules = load_rules()
    paths = sorted(LABELLED.glob("*.jsonl"))
    cases = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]
    expected = {}
    for case in cases:
        classified = classify(evaluation.evidence_of(loggable(case["call"]), rules), rules)
        expected[case["id"]] = (classified.outcome.value, classified.confidence, classified.reason, classified.source)
    with store_of(tmp_path, (line for case in cases for line in lines_of(case))) as store:
        rows = analysis_context(store).rows(
            "SELECT call_id, outcome, CAST(outcome_confidence AS DOUBLE), outcome_reason, outcome_source FROM selected_calls"
        )
    found = {call_id: tuple(ruling) for call_id, *ruling in rows}
    assert len(cases) >= 300
    assert found == expected
