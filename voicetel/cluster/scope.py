"""Names under which parts write down what the driver looks up: both go through the same analyzers in the same order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(slots=True)
class Scope:
    """Where an analysis is. Tables of one name are made more than once, each time of the values that are measured then.

    ``kept`` is what later questions read: relation → the name that it is kept under.
    """

    kept: dict[str, str] = field(default_factory=dict)
    _views: dict[str, str] = field(default_factory=dict)
    _now: str = ""

    def create_view(self, name: str, sql: str) -> None:
        """A view is made."""
        self._views[name] = hashlib.blake2b(sql.encode(), digest_size=8).hexdigest()

    def keep(self, relation: str) -> str:
        """A view is kept: the name for that, and the beginning of what is made of it."""
        self._now = f"@{self._views.get(relation, '')}"
        self.kept[relation] = f"{relation}{self._now}"
        return self.kept[relation]

    def name_of(self, table: str) -> str:
        """The name of a table that is made now."""
        return f"{table}{self._now}"
