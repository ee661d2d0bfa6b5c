"""Nothing out of a log reaches a terminal, a browser or a spreadsheet as anything but text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.results import HOSTILE
from voicetel.text_safety import csv_text, json_document, markdown_text, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, Привет, 東京", "plain text, Привет, 東京"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x1b]8;;http://evil\x07", r"\x1b]8;;http://evil\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202eb", r"a\u202eb"),
        ("a\nb\r\tc\0", r"a\nb\r\tc\x00"),
        ("\u2028\ufeff\u200b", r"\u2028\ufeff\u200b"),
        ("caf\udce9", r"caf\udce9"),
        ("\U000e0041", r"\U000e0041"),
        ("[bold]x[/]", "[bold]x[/]"),
    ],
)
def test_shows_what_would_be_obeyed_as_an_escape(text: str, shown: str) -> None:
    """Controls, directions, invisible characters and surrogates become escapes; everything else stays."""
    assert visible(text) == shown


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_leaves_no_control_and_no_surrogate(text: str) -> None:
    """Whatever the text, what is shown can be encoded and holds no control character."""
    shown = visible(text)
    shown.encode("utf-8")
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\0=1"])
def test_guards_formulas_in_csv_text(text: str) -> None:
    """A text cell that a spreadsheet would compute begins with an apostrophe."""
    assert csv_text(text).startswith("'")


def test_leaves_other_csv_text_as_it_is() -> None:
    """A text that is no formula is not touched."""
    assert csv_text("c-1=2") == "c-1=2"


def test_makes_markup_literal_in_markdown() -> None:
    """Neither HTML nor a table's border comes out of a text."""
    assert markdown_text("<script>a|b_c</script>") == r"&lt;script&gt;a\|b\_c&lt;/script&gt;"


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_json_stays_the_same_document(text: str) -> None:
    """Escaping changes how a JSON text looks and nothing that a parser reads from it."""
    escaped = json_document(json.dumps({"a": text}, ensure_ascii=False, indent=2))
    assert json.loads(escaped) == {"a": text}
    escaped.encode("utf-8")


def test_json_holds_nothing_a_terminal_obeys() -> None:
    """Even DEL, C1 and directions, which JSON itself lets through, are escapes."""
    escaped = json_document(json.dumps(HOSTILE + "\x7f\x9b\U000e0041", ensure_ascii=False))
    assert all(char.isprintable() for char in escaped)
