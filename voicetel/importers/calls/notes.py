"""What an import passed over or could not have, said once per kind."""

from __future__ import annotations

from collections import Counter


class Notes:
    """Kinds of things that are missing, and how often each was met."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, kind: str, times: int = 1) -> None:
        """Count one more of ``kind``, a sentence that holds nothing of the document's own text."""
        self.counts[kind] += times

    def passed_over(self, name: str) -> None:
        """Count a value of another type than its field has, or one that cannot be."""
        self.counts[f"a value of another type or range than it can have was passed over: {name}"] += 1

    def update(self, other: Notes) -> None:
        """Take over what others counted."""
        self.counts.update(other.counts)
