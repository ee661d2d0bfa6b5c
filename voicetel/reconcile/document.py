"""The bytes of an invoice as what is in them: JSON values, or the rows of a table."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from voicetel.reconcile.invoice import InvoiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MAX_INVOICE_BYTES: Final = 1 << 30
MAX_JSON_BYTES: Final = 256 << 20
"""A JSON document is held whole; rows and lines are not."""

_DECODER: Final = json.JSONDecoder(parse_float=Decimal)
_SPACE: Final = re.compile(r"\s*")

SAMPLE_ROWS: Final = 2_000
"""Rows that are looked at before any is read: for the decimal mark, and for what the invoice is."""

_WIDE: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class InvoiceTable:
    """A CSV: ``columns`` as written, ``sample`` its first rows, ``rows`` all of them with their line numbers."""

    name: str
    columns: tuple[str, ...]
    sample: tuple[Mapping[str, str], ...]
    rows: Callable[[], Iterator[tuple[int, Mapping[str, str]]]] = field(repr=False)
    delimiter: str = ","

    def has(self, *columns: str) -> bool:
        """Whether it has all of these columns, in any letter case."""
        own = {column.casefold() for column in self.columns}
        return all(column.casefold() in own for column in columns)


@dataclass(frozen=True, slots=True)
class InvoiceJson:
    """A JSON document, or several one after the other. Numbers with a point are Decimal."""

    name: str
    values: tuple[Any, ...]

    def objects(self) -> Iterator[dict[str, Any]]:
        """The objects at the top, those of a top-level list included."""
        for value in self.values:
            yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))


def open_document(path: Path) -> InvoiceTable | InvoiceJson:
    """What is in a file. Raises InvoiceError for what is neither JSON nor CSV, or nothing at all."""
    name = str(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvoiceError(f"{name}: cannot be read: {why}") from error
    if not head.strip(b"\x00\xff\xfe\xef\xbb\xbf \r\n\t"):
        raise InvoiceError(f"{name}: it is empty")
    if size > MAX_INVOICE_BYTES or not path.is_file():
        raise InvoiceError(f"{name}: no file of up to {MAX_INVOICE_BYTES >> 30} GiB", hint="export a shorter time")
    if head.startswith((b"%PDF", b"PK\x03\x04")):
        kind = "a PDF" if head.startswith(b"%PDF") else "a spreadsheet or an archive"
        raise InvoiceError(f"{name}: it is {kind}", hint="export it as CSV or JSON")
    encoding = next((name for mark, name in _WIDE if head.startswith(mark)), "utf-8-sig")
    try:
        start = head[: len(head) - len(head) % 4].decode(encoding, "ignore").lstrip()
        return _json(path, name, encoding, size) if start[:1] in {"{", "["} else _table(path, name, encoding)
    except UnicodeDecodeError as error:
        raise InvoiceError(
            f"{name}: not UTF-8: {error.reason} at byte {error.start}", hint="save it as UTF-8"
        ) from error


def _json(path: Path, name: str, encoding: str, size: int) -> InvoiceJson:
    if size > MAX_JSON_BYTES:
        raise InvoiceError(
            f"{name}: a JSON of more than {MAX_JSON_BYTES >> 20} MiB", hint="export a shorter time, or as CSV"
        )
    text = path.read_text(encoding)
    values, at = [], _SPACE.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            line = text.count("\n", 0, getattr(error, "pos", at)) + 1
            raise InvoiceError(f"{name}:{line}: no JSON: {getattr(error, 'msg', error)}") from None
        values.append(value)
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    return InvoiceJson(name, tuple(values))


def _table(path: Path, name: str, encoding: str) -> InvoiceTable:
    with path.open(encoding=encoding, newline="") as file:
        beginning = file.read(1 << 16)
    lines = [line for line in beginning.splitlines() if line.strip()]
    delimiter = max(",;\t|", key=lambda mark: sum(line.count(mark) for line in lines[:20]))
    if not lines or not any(delimiter in line for line in lines[:20]):
        raise InvoiceError(f"{name}: neither JSON nor a table with columns", hint="export the usage as CSV or JSON")
    header_at = _header_at(beginning, delimiter)
    columns = _columns(name, beginning, delimiter, header_at)

    def rows() -> Iterator[tuple[int, Mapping[str, str]]]:
        with path.open(encoding=encoding, newline="") as opened:
            reader = csv.reader(opened, delimiter=delimiter)
            try:
                for row in itertools.islice(reader, header_at + 1, None):
                    if any(cell.strip() for cell in row):
                        yield reader.line_num, dict(zip(columns, (cell.strip() for cell in row), strict=False))
            except csv.Error as error:
                raise InvoiceError(f"{name}:{reader.line_num}: no CSV: {error}") from error

    sample = tuple(row for _, row in itertools.islice(rows(), SAMPLE_ROWS))
    if not sample:
        raise InvoiceError(f"{name}: it has columns and no rows")
    return InvoiceTable(name, columns, sample, rows, delimiter)


def _csv_rows(beginning: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of the text's beginning, whose lines end as they do in a file: by LF, CR LF or CR."""
    return csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter)


def _header_at(beginning: str, delimiter: str) -> int:
    """The first row that has as many cells as rows usually have: invoices begin with titles and empty lines."""
    widths = [len(row) for row in itertools.islice(_csv_rows(beginning, delimiter), 50)]
    usual = max(widths, default=0)
    return next((number for number, width in enumerate(widths) if width == usual), 0)


def _columns(name: str, beginning: str, delimiter: str, header_at: int) -> tuple[str, ...]:
    header = next(itertools.islice(_csv_rows(beginning, delimiter), header_at, None))
    columns = tuple(cell.strip() for cell in header)
    named = [column for column in columns if column]
    if len({column.casefold() for column in named}) < len(named):
        raise InvoiceError(f"{name}: two columns have one name", hint="rename one of them")
    return columns
