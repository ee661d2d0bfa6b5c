"""``voicetel serve``: a real process, and what it refuses to start with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from support.command import run
from support.example_logs.served_logs import served_logs

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "a-token-of-ones-own-0123"


@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_serves_until_it_is_ended(tmp_path: Path, end: signal.Signals, code: int) -> None:
    """The link it prints lets a browser in; it ends quietly, even while somebody is connected."""
    served_logs(tmp_path / "logs")
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "voicetel", "serve", "logs", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        link = process.stdout.readline().strip()
        with httpx.Client(follow_redirects=True, timeout=120) as browser:
            assert browser.get(link).headers["content-type"].startswith("text/html")
            process.send_signal(end)
            assert process.wait(60) == code
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_what_it_does_not_start_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line each."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    served_logs(tmp_path / "logs")
    token = tmp_path / "token"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for options, reason in (
            (["nowhere"], "nowhere: no such file or directory"),
            (["-"], "logs are not read from stdin here"),
            (["logs", "--host", "0.0.0.0"], "--host 0.0.0.0: others can reach it; give a token"),
            (["logs", "--token-file", "token"], "token: No such file or directory"),
            (["logs", "--pricing", "nothing.toml"], "nothing.toml"),
            (["logs", "--port", port], f"127.0.0.1:{port}: Address already in use; --port 0"),
        ):
            ran = run("serve", *options)
            assert ran.code in {1, 2, 4}
            assert ran.err.count("\n") == 1
            assert reason in ran.err
    for text in ("short", TOKEN + " and more", "", "ключ-ключ-ключ-ключ"):
        token.write_text(text, encoding="utf-8")
        assert run("serve", "logs", "--token-file", "token").code == 2


def test_a_token_of_ones_own(tmp_path: Path) -> None:
    """It is read from a file, never printed, and others should not be able to read it."""
    from voicetel.server.run import access_of, is_loopback, read_token

    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\nmore\n")
    file.chmod(0o644)
    warnings: list[str] = []
    assert read_token(str(file), warnings.append) == TOKEN
    assert warnings == [f"{file}: others can read the token; chmod 600"]
    file.chmod(0o600)
    assert read_token(str(file), warnings.append) == TOKEN
    assert len(warnings) == 1
    assert TOKEN not in repr(access_of("127.0.0.1", 80, TOKEN, ()))
    assert [
        is_loopback(host) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost", "0.0.0.0", "10.0.0.1", "x")
    ] == [
        *[True] * 4,
        *[False] * 3,
    ]
