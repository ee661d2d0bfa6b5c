"""Scores of words: rules of the two lexicons, other scorers, languages."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from voicetel.errors import UsageError, VoicetelError
from voicetel.sentiment import MissingPackageError, language_of, lexicon, load_scorer

if TYPE_CHECKING:
    from collections.abc import Sequence


def known(text: str) -> float:
    """The package's own score of a text that has one."""
    (found,) = load_scorer().scores([text])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("Очень хорошо", "Хорошо"),
        ("Хорошо", "Не хорошо"),
        ("Не плохо", "Плохо"),
        ("Дорого, но всё отлично", "Всё отлично, но дорого"),
        ("Отлично!!!", "Отлично"),
        ("Без проблем", "Проблемы"),
        ("Вы помогли", "Никто не помог"),
        ("Really good", "Good"),
        ("That works for me", "It doesn't work"),
        ("You've been helpful", "You're wasting my time"),
    ],
)
def test_one_text_is_better_than_another(better: str, worse: str) -> None:
    """Negation, strength, exclamation and a "but" move a score the way they move a listener."""
    assert known(better) > known(worse)


@pytest.mark.parametrize(
    "text",
    [
        "Я хочу записаться на вторник.",
        "Помогите мне, пожалуйста, выбрать тариф.",
        "Не могли бы вы повторить?",
        "I'd like to pay for my order.",
        "Yes please, I want to cancel my card.",
    ],
)
def test_business_is_no_feeling(text: str) -> None:
    """Words that only say what somebody wants leave the score at 0."""
    assert known(text) == 0


def test_inflected_words_count_as_their_lemma() -> None:
    """The lexicon has lemmas; every form of a word finds its own."""
    assert known("ужасного сервиса") == known("ужасный сервис") == known("УЖАСНЫМ сервисом")
    assert known("надёжный") == known("надежный") > 0


def test_scores_stay_in_range() -> None:
    """However much is said, a score is between −1 and 1."""
    assert -1 <= known("ужасно плохо отвратительно! " * 200) < -0.9
    assert 0.9 < known("great excellent wonderful! " * 200) <= 1


def test_the_lexicon_is_as_large_as_it_says() -> None:
    """At least 600 Russian lemmas."""
    data = lexicon.read_lexicon("russian.toml")
    assert len({word for word, _ in lexicon.valences(data["lemmas"])}) >= 600


@pytest.mark.parametrize(
    ("text", "logged", "expected"),
    [
        ("Hello there", None, "en"),
        ("Добрый день", "", "ru"),
        ("Hello there", "ru-RU", "ru"),
        ("Guten Tag", "de_DE", "de"),
        ("Добрый day", "multi", "ru"),
        ("42!", None, None),
        ("こんにちは", None, None),
    ],
)
def test_the_language_is_the_logged_one_else_by_script(text: str, logged: str | None, expected: Any) -> None:
    """What the log says wins; letters decide between English and Russian alone."""
    assert language_of(text, logged) == expected


@pytest.mark.parametrize(
    ("text", "language"), [("Danke, sehr gut", "de"), ("", None), ("42", None), ("こんにちは", None)]
)
def test_what_nobody_can_score_is_unknown(text: str, language: str | None) -> None:
    """A language without a lexicon, and a text without words, have no score: not 0."""
    assert load_scorer().scores([text], language) == [None]


def test_a_function_takes_the_place() -> None:
    """A function of text and language scores; what is no number from −1 to 1 is unknown."""
    said = {"a": 0.5, "b": None, "c": 7, "d": float("nan"), "e": -1, "f": True}
    scorer = load_scorer(lambda text, language: said[text])
    assert scorer.scores([*said, " "], "xx") == [0.5, None, None, None, -1.0, None, None]
    assert not scorer.name


class Pipeline:
    """What a transformers pipeline looks like from outside."""

    task = "text-classification"

    def __init__(self, *labels: str) -> None:
        self.labels = labels

    def __call__(self, texts: Sequence[str], *, truncation: bool) -> list[dict[str, object]]:
        assert truncation
        return [{"label": label, "score": 0.9} for label, _ in zip(self.labels, texts, strict=True)]


def test_a_transformers_pipeline_takes_the_place() -> None:
    """Labels become signs, their probability the strength, stars a scale."""
    scorer = load_scorer(Pipeline("POSITIVE", "negative", "neutral", "1 star", "4 stars"))
    assert scorer.scores(list("abcde")) == [0.9, -0.9, 0.0, -1.0, 0.5]


def test_labels_that_mean_nothing_are_refused() -> None:
    """A model that calls its classes LABEL_0 is not guessed at."""
    with pytest.raises(VoicetelError, match="LABEL_0"):
        load_scorer(Pipeline("LABEL_0")).scores(["a"])


def shouting(text: str, language: str | None) -> float:
    """A scorer that a package could announce."""
    return 1.0 if text.isupper() else 0.0


def test_an_entry_point_takes_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scorer goes by the name that a package announces; a name that is not announced is refused."""
    point = importlib.metadata.EntryPoint("shouting", f"{__name__}:shouting", "voicetel.sentiment")
    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", lambda self: shouting)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point])
    scorer = load_scorer("shouting")
    assert scorer.scores(["HEY", "hey"]) == [1.0, 0.0]
    assert scorer.name.startswith("shouting ")
    with pytest.raises(UsageError, match="'whisper'"):
        load_scorer("whisper")


def test_without_the_packages_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the extra's name, and only once something is to be scored."""
    monkeypatch.setitem(sys.modules, "not_there", None)
    with pytest.raises(MissingPackageError, match="not_there") as caught:
        lexicon.package("not_there")
    assert caught.value.hint == "pip install 'voicetel[sentiment]'"


def test_importing_needs_no_package() -> None:
    """The recorder, and the analyzer itself, import without the extra."""
    code = (
        "import sys; sys.modules['vaderSentiment'] = sys.modules['pymorphy3'] = None;"
        "from voicetel.recorder import SentimentAnalyzer; SentimentAnalyzer();"
        "print([name for name in ('duckdb', 'pyarrow', 'typer') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
