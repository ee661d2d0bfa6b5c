"""What is said on stderr, but progress and GitHub's annotations: errors on one line each, warnings; and the exit code of an error."""

from __future__ import annotations

import os
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.exceptions import TyperException

from voicetel.errors import ExitCode, VoicetelError, mask_passwords
from voicetel.text_safety import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

DEBUG_VARIABLE = "VOICETEL_DEBUG"

_DUCKDB_INTERRUPTED = "Query interrupted"
"""The words of the RuntimeError that DuckDB makes of a KeyboardInterrupt."""

_DUCKDB_OUT_OF_MEMORY = "OutOfMemoryException"
"""Known by its name, so that nobody has to load DuckDB to be told of another error."""


class ReaderGoneError(Exception):
    """Whoever read our stdout has gone away, as ``head`` does. Nothing is wrong."""


class _Settings:
    tracebacks = False


def show_tracebacks(wanted: bool) -> None:
    """Whether an error that nobody foresaw shows where it came from."""
    _Settings.tracebacks = wanted


def run(command: Callable[[], object]) -> int:
    """Run ``command`` and give the exit code. Every error ends here, as one line on stderr."""
    try:
        code = command()
    except VoicetelError as error:
        fail(str(error), error.hint)
        return error.exit_code
    except TyperException as error:
        fail(_usage_message(error), _usage_hint(error))
        return ExitCode.USAGE
    except ReaderGoneError:
        return ExitCode.OK
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except OSError as error:
        return _unforeseen(error, _os_message(error))
    except Exception as error:  # noqa: BLE001  the last line of defence: a person gets a line, not a traceback
        if _is_interrupt(error):
            return ExitCode.INTERRUPTED
        if type(error).__name__ == _DUCKDB_OUT_OF_MEMORY:
            fail("too little memory for so many calls at once", "ask about fewer with --since and --until, or --last")
            return ExitCode.FAILED
        return _unforeseen(error, f"{type(error).__name__} {_origin(error)}")
    return code if isinstance(code, int) else ExitCode.OK


def _is_interrupt(error: BaseException) -> bool:
    """Whether somebody has pressed Ctrl-C: DuckDB, and libraries that are being loaded, make another error of it."""
    if isinstance(error, RuntimeError) and str(error) == _DUCKDB_INTERRUPTED:
        return True
    cause = error.__cause__ or error.__context__
    return isinstance(cause, KeyboardInterrupt) or (cause is not None and _is_interrupt(cause))


def fail(message: str, hint: str | None = None) -> None:
    """Say what is wrong and what to do about it, on one line, with passwords masked."""
    message = mask_passwords(message)
    _write("error: ", "bold red", f"{message}; {mask_passwords(hint)}" if hint else message)


def warn(message: str) -> None:
    """Say what was passed over."""
    _write("warning: ", "yellow", mask_passwords(message))


def note(message: str) -> None:
    """Say what else was done."""
    _write("", "", mask_passwords(message))


def _write(label: str, style: str, message: str) -> None:
    from rich.text import Text  # noqa: PLC0415  only those who have something to say need it

    # A terminal would break the line in the middle of a word; whoever reads a file wants it whole.
    stderr = console()
    stderr.print(Text.assemble((label, style), visible(message)), soft_wrap=not stderr.is_terminal)


@cache
def console() -> Console:
    """Stderr as people see it."""
    from rich.console import Console  # noqa: PLC0415  see _write

    return Console(stderr=True, color_system=None if os.environ.get("NO_COLOR") else "auto")


def _usage_message(error: TyperException) -> str:
    """Typer's own words on one line, in our way of writing."""
    named = getattr(error, "option_name", None) if getattr(error, "possibilities", None) else None
    message = f"no such option: {named}" if named else " ".join(error.format_message().split()).rstrip(".")
    return message[:1].lower() + message[1:]


def _usage_hint(error: TyperException) -> str | None:
    if near := getattr(error, "possibilities", None):
        return f"did you mean {' or '.join(near)}?"
    context = getattr(error, "ctx", None)
    return None if context is None or str(error).endswith("?") else f"see {context.command_path} --help"


def _os_message(error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return f"{os.fsdecode(error.filename)}: {reason}" if isinstance(error.filename, (str, bytes)) else reason


def _unforeseen(error: BaseException, message: str) -> ExitCode:
    """An error of the machine or of ours. Its own text may hold anything, a password too, so it is not shown."""
    if _Settings.tracebacks:
        traceback.print_exception(error, file=sys.stderr)
    fail(message, None if _Settings.tracebacks else f"{DEBUG_VARIABLE}=1 shows where it comes from")
    return ExitCode.FAILED


def _origin(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}voicetel{os.sep}" in frame.filename] or frames
    return f"in {Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else ""
