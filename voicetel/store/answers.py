"""Answers that were given before: the same question over the same logs has the same answer.

They lie in the store beside the rows they were made of. Every transaction of the loader forgets them all, so that one that
is found was made of just the rows that are there.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from voicetel.store import Store

ANSWERS_KEPT = 32
"""A question that names the present moment is never asked again; so only the last few are kept."""


def recall(store: Store, question: bytes) -> bytes | None:
    """What was remembered under ``question``, if the logs have not changed since."""
    row = store.connection.execute(
        "SELECT answer FROM answers WHERE question = $question", {"question": question}
    ).fetchone()
    return bytes(row[0]) if row else None


def remember(store: Store, question: bytes, answer: bytes) -> None:
    """Keep an answer. Where it cannot be kept, it is worked out again next time."""
    with contextlib.suppress(duckdb.Error):
        store.connection.execute(
            "INSERT INTO answers SELECT $question, coalesce(max(number), 0) + 1, $answer FROM answers",
            {"question": question, "answer": answer},
        )
        store.connection.execute(
            "DELETE FROM answers WHERE number <= (SELECT max(number) FROM answers) - $kept", {"kept": ANSWERS_KEPT}
        )
