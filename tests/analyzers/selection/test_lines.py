"""A table with a line per record: groups where they were asked for, all calls where they were not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.logs import store_of
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.prepare import analysis_context
from voicetel.results import encode, figure, result

if TYPE_CHECKING:
    from pathlib import Path


@result
class Kind:
    """Turns of one kind."""

    kind: str = figure("What kind.")
    n: int = figure("How many.")


RECORDS: list[dict[str, Any]] = [
    {"group_id": None, "kind": "a", "n": 3},
    {"group_id": 0, "kind": "a", "n": 2},
    {"group_id": 1, "kind": "a", "n": 1},
]


@pytest.mark.parametrize(
    ("by", "lines"),
    [
        ((), [{"kind": "a", "n": 3}]),
        (("language",), [{"language": "en", "kind": "a", "n": 2}, {"language": None, "kind": "a", "n": 1}]),
    ],
)
def test_lines_have_the_values_of_their_group(tmp_path: Path, by: tuple[str, ...], lines: list[dict[str, Any]]) -> None:
    """In the order of the records."""
    events = [
        {"v": 1, "event": "call_started", "ts": "2026-11-02T09:00:00Z", "call_id": name, **more}
        for name, more in (("x", {"language": "en"}), ("y", {}))
    ]
    with store_of(tmp_path, events) as store:
        context = analysis_context(store, Selection(by=by))
        found = context.table((dict(record) for record in RECORDS), Kind)
    assert encode(found) == {"by": list(by), "lines": lines}
