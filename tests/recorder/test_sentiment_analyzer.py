"""Sentiment in the agent."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from voicetel.recorder import QualityMetricsCollector, SentimentAnalyzer, TurnMetrics

if TYPE_CHECKING:
    from voicetel.recorder.quality.transcript import Entry


def length(text: str, language: str | None) -> float | None:
    """A scorer whose scores are easy to tell."""
    return None if language == "de" else -len(text) / 10


async def test_a_call_is_the_mean_of_what_its_caller_said() -> None:
    """The agent's words do not count, in whatever way the transcript is kept."""
    analyzer = SentimentAnalyzer(length)
    said: list[Entry] = [
        ("user", "aa"),
        ("assistant", "bbbbbbbb"),
        {"role": "user", "content": "cccc"},
        ("system", "ddd"),
    ]
    assert await analyzer.analyze(said) == pytest.approx(-0.3)
    assert await analyzer.analyze("user: aa\nassistant: bbbbbb\nuser: cccc") == pytest.approx(-0.3)
    assert await analyzer.analyze([TurnMetrics(1, role="user", content="aaaa")]) == pytest.approx(-0.4)
    assert await analyzer.analyze("aaaaaa") == pytest.approx(-0.6)


async def test_what_has_no_score_is_unknown() -> None:
    """No words of the caller, or a language nobody knows: None, and no part of a mean."""
    analyzer = SentimentAnalyzer(length, language="de")
    assert await analyzer.analyze("user: aa") is None
    assert await analyzer.analyze("user: aa", language="en") == pytest.approx(-0.2)
    assert await SentimentAnalyzer(length).analyze([("assistant", "Hello")]) is None
    assert await SentimentAnalyzer(length).analyze([]) is None


async def test_a_turn_of_either_side_is_scored() -> None:
    """Both sides have a score; words of a tool or the system do not."""
    analyzer = SentimentAnalyzer(length)
    assert await analyzer.analyze_turn("aaa", "user") == pytest.approx(-0.3)
    assert await analyzer.analyze_turn("aaa", "assistant") == pytest.approx(-0.3)
    assert await analyzer.analyze_turn("aaa", "system") is None


async def test_the_loop_does_not_wait() -> None:
    """Scoring runs in a thread of its own."""
    threads = []
    await SentimentAnalyzer(lambda text, language: threads.append(threading.current_thread())).analyze_turn("a")
    assert threads[0] is not threading.current_thread()


async def test_the_collector_gives_the_score() -> None:
    """The package's own scorer unless another analyzer is given."""
    bad = await QualityMetricsCollector().get_sentiment_score("user: Ужас, вы мне надоели!")
    good = await QualityMetricsCollector().get_sentiment_score([("user", "Thanks, that was great")])
    assert bad is not None
    assert good is not None
    assert bad < -0.5 < 0.5 < good
    collector = QualityMetricsCollector(sentiment=SentimentAnalyzer(length))
    assert await collector.get_sentiment_score("user: aa", language="en") == pytest.approx(-0.2)
