"""The one root of everything voicetel raises on purpose, and the exit codes of the command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command's exit status says. Stable: CI jobs branch on it."""

    OK = 0
    FAILED = 1
    USAGE = 2
    LIMIT_BROKEN = 3
    NO_DATA = 4
    REFUSED_INPUT = 5
    INTERRUPTED = 130


class VoicetelError(Exception):
    """Something the user can act on: one line that says what, where and what to do.

    ``hint`` is the "what to do" half. It is kept apart so that a caller can show the two differently;
    ``str(error)`` is the "what and where".
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(VoicetelError):
    """The command, its options or a configuration file cannot mean anything."""

    exit_code = ExitCode.USAGE


class NoDataError(VoicetelError):
    """There is nothing to answer from."""

    exit_code = ExitCode.NO_DATA


class RefusedInputError(VoicetelError):
    """Under ``--strict``: at least one line of the logs was refused."""

    exit_code = ExitCode.REFUSED_INPUT
