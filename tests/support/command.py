"""Runs the command inside the test's own process."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from typing import Any

from voicetel.cli import diagnostics
from voicetel.cli.app import app
from voicetel.registry import REPORTS

REPORT_COMMANDS = tuple(report.name for report in REPORTS if report.has_command)
"""The commands that are made from the registry of reports, each of which answers from logs alone."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said, as JSON."""
        return json.loads(self.out)


def run(*args: object) -> Ran:
    """``voicetel`` with ``args``, as it behaves in a pipe."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = diagnostics.run(lambda: app([str(arg) for arg in args], standalone_mode=False))
    return Ran(code, out.getvalue(), err.getvalue())
