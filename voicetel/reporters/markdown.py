"""A document as Markdown: GitHub's tables, every column, nothing in it that is markup by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.text_safety import markdown_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicetel.reporters.document import Document, Section
    from voicetel.reporters.table import Table


def markdown_lines(document: Document) -> Iterator[str]:
    """The lines of ``document``."""
    blocks: list[Iterable[str]] = []
    if document.headline:
        blocks.append([f"**{markdown_text(' · '.join(document.headline))}**"])
    blocks += [[f"> {markdown_text(warning)}"] for warning in document.warnings]
    blocks += [_section(section) for section in document.sections]
    if document.notes:
        blocks.append([f"- {markdown_text(note)}" for note in document.notes])
    for index, block in enumerate(blocks):
        if index:
            yield ""
        yield from block


def _section(section: Section) -> Iterator[str]:
    if section.title:
        yield f"### {markdown_text(section.title)}"
        yield ""
    if section.table is not None:
        yield from _table(section.table)
        if section.text:
            yield ""
    if section.text:
        yield markdown_text(section.text)


def _table(table: Table) -> Iterator[str]:
    yield _row([markdown_text(column.title) for column in table.columns])
    yield _row(["---" if column.is_text else "--:" for column in table.columns])
    count = len(table.rows)
    for index, row in enumerate(table.texts()):
        cells = [markdown_text(cell.strip()) for cell in row]
        is_total = index == count
        yield _row([f"**{cell}**" if is_total and cell else cell for cell in cells])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
