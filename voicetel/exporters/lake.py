"""What a folder of Parquet says of itself, for programs: its tables, their columns and their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from voicetel.exporters.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicetel.exporters.columns import Table


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A file of a table: its ``path`` in the folder, how much there is in it, and the types of its columns, which are Arrow's."""

    path: str
    rows: int
    bytes: int
    types: Mapping[str, str]

    @classmethod
    def of(cls, path: Path, folder: Path) -> ParquetFile:
        """What a whole file says of itself."""
        footer = pq.read_metadata(path)
        types = {field.name: str(field.type) for field in footer.schema.to_arrow_schema()}
        return cls(path.relative_to(folder).as_posix(), footer.num_rows, path.stat().st_size, types)


def files_of_tables(folder: Path) -> dict[str, list[ParquetFile]]:
    """The files of a folder by table. All have to be whole."""
    return {
        table.name: [ParquetFile.of(path, folder) for path in sorted((folder / table.name).rglob("*.parquet"))]
        for table in TABLES
    }


def described_tables(files: Mapping[str, Sequence[ParquetFile]]) -> dict[str, Any]:
    """For each table what a row is, its key, its columns with their types and meanings, and its files.

    ``day`` of a file is the UTC day on which its calls started; there are no types where a table has no file.
    """
    return {table.name: _described(files.get(table.name, ()), table) for table in TABLES}


def _described(written: Sequence[ParquetFile], table: Table) -> dict[str, Any]:
    types = written[0].types if written else {}
    files = [
        {
            "path": each.path,
            "day": each.path.split("/")[-2].removeprefix("day="),
            "rows": each.rows,
            "bytes": each.bytes,
        }
        for each in written
    ]
    columns = [{"name": each.name, "type": types.get(each.name), "doc": each.doc} for each in table.columns]
    return {"row_per": table.grain, "key": list(table.key), "columns": columns, "files": files}
