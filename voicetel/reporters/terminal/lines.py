"""A document as lines for a terminal, or for a pipe, where nothing is left out."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from voicetel.reporters.terminal.fit import fit_to_width, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicetel.reporters.document import Document, Section

_STYLES = {
    "title": "bold",
    "head": "bold cyan",
    "row": "",
    "below": "dim",
    "total": "bold",
    "hidden": "dim italic",
    "warning": "yellow",
    "note": "dim",
}
_BETWEEN = 6
_NOTE = "· "
_WARNING = "! "


def terminal_lines(document: Document, width: int | None) -> Iterator[Text]:
    """The lines of ``document``, none wider than ``width`` as long as its numbers allow; None is any width."""
    blocks: list[Iterable[Text]] = []
    if document.headline:
        blocks.append(Text(line, _STYLES["title"]) for line in _joined(document.headline, width))
    if document.warnings:
        blocks.append(_list(document.warnings, _WARNING, "warning", width))
    blocks += _blocks(document.sections, width)
    if document.notes:
        blocks.append(_list(document.notes, _NOTE, "note", width))
    for index, block in enumerate(blocks):
        if index:
            yield Text()
        yield from block


def _list(texts: Iterable[str], mark: str, style: str, width: int | None) -> Iterator[Text]:
    """Sentences, each with a mark before its first line."""
    for text in texts:
        for index, line in enumerate(wrapped(text, None if width is None else width - len(mark))):
            yield Text((" " * len(mark) if index else mark) + line, _STYLES[style])


def _blocks(sections: Sequence[Section], width: int | None) -> Iterator[Iterable[Text]]:
    """The lines of each section; of two sections where they fit side by side. Only lines that may have some beside them are held."""
    held: list[Text] = []
    for section, following in zip_longest(sections, sections[1:]):
        if not held and not (following and following.beside):
            yield _lines(section, width)
            continue
        block = list(_lines(section, width))
        if held and section.beside:
            paired = _paired(held, block, width)
            if paired is not None:
                yield paired
                held = []
                continue
        if held:
            yield held
        held = block
    if held:
        yield held


def _paired(left: list[Text], right: list[Text], width: int | None) -> list[Text] | None:
    margin = max(line.cell_len for line in left) + _BETWEEN
    if width is None or margin + max(line.cell_len for line in right) > width:
        return None
    lines = []
    for index in range(max(len(left), len(right))):
        # Appended, so that its style ends where it ends.
        line = Text().append_text(left[index]) if index < len(left) else Text()
        if index < len(right):
            line.append(" " * (margin - line.cell_len)).append_text(right[index])
        lines.append(line)
    return lines


def _lines(section: Section, width: int | None) -> Iterator[Text]:
    if section.table is None:
        first, *more = (Text(line) for line in wrapped(f"{section.title}   {section.text}", width))
        first.stylize(_STYLES["head"], 0, len(section.title))
        yield from (first, *more)
        return
    if section.title:
        yield Text(section.title, "bold")
    yield from (Text(line.text, _STYLES[line.role]) for line in fit_to_width(section.table, width))
    if section.text:
        yield from (Text(line) for line in wrapped(section.text, width))


def _joined(parts: Sequence[str], width: int | None) -> Iterator[str]:
    """The parts of a headline with dots between them, broken between parts alone."""
    line = ""
    for part in parts:
        longer = f"{line} · {part}" if line else part
        if line and width is not None and cell_len(longer) > width:
            yield line
            line = part
        else:
            line = longer
    yield line
