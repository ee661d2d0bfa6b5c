"""Text on stdout, or in a file that is written whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

from voicetel.cli import diagnostics
from voicetel.cli.diagnostics import ReaderGoneError
from voicetel.cli.output.targets import Format, Target
from voicetel.cli.terminal import progress
from voicetel.errors import VoicetelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rich.console import Console


def write(pieces: Iterable[str], target: Target) -> None:
    """Write text to the file, whole or not at all, or to stdout."""
    if target.path is not None:
        with replaced_file(target.path, is_private=target.is_private) as file:
            for piece in pieces:
                file.write(piece.encode("utf-8", "backslashreplace"))
        note_written(target.path)
        return
    with stdout() as stream:
        for piece in pieces:
            stream.write(piece)


def echo(line: str) -> None:
    """One line, or several, on stdout."""
    write([f"{line}\n"], Target(Format.TABLE))


def note_written(path: Path) -> None:
    """Say which file was written and how large it is."""
    from voicetel.reporters.formatting import size  # noqa: PLC0415  --help does without

    diagnostics.note(f"{path}: {size(path.stat().st_size)}")


def terminal(stream: TextIO | None = None) -> Console:
    """Stdout, or ``stream``, as a terminal, with colours unless NO_COLOR is set."""
    from rich.console import Console  # noqa: PLC0415  only a terminal has colours

    return Console(file=stream, color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)


@contextlib.contextmanager
def stdout() -> Iterator[TextIO]:
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


@contextlib.contextmanager
def replaced_file(path: Path, *, is_private: bool) -> Iterator[io.BufferedWriter]:
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
