"""A report: a question that can be asked of logs, and everything that is known of its answer.

Places are written as ``module:name`` and loaded when they are needed, so that ``voicetel --help`` loads no engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.core.dimensions import Level, check_dimensions
from voicetel.errors import UsageError
from voicetel.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from voicetel import results
    from voicetel.analyzers.request import Request
    from voicetel.reporters.document import Document, View


@dataclass(frozen=True, slots=True)
class Option:
    """An option that one report alone takes. ``name`` is the parameter of the function that answers.

    ``default_factory`` is a function that says what the command takes where the option is not given, None for ``default``;
    ``default_note`` says to people that it came from there, ``default_help`` is what --help says of it. ``checked_by`` is a function that raises UsageError for a value that means
    nothing, before any log is read. ``reads_logs``: given, it needs what the store does not keep, which a cluster does not read.
    ``known_as`` is a collection of the words that it may hold, for completion.
    """

    name: str
    type: type
    default: Any
    help: str
    metavar: str
    minimum: float | None = None
    default_factory: str = ""
    default_note: str = ""
    default_help: str = ""
    checked_by: str = ""
    reads_logs: bool = False
    known_as: str = ""

    @property
    def flag(self) -> str:
        """What is typed."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def known(self) -> tuple[str, ...]:
        """The words that it may hold, where they are known."""
        return tuple(resolve_name(self.known_as)) if self.known_as else ()

    def value(self, given: Any) -> Any:
        """What holds in a command that was given this value, or None. Raises UsageError for a value that means nothing."""
        if given is None and self.default_factory:
            given = resolve_name(self.default_factory)()
        value = self.default if given is None else given
        if self.checked_by:
            resolve_name(self.checked_by)(value)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A question and its answer.

    ``command`` is what is typed after ``voicetel``, ``question`` what the report tells its user, ``details`` what else the
    help says. ``result`` is the type of the answer. ``answered_by`` takes a ``Request`` and the report's own ``options``;
    empty where a command computes its answer otherwise. ``laid_out_by`` makes the document for people, ``csv_by`` the table
    that CSV is made of, where these are not the rows of the result as they are; ``encoded_by`` makes a ``result`` of what a command
    works with, where that is something else. ``takes`` names the options that it shares
    with others: by, filters, pricing, outcomes, sentiment, llm, engine. ``finest``: of what its finest figures are, and so by which
    dimensions they can be grouped; ``more_dimensions``: by what else. ``is_rows``: the answer is an Arrow table or rows in a file, JSON is a list.
    ``has_command``: its command is made from what stands here.
    """

    name: str
    question: str
    result: str
    command: str = ""
    details: str = ""
    answered_by: str = ""
    laid_out_by: str = ""
    csv_by: str = ""
    encoded_by: str = ""
    takes: tuple[str, ...] = ()
    finest: Level = Level.CALL
    more_dimensions: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    is_rows: bool = False
    has_command: bool = False

    @property
    def words(self) -> str:
        """What is typed after ``voicetel``."""
        return self.command or self.name

    @property
    def can_be_asked(self) -> bool:
        """Whether ``ask`` computes it from logs, with nothing but its options."""
        return bool(self.answered_by)

    @property
    def kind(self) -> Any:
        """The type of the answer, or of each of its rows."""
        return resolve_name(self.result)

    def ask(self, request: Request, options: Mapping[str, Any] | None = None) -> Any:
        """Compute the answer, with the report's own options by name; those that are not given have their defaults.

        Raises UsageError for a report that has no answer of its own, an option that it does not have, or a dimension that its
        figures cannot be grouped by.
        """
        if not self.answered_by:
            raise UsageError(
                f"the report {self.name} is not answered from logs alone", hint=f"run voicetel {self.words}"
            )
        self.check_dimensions(request.selection.by)
        return resolve_name(self.answered_by)(request, **self.option_values(options or {}))

    def option_values(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The report's own options by name, with their defaults. Raises UsageError for one that it does not have."""
        given = dict(options)
        values = {option.name: given.pop(option.name, option.default) for option in self.options}
        for name in given:
            raise UsageError(f"the report {self.name} has no option {name!r}", hint=did_you_mean(name, values))
        return values

    def check_dimensions(self, by: Sequence[str]) -> None:
        """Raise UsageError for a dimension that its figures cannot be grouped by: commands ask before any log is read."""
        check_dimensions(by, self.finest, what=self.name, more=self.more_dimensions)

    def json(self, result: Any) -> Any:
        """An answer as what JSON can hold."""
        from voicetel import results  # noqa: PLC0415  see the top

        if self.is_rows:
            return list(self.json_rows(result))
        return results.to_json(resolve_name(self.encoded_by)(result) if self.encoded_by else result)

    def json_rows(self, table: Any) -> Iterator[dict[str, Any]]:
        """The rows of an answer that is an Arrow table, one by one, without making Python values of all at once."""
        from voicetel import results  # noqa: PLC0415  see the top

        for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
            yield from (results.encode_row(row, self.kind) for row in batch.to_pylist())

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what ``json`` gives."""
        from voicetel import results  # noqa: PLC0415  see the top

        title = f"voicetel {self.words}"
        return results.list_schema(self.kind, title) if self.is_rows else results.schema_of(self.kind, title)

    def rows(self, result: Any) -> results.Rows:
        """An answer as rows of exact cells: what CSV, Parquet and frames are made of."""
        from voicetel import results  # noqa: PLC0415  see the top

        return results.rows_of(result, self.kind)

    def arrow(self, result: Any) -> pa.Table:
        """An answer as an Arrow table: what Parquet files and frames are made of."""
        import pyarrow as pa  # noqa: PLC0415  see the top

        if self.is_rows:
            return result if isinstance(result, pa.Table) else result.to_table()
        from voicetel.reporters.arrow_tables import arrow_table  # noqa: PLC0415  see the top

        return arrow_table(self.rows(result))

    def csv(self, result: Any) -> Iterator[str]:
        """An answer as CSV, in pieces."""
        from voicetel.reporters.csv_rows import rows_csv, table_csv  # noqa: PLC0415  see the top

        if self.csv_by:
            return table_csv(resolve_name(self.csv_by)(result))
        rows = self.rows(result)
        return rows_csv([column.name for column in rows.columns], rows.cells())

    def document(self, result: Any, view: View) -> Document:
        """An answer for people."""
        if self.laid_out_by:
            document: Document = resolve_name(self.laid_out_by)(result, view)
            return document
        from voicetel.reporters.document import Document, Section  # noqa: PLC0415  see the top
        from voicetel.reporters.layouts.notes import far_off_notes, rate_warnings  # noqa: PLC0415
        from voicetel.reporters.table import table_of  # noqa: PLC0415
        from voicetel.text_safety import visible  # noqa: PLC0415

        doubtful = getattr(result, "rate_notes", ())
        notes = (*map(visible, getattr(result, "notes", ())), *far_off_notes(doubtful))
        table = table_of(self.rows(result), view.zone)
        return Document((), (Section(table=table),), notes, tuple(rate_warnings(doubtful)))


_BATCH_ROWS = 2000
