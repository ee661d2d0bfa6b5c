"""What ``check`` and ``compare`` say beside their answer: a JUnit file, annotations and the summary of a GitHub job."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicetel.cli import output
from voicetel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicetel.reporters.ci.github import Annotation
    from voicetel.reporters.document import Document

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"

JUnit = Annotated[
    str | None, typer.Option("--junit", metavar="FILE", help="Also write JUnit XML, for the test view of a CI system.")
]
GitHub = Annotated[
    bool,
    typer.Option(
        "--github",
        help=f"Also write annotations to stderr and the job summary to ${SUMMARY_VARIABLE}, as GitHub wants them.",
    ),
]


def junit_target(path: str | None) -> output.Target | None:
    """Where JUnit XML goes. Raises UsageError for a file that must not be written to."""
    return output.target(output.Format.TABLE, as_json=False, path=path) if path is not None else None


def notify_github(annotations: Iterable[Annotation], document: Document) -> None:
    """Annotations go to stderr, which GitHub reads as it reads stdout, so that stdout stays what was asked for.

    Raises UsageError where the summary cannot be written.
    """
    from voicetel.reporters.ci.github import commands, summary  # noqa: PLC0415  only GitHub needs it
    from voicetel.reporters.markdown import markdown_lines  # noqa: PLC0415

    if sys.stderr is not None:  # it may be closed
        sys.stderr.writelines(f"{command}\n" for command in commands(annotations))
    named = os.environ.get(SUMMARY_VARIABLE)
    if not named:
        return
    path = Path(named)
    try:
        written = path.stat().st_size if path.exists() else 0
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(summary("\n".join(markdown_lines(document)) + "\n", written))
    except OSError as error:
        raise UsageError(f"${SUMMARY_VARIABLE}: {named}: {error.strerror or error}") from error
