"""Terminals and pipes: colours, help, streams that end early."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.processes import COMMAND, PATIENCE_S, run_on_terminal, run_piped
from voicetel.__about__ import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Ran


SAMPLES = str(Path(__file__).parents[3] / "sample_logs")


def test_a_terminal_has_colours_and_hostile_text_has_none() -> None:
    """Our own styles are there; the escapes of a call id are not."""
    code, text = run_on_terminal(("analyze", "--no-cache"), 100, {})
    assert code == 0
    assert "\x1b[1" in text
    assert "\x1b[31m" not in text
    assert "\x1b]8" not in text
    assert r"\x1b[31mevil" in text


def test_errors_on_a_terminal_are_plain_under_no_color() -> None:
    """NO_COLOR is for stderr too."""
    code, text = run_on_terminal(("analyze", "nowhere"), 200, {"NO_COLOR": "1"}, with_errors=True)
    assert (code, text.count("\n")) == (4, 1)
    assert "\x1b" not in text


def test_a_pipe_has_no_escapes() -> None:
    """Neither styles nor progress, on either stream."""
    ran = run_piped("analyze", "--no-cache", FORCE_COLOR="")
    assert ran.returncode == 0
    assert b"\x1b" not in ran.stdout + ran.stderr


def test_a_pipe_is_utf_8_whatever_the_locale() -> None:
    """A table under an ASCII locale is the same bytes."""
    plain = run_piped("analyze", "--no-cache")
    ascii_only = run_piped("analyze", "--no-cache", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert ascii_only.stdout == plain.stdout
    assert "→".encode() in plain.stdout


def test_standard_input_is_read(voicetel: Callable[..., Ran]) -> None:
    """``-`` gives the same figures as the file it is fed with."""
    with open("logs/calls.jsonl", "rb") as log:  # noqa: PTH123  beside the folder that the tests are in
        ran = run_piped("analyze", "-", "--json", stdin=log.read().rsplit(b"\n", 1)[0])
    piped, read = json.loads(ran.stdout), json.loads(voicetel("analyze", "--json", "--no-cache").out)
    for document in (piped, read):
        del document["paths"], document["pending_bytes"]
    assert piped == read


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """``| head``: quiet, and a status that pipefail does not mind."""
    log = tmp_path / "many.jsonl"
    line = '{{"v":1,"event":"call_started","ts":"2026-11-02T09:00:00Z","call_id":"c-{}"}}\n'
    log.write_text("".join(line.format(n) for n in range(3000)), encoding="utf-8")
    for arguments in (("calls", "--json"), ("calls", "--format", "csv"), ("calls",)):
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--no-cache", str(log)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        errors = process.stderr.read()
        process.stderr.close()
        assert (process.wait(PATIENCE_S), errors) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")  # noqa: PTH110
def test_a_full_disk_is_said() -> None:
    """Nothing is lost without a word: one line, exit 1."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        process = subprocess.run(
            [*COMMAND, "analyze", "--no-cache"], stdout=full, stderr=subprocess.PIPE, check=False, timeout=PATIENCE_S
        )
    assert process.returncode == 1
    assert process.stderr.count(b"\n") == 1
    assert b"No space left" in process.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc whether the command is reading")
def test_ctrl_c_is_quiet_and_130() -> None:
    """Interrupted while it reads: no traceback, status 130."""
    process = subprocess.Popen(
        [*COMMAND, "analyze", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(b'{"v":1,"event":"call_started"')
    process.stdin.flush()
    _wait_until_it_reads(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("part", range(8))
def test_ctrl_c_while_it_starts_is_quiet_and_130(part: int) -> None:
    """At whatever moment after its first line of code: while modules load, while options are read, while it answers."""
    script = (
        "import os, signal, sys\n"
        "count = 0\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        global count\n"
        "        count += 1\n"
        f"        if count == {1 + 60 * part}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "from voicetel.__main__ import main\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "sys.argv = ['voicetel', 'analyze', '--no-cache', 'logs']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
        cwd=Path(__file__).parents[1],
    )
    assert (done.returncode, done.stderr) == (130, b"")


def _wait_until_it_reads(pid: int) -> None:
    """Until the process sleeps in a read of its standard input."""
    import time

    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with open(f"/proc/{pid}/syscall", encoding="ascii") as file:  # noqa: PTH123
            if file.read().startswith("0 0x0 "):
                return
        time.sleep(0.05)
    raise AssertionError("it does not read")


def test_help_and_version_load_no_engine() -> None:
    """Neither they nor completion wait for DuckDB, Polars, pyarrow or Rich."""
    script = (
        "import sys; sys.argv = ['voicetel', {!r}]\n"
        "from voicetel.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({{'duckdb', 'polars', 'pyarrow', 'rich'}} & set(sys.modules)))"
    )
    for option in ("--help", "--version"):
        done = subprocess.run([sys.executable, "-c", script.format(option)], capture_output=True, text=True, check=True)
        assert done.stdout.endswith("[]\n")


def test_a_cached_report_loads_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voicetel: Callable[..., Ran]
) -> None:
    """Nor NumPy, nor pydantic, which would check options that need no check: it is read back and printed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    arguments = [
        "analyze",
        SAMPLES,
        "--tz",
        "Europe/Berlin",
        "--agent",
        "clinic-booking",
        "--agent",
        "nobody",
        "--json",
    ]
    first = voicetel(*arguments)
    script = (
        f"import sys; sys.argv = ['voicetel', *{arguments!r}]\n"
        "from voicetel.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'duckdb', 'numpy', 'polars', 'pyarrow', 'pydantic', 'rich'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (first.out, "[]\n")


def test_version(voicetel: Callable[..., Ran]) -> None:
    """One line."""
    assert voicetel("--version").out == f"voicetel {__version__}\n"


def test_help_without_a_verb(voicetel: Callable[..., Ran]) -> None:
    """The bare command says what it can do."""
    ran = voicetel()
    assert ran.code == 0
    assert "analyze" in ran.out
    assert ran.out == voicetel("--help").out
