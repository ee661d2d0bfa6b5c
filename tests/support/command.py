"""Runs the command inside the test's own process."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from typing import Any

from voicetel.cli import diagnostics
from voicetel.cli.app import app


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
