"""A document as one HTML file."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from voicetel.reporters.html.markup import policy, text
from voicetel.results import CellFormat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.reporters.document import Document, Section
    from voicetel.reporters.table import Column, Table


def html_lines(document: Document, title: str = "voicetel") -> Iterator[str]:
    """The lines of the page. Its policy lets a browser apply the one style sheet and do nothing else."""
    style = files("voicetel.reporters.html").joinpath("page.css").read_text(encoding="utf-8").strip()
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield policy(style)
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{text(title)}</title>"
    yield f"<style>{style}</style>"
    yield "</head>"
    yield "<body>"
    yield "<main>"
    yield f"<h1>{text(title)}</h1>"
    if document.headline:
        yield f"<p>{text(' · '.join(document.headline))}</p>"
    yield from (f'<p class="warning">{text(warning)}</p>' for warning in document.warnings)
    for section in document.sections:
        yield from _section(section)
    if document.notes:
        yield "<footer>"
        yield from (f"<p>{text(note)}</p>" for note in document.notes)
        yield "</footer>"
    yield "</main>"
    yield "</body>"
    yield "</html>"


def _section(section: Section) -> Iterator[str]:
    if section.title:
        yield f"<h2>{text(section.title)}</h2>"
    if section.table is not None:
        yield from _table(section.table, section.title or section.table.columns[0].title)
    if section.text:
        yield f"<p>{text(section.text)}</p>"


def _table(table: Table, label: str) -> Iterator[str]:
    """A table that can be scrolled sideways by mouse, touch and keyboard where it is wider than the page."""
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{text(label) or "table"}">'
    yield "<table>"
    yield "<thead>"
    yield _row([text(column.title) for column in table.columns], table.columns, "th", ' scope="col"')
    yield "</thead>"
    yield "<tbody>"
    count = len(table.rows)
    for number, row in enumerate(table.texts()):
        yield _row([text(cell) for cell in row], table.columns, "td", is_total=number == count)
    yield "</tbody>"
    yield "</table>"
    yield "</div>"


def _row(
    cells: Sequence[str], columns: Sequence[Column], tag: str, attributes: str = "", *, is_total: bool = False
) -> str:
    written = (
        f'<{tag}{attributes}{_class(column)} dir="auto">{cell}</{tag}>'
        for column, cell in zip(columns, cells, strict=True)
    )
    total = ' class="total"' if is_total else ""
    return f"<tr{total}>{''.join(written)}</tr>"


def _class(column: Column) -> str:
    if column.format in {CellFormat.WHOLE, CellFormat.KEY}:
        return f' class="{column.format}"'
    return "" if column.is_text else ' class="number"'
