"""The file that queries are asked of: what is in it does not depend on what else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from support.exports.exported import CARD, RULES
from voicetel.analyzers.request import Request
from voicetel.sql.database import write_database
from voicetel.sql.relations import RELATIONS, Relation

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.store import Store


def rows(file: Path, relation: Relation) -> list[tuple[object, ...]]:
    """The rows of a relation, in the order of all their columns."""
    with duckdb.connect(str(file), read_only=True) as opened:
        return opened.execute(f"FROM {relation.name} ORDER BY ALL").fetchall()


@pytest.mark.parametrize("relation", RELATIONS, ids=[each.name for each in RELATIONS])
def test_a_relation_alone_is_as_among_all(store: Store, database: Path, tmp_path: Path, relation: Relation) -> None:
    """On a connection that has made nothing else, and then once more."""
    alone = tmp_path / "alone.duckdb"
    for view in ("turn_rows", "operation_rows", "priced_usage"):
        kind = "TABLE" if view == "priced_usage" else "VIEW"
        store.connection.execute(f"DROP {kind} IF EXISTS {view}")
    rates = write_database(Request(store, card=CARD, rules=RULES), (relation,), alone)
    assert rows(alone, relation) == rows(database, relation)
    assert rows(alone, relation)
    assert bool(rates) == (relation.name != "turns")


def test_a_question_about_turns_prices_nothing(store: Store, tmp_path: Path) -> None:
    """Nor does it work out what only calls have."""
    store.connection.execute("DROP TABLE IF EXISTS priced_usage")
    (turns,) = (each for each in RELATIONS if each.name == "turns")
    write_database(Request(store, card=CARD, rules=RULES), (turns,), tmp_path / "turns.duckdb")
    made = store.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert ("priced_usage",) not in made
