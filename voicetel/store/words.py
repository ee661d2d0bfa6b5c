"""What was said in one call. The store holds no words: they are read from the log again."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.store.content import Content
from voicetel.store.database import query
from voicetel.store.slices import slices

if TYPE_CHECKING:
    from voicetel.store import Store


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one turn, None where the log has none. Altered: shortened, or parts of it taken out."""

    user_text: str | None
    agent_text: str | None
    user_altered: bool
    agent_altered: bool


def words_of(store: Store, call_id: str) -> dict[int, Words]:
    """Line key of a turn of the call → its words. A turn whose file went away meanwhile is left out."""
    connection = store.connection
    turns = connection.execute(
        "SELECT source, line_key, line_hash FROM events WHERE call_id = $call_id AND event = 'turn'",
        {"call_id": call_id},
    ).fetchall()
    key_by_hash = {line_hash: line_key for _, line_key, line_hash in turns}
    found: dict[int, Words] = {}
    with contextlib.ExitStack() as stack:
        names = _readable(stack, store, {source for source, *_ in turns})
        if not names:
            return found
        for line_hash, user, agent, user_altered, agent_altered in connection.execute(
            query("words.sql"), {"files": names, "hashes": list(key_by_hash)}
        ).fetchall():
            found[key_by_hash[line_hash]] = Words(user, agent, bool(user_altered), bool(agent_altered))
    return found


def _readable(stack: contextlib.ExitStack, store: Store, sources: set[int]) -> list[str]:
    """Names by which DuckDB can open the contents, each where the longest of its files lies."""
    rows = store.connection.execute(
        "SELECT arg_max(path, length), max(length) FROM paths WHERE list_contains($sources, source) GROUP BY source",
        {"sources": list(sources)},
    ).fetchall()
    names = []
    for path, length in rows:
        with contextlib.suppress(FileNotFoundError):
            for slice_ in slices(Content(os.fsdecode(path)), 0, length):
                stack.callback(slice_.close)
                names.append(slice_.name)
    return names
