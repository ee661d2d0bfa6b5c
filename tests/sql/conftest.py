"""A small database of relations, as ``voicetel sql`` makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.exports.exported import CARD, RULES, call
from voicetel.analyzers.request import Request
from voicetel.sql.database import write_database
from voicetel.sql.relations import RELATIONS
from voicetel.sql.run import Limits, QueryResult, run_query
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The relations of three calls with one, two and three turns."""
    import json

    folder = tmp_path_factory.mktemp("sql")
    log = folder / "log.jsonl"
    with log.open("w") as file:
        for number in range(1, 4):
            file.writelines(json.dumps(event) + "\n" for event in call(f"c{number}", number, minute=number))
    file_name = folder / "it's relations.duckdb"
    with open_store([str(log)], RULES, cache=False) as store:
        write_database(Request(store, card=CARD, rules=RULES), RELATIONS, file_name)
    return file_name


@pytest.fixture
def ask(database: Path, tmp_path: Path) -> Callable[..., QueryResult]:
    """``ask("SELECT 1", timeout_s=2)`` runs a query within limits; its folder is empty afterwards."""

    def ask_(sql: str, **limits: float) -> QueryResult:
        return run_query(sql, database, tmp_path, Limits(**limits))  # type: ignore[arg-type]

    return ask_
