"""What gives a text its score: the lexicons of the package, or whatever somebody puts in their place."""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from voicetel.errors import UsageError, VoicetelError
from voicetel.sentiment.english import english
from voicetel.sentiment.language import language_of
from voicetel.sentiment.lexicon import lexicon_text
from voicetel.sentiment.russian import russian

ENTRY_POINTS: Final = "voicetel.sentiment"
"""The group of entry points in which packages announce scorers."""

LANGUAGES: Final[Mapping[str, Callable[[], Callable[[str], float]]]] = {"en": english, "ru": russian}
"""The languages the package knows."""

ScoreText: TypeAlias = Callable[[str, str | None], float | None]
"""(text, language as logged) → −1 to 1, or None where it cannot tell."""

_STARS = re.compile(r"([1-5])\s+stars?")


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores texts. ``name`` tells apart scorers that would score differently; empty: what it says is not kept."""

    name: str
    score_batch: Callable[[Sequence[str], str | None], Sequence[float | None]]

    def scores(self, texts: Sequence[str], language: str | None = None) -> list[float | None]:
        """The score of each text, −1 to 1, all in one language as logged.

        None for a text without words, in a language that the scorer does not know, or where it says nothing that is
        a number from −1 to 1.
        """
        with_text = [place for place, text in enumerate(texts) if text.strip()]
        found: list[float | None] = [None] * len(texts)
        for place, score in zip(
            with_text, self.score_batch([texts[place] for place in with_text], language), strict=True
        ):
            found[place] = _known(score)
        return found


def load_scorer(choice: str | Scorer | Callable[..., Any] | None = None) -> Scorer:
    """The scorer that is meant by ``choice``.

    None: the package's own. A name: the entry point of that name in the group ``voicetel.sentiment``. A callable: one
    that takes (text, language), or a ``transformers`` pipeline for text classification.

    Raises UsageError for a name that no installed package announces.
    """
    if choice is None:
        return Scorer(_own_name(), _score_by_lexicon)
    if isinstance(choice, Scorer):
        return choice
    if not isinstance(choice, str):
        return _scorer_of("", choice)
    announced = {point.name: point for point in importlib.metadata.entry_points(group=ENTRY_POINTS)}
    if choice not in announced:
        known = ", ".join(sorted(announced)) or "none is installed"
        raise UsageError(f"no scorer is called {choice!r}", hint=f"entry points in the group {ENTRY_POINTS}: {known}")
    point = announced[choice]
    version = point.dist.version if point.dist else ""
    return _scorer_of(f"{choice} {point.value} {version}", point.load())


def _own_name() -> str:
    data = "\0".join(lexicon_text(f"{name}.toml") for name in ("english", "russian"))
    return f"own {hashlib.blake2b(data.encode(), digest_size=8).hexdigest()}"


def _score_by_lexicon(texts: Sequence[str], language: str | None) -> list[float | None]:
    found: list[float | None] = []
    for text in texts:
        lexicon = LANGUAGES.get(language_of(text, language) or "")
        found.append(None if lexicon is None else lexicon()(text))
    return found


def _scorer_of(name: str, score: Callable[..., Any]) -> Scorer:
    # A transformers pipeline says what it is for in `task`, takes a list and gives labels.
    if getattr(score, "task", None) in {"text-classification", "sentiment-analysis"}:
        return Scorer(name, lambda texts, _: [_of_label(label) for label in score(list(texts), truncation=True)])
    return Scorer(name, lambda texts, language: [score(text, language) for text in texts])


def _of_label(result: Mapping[str, Any]) -> float:
    """A pipeline's label and its probability as −1 to 1."""
    label, probability = str(result["label"]).lower(), float(result["score"])
    if stars := _STARS.fullmatch(label):
        return (int(stars[1]) - 3) / 2
    for beginning, sign in (("pos", 1.0), ("neg", -1.0), ("neu", 0.0)):
        if label.startswith(beginning):
            return sign * probability
    raise VoicetelError(
        f"the model's label {result['label']!r} says neither positive nor negative",
        hint="give it labels (id2label), or wrap it in a function from (text, language) to −1 to 1",
    )


def _known(score: object) -> float | None:
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
        return None
    return float(score) if -1 <= score <= 1 else None
