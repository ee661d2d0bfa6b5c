"""What a phrase is and is not found in, by Python and by DuckDB."""

from __future__ import annotations

import duckdb
import pytest

from voicetel.outcomes import load_rules, normalised_sql, phrases_sql
from voicetel.outcomes.phrases.patterns import MAX_DETECTING_BYTES, MAX_LOCATING_BYTES, longest_of
from voicetel.outcomes.phrases.phrase_lines import expand
from voicetel.outcomes.phrases.phrases import Negation, PhraseBook

LINES = [
    "interested",
    "not interested",
    "call (me |)back",
    "call back later",
    "занят(|а)",
    "линия занята",
    "перезвон*",
    "911",
    "sms не пришло",
]
NEGATIONS = [Negation(("not", "don't"), 2), Negation(("не", "вряд ли"), 2)]
BOOK = PhraseBook([expand(line) for line in LINES], NEGATIONS)


def sql_hits(book: PhraseBook, text: str) -> tuple[int, ...]:
    """The lines found by DuckDB."""
    with duckdb.connect() as connection:
        connection.execute(book.create_phrase_type_sql)
        row = connection.execute(
            f"SELECT {phrases_sql('words')} FROM (SELECT {normalised_sql('text')} AS words FROM (SELECT $text AS text))",
            {**book.parameters, "text": text},
        ).fetchone()
    return tuple((row and row[0]) or ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Interested!", ["interested"]),
        ("disinterested", []),
        ("éinterested", []),
        ("interested🙂", ["interested"]),
        ("“call_back”", ["call (me |)back"]),
        ("call\xa0—\u200bme\n back", ["call (me |)back"]),
        ("interested,CALL-BACK", ["interested", "call (me |)back"]),
        ("занят—интерес—занята", ["занят(|а)"]),
        ("call back later", ["call back later"]),
        ("call back interested", ["interested", "call (me |)back"]),
        ("Линия занята.", ["линия занята"]),
        ("Перезвонила, я занят", ["занят(|а)", "перезвон*"]),
        ("непerezvon перезво", []),
        ("Not interested.", ["not interested"]),
        ("I am not that interested", []),
        ("I don’t call back", []),
        ("That's not it. Interested!", ["interested"]),
        ("not one of the interested", ["interested"]),
        ("not really interested, but call back", ["call (me |)back"]),
        ("not that interested. Interested now", ["interested"]),
        ("вряд ли я перезвоню", []),
        ("вряд, ли перезвоню", ["перезвон*"]),
        ("Звоните 911", ["911"]),
        ("911", ["911"]),
        ("SMS не пришло", ["sms не пришло"]),
        ("A very long line of words in English around SMS не пришло", ["sms не пришло"]),
        ("Ещё не дошло, не INTERESTED", []),
        ("Дорогие, ваш é interested", ["interested"]),
        (" \t", []),
    ],
)
def test_words_gaps_and_negations(text: str, found: list[str]) -> None:
    """Whole words count, whatever is between them; the longest of what begins first; what is negated does not."""
    expected = tuple(sorted(LINES.index(line) for line in found))
    assert BOOK.hits(text) == expected
    assert sql_hits(BOOK, text) == expected


def test_no_phrases_at_all() -> None:
    """Rules without phrases find nothing."""
    book = PhraseBook([], [])
    assert book.hits("interested") == ()
    assert sql_hits(book, "interested — занят") == ()


def test_more_phrases_than_can_be_seen() -> None:
    """Phrases too many to be seen before a text is brought into its normal form are found all the same."""
    numerals = [f"number {chr(97 + i % 26)}{i:x} of {i * i:x}" for i in range(2_500)]
    assert len(longest_of([expand(line) for line in numerals])) > MAX_DETECTING_BYTES
    book = PhraseBook([expand(line) for line in numerals], NEGATIONS)
    text = f"It is {numerals[1_234]}, and not {numerals[77]}."
    assert book.hits(text) == sql_hits(book, text) == (1_234,)


def test_the_rules_stay_within_what_is_fast() -> None:
    """The patterns of the rules as shipped are small enough for RE2 to be quick with them."""
    assert max(len(pattern.encode()) for pattern in load_rules().book.patterns) <= MAX_LOCATING_BYTES
