"""A document as an HTML page: what it shows, and that nothing in it can do anything."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.command import Ran, run
from voicetel.reporters.document import Document, Section
from voicetel.reporters.html.page import html_lines
from voicetel.reporters.table import Column, Table
from voicetel.results import CellFormat
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "footer", "div", "table", "thead", "tbody",
    "tr", "th", "td",
}  # fmt: skip

HOSTILE = [
    "</td><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style><style>*{display:none}",
    '" onmouseover="alert(1)',
    "\u202egnp.exe",
    "a\u2028b\x1b[31m\x00",
    "&lt;script&gt;",
    "<!--",
]


class Page(HTMLParser):
    """The elements, their attributes and the cells of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.texts: list[str] = []
        self._in_cell = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a cell."""
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)
        if self._in_cell:
            self.rows[-1][-1] += data


def page_of(*texts: str) -> str:
    """A page with these texts everywhere that a text can stand."""
    table = Table((Column("a", texts[0]), Column("b", "b", CellFormat.WHOLE)), [(text, text) for text in texts])
    document = Document(texts, tuple(Section(text, table, text) for text in texts), texts, texts)
    return "\n".join(html_lines(document, texts[0]))


def test_the_policy_allows_the_one_style_sheet_and_nothing_else() -> None:
    """It stands before anything that it is about, and its hash is that of the style sheet."""
    html = page_of("x")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)
    style = re.search(r"<style>(.*)</style>", html, re.DOTALL)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert html.index(policy[0]) < html.index("<style>")
    assert "http" not in html.replace("http-equiv", "")
    assert len(style[1]) < 16_000


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    """Every element is one of ours, no attribute runs or styles anything, and the text is there to read."""
    assert_harmless(Page(page_of(text)), text)


@given(st.text(max_size=30))
def test_any_text_is_text(text: str) -> None:
    """Whatever a log holds."""
    assert_harmless(Page(page_of(text)), text)


def assert_harmless(page: Page, text: str) -> None:
    """Nothing but what the page itself has, and the text in its cells."""
    assert set(page.tags) <= ALLOWED
    assert page.tags.count("style") == 1
    names = {name for name, _ in page.attributes}
    assert names <= {
        "lang",
        "http-equiv",
        "content",
        "charset",
        "name",
        "class",
        "tabindex",
        "role",
        "aria-label",
        "scope",
        "dir",
    }
    assert page.rows[1] == [visible(text), visible(text)]


def test_what_has_to_be_known_before_reading_on_stands_before_the_first_table() -> None:
    """A page that left warnings out had shown costs by a wrong rate as sure ones."""
    table = Table((Column("a", "a"),), [("1",)])
    document = Document(("head",), (Section("first", table),), ("foot",), ("stt: 54 times the list price", "<b>"))
    html = "\n".join(html_lines(document))
    page = Page(html)
    assert [
        text for text in page.texts if text in {"head", "stt: 54 times the list price", "<b>", "first", "foot"}
    ] == [
        "head",
        "stt: 54 times the list price",
        "<b>",
        "first",
        "foot",
    ]


def test_a_page_of_costs_warns_of_a_rate_far_off_its_list_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the table and Markdown do."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for command in ("cost", "analyze", "calls"):
        quoted = [
            line[2:] for line in run(command, "sample_logs", "-f", "md").out.splitlines() if line.startswith("> ")
        ]
        page = Page(run(command, "sample_logs", "-f", "html").out)
        assert quoted
        shown = "".join(page.texts)
        assert all(line.replace("\\", "") in shown for line in quoted)


def test_cells_are_those_of_the_table_on_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same texts, a total at the end; the name of the file says that it is HTML."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ran: Ran = run("cost", "sample_logs", "-o", tmp_path / "cost.html")
    assert (ran.code, ran.out) == (0, "")
    page = Page((tmp_path / "cost.html").read_text(encoding="utf-8"))
    markdown = run("cost", "sample_logs", "-f", "md").out
    expected = [
        [cell.strip().strip("*").replace("\\", "") for cell in line.strip("|").split("|")]
        for line in markdown.splitlines()
        if line.startswith("|") and "---" not in line
    ]
    assert [[cell.strip() for cell in row] for row in page.rows] == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", "--by", "day"),
        ("calls",),
        ("interruptions",),
        ("outcomes",),
        ("validate",),
    ],
)
def test_every_table_is_written_as_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Whole, and harmless."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    html = run(*arguments, "sample_logs", "-f", "html").out
    assert html.startswith("<!DOCTYPE html>")
    assert html.endswith("</html>\n")
    assert set(Page(html).tags) <= ALLOWED
