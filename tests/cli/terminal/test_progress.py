"""Progress: on a terminal, for what takes longer than a second; never anywhere else, and never among what is written."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
import time
from typing import TYPE_CHECKING

from support.command import run
from support.example_logs.served_logs import served_logs
from support.processes import run_on_terminal, run_piped
from voicetel.cli import diagnostics
from voicetel.cli.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


@contextlib.contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, after_s: float = 0.0) -> Iterator[int]:
    """A terminal in the place of stderr; what was written there is read from the other end."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "AFTER_S", after_s)
    diagnostics.console.cache_clear()
    with os.fdopen(theirs, "w") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        yield ours
    diagnostics.console.cache_clear()
    os.close(ours)


def until(ours: int, text: str) -> str:
    """What was written, up to ``text``."""
    written = ""
    while text not in written:
        written += os.read(ours, 65536).decode()
    return written


def test_a_step_says_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is done next; its text is no markup."""
    with terminal(monkeypatch) as ours:
        with progress.StepProgress("Writing [bold]Parquet") as step:
            assert "Writing [bold]Parquet" in until(ours, "Parquet")
            step.say("Writing CSV")
            until(ours, "Writing CSV")
        os.write(sys.stderr.fileno(), b"|")
        assert until(ours, "|").endswith("\x1b[2K|")


def test_one_thing_is_shown_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading within a step takes its place; what is written clears the line."""
    with terminal(monkeypatch) as ours:
        with progress.StepProgress("Computing"), progress.LoadProgress("Reading transcripts") as bar:
            until(ours, "Computing")
            bar.start(500)
            bar.advance(400)
            until(ours, "400/500 bytes")
            assert [type(each) for each in progress._displays] == [progress.LoadProgress]
            progress.clear()
            assert progress._displays == []
        os.write(sys.stderr.fileno(), b"|")
        until(ours, "|")


def test_what_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is over before its time has come."""
    with terminal(monkeypatch, after_s=3600) as ours:
        with progress.StepProgress("Computing"):
            pass
        with progress.LoadProgress() as bar:
            bar.start(10)
        os.write(sys.stderr.fileno(), b"|")
        assert until(ours, "|") == "|"


def test_nothing_where_stderr_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even a thread that waits."""
    monkeypatch.setattr(progress, "AFTER_S", 0.0)
    with progress.StepProgress("Computing") as step, progress.LoadProgress() as bar:
        bar.start(10)
        bar.advance(5)
        step.say("Writing")
        time.sleep(0.05)
        assert progress._displays == []
    assert capsys.readouterr().err == ""
    logs = served_logs(tmp_path / "logs")
    for command in (
        ("validate", logs),
        ("export", "--csv", str(tmp_path / "csv"), "--pricing", "list", logs),
        ("report", logs, "--json"),
    ):
        ran = run_piped(*command, "--no-cache", XDG_CACHE_HOME=str(tmp_path))
        assert (ran.returncode, ran.stderr) == (0, b""), command


def test_an_export_that_takes_long_says_so(tmp_path: Path) -> None:
    """On a real terminal, slowed down: the line is gone when the summary is written."""
    logs = served_logs(tmp_path / "logs")
    code, text = run_on_terminal(
        ("export", "--csv", str(tmp_path / "csv"), "--pricing", "list", logs, "--no-cache"),
        80,
        {"NO_COLOR": "1"},
        with_errors=True,
    )
    assert code == 0
    assert "call_metrics" in text.splitlines()[-1] or "operations" in text.splitlines()[-1]


def test_every_step_that_can_take_long_says_what_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers, exports, validation, the page with earlier calls beside it, and a comparison, whose samples come before it."""
    said: list[str] = []

    def begin(step: progress.StepProgress) -> progress.StepProgress:
        said.append(step._doing)
        return step

    monkeypatch.setattr(progress.StepProgress, "__enter__", begin)
    monkeypatch.delenv("VOICETEL_PRICING")
    monkeypatch.chdir(tmp_path)
    logs, base = served_logs(tmp_path / "logs"), served_logs(tmp_path / "base")
    for words, steps in (
        (("analyze", logs), ["Computing"]),
        (("validate", logs), ["Computing"]),
        (("export", "--csv", tmp_path / "csv", logs), ["Computing", "Writing"]),
        (("report", logs, "--compare", base, "-o", tmp_path / "page.html"), ["Computing", "Computing"]),
        (("compare", base, logs), ["Computing", "Computing", "Comparing"]),
        (("watch", logs, "--once", "--at-newest"), ["Computing"]),
    ):
        said.clear()
        assert run(*words, "--no-cache").code in {0, 3}, words
        assert said == steps, words
