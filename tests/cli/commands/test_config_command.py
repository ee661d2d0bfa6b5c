"""Settings from files and the environment, ``voicetel config``, completion and ``--version``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import voicetel
from support.command import run
from support.logs import write_log

CALL = {"v": 1, "event": "call_started", "ts": "2026-11-02T23:30:00Z", "call_id": "c", "agent_name": "clinic"}
USAGE = CALL | {"event": "usage", "operations": [{"stage": "stt", "provider": "acme", "audio_s": 60}]}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project to work in, with logs and a rate card; nothing in the environment."""
    for variable in ("VOICETEL_LOGS", "VOICETEL_PRICING"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    write_log(folder / "calls" / "a.jsonl", [CALL, USAGE])
    (folder / "rates.toml").write_text('currency = "EUR"\n[stt.acme]\neur_per_minute = 3\n')
    monkeypatch.chdir(folder)
    return folder


def shown() -> dict[str, tuple[Any, str]]:
    """Setting → (value, where it comes from)."""
    settings = run("config", "--json").json["settings"]
    return {name: (each["value"], each["from"]) for name, each in settings.items()}


def test_without_a_file_everything_is_a_default() -> None:
    """Each setting says what holds where nothing is said."""
    assert {source for _, source in shown().values()} == {"default"}
    assert shown()["tz"] == ("UTC", "default")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("voicetel.toml", 'paths = "calls"\npricing = "rates.toml"\ntz = "Europe/Berlin"\ncache = false\n'),
        (
            "pyproject.toml",
            '[tool.voicetel]\npaths = ["calls"]\npricing = "rates.toml"\ntz = "Europe/Berlin"\ncache = false\n',
        ),
    ],
)
def test_a_file_stands_in_for_options(project: Path, name: str, text: str) -> None:
    """Paths, rate card, zone and cache are taken from the file by every command that has such options."""
    (project / name).write_text(text)
    assert shown()["paths"] == (["calls"], name)
    assert shown()["cache"] == (False, name)
    bill = run("cost", "--by", "day", "--json").json
    assert (bill["cost"]["currency"], bill["lines"][0]["amount"], bill["lines"][0]["day"]) == ("EUR", "3", "2026-11-03")
    assert run("pricing", "show", "--json").json["currency"] == "EUR"
    assert not (project.parent / "cache").exists()


def test_option_beats_environment_beats_file_beats_default(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate card from each of the four places in turn."""
    args = ("pricing", "show", "calls", "--no-cache", "--json")
    assert run(*args).json["currency"] == "USD"
    (project / "voicetel.toml").write_text('pricing = "rates.toml"\n')
    assert run(*args).json["currency"] == "EUR"
    (project / "rub.toml").write_text('currency = "RUB"\n[stt.acme]\nrub_per_minute = 2\n')
    monkeypatch.setenv("VOICETEL_PRICING", "rub.toml")
    assert run(*args).json["currency"] == "RUB"
    assert shown()["pricing"] == ("rub.toml", "$VOICETEL_PRICING")
    assert run(*args, "--pricing", "list").json["card"].startswith("list prices (voice-prices ")


def test_the_environment_names_the_logs_before_the_file_does(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$VOICETEL_LOGS wins over `paths`, and a path on the command line over both."""
    (project / "voicetel.toml").write_text('paths = "nowhere"\ncache = false\n')
    assert run("analyze").code == 4
    monkeypatch.setenv("VOICETEL_LOGS", "calls")
    assert run("analyze", "--json").json["paths"] == ["calls"]
    monkeypatch.setenv("VOICETEL_LOGS", "elsewhere")
    assert run("analyze", "calls/a.jsonl", "--json").json["paths"] == ["calls/a.jsonl"]


def test_the_format_of_a_file_gives_way_to_options_and_file_names(project: Path) -> None:
    """`format = "csv"` holds for stdout; --json and -o x.md say something else and get it."""
    (project / "voicetel.toml").write_text('format = "csv"\npaths = "calls"\ncache = false\n')
    assert run("cost").out.startswith("component,")
    assert run("cost", "--json").json["schema_version"] == 1
    assert run("cost", "-o", "bill.md").code == 0
    assert (project / "bill.md").read_text().startswith("| component |")


def test_the_nearest_file_counts_and_its_paths_are_its_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found from a folder further down; a pyproject.toml without the table is passed over, voicetel.toml comes first."""
    (project / "voicetel.toml").write_text('paths = "calls"\npricing = "list"\n')
    (project / "pyproject.toml").write_text('[tool.voicetel]\ntz = "Asia/Tokyo"\n')
    below = project / "src"
    below.mkdir()
    (below / "pyproject.toml").write_text('[project]\nname = "x"\n')
    monkeypatch.chdir(below)
    found = shown()
    assert found["paths"] == ([str(project / "calls")], str(project / "voicetel.toml"))
    assert found["pricing"][0] == "list"
    assert found["tz"] == ("UTC", "default")


def test_stdin_and_objects_are_beside_no_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen from a folder further down they are what the file says, as they are beside it."""
    (project / "voicetel.toml").write_text('paths = ["s3://b/logs/", "-", "calls", "a/s3://b"]\n')
    below = project / "src"
    below.mkdir()
    monkeypatch.chdir(below)
    assert shown()["paths"][0] == ["s3://b/logs/", "-", str(project / "calls"), str(project / "a/s3:/b")]


def test_a_file_uri_of_a_file_further_up_is_read(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``file://`` names the same folder from everywhere."""
    (project / "voicetel.toml").write_text(f'paths = "file://{project}/calls"\ncache = false\n')
    below = project / "src"
    below.mkdir()
    monkeypatch.chdir(below)
    assert run("analyze", "--json").json["paths"] == [str(project / "calls")]


@pytest.mark.parametrize(
    "text",
    [
        '[tool]\nvoicetel.tz = "Asia/Tokyo"\n',
        '[tool]\nvoicetel = { tz = "Asia/Tokyo" }\n',
        '[tool."voicetel"]\ntz = "Asia/Tokyo"\n',
        '[ tool . voicetel ]\ntz = "Asia/Tokyo"\n',
        'tool = { voicetel = { tz = "Asia/Tokyo" } }\n',
    ],
)
def test_the_table_of_a_shared_file_may_be_written_in_any_way(project: Path, text: str) -> None:
    """As TOML has it."""
    (project / "pyproject.toml").write_text(text)
    assert shown()["tz"] == ("Asia/Tokyo", "pyproject.toml")


@pytest.mark.parametrize(
    "text", ['[project]\ndependencies = ["voicetel"]\n', '[project\nname = "voicetel"\n', 'tool = "voicetel"']
)
def test_a_shared_file_that_only_names_voicetel_is_passed_over(project: Path, text: str) -> None:
    """Be it valid or not."""
    (project / "pyproject.toml").write_text(text)
    assert shown()["tz"] == ("UTC", "default")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("voicetel.toml", 'pricng = "x"', "voicetel.toml:1: pricng: unknown key; did you mean pricing?"),
        (
            "pyproject.toml",
            "[tool.voicetel]\ntzz = 1",
            "pyproject.toml:2: tool.voicetel.tzz: unknown key; did you mean tz?",
        ),
        (
            "pyproject.toml",
            "[tool]\nvoicetel.tzz = 1",
            "pyproject.toml:2: tool.voicetel.tzz: unknown key; did you mean tz?",
        ),
        (
            "voicetel.toml",
            "colour = 1",
            "voicetel.toml:1: colour: unknown key; known here: paths, pricing, outcomes, tz, format, cache",
        ),
        ("voicetel.toml", "paths = [1]", "voicetel.toml:1: paths: is not a path or a list of paths"),
        ("voicetel.toml", "tz = 3", "voicetel.toml:1: tz: is not text"),
        ("voicetel.toml", 'cache = "no"', "voicetel.toml:1: cache: is not true or false"),
        ("voicetel.toml", 'format = "jsn"', "no format is called 'jsn'; did you mean json?"),
    ],
)
def test_a_wrong_setting_is_one_line_with_the_right_word(project: Path, name: str, text: str, message: str) -> None:
    """Exit code 2, from every command."""
    (project / name).write_text(text)
    ran = run("cost", "calls")
    assert (ran.code, ran.out, ran.err) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize("text", ['[tool]\nvoicetel = "calls"\n', '\n[[tool.voicetel]]\ntz = "UTC"\n'])
def test_settings_of_a_shared_file_that_are_no_table_are_one_line(project: Path, text: str) -> None:
    """They are not passed over."""
    (project / "pyproject.toml").write_text(text)
    ran = run("config")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "pyproject.toml:2: tool.voicetel: is no table; write [tool.voicetel]" in ran.err


def test_a_file_that_is_no_toml_is_one_line(project: Path) -> None:
    """With the place; a pyproject.toml that does not speak of voicetel is nobody's business here."""
    (project / "pyproject.toml").write_text("not toml")
    assert run("config").code == 0
    (project / "voicetel.toml").write_text("paths = ")
    ran = run("config")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "voicetel.toml:1: not valid TOML" in ran.err


def test_the_table_and_the_csv_say_the_same(project: Path) -> None:
    """Cell for cell."""
    (project / "voicetel.toml").write_text('tz = "Asia/Tokyo"\n')
    rows = [line.split(",") for line in run("config", "--format", "csv").out.splitlines() if '"' not in line]
    table = run("config").out
    for row in rows[1:]:
        assert any(all(cell in line for cell in row) for line in table.splitlines())
    assert "tz        Asia/Tokyo" in table


def test_version_and_help_need_no_settings(project: Path) -> None:
    """They work beside a broken file."""
    (project / "voicetel.toml").write_text("nonsense")
    assert run("--version").out == f"voicetel {voicetel.__version__}\n"
    assert run("--help").code == 0


def test_the_shell_completes_commands_and_options() -> None:
    """Typer's own completion, asked as bash asks it."""
    command = Path(sys.executable).with_name("voicetel")
    for words, expected in (("voicetel pric", "pricing"), ("voicetel cost --com", "--compare")):
        asked = os.environ | {
            "_VOICETEL_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        ran = subprocess.run([command], env=asked, capture_output=True, text=True, check=False)
        assert expected in ran.stdout.split()
