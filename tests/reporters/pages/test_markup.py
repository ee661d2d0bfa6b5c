"""Markup: everything that is not markup already is escaped, in every place."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from voicetel.reporters.html.markup import Markup, element, embedded_json, join, number, text
from voicetel.text_safety import visible


class Elements(HTMLParser):
    """The elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


@given(st.text(), st.text())
def test_texts_stay_texts(inner: str, title: str) -> None:
    """As a child and as an attribute, whatever is in them."""
    parsed = Elements(element("p", inner, title=title, class_="a"))
    assert parsed.found == [("p", {"title": visible(title), "class": "a"})]
    assert parsed.text == visible(inner)


def test_children_may_be_nested_markup_or_nothing() -> None:
    """Lists in order; None is left out."""
    assert join("<", [None, Markup("<b>"), ["&", "x"]], None) == "&lt;<b>&amp;x"
    assert element("input", type="radio", checked=True, disabled=False, id=None) == '<input type="radio" checked>'
    assert element("rect", x=1.0, y=2.346, aria_hidden="true") == '<rect x="1" y="2.35" aria-hidden="true"/>'
    assert element("rect", element("title", "a")) == "<rect><title>a</title></rect>"
    assert text("a\u202e<") == "a\\u202e&lt;"
    assert (number(0.004), number(-0.001), number(100), number(1.5)) == ("0", "0", "100", "1.5")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_data_in_a_page_ends_no_script_and_comes_back_as_it_was(value: object) -> None:
    """ASCII, with no sign that HTML would read."""
    written = embedded_json("data", value)
    inner = written.removeprefix('<script type="application/json" id="data">').removesuffix("</script>")
    assert written.isascii()
    assert not re.search("[<>&]", inner)
    assert json.loads(inner) == value
