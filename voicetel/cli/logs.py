"""Opens the logs that a command was pointed at."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import stat
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from voicetel.cli import diagnostics, inputs
from voicetel.cli.terminal.progress import LoadProgress, StepProgress
from voicetel.config_file import PRICING_VARIABLE
from voicetel.errors import NoDataError, RefusedInputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from voicetel.outcomes import Rules
    from voicetel.pricing import RateCard
    from voicetel.store import Store

VARIABLE = "VOICETEL_LOGS"
DEFAULT = "logs"
SAMPLES = "sample_logs"
"""In a clone."""


def log_paths(
    named: Sequence[str] | None, env: Mapping[str, str] = os.environ, *, reads_stdin: bool = True
) -> tuple[str, ...]:
    """The paths that were named, else ``$VOICETEL_LOGS``, else ``./logs``. Raises NoDataError where that is missing.

    ``reads_stdin``: stdin may hold logs. Raises UsageError where it may not and is named.
    """
    if not reads_stdin and inputs.STDIN in (named or ()):
        raise UsageError("logs are not read from stdin here", hint="name a file or a folder")
    for path in named or ():
        if path.casefold().endswith(".toml"):
            raise UsageError(
                f"{path}: a TOML file is no log",
                hint=f"a rate card is --pricing {shlex.quote(path)}, limits are --slo, rules --outcomes",
            )
    if named:
        found = tuple(map(_of_this_machine, named))
    elif env.get(VARIABLE):
        found = (_of_this_machine(env[VARIABLE]),)
    elif Path(DEFAULT).exists():
        found = (DEFAULT,)
    else:
        raise NoDataError(f"./{DEFAULT}: no such file or directory", hint=_where_from())
    inputs.protect_logs(*found)
    if reads_stdin and not named and is_piped(sys.stdin):
        diagnostics.warn(f"stdin is not read, but {found[0]}; to read what is piped in, say -")
    return found


def refuse_swapped(command: str, first: str, paths: Sequence[str], *, what: str) -> None:
    """Raise UsageError where the logs stand before ``what``, the first argument of a command."""
    if len(paths) != 1 or paths[0] == inputs.STDIN or "://" in paths[0]:
        return
    # Path.exists raises for a name that no file can have, as an id of 256 characters.
    if os.path.exists(first) and not os.path.exists(paths[0]):  # noqa: PTH110
        raise UsageError(
            f"{paths[0]}: no such file or directory",
            hint=f"{what} comes before the logs: voicetel {command} {shlex.quote(paths[0])} {shlex.quote(first)}",
        )


def _of_this_machine(path: str) -> str:
    """The path that a ``file://`` URI names; others as they are."""
    if "://" not in path:
        return path
    from voicetel.store.object_storage.uris import local_path  # noqa: PLC0415  --help does without the store

    return local_path(path)


def _where_from() -> str:
    if is_piped(sys.stdin):
        return "to read what is piped in, say -"
    some = f"make some: `voicetel simulate --calls 100 -o {DEFAULT}`"
    if Path(SAMPLES).is_dir():
        some = f"look at the samples: `voicetel analyze {SAMPLES}/`"
    return f"name your logs, set {VARIABLE}, or {some}"


def is_piped(stream: IO[str] | None) -> bool:
    """Whether somebody has put something into ``stream``: a file that is not empty, or a pipe that holds bytes."""
    try:
        status = os.fstat(stream.fileno()) if stream is not None else None
    except (OSError, ValueError):
        return False
    if status is None:
        return False
    if stat.S_ISREG(status.st_mode):
        return status.st_size > 0
    return stat.S_ISFIFO(status.st_mode) and stream is not None and _waiting_bytes(stream.fileno()) > 0


def _waiting_bytes(descriptor: int) -> int:
    try:
        import fcntl  # noqa: PLC0415  POSIX alone has it
        import termios  # noqa: PLC0415

        return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)
    except (ImportError, OSError):
        return 0


def rules_of(path: str | None) -> Rules:
    """The rules on how calls end, with a user's own laid over them."""
    from voicetel.outcomes import load_rules  # noqa: PLC0415  --help does without

    inputs.protect_inputs(path)
    return load_rules(None if path is None else Path(path))


def card_of(path: str | None, env: Mapping[str, str] = os.environ) -> RateCard:
    """The rate card that is named, else that of the environment or of this folder, else the packaged one."""
    from voicetel.pricing import load_card  # noqa: PLC0415  --help does without

    inputs.protect_inputs(path or env.get(PRICING_VARIABLE) or "pricing.toml")
    return load_card(path)


@contextlib.contextmanager
def opened(paths: Sequence[str], rules: Rules, *, no_cache: bool, strict: bool = False) -> Iterator[Store]:
    """The logs under ``paths``, read, with progress and warnings on stderr.

    Under ``strict`` raises RefusedInputError at the end if a line was refused: the answer is out by then.
    """
    from voicetel.analyzers.core.no_calls import has_calls  # noqa: PLC0415  --help does without the engine
    from voicetel.store import open_store  # noqa: PLC0415

    progress = LoadProgress()
    with (
        progress,
        open_store(
            paths, rules, cache=not no_cache, stdin=_stdin(paths), progress=progress, warn=diagnostics.warn
        ) as store,
    ):
        progress.stop()
        if not has_calls(store) and (error := import_hint(store.paths)):
            raise error
        with StepProgress("Computing"):
            yield store
        rejected = store.counts().rejected
    if strict and rejected:
        raise refused_error(rejected)


@contextlib.contextmanager
def refusals_last() -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
    """Raises at the end what ``--strict`` refuses of logs that are read one after the other for one answer.

    Gives what each of them is to be opened within.
    """
    refused: list[RefusedInputError] = []

    @contextlib.contextmanager
    def put_off() -> Iterator[None]:
        try:
            yield
        except RefusedInputError as error:
            refused.append(error)

    yield put_off
    if refused:
        raise refused[0]


def refused_error(number: int) -> RefusedInputError:
    """What ``--strict`` ends with where so many lines were refused."""
    return RefusedInputError(
        _lines(number, "was refused", "were refused"), hint="`voicetel validate` says which and why"
    )


def import_hint(paths: Sequence[str]) -> NoDataError | None:
    """That a path holds logs of another kind, and the command that imports them, where there is one."""
    from voicetel.importers import BY_NAME  # noqa: PLC0415  only those who need it
    from voicetel.store.ingest.open_log import is_storage_object  # noqa: PLC0415

    for path in paths:
        name, other = _recognised(path)
        if name:
            message = f"{path}: looks like {BY_NAME[name].title}"
            if is_storage_object(path):
                return NoDataError(message, hint="copy it to a disk; `voicetel import` makes logs of what is there")
            return NoDataError(message, hint=f"`voicetel import {shlex.quote(path)}` makes logs of it")
        if other:
            message = f"{path}: a log of another kind, it looks like {other}'s"
            return NoDataError(message, hint="`voicetel import --list` says what can be imported")
    return None


def _recognised(path: str) -> tuple[str | None, str | None]:
    """Whose calls a path looks like: of a source that can be imported, or of another."""
    from voicetel.importers import BEGINNING_BYTES, recognise, recognise_beginning, recognise_other  # noqa: PLC0415
    from voicetel.store.ingest.discovery import beginning_of_object  # noqa: PLC0415
    from voicetel.store.ingest.open_log import is_storage_object  # noqa: PLC0415

    if path == inputs.STDIN:
        return None, None
    if is_storage_object(path):
        return recognise_beginning(beginning_of_object(path, BEGINNING_BYTES) or b"")
    return recognise(path), recognise_other(path)


def _stdin(paths: Sequence[str]) -> BinaryIO:
    """Standard input in bytes. Raises NoDataError where it is asked for and closed."""
    if sys.stdin is not None:
        return sys.stdin.buffer
    if inputs.STDIN in paths:
        raise NoDataError("-: stdin is closed")
    return io.BytesIO()


def _lines(number: int, one: str, many: str) -> str:
    return f"1 line {one}" if number == 1 else f"{number:,} lines {many}"
