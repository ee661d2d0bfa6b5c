"""Chunks parsed: on the fast path, by DuckDB's typed reader, where it is sure to be right; on the slow path, by the exact rules, everywhere else.

The exact rules (validated_lines.sql) are the reference: whatever a line holds, its row is what they say of it. The typed reader
parses a thousand lines in the time in which they validate ten; a test holds the two together.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from voicetel.store.ingest.chunks.builder import LONG_LINE_BYTES
from voicetel.store.ingest.fingerprints import BOM
from voicetel.store.ingest.line_contents import HASH_MACRO
from voicetel.store.ingest.lines.fast_path_checks import check_fast_path
from voicetel.store.ingest.lines.line_hashes import chunk_hashes, line_hashes
from voicetel.store.ingest.lines.line_text import MAX_DEPTH, count_values, is_nested_deeply, without_lone_surrogates
from voicetel.store.ingest.lines.statements import fast_path_sql, line_sql, slow_path_sql, slow_path_structure
from voicetel.store.ingest.lines.value_checks import take_out_unknown_values
from voicetel.store.ingest.lines.value_types import lines_with_mismatched_types
from voicetel.store.segments.arrays import integers, is_true

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.store.ingest.chunks.chunk import Chunk, LongLine
    from voicetel.store.ingest.lines.text_hashes import Hashes
    from voicetel.store.segments.arrays import Integers

MEMORY_LIMIT = "300MB"
MAX_VALUES = LONG_LINE_BYTES // 2
"""A line may have as many values as one that is not long can have: each is parsed into as many fields as an operation has."""

SLOW_PATH_BYTES = 1 << 23
"""Lines that are validated at once."""


@dataclass(slots=True)
class ValidLines:
    """Lines that count: one row of ``columns`` each, their positions, and hashes of them."""

    columns: Any
    stream_id: Integers
    line: Integers
    byte_offset: Integers
    length: Integers
    line_hash: Hashes

    def __len__(self) -> int:
        return len(self.stream_id)


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """Where a line stands that does not count, and why not."""

    stream_id: int
    line: int
    byte_offset: int
    bytes: int
    reason: str


class LineReader:
    """Reads chunks in a DuckDB of its own, which keeps nothing."""

    def __init__(self, spill: Path) -> None:
        self._connection = duckdb.connect(
            config={
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(spill),
                "temp_file_encryption": True,
                # Without it DuckDB refuses to spill at all: the cipher that it brings may only read.
                "force_mbedtls_unsafe": True,
                "preserve_insertion_order": True,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                # A chunk is parsed by the thread that asks, while others fill and measure; more would wait for each other.
                "threads": 1,
            }
        )
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'; SET GLOBAL arrow_output_version = '1.5'")
        self._connection.execute(HASH_MACRO)
        self._connection.execute(line_sql("line_macros.sql"))

    def close(self) -> None:
        """Let go of its memory."""
        self._connection.close()

    def read_typed(self, chunk: Chunk) -> Any:
        """What the typed reader makes of a chunk: one row per line, whether or not it is sure to be right."""
        if not len(chunk.begins):
            return None
        return self._connection.cursor().sql(fast_path_sql(), params={"file": chunk.name}).to_arrow_table()

    def validate(self, chunk: Chunk, typed: Any) -> tuple[list[ValidLines], list[QuarantineEntry]]:
        """The lines of a chunk that count, and those that do not."""
        found: list[ValidLines] = []
        quarantined: list[QuarantineEntry] = []
        if typed is not None:
            is_exact, typed = self._check_fast_path(chunk, typed)
            kept = np.flatnonzero(is_exact)
            hashes = chunk_hashes(self._connection, chunk)
            if len(kept):
                columns = typed if len(kept) == len(is_exact) else typed.filter(pa.array(is_exact))
                found.append(_lines(columns, chunk, kept, hashes))
            slow_path_rows = np.flatnonzero(~is_exact)
            for some in _in_pieces(chunk.ends[slow_path_rows] - chunk.begins[slow_path_rows]):
                self._validate_by_rules(chunk, slow_path_rows[some], hashes, found, quarantined)
        for lines in _pieces_of(chunk.long_lines):
            self._validate_long(lines, found, quarantined)
        return found, quarantined

    def _check_fast_path(self, chunk: Chunk, typed: Any) -> tuple[npt.NDArray[np.bool_], Any]:
        if len(typed) != len(chunk.begins):
            return np.zeros(len(chunk.begins), np.bool_), typed
        is_exact, columns = check_fast_path(typed, self._timestamps)
        with mmap.mmap(chunk.descriptor, chunk.size, prot=mmap.PROT_READ) as memory:
            data = np.frombuffer(memory, np.uint8)
            is_exact[lines_with_mismatched_types(data, chunk.begins)] = False
            if (
                data[: len(BOM)].tobytes() == BOM
            ):  # that of a file is not in the chunk; the typed reader passes over any
                is_exact[0] = False
            del data
        for nth in np.flatnonzero(is_exact & (chunk.ends - chunk.begins > 2 * MAX_DEPTH)):
            if is_nested_deeply(chunk.content(int(nth))):
                is_exact[nth] = False
        return is_exact, columns

    def _timestamps(self, texts: Any) -> Integers:
        """µs since 1970 of times in any form that the format has, MISSING where one is none."""
        cursor = self._connection.cursor()
        cursor.register("unusual_times", pa.table({"ts": texts, "nth": pa.array(np.arange(len(texts)))}))
        found = cursor.sql("SELECT any_timestamp(ts) AS ts FROM unusual_times ORDER BY nth").to_arrow_table()["ts"]
        cursor.close()
        return np.concatenate([integers(piece) for piece in found.chunks])

    def _validate_by_rules(
        self,
        chunk: Chunk,
        nth: Integers,
        hashes: Hashes,
        found: list[ValidLines],
        quarantined: list[QuarantineEntry],
    ) -> None:
        table = self.apply_rules([chunk.content(int(each)) for each in nth])
        accepted = np.concatenate([is_true(piece) for piece in table["accepted"].chunks])
        reasons = table["quarantine_reason"].to_pylist()
        for at in np.flatnonzero(~accepted).tolist():
            each = int(nth[at])
            quarantined.append(
                QuarantineEntry(
                    int(chunk.stream_id[each]),
                    int(chunk.line[each]),
                    int(chunk.byte_offset[each]),
                    int(chunk.length[each]),
                    reasons[at],
                )
            )
        if accepted.any():
            found.append(_lines(table.filter(pa.array(accepted)), chunk, nth[accepted], hashes))

    def _validate_long(
        self, lines: list[LongLine], found: list[ValidLines], quarantined: list[QuarantineEntry]
    ) -> None:
        fitting = []
        for line in lines:
            if line.content is None:
                reason = "longer than 8 MiB"
            elif count_values(line.content) >= MAX_VALUES:
                reason = f"has more than {MAX_VALUES:,} values"
            else:
                fitting.append(line)
                continue
            quarantined.append(QuarantineEntry(line.stream_id, line.line, line.byte_offset, line.bytes, reason))
        if not fitting:
            return
        contents = [line.content or b"" for line in fitting]
        table = self.apply_rules(contents)
        accepted = np.concatenate([is_true(piece) for piece in table["accepted"].chunks])
        for line, reason in zip(fitting, table["quarantine_reason"].to_pylist(), strict=True):
            if reason is not None:
                quarantined.append(QuarantineEntry(line.stream_id, line.line, line.byte_offset, line.bytes, reason))
        if accepted.any():
            kept = np.flatnonzero(accepted)
            hashes = line_hashes(self._connection, pa.array([contents[at] for at in kept], pa.binary()))
            position = np.array(
                [[fitting[at].stream_id, fitting[at].line, fitting[at].byte_offset, fitting[at].bytes] for at in kept],
                np.int64,
            )
            found.append(
                ValidLines(
                    table.filter(pa.array(accepted)),
                    position[:, 0],
                    position[:, 1],
                    position[:, 2],
                    position[:, 3],
                    hashes,
                )
            )

    def apply_rules(self, lines: list[bytes]) -> Any:
        """What the exact rules make of some lines, in their order."""
        is_deep = [is_nested_deeply(line) for line in lines]
        readable = [
            (line, False) if deep else take_out_unknown_values(without_lone_surrogates(line))
            for line, deep in zip(lines, is_deep, strict=True)
        ]
        cursor = self._connection.cursor()
        cursor.register(
            "slow_path_lines",
            pa.table(
                {
                    "content": pa.array([content for content, _ in readable], pa.binary()),
                    "no_unknown_values": pa.array([no_unknown_values for _, no_unknown_values in readable], pa.bool_()),
                    "is_deep": pa.array(is_deep),
                    "nth": np.arange(len(lines)),
                }
            ),
        )
        table = cursor.sql(slow_path_sql(), params={"structure": slow_path_structure()}).to_arrow_table()
        cursor.close()
        return table.sort_by("nth") if len(table) > 1 else table


def _lines(columns: Any, chunk: Chunk, nth: Integers, hashes: Hashes) -> ValidLines:
    return ValidLines(
        columns,
        chunk.stream_id[nth],
        chunk.line[nth],
        chunk.byte_offset[nth],
        chunk.length[nth],
        hashes[nth],
    )


def _in_pieces(lengths: Integers) -> list[Integers]:
    """Rows brought together so that their lines have about SLOW_PATH_BYTES, and less than a line more."""
    if not len(lengths):
        return []
    piece = (np.cumsum(lengths) - 1) // SLOW_PATH_BYTES
    return np.split(np.arange(len(lengths)), np.flatnonzero(np.diff(piece)) + 1)


def _pieces_of(lines: list[LongLine]) -> list[list[LongLine]]:
    lengths = np.array([len(line.content or b"") for line in lines], np.int64)
    return [[lines[at] for at in piece] for piece in _in_pieces(lengths)]
