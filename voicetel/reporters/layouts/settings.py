"""``voicetel config``: every setting, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from voicetel.reporters.document import PLAIN_VIEW, Document, Section
from voicetel.reporters.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicetel.reporters.document import View


class Setting(Protocol):
    """The value of a setting and where it comes from."""

    @property
    def value(self) -> Any:
        """As it is in force."""

    @property
    def source(self) -> str:
        """default, a variable, or a file."""


class Settings(Protocol):
    """Settings by name."""

    @property
    def settings(self) -> Mapping[str, Setting]:
        """Each setting."""


def settings_table(found: Settings) -> Table:
    """One row per setting."""
    columns = (Column("name", "setting"), Column("value", "value"), Column("source", "from"))
    return Table(columns, [(name, _text(each.value), each.source) for name, each in found.settings.items()])


def settings_document(found: Settings, view: View = PLAIN_VIEW) -> Document:
    """The settings as a table."""
    notes = ("An option on the command line beats all of these.",)
    return Document((), (Section(table=settings_table(found)),), notes)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
