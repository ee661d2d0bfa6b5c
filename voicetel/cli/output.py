"""All of stdout, and ``-o FILE``: in which format, how wide, and never over somebody's logs."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from voicetel.choices import check_choice
from voicetel.cli import diagnostics
from voicetel.cli.diagnostics import ReaderGoneError
from voicetel.cli.inputs import refuse_overwriting
from voicetel.cli.terminal import progress
from voicetel.errors import UsageError, VoicetelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pyarrow as pa
    from rich.console import Console

    from voicetel.analyzers.calls.stored_calls import StoredCalls
    from voicetel.registry import Report
    from voicetel.reporters.document import Document


class Format(StrEnum):
    """What an answer can be written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"
    HTML = "html"
    PARQUET = "parquet"
    JSONL = "jsonl"


FORMATS = tuple(name for name in Format if name is not Format.JSONL)
"""What every report can be written as. JSON lines are for the calls alone."""

_OTHER_SUFFIXES = ("htm", "pdf", "xlsx", "xls", "xml", "yaml", "yml", "tsv", "png", "svg")
"""What the name of a file can promise, and no report is written as."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer goes and as what. ``path`` None is stdout. A private file is its owner's alone."""

    format: Format
    path: Path | None = None
    is_private: bool = False

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads it as it is written."""
        return self.path is None and sys.stdout is not None and sys.stdout.isatty()

    @property
    def width(self) -> int | None:
        """How many characters go on a line of a table; None is any number."""
        if not self.is_terminal or self.format is not Format.TABLE:
            return None
        from rich.console import Console  # noqa: PLC0415  only a terminal has a width

        return Console().width


@dataclass(frozen=True, slots=True)
class Answer:
    """One result in every format. Only what is asked for is made.

    ``lines`` is the table's place where the answer is a list of lines and no document. ``arrow`` and ``json_lines`` are None
    where the answer has no rows.
    """

    document: Callable[[], Document]
    json: Callable[[], Iterable[str]]
    csv: Callable[[], Iterable[str]]
    lines: Callable[[], Iterable[str]] | None = None
    arrow: Callable[[], pa.Table | StoredCalls] | None = None
    json_lines: Callable[[], Iterable[str]] | None = None


class _Settings:
    default_format: str | None = None


def set_default_format(name: str | None) -> None:
    """What to write where neither an option nor the name of the file says. Raises UsageError for an unknown format."""
    _Settings.default_format = None if name is None else Format(check_choice(name, Format, "format"))


def target(
    name: str | None,
    *,
    as_json: bool,
    path: str | None,
    formats: Sequence[Format] = FORMATS,
    default: Format | None = None,
    what: str = "this answer",
) -> Target:
    """What ``--format``, ``--json`` and ``-o`` say together.

    ``formats`` are those that the command writes ``what`` as, ``default`` the one where nothing says which. Raises
    UsageError for another format, and for a file that is a link, no regular file, or read by this command: what is read has to
    be noted in ``inputs`` before.
    """
    if as_json and name not in {None, Format.JSON}:
        raise UsageError(f"--json and --format {name} contradict each other")
    if as_json:
        name = Format.JSON
    file = path if path not in {None, "-"} else None
    if name is None:
        name = _format_of(file, formats) or default or _default_format(formats)
    if name not in set(Format):
        check_choice(name, formats, "format")
    format_, target_file = Format(name), _safe(file) if file is not None else None
    if format_ is Format.JSONL and format_ not in formats:
        raise UsageError("only calls are written as JSON lines", hint="--format json writes one document")
    if format_ not in formats:
        others = f"{', '.join(formats[:-1])} or {formats[-1]}"
        raise UsageError(f"{what} has no {format_.upper()}", hint=f"it is written as {others}")
    if format_ is Format.PARQUET and file is None:
        raise UsageError("parquet is written to a file", hint="name one with -o NAME.parquet")
    return Target(format_, target_file)


def _default_format(formats: Sequence[Format]) -> str:
    """What a file of settings says, where the command can write it, else a table."""
    configured = _Settings.default_format
    return configured if configured is not None and configured in formats else Format.TABLE


def _format_of(file: str | None, formats: Sequence[Format]) -> str | None:
    """The format that the name of a file asks for. Raises UsageError for one that nothing is written as."""
    suffix = Path(file or "").suffix.lower().removeprefix(".")
    if suffix in _OTHER_SUFFIXES:
        hint = f"one of {', '.join(formats)}, or say which with --format"
        raise UsageError(f"{file}: no answer is written as {suffix}", hint=hint)
    return suffix if suffix in set(Format) else None


def write_answer(answer: Answer, where: Target) -> None:
    """Write an answer in the format that was asked for."""
    match where.format:
        case Format.JSON:
            write(answer.json(), where)
        case Format.CSV:
            write(answer.csv(), where)
        case Format.MD:
            from voicetel.reporters.markdown import markdown_lines  # noqa: PLC0415  each format loads its own

            write((f"{line}\n" for line in markdown_lines(answer.document())), where)
        case Format.HTML:
            from voicetel.reporters.html.page import html_lines  # noqa: PLC0415  each format loads its own

            write((f"{line}\n" for line in html_lines(answer.document())), where)
        case Format.PARQUET:
            _write_parquet(answer, where)
        case Format.JSONL if answer.json_lines:
            write(answer.json_lines(), where)
        case Format.TABLE if answer.lines:
            from voicetel.reporters.terminal.fit import wrapped  # noqa: PLC0415  each format loads its own

            write((f"{line}\n" for text in answer.lines() for line in wrapped(text, where.width)), where)
        case Format.TABLE:
            _write_table(answer.document(), where)


def write_report(
    report: Report,
    result: Any,
    where: Target,
    zone: tzinfo = UTC,
    *,
    document: Callable[[], Document] | None = None,
    lines: Callable[[], Iterable[str]] | None = None,
) -> None:
    """Write the answer of a report as its registry entry says; ``document`` and ``lines`` take the place of its layout."""
    from voicetel.reporters.document import View  # noqa: PLC0415  each format loads its own
    from voicetel.reporters.json_text import json_text  # noqa: PLC0415

    answer = Answer(
        document=document or (lambda: report.document(result, View(zone, where.width))),
        json=lambda: [json_text(report.json(result))],
        csv=lambda: report.csv(result),
        lines=lines,
        arrow=lambda: report.arrow(result),
    )
    write_answer(answer, where)
    if where.format is Format.CSV:  # it has rows alone
        for sentence in getattr(result, "notes", ()):
            diagnostics.note(sentence)


def terminal() -> Console:
    """Stdout as a terminal, with colours unless NO_COLOR is set."""
    from rich.console import Console  # noqa: PLC0415  only a terminal has colours

    return Console(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)


def write(pieces: Iterable[str], where: Target) -> None:
    """Write text to the file, whole or not at all, or to stdout."""
    if where.path is not None:
        with _replacing(where.path, is_private=where.is_private) as file:
            for piece in pieces:
                file.write(piece.encode("utf-8", "backslashreplace"))
        _note_written(where.path)
        return
    with _stdout() as stream:
        for piece in pieces:
            stream.write(piece)


def echo(line: str) -> None:
    """One line, or several, on stdout."""
    write([f"{line}\n"], Target(Format.TABLE))


def _note_written(path: Path) -> None:
    """Say which file was written and how large it is."""
    from voicetel.reporters.formatting import size  # noqa: PLC0415  --help does without

    diagnostics.note(f"{path}: {size(path.stat().st_size)}")


def _write_parquet(answer: Answer, where: Target) -> None:
    if answer.arrow is None or where.path is None:
        raise UsageError("this answer has no rows for Parquet", hint="it is written as table, json or md")
    import pyarrow as pa  # noqa: PLC0415  each format loads its own
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = answer.arrow()
    with _replacing(where.path, is_private=where.is_private) as file, pq.ParquetWriter(file, table.schema) as writer:
        for rows in [table] if isinstance(table, pa.Table) else table.tables():
            writer.write_table(rows)
    _note_written(where.path)


def _write_table(document: Document, where: Target) -> None:
    from voicetel.reporters.terminal.lines import terminal_lines  # noqa: PLC0415  each format loads its own

    if not where.is_terminal:
        write((f"{line.plain}\n" for line in terminal_lines(document, None)), where)
        return
    from rich.console import Console  # noqa: PLC0415  only a terminal has colours

    with _stdout() as stream:
        console = Console(file=stream, color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)
        for line in terminal_lines(document, console.width):
            console.print(line, soft_wrap=True)


@contextlib.contextmanager
def _stdout() -> Iterator[TextIO]:
    """Standard output, flushed at the end. A reader that goes away is no error; a full disk is."""
    progress.clear()
    stream = sys.stdout
    if stream is None:
        raise VoicetelError("stdout is closed")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    try:
        yield stream
        stream.flush()
    except OSError as error:
        # What is still buffered would fail once more when the interpreter exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if isinstance(error, BrokenPipeError):
            raise ReaderGoneError from error
        raise


def _safe(path: str) -> Path:
    file = Path(path)
    if file.is_symlink():
        raise UsageError(f"{path}: is a symbolic link", hint="name the file itself")
    try:
        status = file.stat()
    except FileNotFoundError:
        if not file.parent.is_dir():
            raise UsageError(f"{path}: no such folder") from None
        return file
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path}: is not a regular file")
    refuse_overwriting(file)
    return file


@contextlib.contextmanager
def _replacing(path: Path, *, is_private: bool) -> Iterator[io.BufferedWriter]:
    """A file beside ``path`` that takes its place when all is written, and the mode of what it replaces."""
    import secrets  # noqa: PLC0415  only those who write a file

    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if is_private else 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if path.exists():
                draft.chmod(path.stat().st_mode & (0o600 if is_private else 0o777))
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
