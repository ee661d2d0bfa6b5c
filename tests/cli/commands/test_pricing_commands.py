"""``voicetel pricing`` and ``voicetel cost --compare``: a rate card beside the logs it is to price."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.logs import Event, write_log
from voicetel.pricing import parse_card

if TYPE_CHECKING:
    from pathlib import Path

CARD = """
currency = "USD"
[stt.deepgram]
usd_per_minute = 0.6
[[llm.groq]]
usd_per_1m_input_tokens = 100
[[llm.groq]]
effective_from = 2026-11-03
usd_per_1m_input_tokens = 200
multiplier = 0.5
[tool.unused]
usd_per_request = 1
"""
OTHER = 'currency = "USD"\n[stt.deepgram]\nusd_per_minute = 0.3\n[tts.acme]\nusd_per_1k_characters = 1\n'


def usage(day: int, *operations: dict[str, Any]) -> Event:
    """What was used on a day of November."""
    return {"v": 1, "event": "usage", "ts": f"2026-11-0{day}T09:00:00Z", "call_id": "c", "operations": list(operations)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of one call over two days, and two cards beside it."""
    stt = {"stage": "stt", "provider": "deepgram", "model": "nova-3", "audio_s": 30}
    llm = {"stage": "llm", "provider": "groq", "model": "llama", "input_tokens": 1000}
    tts = {"stage": "tts", "provider": "acme", "model": "voice.1", "characters": 100}
    billed = {"stage": "llm", "provider": "openai", "model": "gpt-4o-mini", "cost": "0.5", "currency": "USD"}
    ended = {"v": 1, "event": "call_ended", "ts": "2026-11-03T09:00:00Z", "call_id": "c", "duration_s": 120}
    write_log(tmp_path / "logs" / "calls.jsonl", [usage(2, stt, llm), usage(3, llm, tts, billed), ended])
    (tmp_path / "card.toml").write_text(CARD)
    (tmp_path / "other.toml").write_text(OTHER)
    return tmp_path


def pricing(folder: Path, verb: str, *args: str) -> Any:
    """A pricing command on the log and the first card."""
    return run("pricing", verb, folder / "logs", "--no-cache", "--pricing", folder / "card.toml", *args)


def test_show_names_the_rate_of_every_model_and_its_table(folder: Path) -> None:
    """Both rates of a history, the charge that beats the card, and what has no rate."""
    assert [" ".join(line.split()) for line in pricing(folder, "show").out.splitlines()[2:]] == [
        "stage provider model operations usd_per_… value as of from table source",
        "llm groq llama 2 1m_input_tokens 100 llm.groq",
        "1m_input_tokens 200 × 0.5 2026-11-03 llm.groq",
        "llm openai gpt-4o-mini 1 billed as logged",
        "stt deepgram nova-3 1 minute 0.6 stt.deepgram",
        "tts acme voice.1 1 characters unpriced",
    ]
    models = pricing(folder, "show", "--json").json["models"]
    assert [(each["model"], len(each["rates"]), each["unpriced"]) for each in models] == [
        ("llama", 2, []),
        ("gpt-4o-mini", 0, []),
        ("nova-3", 1, []),
        ("voice.1", 0, ["characters"]),
    ]
    rows = pricing(folder, "show", "--format", "csv").out.splitlines()
    assert rows[2] == "llm,groq,llama,2,usd_per_1m_input_tokens,200 × 0.5,,2026-11-03,llm.groq,"


def test_check_lists_what_is_wrong_and_fails_when_asked_to(folder: Path) -> None:
    """Far off the list price, unpriced, never used; exit 3 under --strict."""
    checked = pricing(folder, "check")
    kinds = [line.split(": ")[1] for line in checked.out.splitlines()]
    assert (checked.code, kinds) == (0, ["far off", "far off", "far off", "unpriced", "unused"])
    assert "far off: stt.deepgram: usd_per_minute = 0.6 is " in checked.out
    assert "unused: tool.unused" in checked.out
    assert pricing(folder, "check", "--strict").code == 3
    assert [each["kind"] for each in pricing(folder, "check", "--json").json["findings"]] == kinds


def test_check_without_logs_looks_at_the_card_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No logs are needed to see that a rate is far off, or that a card is fine."""
    monkeypatch.chdir(folder / "logs")
    monkeypatch.delenv("VOICETEL_LOGS", raising=False)
    assert "far off" in run("pricing", "check", "--pricing", folder / "card.toml").out
    (folder / "fine.toml").write_text('currency = "USD"\n[stt.deepgram]\nusd_per_minute = 0.005\n')
    fine = run("pricing", "check", "--pricing", folder / "fine.toml", "--strict")
    assert (fine.code, fine.out) == (0, f"{folder / 'fine.toml'}: nothing to remark\n")


def test_a_withdrawn_model_is_a_finding(folder: Path) -> None:
    """A model that the catalogue of list prices calls deprecated is named."""
    from voice_prices.data import providers

    provider, model = next(
        (provider.id, model.id)
        for provider in providers
        for model in provider.models
        if model.deprecated is True and (known := provider.find_model(model.id)) and known.id == model.id
    )
    write_log(
        folder / "logs" / "calls.jsonl",
        [usage(2, {"stage": "llm", "provider": provider, "model": model, "input_tokens": 5})],
    )
    assert f"withdrawn: llm {provider}/{model}" in pricing(folder, "check").out


def test_an_unknown_key_is_one_line_with_the_right_one(folder: Path) -> None:
    """As everywhere where a card is read: file, line, key, exit 2."""
    (folder / "card.toml").write_text('currency = "USD"\n[stt.deepgram]\nusd_per_minuet = 1\n')
    checked = pricing(folder, "check")
    assert (checked.code, checked.out) == (2, "")
    assert (
        checked.err
        == f"error: {folder / 'card.toml'}:3: stt.deepgram.usd_per_minuet: unknown key; did you mean usd_per_minute?\n"
    )


def test_suggest_writes_stanzas_that_price_what_had_no_price(folder: Path) -> None:
    """Put behind the card, the suggestion covers everything that somebody publishes a price for."""
    write_log(
        folder / "logs" / "calls.jsonl",
        [
            usage(2, {"stage": "llm", "provider": "openai", "model": "gpt-4o-mini", "input_tokens": 5}),
            usage(2, {"stage": "tts", "provider": "elevenlabs", "model": "eleven_flash_v2_5", "characters": 5}),
            usage(2, {"stage": "tts", "provider": "acme", "model": "voice.1", "characters": 5}),
        ],
    )
    suggested = pricing(folder, "suggest").out
    assert suggested.startswith("# list prices (voice-prices ")
    assert 'usd_per_1m_output_tokens = 0.6\nsource = "https://' in suggested
    assert '# [tts.acme."voice.1"]' in suggested
    (folder / "card.toml").write_text(CARD + suggested)
    parse_card(CARD + suggested, source="card")
    checked = pricing(folder, "check", "--json").json["findings"]
    assert [each["text"] for each in checked if each["kind"] == "unpriced"] == [
        "tts acme/voice.1: characters, 1 operation"
    ]


def test_nothing_to_suggest_says_so(folder: Path) -> None:
    """A comment, so that the output is TOML in any case."""
    log = usage(2, {"stage": "stt", "provider": "deepgram", "audio_s": 1})
    write_log(folder / "logs" / "calls.jsonl", [log])
    assert pricing(folder, "suggest").out == "# Everything in the logs has a price.\n"


def test_an_estimate_from_logs_is_the_cost_of_a_minute(folder: Path) -> None:
    """0.3 for the recogniser, 0.1 + 0.1 by the card and 0.5 as billed, over two minutes."""
    estimate = pricing(folder, "estimate", "--json").json
    assert Decimal(estimate["per_minute"]) == Decimal("0.5")
    assert {each["component"]: each["per_minute"] for each in estimate["components"]} == {
        "stt": "0.15",
        "llm": "0.35",
        "tts": None,
    }
    assert (
        "From 1 call of 2.0 minutes, 80.0 % of the billable operations have a price." in pricing(folder, "estimate").out
    )


def test_a_minute_of_a_component_is_of_calls_whose_length_is_known(folder: Path) -> None:
    """As that of all of them is: a call without a length, of speech alone, changes no other component's minute."""
    untimed = usage(3, {"stage": "stt", "provider": "deepgram", "audio_s": 6000}) | {"call_id": "without-a-length"}
    before = pricing(folder, "estimate", "--json").json
    write_log(folder / "logs" / "more.jsonl", [untimed])
    after = pricing(folder, "estimate", "--json").json
    assert (after["components"], after["per_minute"]) == (before["components"], before["per_minute"])


def test_an_estimate_from_assumptions_needs_no_logs(folder: Path) -> None:
    """A minute of audio at 0.6 and 2,000 tokens at the rate of today, 200 × 0.5 a million; no price stays no price."""
    stack = "stt=deepgram/nova-3,llm=groq,tts=acme"
    args = ("--assume", stack, "--input-tokens", "2000", "--json", "--pricing", str(folder / "card.toml"))
    estimate = run("pricing", "estimate", *args).json
    assert [each["per_minute"] for each in estimate["components"]] == ["0.6", "0.2", None]
    assert estimate["per_minute"] == "0.8"


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ("lm=groq", "no stage is called 'lm'; did you mean llm?"),
        ("groq", "'groq' names no model; write it as llm=groq/llama-3.1-8b-instant"),
        ("llm=", "'llm=' names no model; write it as llm=groq/llama-3.1-8b-instant"),
    ],
)
def test_an_assumption_that_means_nothing_is_one_line(stack: str, message: str) -> None:
    """With the right word where there is one."""
    ran = run("pricing", "estimate", "--assume", stack)
    assert (ran.code, ran.out, ran.err) == (2, "", f"error: {message}\n")


def test_cost_compare_shows_both_totals_and_the_difference_by_component(folder: Path) -> None:
    """By hand: STT 0.3 and 0.15; LLM 0.7, of which 0.5 was billed and stays; TTS unpriced and 0.1."""
    args = (
        "cost",
        folder / "logs",
        "--no-cache",
        "--pricing",
        folder / "card.toml",
        "--compare",
        folder / "other.toml",
    )
    compared = run(*args, "--json").json
    assert {
        line["component"]: (line["amount"], line["other_amount"], line["difference"]) for line in compared["lines"]
    } == {
        "llm": ("0.7", "0.5", "-0.2"),
        "stt": ("0.3", "0.15", "-0.15"),
        "tts": (None, "0.1", None),
    }
    assert compared["total"] == {"amount": "1", "other_amount": "0.75", "difference": "-0.25", "share": -0.25}
    table = run(*args).out.splitlines()
    (totals,) = (line for line in table if line.startswith("Total"))
    assert totals.split() == ["Total", "1.0000", "0.7500", "-0.2500", "-25.0", "%"]
    rows = run(*args, "--format", "csv").out.splitlines()
    assert rows[1] == "llm,0.7,0.5,-0.2,-0.2857142857142857"
    assert "| **Total** |" in run(*args, "--format", "md").out


def test_cards_in_two_currencies_are_not_compared(folder: Path) -> None:
    """Amounts are never converted."""
    (folder / "other.toml").write_text('currency = "EUR"\n[stt.deepgram]\neur_per_minute = 1\n')
    ran = run("cost", folder / "logs", "--pricing", folder / "card.toml", "--compare", folder / "other.toml")
    assert ran.code == 2
    assert "is in USD" in ran.err
    assert "amounts are never converted" in ran.err


QUESTIONS = {
    "--budget": ("--budget", "500/month"),
    "--compare": ("--compare", "list"),
    "--swap": ("--swap", "stt=deepgram/nova-3"),
}


@pytest.mark.parametrize(("one", "other"), [("--budget", "--compare"), ("--budget", "--swap"), ("--compare", "--swap")])
@pytest.mark.parametrize("engine", [(), ("--engine", "spark")])
def test_cost_answers_one_question(folder: Path, one: str, other: str, engine: tuple[str, ...]) -> None:
    """Of two none is dropped without a word."""
    ran = run("cost", folder / "logs", *QUESTIONS[other], *QUESTIONS[one], *engine)
    message = f"error: {one} and {other} ask two questions; leave one of them out\n"
    assert (ran.code, ran.out, ran.err) == (2, "", message)


def test_a_budget_has_no_lines(folder: Path) -> None:
    """What --by asks for would be dropped without a word."""
    ran = run("cost", folder / "logs", "--budget", "500/month", "--by", "day")
    message = "error: --budget has no lines that --by could divide; leave one of them out\n"
    assert (ran.code, ran.out, ran.err) == (2, "", message)


def test_an_update_adds_what_changed_to_the_file(folder: Path) -> None:
    """A price that changed with its day, a model without a price as a table; twice is once, and check finds what is old."""
    write_log(
        folder / "logs" / "calls.jsonl",
        [
            usage(2, {"stage": "stt", "provider": "deepgram", "model": "nova-3", "audio_s": 60}),
            usage(2, {"stage": "tts", "provider": "elevenlabs", "model": "eleven_flash_v2_5", "characters": 5}),
        ],
    )
    card = folder / "kept.toml"
    card.write_text('currency = "USD"\n\n[stt.deepgram.nova-3]\nusd_per_minute = 0.0077\nas_of = 2020-01-02\n')
    old = run("pricing", "check", "--pricing", card, folder / "logs")
    assert "old: stt.deepgram.nova-3: looked at on 2020-01-02, " in old.out
    first = run("pricing", "suggest", "--update", card, folder / "logs", "--no-cache")
    assert (first.code, first.err) == (0, f"{card}: {card.stat().st_size} bytes\n")
    assert "stt.deepgram.nova-3: usd_per_minute = 0.0048 from 20" in first.out
    assert "tts.elevenlabs.eleven_flash_v2_5: added" in first.out
    text = card.read_text()
    assert text.startswith('currency = "USD"\n\n[[stt.deepgram.nova-3]]\nusd_per_minute = 0.0077\nas_of = 2020-01-02\n')
    again = run("pricing", "suggest", "--update", card, folder / "logs", "--no-cache")
    assert "nothing has changed (list prices (voice-prices " in again.out
    assert card.read_text() == text
