"""SQL that stands in files of its own, the relations that are made of it, and names in it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb


def create_temp_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    sql: str,
    values: Mapping[str, object] | None = None,
    *,
    materialize: bool,
) -> None:
    """Make the view ``name`` of the rows of ``sql``, which are worked out anew at each use. With ``materialize``, or values to bind, they stand in the table ``materialized_<name>``."""
    if materialize or values:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE materialized_{name} AS\n{sql}", values or None)
        sql = f"FROM materialized_{name}"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS\n{sql}")


def quoted_name(name: str) -> str:
    """An identifier in SQL, such as the name of a dimension, which may be a tag with any characters."""
    return '"' + name.replace('"', '""') + '"'


@cache
def load_sql(module: str, name: str) -> str:
    """The text of the .sql file ``name`` that stands beside a module, which gives its ``__name__``."""
    return files(module.rpartition(".")[0]).joinpath(name).read_text(encoding="utf-8")
