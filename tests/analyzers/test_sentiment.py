"""How callers felt, from a log to the report."""

from __future__ import annotations

import gzip
import shutil
from typing import TYPE_CHECKING

from support.logs import Event, store_of, write_log
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.core.transcript_options import TranscriptOptions
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.sentiment.results import TurnSentiment
from voicetel.analyzers.sentiment.sentiment import _CachingScorer
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card
from voicetel.sentiment import Scorer
from voicetel.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

RULES = load_rules()
CARD = load_card("list")


def event(call_id: str, second: int, **fields: object) -> Event:
    """One line of a log."""
    return {"v": 1, "ts": f"2026-11-02T09:00:{second:02}Z", "call_id": call_id, **fields}


def turn(call_id: str, number: int, user: str | None = None, agent: str = "Right.") -> Event:
    """A turn with these words."""
    fields = {"user": {"text": user}} if user is not None else {}
    return event(call_id, number, event="turn", turn=number, agent={"text": agent}, **fields)


LOG = [
    event("a", 0, event="call_started", language="en"),
    turn("a", 1, agent="Hello, terrible awful"),
    turn("a", 2, "up up"),
    turn("a", 3, "down"),
    turn("b", 1, "up up"),
    event("b", 9, event="call_ended", sentiment=-1),
    event("c", 0, event="call_started", language="xx"),
    turn("c", 1, "up"),
    turn("d", 1),
]


class Counting:
    """Scores by counting "up" and "down", and remembers what it was asked."""

    def __init__(self, name: str = "counting") -> None:
        self.asked: list[str] = []
        self.scorer = Scorer(name, self.score_batch)

    def score_batch(self, texts: Sequence[str], language: str | None) -> list[float | None]:
        self.asked += texts
        return [None if language == "xx" else (t.count("up") - t.count("down")) / 4 for t in texts]


def sentiment_by_call(store: Store, counting: Counting) -> dict[str, float | None]:
    """Call → its sentiment, as ``voicetel calls`` has it."""
    table = calls(store, CARD, Selection(), TranscriptOptions(counting.scorer))
    return dict(zip(table["call_id"].to_pylist(), table["sentiment"].to_pylist(), strict=True))


def test_a_call_is_the_mean_of_its_callers_turns(tmp_path: Path) -> None:
    """A logged sentiment wins, an unknown language and a silent caller have none."""
    with store_of(tmp_path, LOG) as store:
        assert sentiment_by_call(store, Counting()) == {"a": 0.125, "b": -1.0, "c": None, "d": None}


def test_the_report_has_both_figures(tmp_path: Path) -> None:
    """Calls with their mean, and turns with how many felt good, neutral and bad, over all and per group."""
    with store_of(tmp_path, LOG) as store:
        analysis = analyze(store, CARD, Selection(by=("language",)), TranscriptOptions(Counting().scorer))
    felt = analysis.total.sentiment
    assert (felt.n, felt.avg) == (2, -0.4375)
    assert felt.turns == TurnSentiment(turns=4, n=3, avg=0.25, good=2, neutral=0, bad=1)
    by_language = {each.group["language"]: each.figures.sentiment.turns for each in analysis.groups}
    assert by_language["en"] == TurnSentiment(2, 2, 0.125, 1, 0, 1)
    assert by_language["xx"] == TurnSentiment(1, 0, None, 0, 0, 0)


def test_unless_asked_no_words_are_scored(tmp_path: Path) -> None:
    """Without a scorer the figures are the logged ones."""
    with store_of(tmp_path, LOG) as store:
        felt = analyze(store, CARD).total.sentiment
    assert (felt.n, felt.avg, felt.turns) == (1, -1.0, None)


def test_a_text_is_scored_once(tmp_path: Path) -> None:
    """Texts that come again, in one language, are scored one time."""
    counting = Counting()
    with store_of(tmp_path, [turn(f"call-{n}", 1, "up") for n in range(50)]) as store:
        assert set(sentiment_by_call(store, counting).values()) == {0.25}
    assert counting.asked == ["up"]


def test_scores_are_kept_without_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run scores what is new; another scorer begins anew; no word of a caller is in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    log = write_log(tmp_path / "logs/a.jsonl", LOG)
    first, second, other = Counting(), Counting(), Counting("other")
    for counting in (first, second, other):
        with open_store([str(log)], RULES) as store:
            sentiment_by_call(store, counting)
    write_log(log, [*LOG, turn("e", 1, "quite unmistakable down")])
    with open_store([str(log)], RULES) as store:
        assert sentiment_by_call(store, second)["e"] == -0.25
    assert sorted(first.asked) == sorted(other.asked) == ["down", "up", "up up", "up up"]
    assert second.asked == ["quite unmistakable down"]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert b"unmistakable" not in kept


def test_an_unnamed_scorer_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that somebody hands over may say something else tomorrow."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    log = write_log(tmp_path / "a.jsonl", LOG)
    asked = []
    for _ in range(2):
        counting = Counting("")
        with open_store([str(log)], RULES) as store:
            sentiment_by_call(store, counting)
        asked.append(len(counting.asked))
    assert asked == [4, 4]


def test_words_come_from_packed_files_and_many(tmp_path: Path) -> None:
    """Compressed files, copies of a file and a folder of small ones give the same scores."""
    for number, each in enumerate(LOG):
        write_log(tmp_path / f"logs/{number}.jsonl", [each])
    packed = tmp_path / "logs/2.jsonl"
    with gzip.open(f"{packed}.gz", "wb") as file:
        file.write(packed.read_bytes())
    packed.unlink()
    shutil.copy(tmp_path / "logs/3.jsonl", tmp_path / "logs/copy.jsonl")
    with open_store([str(tmp_path / "logs")], RULES, cache=False) as store:
        assert sentiment_by_call(store, Counting()) == {"a": 0.125, "b": -1.0, "c": None, "d": None}


def test_a_file_that_goes_away_leaves_its_turns_unknown(tmp_path: Path) -> None:
    """What cannot be read again has no score, and the rest has."""
    write_log(tmp_path / "logs/a.jsonl", [turn("a", 1, "up")])
    gone = write_log(tmp_path / "logs/b.jsonl", [turn("b", 1, "up")])
    with open_store([str(tmp_path / "logs")], RULES, cache=False) as store:
        gone.unlink()
        assert sentiment_by_call(store, Counting()) == {"a": 0.25, "b": None}


def test_only_selected_calls_are_scored(tmp_path: Path) -> None:
    """Filters apply before any word is read."""
    counting = Counting()
    with store_of(tmp_path, LOG) as store:
        analysis_context(store, Selection(languages=("xx",)), TranscriptOptions(counting.scorer))
    assert counting.asked == ["up"]


def test_turns_are_scored_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few positions, lines and texts in memory every turn has the score of its own text, in the language of its call."""
    texts = ["up", "down", "up up", "down down", "up down"]
    log = [
        event(f"call-{n}", n, event="call_started", **({"language": "xx"} if n % 7 == 0 else {"language": "en"}))
        for n in range(40)
    ]
    log += [turn(f"call-{n}", 1, f"{texts[n % 5]} {n % 11}") for n in range(40)]
    monkeypatch.setattr("voicetel.store.transcripts.POSITIONS_AT_ONCE", 7)
    monkeypatch.setattr("voicetel.store.transcripts.LINES_AT_ONCE", 3)
    monkeypatch.setattr("voicetel.analyzers.sentiment.sentiment.LINES_AT_ONCE", 5)
    monkeypatch.setattr("voicetel.analyzers.sentiment.sentiment.CACHED_TEXTS", 4)
    counting = Counting()
    with store_of(tmp_path, log) as store:
        found = sentiment_by_call(store, counting)
    each = [0.25, -0.25, 0.5, -0.5, 0.0]
    assert found == {f"call-{n}": None if n % 7 == 0 else each[n % 5] for n in range(40)}
    assert len(counting.asked) == 40


def test_texts_that_came_lately_are_not_scored_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more texts than are kept the older half is scored again when it comes again."""
    monkeypatch.setattr("voicetel.analyzers.sentiment.sentiment.CACHED_TEXTS", 4)
    counting = Counting()
    known = _CachingScorer(counting.scorer)
    known.scores([("en", "1"), ("en", "2"), ("en", "3"), ("en", "4"), ("en", "5")])
    assert known.scores([("en", "5 up"), ("en", "5"), ("en", "1"), ("ru", "5")]) == [0.25, 0.0, 0.0, 0.0]
    assert counting.asked == ["1", "2", "3", "4", "5", "5 up", "1", "5"]
