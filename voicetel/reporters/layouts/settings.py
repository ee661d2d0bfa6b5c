"""``voicetel config``: every setting, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicetel.reporters.document import Document, Section
from voicetel.reporters.json_report import SCHEMA_VERSION
from voicetel.reporters.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[str, Any, str]
"""Name, value and origin of a setting."""


def settings_table(rows: Sequence[Row]) -> Table:
    """One row per setting."""
    columns = (Column("name", "setting"), Column("value", "value"), Column("source", "from"))
    return Table(columns, [(name, _text(value), source) for name, value, source in rows])


def settings_document(rows: Sequence[Row]) -> Document:
    """The settings as a table."""
    return Document((), (Section(table=settings_table(rows)),), ("An option on the command line beats all of these.",))


def settings_json(rows: Sequence[Row]) -> dict[str, Any]:
    """The settings as one object."""
    named = {name: {"value": value, "from": source} for name, value, source in rows}
    return {"schema_version": SCHEMA_VERSION, "settings": named}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
