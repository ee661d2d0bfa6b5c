"""JSON values out of text in chunks: whole, in order, however the text is cut, and a document at a time."""

from __future__ import annotations

import io
import json
import tracemalloc
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.importers.documents.files import documents
from voicetel.importers.documents.scanner import BROKEN, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=5), min_size=1, max_size=5)


def chunks(text: str, sizes: list[int]) -> Iterator[str]:
    """The text in pieces, of these sizes again and again."""
    start, turn = 0, 0
    while start < len(text):
        size = sizes[turn % len(sizes)]
        yield text[start : start + size]
        start, turn = start + size, turn + 1


@given(OBJECTS, st.lists(st.integers(1, 40), min_size=1, max_size=5), st.sampled_from(["lines", "array", "indented"]))
def test_values_come_out_as_they_went_in(values: list[dict[str, object]], sizes: list[int], form: str) -> None:
    """Wherever chunks end: within a string, an escape, a number."""
    if form == "lines":
        text = "\n".join(json.dumps(value) for value in values)
    else:
        text = json.dumps(values, indent=1 if form == "indented" else None)
    assert list(scan(chunks(text, sizes))) == values


@given(OBJECTS, st.data())
def test_a_text_that_is_cut_off_gives_what_came_before(values: list[dict[str, object]], data: st.DataObject) -> None:
    """And one broken value, unless the cut falls between two."""
    text = "\n".join(json.dumps(value) for value in values)
    cut = data.draw(st.integers(0, len(text)))
    found = list(scan(iter([text[:cut]])))
    whole = text[:cut].count("\n") + (cut == len(text) or (text[cut : cut + 1] == "\n" and cut > 0))
    assert found[:whole] == values[:whole]
    assert all(value is BROKEN for value in found[whole:])
    assert len(found) <= whole + 1


@pytest.mark.parametrize("broken", ['{"a":', '{"a": "x', "{a: 1}", '{"a" 1}', "nonsense", '{"a": 1}}', "[1, }"])
def test_a_broken_line_costs_itself_only(broken: str) -> None:
    """Reading goes on at the next line that begins with an object."""
    found = list(scan(iter([f'{{"n": 1}}\n{broken}\n{{"n": 2}}\n{{"n": 3}}'])))
    assert [value for value in found if isinstance(value, dict) and "n" in value] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert found.count(BROKEN) == 1


def test_money_does_not_pass_a_float() -> None:
    """Nor is what JSON does not know a number."""
    assert list(scan(iter(['{"cost": 0.1, "other": NaN, "more": -Infinity}']))) == [
        {"cost": Decimal("0.1"), "other": None, "more": None}
    ]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"a": ' + "9" * 10_000 + "}"])
def test_what_no_parser_takes_is_broken(text: str) -> None:
    """Too deep, or numbers too long."""
    assert BROKEN in list(scan(iter([text])))


@pytest.mark.parametrize("form", ["array", "page", "page at the end", "lines"])
def test_memory_does_not_grow_with_the_file(form: str) -> None:
    """40 MB of documents of 40 KB: no more than a few MB at a time, even in a page that is one object."""
    document = json.dumps({"id": "x", "text": "y" * 40_000})
    opening, closing, between = {
        "array": ("[", "]", ","),
        "page": ('{"results": [', '], "metadata": {}}', ","),
        "page at the end": ('{"metadata": {"a": [1]}, "results": [', "]}", ","),
        "lines": ("", "", "\n"),
    }[form]

    def text() -> Iterator[bytes]:
        if opening:
            yield opening.encode()
        for number in range(1_000):
            yield (between if number else "").encode() + document.encode()
        yield closing.encode()

    tracemalloc.start()
    count = sum(1 for value in documents(Stream(text()), lambda _: None) if isinstance(value, dict) and "id" in value)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 1_000
    assert peak < 24_000_000


class Stream(io.BytesIO):
    """A file out of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces

    def read(self, size: int | None = -1) -> bytes:
        del size
        return next(self._pieces, b"")
