"""At 80 columns a table has what it was asked for; what is missing is no 0, and what is left out is said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.logs import turn_event, write_log
from support.processes import run_on_terminal
from voicetel.errors import UsageError
from voicetel.reporters.layouts.calls import sort_column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from support.command import Ran
    from support.logs import Event

WIDTH = 80


def turn(number: int, call_id: str, *operations: Mapping[str, object]) -> Event:
    """A turn in which the agent spoke, with these operations."""
    user, agent = {"start_ms": 0, "end_ms": 100}, {"start_ms": 900, "end_ms": 1500}
    return turn_event(number, call_id, user=user, agent=agent, operations=list(operations))


@pytest.fixture
def logs(tmp_path: Path) -> str:
    """Two models of each kind, one of them without a rate; a decision on the end of a turn, which nobody bills."""
    fast = {
        "stage": "llm",
        "provider": "groq",
        "model": "fast",
        "ttfb_ms": 100,
        "duration_ms": 300,
        "input_tokens": 1000,
    }
    slow = {"stage": "llm", "provider": "acme", "model": "slow", "ttfb_ms": 700, "duration_ms": 900, "input_tokens": 10}
    tts = {"stage": "tts", "provider": "cartesia", "model": "sonic-2", "ttfb_ms": 200, "characters": 1000}
    eot = {"stage": "eot", "provider": "livekit", "model": "turn-detector", "duration_ms": 40}
    tool = {"stage": "tool", "name": "book", "status": "ok"}
    log = [turn(1, "a", fast, tts, eot), turn(2, "a", fast, tool), turn(3, "b", slow, tts)]
    return str(write_log(tmp_path / "logs" / "a.jsonl", log).parent)


def on_terminal(*words: str) -> list[str]:
    """What the command shows on a terminal of 80 columns."""
    code, text = run_on_terminal((*words, "--no-cache"), WIDTH, {"NO_COLOR": "1"})
    assert code == 0
    return text.splitlines()


def test_by_model_every_latency_is_there(logs: str) -> None:
    """A row for each latency of a stage and model: p50 and p95 of both LLMs and of the TTS; nothing billed is no 0."""
    lines = on_terminal("analyze", logs, "--by", "stage,model")
    start = lines.index("Latency, ms")
    assert [line.split() for line in lines[start + 1 : start + 9]] == [
        ["stage", "model", "calls", "latency", "n", "p50", "p95"],
        ["eot", "turn-detector", "1", "endpointing_ms", "1", "40", "40"],
        ["llm", "fast", "1", "llm_ttft_ms", "2", "100", "100"],
        ["llm", "fast", "1", "llm_latency_ms", "2", "300", "300"],
        ["llm", "slow", "1", "llm_ttft_ms", "1", "700", "700"],
        ["llm", "slow", "1", "llm_latency_ms", "1", "900", "900"],
        ["tool", "(not", "logged)", "1", "none", "logged", "n/a", "n/a"],
        ["tts", "sonic-2", "2", "tts_ttfb_ms", "2", "200", "200"],
    ]
    start = lines.index("Cost, USD")
    # 2,000 tokens at 0.05 per million are 0.0001; 2,000 characters at 0.015 per thousand are 0.03.
    assert [line.split() for line in lines[start + 1 : start + 8]] == [
        ["stage", "model", "total", "share", "priced"],
        ["eot", "turn-detector", "no", "usage"],
        ["llm", "fast", "0.0001", "0.3", "%", "100.0", "%"],
        ["llm", "slow", "unpriced", "n/a", "0.0", "%"],
        ["tool", "(not", "logged)", "no", "usage"],
        ["tts", "sonic-2", "0.0300", "99.7", "%", "100.0", "%"],
        ["Total", "0.0301", "100.0", "%", "80.0", "%"],
    ]
    assert not [line for line in lines if "hidden" in line]


def test_a_model_has_no_amount_in_the_components_of_others(logs: str) -> None:
    """By provider the components stay, and each has the amount where it belongs."""
    lines = on_terminal("analyze", logs, "--by", "provider")
    start = lines.index("Cost, USD")
    assert [line.split() for line in lines[start + 1 : start + 5]] == [
        ["provider", "total", "share", "llm", "tts", "priced"],
        ["acme", "unpriced", "n/a", "unpriced", "0.0", "%"],
        ["cartesia", "0.0300", "99.7", "%", "0.0300", "100.0", "%"],
        ["groq", "0.0001", "0.3", "%", "0.0001", "100.0", "%"],
    ]


def test_prices_say_of_which_day_and_page_they_are(logs: str) -> None:
    """Where the columns do not fit, day, table and page stand under the price, once for a rate."""
    lines = on_terminal("pricing", "show", logs, "--pricing", "list")
    text = " ".join(" ".join(lines).split())
    assert 'table tts.cartesia."sonic*" · source https://cartesia.ai/pricing' in text
    assert "as of 20" in text


def test_rates_that_price_nothing_are_not_doubted(tmp_path: Path, voicetel: Callable[..., Ran]) -> None:
    """What a platform charged is priced by no rate, however far off the card's is for that provider."""
    charged = {
        "stage": "stt",
        "provider": "deepgram",
        "model": "nova-3",
        "audio_s": 10,
        "cost": "0.001",
        "currency": "USD",
    }
    timed = {"stage": "stt", "provider": "deepgram", "model": "nova-3", "ttfb_ms": 100}
    log = write_log(tmp_path / "a.jsonl", [turn(1, "a", charged, timed)])
    for words in (("analyze",), ("cost",), ("calls",)):
        assert "times the list price" not in voicetel(*words, log, "--no-cache").out
    log = write_log(tmp_path / "b.jsonl", [turn(1, "a", charged, timed | {"audio_s": 2})])
    for words in (("analyze",), ("cost",), ("calls",)):
        assert "times the list price" in voicetel(*words, log, "--no-cache").out


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("latency", "did you mean eou_latency_ms_p95 or llm_latency_ms_p95?"),
        ("LLM", "did you mean llm_ttft_ms_p95 or llm_latency_ms_p95?"),
        ("ttft", "did you mean llm_ttft_ms_p95?"),
    ],
)
def test_sorting_by_a_latency_names_latencies(wanted: str, hint: str) -> None:
    """And no count of them."""
    with pytest.raises(UsageError) as error:
        sort_column(wanted, ())
    assert error.value.hint == hint


def test_a_campaign_names_the_successes_that_it_leaves_out(logs: str) -> None:
    """A call that succeeded with one turn of the caller is no conversation, and so no success of one."""
    ended = {"v": 1, "event": "call_ended", "ts": "2026-11-02T09:01:00Z", "call_id": "b", "outcome": "success"}
    write_log(Path(logs) / "b.jsonl", [ended])
    text = " ".join(" ".join(on_terminal("campaigns", logs)).split())
    assert "1 call that succeeded was no conversation (fewer than two turns of the caller)" in text
    assert "not among the successes, which are 0, but in their cost" in text


def test_a_trend_names_a_currency_where_there_is_money(logs: str, voicetel: Callable[..., Ran]) -> None:
    """Milliseconds are in none; a number of calls has no decimals."""
    assert voicetel("trend", logs, "--metric", "eou_latency_ms", "--no-cache").out.startswith("by day\n")
    assert voicetel("trend", logs, "--metric", "cost", "--no-cache").out.startswith("by day · USD\n")
    lines = voicetel("trend", logs, "--metric", "calls", "--no-cache").out.splitlines()
    assert lines[3].split()[:5] == ["calls", "total", "2", "2", "2"]
