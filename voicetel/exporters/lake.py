"""What a folder of Parquet says of itself, for programs: its tables, their columns and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from voicetel.exporters.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.exporters.tables import Table


def described_tables(folder: Path) -> dict[str, Any]:
    """For each table what a row is, its key, its columns with their types and meanings, and its files.

    ``path`` of a file is that in ``folder``, ``day`` the UTC day on which its calls started; the types are Arrow's, and none where
    a table has no file. All files have to be whole.
    """
    return {table.name: _described(folder, table) for table in TABLES}


def _described(folder: Path, table: Table) -> dict[str, Any]:
    files, types = [], dict[str, str]()
    for path in sorted((folder / table.name).rglob("*.parquet")):
        footer = pq.read_metadata(path)
        types = types or {field.name: str(field.type) for field in footer.schema.to_arrow_schema()}
        files.append(
            {
                "path": path.relative_to(folder).as_posix(),
                "day": path.parent.name.removeprefix("day="),
                "rows": footer.num_rows,
                "bytes": path.stat().st_size,
            }
        )
    columns = [{"name": each.name, "type": types.get(each.name), "doc": each.doc} for each in table.columns]
    return {"row_per": table.grain, "key": list(table.key), "columns": columns, "files": files}
