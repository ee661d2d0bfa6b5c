"""A report that was made before: given back while nothing has changed, and never after."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.handling.results import SLOW_THRESHOLDS_MS
from voicetel.analyzers.overview import analyze, report_cache
from voicetel.analyzers.overview.report_cache import cache_key
from voicetel.cli.app import app
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card, parse_card
from voicetel.store import open_store, stored_reports

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicetel.analyzers.overview.results import Analysis

SAMPLES = Path(__file__).parents[3] / "sample_logs"
CARD, RULES = load_card(), load_rules()
BY_AGENT = Selection(by=("agent_name", "agent_version"))
LINE = (
    b'{"v":1,"event":"turn","ts":"2026-11-02T09:00:00Z","call_id":"late","turn":1,'
    b'"user":{"text":"hello","start_ms":0,"end_ms":400},"eou_latency_ms":777}\n'
)


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample's sessions as two files, with a cache of their own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "logs"
    folder.mkdir()
    whole = b"".join(path.read_bytes() for path in sorted((SAMPLES / "livekit").glob("*.jsonl")))
    half = whole.index(b"\n", len(whole) // 2) + 1
    (folder / "a.jsonl").write_bytes(whole[:half])
    (folder / "b.jsonl").write_bytes(whole[half:])
    return folder


def ask(logs: Path, selection: Selection = ALL_CALLS, *, cache: bool = True, card: Any = CARD) -> Analysis:
    """The report of a run of its own, the paths of its warnings apart."""
    with open_store([str(logs)], RULES, cache=cache) as store:
        analysis = analyze.analyze(store, card, selection)
    return dataclasses.replace(analysis, input=dataclasses.replace(analysis.input, warnings=()))


def refuse(*_: object) -> None:
    """Stands where nothing is to be worked out."""
    raise AssertionError("worked out anew")


@pytest.mark.parametrize("selection", [ALL_CALLS, BY_AGENT])
def test_the_same_question_is_not_worked_out_again(
    logs: Path, monkeypatch: pytest.MonkeyPatch, selection: Selection
) -> None:
    """The second report equals the first to the last digit, and no query was run for it."""
    first = ask(logs, selection)
    monkeypatch.setattr(analyze, "analysis_context", refuse)
    assert ask(logs, selection) == first
    with pytest.raises(AssertionError, match="worked out anew"):
        ask(logs, selection, cache=False)


def test_contradictions_are_computed_once(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another question about the same logs does not look for them again; after a change they are looked for anew."""
    ask(logs)
    monkeypatch.setattr(analyze, "contradiction_notes_of_store", refuse)
    ask(logs, BY_AGENT)
    append(logs)
    with pytest.raises(AssertionError, match="worked out anew"):
        ask(logs)


def test_so_it_is_from_the_command_line(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command asks what the analyzer was asked before."""
    arguments = ["analyze", str(logs), "--json"]
    first = CliRunner().invoke(app, arguments)
    monkeypatch.setattr(analyze, "analysis_context", refuse)
    second = CliRunner().invoke(app, arguments)
    assert (second.exit_code, second.stdout) == (0, first.stdout)


def append(logs: Path) -> None:
    """One more whole line."""
    with (logs / "b.jsonl").open("ab") as file:
        file.write(LINE)


def begin_a_line(logs: Path) -> None:
    """Half a line more, which does not count."""
    with (logs / "b.jsonl").open("ab") as file:
        file.write(LINE[:40])


def refuse_a_line(logs: Path) -> None:
    """A line that is no event."""
    with (logs / "b.jsonl").open("ab") as file:
        file.write(b"[]\n")


def delete(logs: Path) -> None:
    """One file fewer."""
    (logs / "a.jsonl").unlink()


def copy(logs: Path) -> None:
    """One file twice."""
    (logs / "c.jsonl").write_bytes((logs / "a.jsonl").read_bytes())


def truncate(logs: Path) -> None:
    """A file of which only the beginning is left."""
    content = (logs / "a.jsonl").read_bytes()
    (logs / "a.jsonl").write_bytes(content[: content.index(b"\n", len(content) // 2) + 1])


@pytest.mark.parametrize("change", [append, begin_a_line, refuse_a_line, delete, copy, truncate])
def test_whatever_happens_to_the_logs(logs: Path, change: Callable[[Path], None]) -> None:
    """After any change the report is that of a first run, and so it is when asked again."""
    ask(logs)
    change(logs)
    expected = ask(logs, cache=False)
    assert ask(logs) == expected
    assert ask(logs) == expected


def test_another_question_has_an_answer_of_its_own(logs: Path) -> None:
    """Prices, groups and filters are told apart, whichever was asked before."""
    dear = parse_card('currency = "EUR"\n[stt.deepgram]\neur_per_second = 7\n', source="dear")
    selections = [ALL_CALLS, BY_AGENT, Selection(languages=("ru",))]
    asked = [(selection, card) for selection in selections for card in (CARD, dear)]
    expected = [ask(logs, selection, cache=False, card=card) for selection, card in asked]
    for _ in range(2):
        assert [ask(logs, selection, card=card) for selection, card in asked] == expected
    assert len({cache_key(card, selection, SLOW_THRESHOLDS_MS) for selection, card in asked}) == len(asked)


def test_only_the_last_answers_are_kept(logs: Path) -> None:
    """A question that is never asked again does not lie there for ever."""
    with open_store([str(logs)], RULES) as store:
        for number in range(stored_reports.MAX_REPORTS + 5):
            stored_reports.put(store, str(number).encode(), b"x")
        kept = [
            number
            for number in range(stored_reports.MAX_REPORTS + 5)
            if stored_reports.get(store, str(number).encode())
        ]
        assert len(kept) == stored_reports.MAX_REPORTS
        assert stored_reports.get(store, b"4") is None
        assert stored_reports.get(store, b"5") == b"x"


@pytest.mark.parametrize(
    "kept",
    [b"", b"\x80", b"no report", pickle.dumps(("a", len)), pickle.dumps({"a": 1})],
    ids=["empty", "torn", "text", "function", "no tuple"],
)
def test_an_answer_that_is_none_is_worked_out_again(logs: Path, kept: bytes) -> None:
    """Whatever bytes lie there: nothing of them is run, and the report is right."""
    expected = ask(logs)
    with open_store([str(logs)], RULES) as store:
        stored_reports.put(store, cache_key(CARD, ALL_CALLS, SLOW_THRESHOLDS_MS), kept)
        assert report_cache.get(store, cache_key(CARD, ALL_CALLS, SLOW_THRESHOLDS_MS)) is None
    assert ask(logs) == expected


def test_nothing_but_a_report_is_built(logs: Path) -> None:
    """An answer that wants a program to be started is not one."""

    class Bomb:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (eval, ("1/0",))

    with open_store([str(logs)], RULES) as store:
        question = cache_key(CARD, ALL_CALLS, SLOW_THRESHOLDS_MS)
        stored_reports.put(store, question, pickle.dumps((Bomb(),)))
        assert report_cache.get(store, question) is None
