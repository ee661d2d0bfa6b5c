"""Why a call's outcome is what it is: the whole chain of rules over one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.outcomes.results import OUTCOMES
from voicetel.outcomes import TurnText, evidence_from_turns, explain
from voicetel.results import CellFormat, figure, result
from voicetel.store.transcripts import transcripts_of_calls

if TYPE_CHECKING:
    from voicetel.outcomes import Rules, Step
    from voicetel.store import Store


@result
class RuleStep:
    """What one rule found for a call."""

    rule: str = figure("The rule.")
    decided: bool = figure("Whether it is this rule's outcome that counts.")
    outcome: str | None = figure("Null: the rule has nothing to say.", choices=(*OUTCOMES, None))
    confidence: float | None = figure("How sure it is.", unit="share", format=CellFormat.SCORE)
    said: str = figure("What the rule went by.")


@result
class Explanation:
    """What each rule found for a call, in the order in which they are evaluated."""

    call_id: str = figure("The call.")
    steps: tuple[RuleStep, ...] = figure("The rules, in the order in which they are asked.", rows=True)


def explanation(store: Store, rules: Rules, call_id: str) -> Explanation:
    """Ask every rule about one call of the store, also those that the deciding one leaves no say."""
    columns = {
        "duration_s": "duration_s",
        "outcome": "logged_outcome",
        "outcome_confidence": "logged_confidence",
        "outcome_reason": "logged_reason",
        **{name: name for name in ("sip_status", "amd", "final_state", "end_reason", "direction", "ended")},
    }
    connection = store.connection
    columns_sql = ", ".join(columns.values())
    row = connection.execute(f"SELECT {columns_sql} FROM calls WHERE call_id = $id", {"id": call_id}).fetchone()
    known = dict(zip(columns, row or (), strict=True))
    for number in ("duration_s", "outcome_confidence"):
        known[number] = None if known[number] is None else float(known[number])
    marks = connection.execute(
        "SELECT DISTINCT kind FROM events WHERE call_id = $id AND event = 'mark' AND kind IS NOT NULL", {"id": call_id}
    ).fetchall()
    evidence = evidence_from_turns(_turns(store, call_id), rules, marks=[kind for (kind,) in marks], **known)
    return Explanation(call_id, tuple(_step(step) for step in explain(evidence, rules)))


def _step(step: Step) -> RuleStep:
    found = step.classification
    outcome, confidence = (found.outcome.value, found.confidence) if found else (None, None)
    return RuleStep(step.rule, step.decided, outcome, confidence, step.said)


def _turns(store: Store, call_id: str) -> list[TurnText]:
    transcripts = transcripts_of_calls(store, [call_id])
    rows = store.connection.execute(
        "SELECT line_key, user_spoke, agent_spoke FROM positioned_turns WHERE call_id = $id ORDER BY position",
        {"id": call_id},
    ).fetchall()
    turns = []
    for line_key, user_spoke, agent_spoke in rows:
        transcript = transcripts.get(line_key)
        user = (transcript.user_text if transcript else None) or ""
        agent = (transcript.agent_text if transcript else None) or ""
        turns.append(TurnText(user if user_spoke else None, agent if agent_spoke else None))
    return turns
