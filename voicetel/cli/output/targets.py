"""In which format an answer is written, how wide, and to which file: never one that is somebody's logs."""

from __future__ import annotations

import stat
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.choices import check_choice
from voicetel.cli.inputs import refuse_overwriting
from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


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
