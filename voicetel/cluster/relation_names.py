"""Names under which partitions write down what the driver looks up: both go through the same analyzers in the same order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(slots=True)
class RelationNames:
    """A name for each table of an analysis: one name is used more than once there, each time of other values.

    ``for_second_pass`` is what a second pass reads: relation → the name under which it is kept.
    """

    for_second_pass: dict[str, str] = field(default_factory=dict)
    _views: dict[str, str] = field(default_factory=dict)
    _suffix: str = ""

    def create_view(self, name: str, sql: str) -> None:
        """A view is made."""
        self._views[name] = hashlib.blake2b(sql.encode(), digest_size=8).hexdigest()

    def keep_for_second_pass(self, relation: str) -> str:
        """The name under which a view is kept; tables that are made from now on are of it."""
        self._suffix = f"@{self._views.get(relation, '')}"
        self.for_second_pass[relation] = f"{relation}{self._suffix}"
        return self.for_second_pass[relation]

    def table_name(self, table: str) -> str:
        """The name of a table that is made now."""
        return f"{table}{self._suffix}"
