"""Opens the logs that a command was pointed at."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.cli import diagnostics
from voicetel.errors import NoDataError, RefusedInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicetel.outcomes import Rules
    from voicetel.store import Store

VARIABLE = "VOICETEL_LOGS"
DEFAULT = "logs"


def log_paths(named: Sequence[str] | None, env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The paths that were named, else ``$VOICETEL_LOGS``, else ``./logs``. Raises NoDataError where that is missing."""
    if named:
        return tuple(named)
    if env.get(VARIABLE):
        return (env[VARIABLE],)
    if not Path(DEFAULT).exists():
        hint = f"name your logs (`voicetel analyze sample_logs/` in a clone) or set {VARIABLE}"
        raise NoDataError(f"./{DEFAULT}: no such file or directory", hint=hint)
    return (DEFAULT,)


def rules_of(path: str | None) -> Rules:
    """The rules on how calls end, with a user's own laid over them."""
    from voicetel.outcomes import load_rules  # noqa: PLC0415  --help does without

    return load_rules(None if path is None else Path(path))


@contextlib.contextmanager
def opened(paths: Sequence[str], rules: Rules, *, no_cache: bool, strict: bool = False) -> Iterator[Store]:
    """The logs under ``paths``, read, with progress and warnings on stderr.

    Under ``strict`` raises RefusedInputError at the end if a line was refused: the answer is out by then.
    """
    from voicetel.analyzers.core.no_calls import has_calls  # noqa: PLC0415  --help does without the engine
    from voicetel.store import open_store  # noqa: PLC0415

    progress = diagnostics.LoadProgress()
    with (
        progress,
        open_store(
            paths, rules, cache=not no_cache, stdin=sys.stdin.buffer, progress=progress, warn=diagnostics.warn
        ) as store,
    ):
        progress.stop()
        if not has_calls(store) and (error := _import_hint(store.paths)):
            raise error
        yield store
        refused, _, _ = store.counts()
    if strict and refused:
        raise RefusedInputError(
            _lines(refused, "was refused", "were refused"), hint="`voicetel validate` says which and why"
        )


def _import_hint(paths: Sequence[str]) -> NoDataError | None:
    """That a path holds logs of another kind, and the command that imports them, where there is one."""
    from voicetel.importers import BY_NAME, recognise, recognise_other  # noqa: PLC0415  only those who need it

    for path in paths:
        if path != "-" and (name := recognise(path)):
            message = f"{path}: looks like {BY_NAME[name].title}"
            return NoDataError(message, hint=f"`voicetel import {shlex.quote(path)}` makes logs of it")
        if path != "-" and (other := recognise_other(path)):
            message = f"{path}: a log of another kind, it looks like {other}'s"
            return NoDataError(message, hint="`voicetel import --list` says what can be imported")
    return None


def _lines(number: int, one: str, many: str) -> str:
    return f"1 line {one}" if number == 1 else f"{number:,} lines {many}"
