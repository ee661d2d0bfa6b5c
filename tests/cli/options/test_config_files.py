"""A rate card, outcome rules or limits that are no such file: one line and exit 2, and never more than a bounded read."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicetel.cli.app import app
from voicetel.config_file import MAX_CONFIG_BYTES, read_config
from voicetel.errors import ExitCode, UsageError

SAMPLES = str(Path(__file__).parents[3] / "sample_logs/hooks")

OPTIONS = [("cost", "--pricing"), ("outcomes", "--outcomes"), ("check", "--slo"), ("analyze", "--outcomes")]

DEEP_KEY = ".".join(["a"] * 3_000)

CONTENTS = {
    "too long": (b"# " + b"x" * MAX_CONFIG_BYTES, "longer than 4 MiB"),
    "UTF-16": ('currency = "USD"\n'.encode("utf-16"), "it looks like UTF-16"),
    "not UTF-8": (b"a = '\xff'\n", "not UTF-8"),
    "deep list": (b"x = " + b"[" * 100_000, ""),
    "deep table": (b"x = " + b"{a=" * 100_000, ""),
    "deep key": (f"[phrases.{DEEP_KEY}]\nx = 1\n".encode(), ""),
    "deep key beside": (f"{DEEP_KEY} = 1\n".encode(), ""),
}


@pytest.mark.parametrize("option", OPTIONS, ids=" ".join)
@pytest.mark.parametrize("what", CONTENTS)
def test_what_is_no_configuration_is_refused_in_one_line(option: tuple[str, str], what: str, tmp_path: Path) -> None:
    """The line names the file."""
    content, problem = CONTENTS[what]
    file = tmp_path / "given.toml"
    file.write_bytes(content)
    _refused(option, str(file), problem)


@pytest.mark.parametrize("option", OPTIONS, ids=" ".join)
def test_a_file_without_end_is_refused(option: tuple[str, str]) -> None:
    """Not more than the bound is read of it."""
    _refused(option, "/dev/zero", "longer than 4 MiB")


@pytest.mark.parametrize("endless", ["/dev/zero", "/dev/urandom"])
@pytest.mark.parametrize("how", ["link", "environment", "compare", "pricing check", "report"])
def test_a_file_without_end_is_refused_wherever_it_is_named(
    how: str, endless: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a link, by the environment, and by the other options that take such a file."""
    link = tmp_path / "given.toml"
    link.symlink_to(endless)
    arguments = {
        "link": ["cost", "--pricing", str(link)],
        "environment": ["cost"],
        "compare": ["cost", "--compare", endless],
        "pricing check": ["pricing", "check", "--pricing", endless],
        "report": ["report", "--slo", endless, "-o", str(tmp_path / "page.html")],
    }[how]
    if how == "environment":
        monkeypatch.setenv("VOICETEL_PRICING", endless)
    result = CliRunner().invoke(app, [*arguments, SAMPLES, "--no-cache"])
    assert isinstance(result.exception, UsageError), result.exception
    assert (result.exception.exit_code, result.stdout) == (ExitCode.USAGE, "")
    assert "longer than 4 MiB" in str(result.exception)


@pytest.mark.parametrize("option", OPTIONS, ids=" ".join)
def test_a_folder_is_refused(option: tuple[str, str], tmp_path: Path) -> None:
    """As a file that is not there is."""
    _refused(option, str(tmp_path), "cannot be read: Is a directory")
    _refused(option, str(tmp_path / "none.toml"), "")


def _refused(option: tuple[str, str], file: str, problem: str) -> None:
    command, name = option
    result = CliRunner().invoke(app, [command, name, file, SAMPLES, "--no-cache"])
    assert isinstance(result.exception, UsageError), result.exception
    assert (result.exception.exit_code, result.stdout) == (ExitCode.USAGE, "")
    message = str(result.exception)
    assert "\n" not in message
    assert file in message
    assert problem in message


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    """Editors put it there."""
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfx = 1")
    assert read_config(tmp_path / "a.toml", "a") == "x = 1"
    with pytest.raises(UsageError, match="a: cannot be read"):
        read_config(tmp_path / "b\0.toml", "a")
