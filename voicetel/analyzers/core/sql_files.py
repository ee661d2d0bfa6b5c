"""SQL that stands in files of its own, and the relations that are made of it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb


def make_relation(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: str,
    values: Mapping[str, object] | None = None,
    *,
    keep: bool,
) -> None:
    """Make the view ``name`` of ``rows``. Where they are to be kept, or have values, they stand in the table ``kept_<name>``."""
    if keep or values:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE kept_{name} AS\n{rows}", values or None)
        rows = f"FROM kept_{name}"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS\n{rows}")


@cache
def load_sql(module: str, name: str) -> str:
    """The text of the .sql file ``name`` that stands beside a module, which gives its ``__name__``."""
    return files(module.rpartition(".")[0]).joinpath(name).read_text(encoding="utf-8")
