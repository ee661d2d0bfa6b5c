"""The signs of scores against labelled sentences; the unseen half was written before the lexicons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.scripts import load_script

ROOT = Path(__file__).parents[2]
LABELLED = ROOT / "tests/sentiment/labelled"


@pytest.fixture(scope="module")
def evaluation() -> Any:
    """The script that scores the sentences."""
    return load_script("scripts/eval_sentiment.py")


@pytest.mark.parametrize(("language", "least"), [("en", 0.8), ("ru", 0.75)])
@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_the_sign_is_mostly_right(evaluation: Any, half: str, language: str | None, least: float) -> None:
    """Good, neutral or bad: right for at least 80 of 100 English and 75 of 100 Russian sentences in either half."""
    scored = evaluation.score(LABELLED / f"{half}_{language}.tsv")
    assert len(scored) == 100
    assert evaluation.accuracy(scored) >= least


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_sentence_is_in_both_halves(language: str | None) -> None:
    """What was unseen while building was unseen."""
    seen, unseen = (
        (LABELLED / f"{half}_{language}.tsv").read_text("utf-8").splitlines() for half in ("seen", "unseen")
    )
    assert not set(seen) & set(unseen)
