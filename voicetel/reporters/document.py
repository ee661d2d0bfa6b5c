"""What a report for people consists of, before it is a terminal's or Markdown's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicetel.reporters.table import Table


@dataclass(frozen=True, slots=True)
class View:
    """How a document is looked at: the zone of the times in it, and the cells of a line; None is any number."""

    zone: tzinfo = UTC
    width: int | None = None


PLAIN_VIEW = View()


@dataclass(frozen=True, slots=True)
class Section:
    """A table, a sentence, or a table with a sentence below it.

    ``title`` stands above the table; where it is empty the title of the table's first column says what it shows. With
    ``beside`` it may stand at the right of the section before it, if the width allows.
    """

    title: str = ""
    table: Table | None = None
    text: str = ""
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of a headline, what has to be known before reading on, sections, and notes at the foot.

    All text in it is safe to show.
    """

    headline: tuple[str, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
