"""The rules against the labelled calls of the first half."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from support.scripts import load_script
from voicetel.outcomes import CallOutcome, load_rules

ROOT = Path(__file__).parents[2]
FIRST_HALF = sorted((ROOT / "tests/outcomes/labelled").glob("first_*.jsonl"))


@pytest.fixture(scope="module")
def evaluation() -> Any:
    """The script that scores the rules."""
    return load_script("scripts/eval_outcomes.py")


@pytest.fixture(scope="module")
def judged(evaluation: Any) -> list[Any]:
    """Every call of the first half with its verdict."""
    found: list[Any] = evaluation.judge(FIRST_HALF, load_rules())
    return found


def test_the_set_covers_every_outcome_in_both_languages(judged: list[Any]) -> None:
    """At least 150 calls, each outcome at least five times in each language."""
    assert len(judged) >= 150
    assert len({each.id for each in judged}) == len(judged)
    counts = Counter((each.language, each.label) for each in judged)
    assert all(counts[language, outcome] >= 5 for language in ("en", "ru") for outcome in CallOutcome)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_rules_alone_tell_how_calls_ended(evaluation: Any, judged: list[Any], language: str) -> None:
    """Macro F1 is at least 0.9 in each language."""
    assert evaluation.macro_f1([each for each in judged if each.language == language]) >= 0.9


def test_confidence_means_something(judged: list[Any]) -> None:
    """Verdicts of at least 0.8 are right at least as often as they say."""
    sure = [each for each in judged if each.classification.confidence >= 0.8]
    right = sum(each.classification.outcome is each.label for each in sure)
    assert right / len(sure) >= sum(each.classification.confidence for each in sure) / len(sure)
