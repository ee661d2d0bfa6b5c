"""Whatever shows an amount says which rate makes it doubtful: the card of these tests has one 54 times its list price."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from voicetel.registry import find_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Ran

NOTE = "stt.deepgram: 0.0043 per second is 54 times the list price, 0.0048 per minute"

BESIDE_AMOUNTS = {
    "campaigns": ("campaigns",),
    "models": ("models",),
    "trend": ("trend",),
    "cost-budget": ("cost", "--budget", "500/month"),
    "pricing-estimate": ("pricing", "estimate"),
    "call": ("call", "c-7f3a"),
    "sql": ("sql", "SELECT sum(cost_total) AS spent FROM calls"),
}
"""Report → a command that answers it with amounts, beside those whose answer has a cost with notes of its own."""

ROWS_ALONE = (
    ("analyze", "-f", "csv"),
    ("cost", "-f", "csv"),
    ("cost", "--compare", "list", "-f", "csv"),
    ("calls", "-f", "csv"),
    ("calls", "--json"),
    ("calls", "--json-lines"),
    ("models", "-f", "csv"),
    ("campaigns", "-f", "csv"),
    ("trend", "-f", "csv"),
    ("sql", "SELECT * FROM usage", "-f", "csv"),
    ("sql", "FROM usage", "-f", "csv"),
)


@pytest.mark.parametrize("report", BESIDE_AMOUNTS)
def test_amounts_are_shown_with_what_makes_them_doubtful(voicetel: Callable[..., Ran], report: str) -> None:
    """Once, above the figures, and what mends it at the foot; as a member of the JSON; and not at all by list prices."""
    words = BESIDE_AMOUNTS[report]
    found = voicetel(*words, "--no-cache")
    assert (found.code, found.err, found.out.count(NOTE)) == (0, "", 1)
    assert found.out.index(f"! {NOTE}") < found.out.index("`voicetel pricing check` says more")
    answered = voicetel(*words, "--no-cache", "--json").json
    Draft202012Validator(find_report(report).schema()).validate(answered)
    assert answered["rate_notes"] == [NOTE]
    assert "times the list price" not in voicetel(*words, "--no-cache", "--pricing", "list").out


@pytest.mark.parametrize("words", ROWS_ALONE, ids=" ".join)
def test_rows_alone_are_written_with_a_warning(voicetel: Callable[..., Ran], words: tuple[str, ...]) -> None:
    """They have no place for a sentence: it stands on stderr."""
    found = voicetel(*words, "--no-cache")
    assert found.code == 0
    assert (found.err.count(f"warning: {NOTE}\n"), found.out.count(NOTE)) == (1, 0)


@pytest.mark.parametrize(
    "words",
    [
        ("sql", "SELECT count(*) AS n FROM calls"),
        ("tools",),
        ("interruptions",),
        ("trend", "--metric", "turns"),
    ],
    ids=" ".join,
)
def test_where_no_amount_is_shown_nothing_is_said_of_rates(
    voicetel: Callable[..., Ran], words: tuple[str, ...]
) -> None:
    """No rate is in a count."""
    found = voicetel(*words, "--no-cache")
    assert (found.code, NOTE in found.out + found.err) == (0, False)


def test_an_export_is_written_with_a_warning(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """Whoever reads the folder later does not see it."""
    found = voicetel("export", "--csv", tmp_path / "out", "--parquet", tmp_path / "lake", "--no-cache")
    assert (found.code, found.err) == (0, f"warning: {NOTE}\n")
    assert voicetel("export", "--csv", tmp_path / "out", "--no-cache", "--pricing", "list").err == ""


def test_assumptions_are_priced_by_the_same_rates(voicetel: Callable[..., Ran]) -> None:
    """A rate that is not among what is assumed makes nothing doubtful."""
    found = voicetel("pricing", "estimate", "--assume", "stt=deepgram/nova-3,llm=groq/llama-3.1-8b-instant")
    assert found.out.count(NOTE) == 1
    assert NOTE not in voicetel("pricing", "estimate", "--assume", "llm=groq/llama-3.1-8b-instant").out


def test_the_page_of_a_call_says_so(voicetel: Callable[..., Ran]) -> None:
    """Below why the call ended as it did."""
    assert voicetel("call", "c-7f3a", "--no-cache", "-f", "html").out.count(f"{NOTE}.") == 1
    assert NOTE not in voicetel("call", "c-7f3a", "--no-cache", "-f", "html", "--pricing", "list").out


def test_the_last_minutes_are_watched_with_a_warning(voicetel: Callable[..., Ran]) -> None:
    """In every line of JSON whose calls the rate prices."""
    found = voicetel("watch", "--once", "--at-newest", "--minutes", "10080", "--json", "--no-cache")
    assert json.loads(found.out)["rate_notes"] == [NOTE]
