"""What SQL finds in a text is what Python finds: the same patterns under RE2 and under ``re``."""

from __future__ import annotations

import itertools
import unicodedata
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.soak import SOAK
from voicetel.outcomes import load_rules, normalise, normalised_sql, phrase_hits, phrases_sql
from voicetel.outcomes.phrases.normal_form import CLAUSE_GAP, GAP, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RULES = load_rules()


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory."""
    with duckdb.connect() as opened:
        opened.execute("SET threads = 1")
        yield opened


def sql_hits(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> list[tuple[int, ...]]:
    """The phrases of each text, as the reader's SQL finds them, with its parameters for few texts and for many."""
    connection.execute(RULES.book.create_phrase_type_sql)
    sql = f"SELECT {phrases_sql('words')} FROM (SELECT {normalised_sql('text')} AS words FROM (SELECT unnest($texts) AS text))"
    few, many = (
        [tuple(hits or ()) for (hits,) in connection.execute(sql, {**parameters, "texts": texts}).fetchall()]
        for parameters in (RULES.book.parameters_for_few_texts, RULES.book.parameters)
    )
    assert few == many
    return many


def sayings() -> list[str]:
    """Every phrase of the rules in one of its variants."""
    return [" ".join(phrase.keys[len(phrase.keys) // 2].split()) for phrase in RULES.phrases]


FILLERS = [
    "not",
    "don't",
    "isn’t",
    "не",
    "ни",
    "и",
    "a",
    "the",
    "really",
    "очень",
    "voicemail",
    "это",
    ".",
    ",",
    "!",
    "—",
    "…",
    "'",
    "-",
    "  ",
    "\n",
    "\xa0",
    "🙂",
    "7",
    "ё",
    "İ",
    "Σ",
    "é",
    "ﬀ",
    "𐐀",
    "_",
    "don't",
    "ﬁ",
    "ß",
    "µ",
    "№",
    "½",
    "й",
    "e\u0301",
    "中",
    "𝐀",
    "Её",
    "911",
    "sms",
]

GAPS = [
    " ",
    " ",
    " ",
    "  ",
    ", ",
    ",",
    ".",
    "… ",
    " — ",
    "—",
    "-",
    "\t",
    "_",
    "\xa0",
    "’",
    "'",
    "» «",
    "“",
    "🙂",
    " 🙂 ",
    "\u200b",
    "\u3000",
    "، ",
    "\ufe0f",
    "𐐀",
    "\0",
    "",
]


@st.composite
def utterances(draw: st.DrawFn) -> str:
    """Phrases of the rules among other words, in odd letter cases and with odd things between them."""
    said = st.sampled_from(sayings())
    words = draw(st.lists(st.one_of(said, st.sampled_from(FILLERS), st.text(max_size=4)), min_size=1, max_size=8))
    gaps = draw(st.one_of(st.sampled_from(GAPS).map(lambda gap: [gap]), st.lists(st.sampled_from(GAPS), min_size=9)))
    pieces = " ".join(words).split(" ") if draw(st.booleans()) else words
    text = "".join(itertools.chain.from_iterable(zip(pieces, itertools.cycle(gaps))))
    cases: list[Callable[[str], str]] = [str, str.upper, str.title, str.swapcase]
    cased = draw(st.sampled_from(cases))(text)
    return "".join(letter for letter in cased if unicodedata.category(letter) != "Cs")


def test_every_phrase_is_found_by_both(connection: duckdb.DuckDBPyConnection) -> None:
    """Each line of the rules is found in its own words, in any letter case, by SQL as by Python."""
    texts = [cased(text) for text in sayings() for cased in (str, str.upper, str.capitalize)]
    found = [phrase_hits(text, RULES) for text in texts]
    assert sql_hits(connection, texts) == found
    missing = [text for i, text in enumerate(texts) if i // 3 not in found[i]]
    assert not missing


@settings(max_examples=300 if SOAK else 15, deadline=None)
@given(st.lists(utterances(), min_size=20, max_size=40))
def test_sql_finds_what_python_finds(texts: list[str]) -> None:
    """Whatever stands between and around the phrases, both find the same."""
    with duckdb.connect() as opened:
        assert sql_hits(opened, texts) == [phrase_hits(text, RULES) for text in texts]


def test_every_character_is_folded_alike(connection: duckdb.DuckDBPyConnection) -> None:
    """Lower case, letters and gaps are the same for every character that both editions of Unicode know."""
    known = [chr(i) for i in range(1, 0x110000) if unicodedata.ucd_3_2_0.category(chr(i)) not in ("Cn", "Cs")]
    texts = [f"a{letter}b.{letter}" for letter in known]
    rows = connection.execute(
        f"""
        SELECT lower(text), replace(replace(regexp_replace(regexp_replace(
            ' ' || replace(lower(text), 'ё', 'е') || ' ', '{CLAUSE_GAP}', ',', 'g'), '{GAP}', ' ', 'g'), ' ', '  '), ',', ', ')
        FROM (SELECT unnest($texts) AS text)
        """,
        {"texts": texts},
    ).fetchall()
    assert rows == [(fold(text), normalise(text)) for text in texts]


def test_a_missing_text_has_no_hits(connection: duckdb.DuckDBPyConnection) -> None:
    """What is missing has no phrases, and neither has a text without any."""
    connection.execute(RULES.book.create_phrase_type_sql)
    rows = connection.execute(
        f"SELECT {phrases_sql('words')} FROM (SELECT {normalised_sql('text')} AS words"
        " FROM (SELECT unnest([NULL, '', 'Which day suits you?']) AS text))",
        RULES.book.parameters,
    ).fetchall()
    assert rows == [(None,), (None,), (None,)]
