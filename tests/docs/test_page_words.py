"""Every word of the pages stands in the one table, and the table has no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import voicetel
from voicetel.events.metrics import TURN_LATENCIES
from voicetel.gate.compare import default_measures
from voicetel.reporters.html.page_shell import asset
from voicetel.reporters.html.russian import RUSSIAN
from voicetel.reporters.html.translator import Translator

PAGES = Path(voicetel.__file__).parent / "reporters" / "html"


def said() -> set[str]:
    """What the code says: the words that calls of ``translate`` are given, and every text of the tables beside them."""
    found = set()
    for path in PAGES.rglob("*.py"):
        if path.name == "translator.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name == "translate" and node.args and isinstance(node.args[0], ast.Constant):
                    found.add(str(node.args[0].value))
    return found


def test_every_word_that_is_said_is_in_the_table() -> None:
    """Also the names of latencies and of what is compared, which stand elsewhere."""
    elsewhere = {each.title for each in TURN_LATENCIES} | {each.metric.title for each in default_measures()}
    assert (said() | elsewhere) - RUSSIAN.keys() == set()


def test_the_script_says_what_it_is_given() -> None:
    """Its words are those of the list, and the list is in the table."""
    script = set(re.findall(r'translate\((?:[^"()]*\? )?"([^"]+)"', asset("report.js")))
    assert script <= Translator("en").script_words().keys()
    assert Translator("en").script_words().keys() <= RUSSIAN.keys()


def test_a_translation_has_the_same_places() -> None:
    """No figure is lost on the way."""
    for english, russian in RUSSIAN.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", russian)), english


@pytest.mark.parametrize(
    ("language", "words_", "number", "expected"),
    [
        ("en", "{n} lines refused", "1", "1 line refused"),
        ("en", "{n} lines refused", "0", "0 lines refused"),
        ("en", "{n} lines refused", "21", "21 lines refused"),
        ("en", "{n} calls", "1,001", "1,001 calls"),
        ("en", "The {n} with the most calls, of {all}.", "1", "The 1 with the most calls, of 1."),
        ("en", "{part} of {whole} agent turns", "1", "1 of 1 agent turn"),
        ("ru", "{part} of {whole} answered calls", "1,021", "1,021 из 1,021 отвеченного звонка"),
        ("ru", "{part} of {whole} answered calls", "11", "11 из 11 отвеченных звонков"),
        ("ru", "{part} of {whole} turns", "5", "5 из 5 реплик"),
    ],
)
def test_one_thing_is_in_the_singular(language: str, words_: str, number: str, expected: str) -> None:
    """Whatever place of the words the figure is put into."""
    translate = Translator(language)
    assert translate(words_, **dict.fromkeys(("n", "part", "whole", "all"), number)) == expected


def test_a_length_of_time_has_its_unit_in_the_language() -> None:
    """Minutes where there are less than an hour of calls."""
    assert Translator("ru").units("12.5 min") == "12.5 мин"
    assert Translator("ru").units("98.9 h") == "98.9 ч"
    assert Translator("en").units("48 s") == "48 s"
