"""The cache of answers that were paid for, by the hash of what was asked. No text of a call is in it."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from voicetel.llm.question import Answer
from voicetel.outcomes import CallOutcome

if TYPE_CHECKING:
    from pathlib import Path

LOCK_WAIT_S = 5.0


class AnswerCache:
    """Answers in memory and, with a path, in a file that several processes may share.

    A file that cannot be used is done without: the worst that can happen is that a call is asked about again.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._memory: dict[str, Answer] = {}
        self._path = path
        if path is not None:
            with contextlib.suppress(OSError):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.touch(mode=0o600)

    def get(self, key: str) -> Answer | None:
        """The answer to a question that was asked before."""
        if key not in self._memory:
            rows = self._execute("SELECT outcome, confidence, why FROM answers WHERE key = ?", key)
            if rows:
                outcome, confidence, why = rows[0]
                self._memory[key] = Answer(CallOutcome(outcome), confidence, why)
        return self._memory.get(key)

    def keep(self, key: str, answer: Answer) -> None:
        """Remember an answer, at once: a run that is killed later has not lost it."""
        self._memory[key] = answer
        self._execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)",
            key,
            answer.outcome.value,
            answer.confidence,
            answer.why,
        )

    def _execute(self, sql: str, *values: object) -> list[tuple[str, float, str]]:
        if self._path is None:
            return []
        try:
            with contextlib.closing(sqlite3.connect(self._path, timeout=LOCK_WAIT_S)) as connection, connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, outcome TEXT, confidence REAL, why TEXT)"
                )
                return connection.execute(sql, values).fetchall()
        except sqlite3.Error:
            return []
