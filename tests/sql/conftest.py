"""A small database of relations, as ``voicetel sql`` makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.exports.exported import CARD, RULES, call
from support.logs import write_log
from voicetel.analyzers.request import Request
from voicetel.sql.database import write_database
from voicetel.sql.relations import RELATIONS
from voicetel.sql.run import Limits, QueryResult, run_query
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from voicetel.store import Store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three calls with one, two and three turns."""
    log = tmp_path_factory.mktemp("logs") / "log.jsonl"
    write_log(log, [event for number in range(1, 4) for event in call(f"c{number}", number, minute=number)])
    with open_store([str(log)], RULES, cache=False) as found:
        yield found


@pytest.fixture(scope="session")
def database(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their relations."""
    file = tmp_path_factory.mktemp("sql") / "it's relations.duckdb"
    write_database(Request(store, card=CARD, rules=RULES), RELATIONS, file)
    return file


@pytest.fixture
def ask(database: Path, tmp_path: Path) -> Callable[..., QueryResult]:
    """``ask("SELECT 1", timeout_s=2)`` runs a query within limits; its folder is empty afterwards."""

    def ask_(sql: str, **limits: float) -> QueryResult:
        return run_query(sql, database, tmp_path, Limits(**limits))  # type: ignore[arg-type]

    return ask_
