"""The one root of everything voicetel raises on purpose, and the exit codes of the command."""

from __future__ import annotations

import re
from enum import IntEnum

_USERINFO = re.compile(r"(?P<user>[a-z][a-z0-9+.-]*:/+[^\s:/@]*):.*@", re.IGNORECASE)
"""Greedy: a password may itself hold an @ or a space, and rather too much is hidden than too little. A path has one slash."""

_NAMED_SECRET = re.compile(
    r"(?P<name>\b\w*(?:password|passwd|pwd|secret|api_?key|access_?token)\s*=\s*)('(?:[^'\\]|\\.)*'?|\"[^\"]*\"?|[^\s'\"&;,]+)",
    re.IGNORECASE,
)


def mask_passwords(text: str) -> str:
    """``text`` with ``***`` for the password of every URL and the value of every ``password=`` and its like.

    A connection string can be typed where a path was meant, and a message quotes what was typed.
    """
    return _NAMED_SECRET.sub(r"\g<name>***", _USERINFO.sub(r"\g<user>:***@", text))


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
    ``str(error)`` is the "what and where". Passwords in either are masked.
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(mask_passwords(message))
        self.hint = None if hint is None else mask_passwords(hint)


class UsageError(VoicetelError):
    """The command, its options or a configuration file cannot mean anything."""

    exit_code = ExitCode.USAGE


class NotFoundError(UsageError):
    """What is named is not there."""


class NoDataError(VoicetelError):
    """There is nothing to answer from."""

    exit_code = ExitCode.NO_DATA


class RefusedInputError(VoicetelError):
    """Under ``--strict``: at least one line of the logs was refused."""

    exit_code = ExitCode.REFUSED_INPUT
