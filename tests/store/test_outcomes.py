"""How calls ended, as the store keeps it: judged when lines are read, and again when lines of a call come or go."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from support.store_runs import RULES, line, write
from voicetel.outcomes import classify
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicetel.outcomes import Classification, Evidence, Rules
    from voicetel.store import Store

UNDECIDED = line("turn", turn=2, user={"text": "a small one, blue"})
BEEP = line("turn", turn=1, user={"text": "please leave a message after the tone"})
SUCCESS = line("call_ended", outcome="success", outcome_confidence=0.9, outcome_reason="booked")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The store of a folder of logs, brought up to date."""
    with open_store([str(folder)], RULES) as store:
        yield store


def ended(folder: Path) -> list[tuple[object, ...]]:
    """What the store says of the one call there is."""
    with opened(folder) as store:
        return store.connection.execute(
            "SELECT outcome, outcome_source, outcome_reason, logged_outcome, answered FROM calls"
        ).fetchall()


def test_more_lines_of_a_call_can_change_its_verdict(tmp_path: Path) -> None:
    """Open at first; decided by the transcript of another file; then by what a third one logs; and back, as those files go."""
    logs = tmp_path / "logs"
    logs.mkdir()
    write(logs / "a.jsonl", [UNDECIDED])
    ((outcome, source, _, logged, answered),) = ended(logs)
    assert (outcome, source, logged, answered) == ("unknown", "none", None, True)
    write(logs / "b.jsonl", [BEEP])
    ((outcome, source, _, logged, answered),) = ended(logs)
    assert (outcome, source, logged, answered) == ("voicemail", "phrases", None, False)
    write(logs / "c.jsonl", [SUCCESS])
    assert ended(logs) == [("success", "logged", "booked", "success", True)]
    (logs / "c.jsonl").unlink()
    assert ended(logs)[0][:2] == ("voicemail", "phrases")
    (logs / "b.jsonl").unlink()
    assert ended(logs)[0][:2] == ("unknown", "none")


def test_calls_that_look_alike_are_judged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of another group: once without their transcripts, once with them. Too many cached outcomes are dropped again."""
    asked = 0

    def counted(evidence: Evidence, rules: Rules) -> Classification:
        nonlocal asked
        asked += 1
        return classify(evidence, rules)

    monkeypatch.setattr("voicetel.store.aggregate.outcomes.classify", counted)
    monkeypatch.setattr("voicetel.store.aggregate.aggregation.CALLS_AT_ONCE", 1)
    for most in (100, 0):
        asked = 0
        monkeypatch.setattr("voicetel.store.aggregate.outcomes.MAX_CACHED_OUTCOMES", most)
        logs = tmp_path / f"logs-{most}"
        logs.mkdir()
        for number in range(4):
            write(logs / f"{number}.jsonl", [line("turn", call=f"c-{number}", turn=1, user={"text": "after the tone"})])
        with opened(logs) as store:
            rows = store.connection.execute("SELECT DISTINCT outcome, outcome_reason FROM calls").fetchall()
        assert len(rows) == 1
        assert asked == 2 if most else asked > 2


def test_phrases_are_read_in_the_longest_file(tmp_path: Path) -> None:
    """Of two files of one log, one of which is its beginning, the whole one is read again for what was said."""
    folder = tmp_path / "logs"
    folder.mkdir()
    write(folder / "a.jsonl", [UNDECIDED, BEEP])
    write(folder / "b.jsonl", [UNDECIDED])
    assert ended(folder)[0][0] == "voicemail"
