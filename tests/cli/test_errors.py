"""What goes wrong: one line on stderr, nothing on stdout, and the exit code that was promised."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import duckdb
import pytest

from voicetel.analyzers.core.dimensions import Level, dimension_names
from voicetel.cli import diagnostics, logs
from voicetel.errors import ExitCode, NoDataError, VoicetelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.command import Ran


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("analyse",), "no such command 'analyse'. Did you mean 'analyze'?"),
        (("analyze", "--formt", "json"), "no such option: --formt; did you mean --format?"),
        (("analyze", "--format", "jsn"), "'jsn'; did you mean json?"),
        (("analyze", "--json", "--format", "csv"), "--json and --format csv contradict each other"),
        (("analyze", "--by", "agent"), "'agent'; did you mean agent_name?"),
        (("cost", "--by", "providr"), "'providr'; did you mean provider?"),
        (("calls", "--sort", "eou_latency_p95"), "did you mean eou_latency_ms_p95?"),
        (("calls", "--limit", "many"), "'--limit'"),
        (("analyze", "--since", "2026-13-01"), "--since: '2026-13-01' is no date or time; write it as 2026-11-02"),
        (("analyze", "--until", "soon"), "--until: 'soon'"),
        (("analyze", "--last", "3 years"), "--last: '3 years' is no length of time; write it as 90m, 24h, 7d or 2w"),
        (("analyze", "--last", "1d", "--since", "2026-11-02"), "--last and --since"),
        (("analyze", "--since", "2026-11-03", "--until", "2026-11-02"), "ends before it begins"),
        (("analyze", "--last", "999999w"), "before the first year"),
        (("analyze", "--tz", "Europe/Berlim"), "did you mean Europe/Berlin?"),
        (("analyze", "--pricing", "nowhere.toml"), "nowhere.toml"),
        (("analyze", "--outcomes", "nowhere.toml"), "nowhere.toml"),
        (("schema", "evnts"), "did you mean events?"),
    ],
)
def test_what_means_nothing_is_one_line_and_exit_2(
    voicetel: Callable[..., Ran], arguments: tuple[str, ...], words: str
) -> None:
    """With the likely right word."""
    ran = voicetel(*arguments)
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert words in ran.err


@pytest.mark.parametrize(
    "arguments",
    [("--sort", "no_such"), ("--sort", "day"), ("--sort", "tag.room"), ("--sort", "text"), ("--sort", "")],
    ids=str,
)
def test_a_column_that_is_none_is_said_before_logs_are_read(
    voicetel: Callable[..., Ran], arguments: tuple[str, ...]
) -> None:
    """Where the logs are is not looked at: one that is missing is not what is said."""
    ran = voicetel("calls", "nowhere.jsonl", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (ExitCode.USAGE, "", 1)
    assert "no column is called" in ran.err


@pytest.mark.parametrize("name", ["day", "tag.Room", "hour", "response p95", "Cost", "turns", "TURNS"])
def test_a_column_of_groups_is_one_to_sort_by(voicetel: Callable[..., Ran], name: str) -> None:
    """As it is written in --by; every other one in any letter case."""
    assert voicetel("calls", "--no-cache", "--by", "day,hour,tag.Room", "--sort", name).code == 0


@pytest.mark.parametrize("name", [*dimension_names(Level.CALL), "tag.room"])
def test_a_table_of_calls_by_every_dimension(voicetel: Callable[..., Ran], name: str) -> None:
    """Its first column is what the calls are grouped by."""
    ran = voicetel("calls", "--no-cache", "--by", name)
    # Above it stands that the sample's rates are far off the list price.
    head = next(line for line in ran.out.splitlines() if line and not line.startswith(("!", " ")))
    assert (ran.code, head.split(maxsplit=1)[0]) == (0, name)


def test_so_short_a_word_is_not_guessed_at(voicetel: Callable[..., Ran]) -> None:
    """`fr` has a letter of `ru`, and means none of the two."""
    assert "did you mean json?" in voicetel("analyze", "-f", "jsn").err
    assert "no language is called 'fr'; one of en, ru" in voicetel("report", "--lang", "fr", "-o", "r.html").err


def test_an_error_is_on_stderr_under_json_too(voicetel: Callable[..., Ran]) -> None:
    """A program that reads stdout gets nothing it could take for an answer."""
    ran = voicetel("analyze", "--json", "nowhere")
    assert (ran.code, ran.out) == (ExitCode.NO_DATA, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("analyze", "nowhere"), "nowhere: no such file or directory"),
        (("analyze", "--agent", "nobody"), "logs: no call is among those asked for; widen the filters"),
        (("analyze", "--agent", "clinc-booking"), "among those asked for; did you mean clinic-booking?"),
        (("calls", "--agent", "Reminder", "--since", "2030-01-01"), "among those asked for; did you mean reminder?"),
        (("report", "--campaign", "recal"), "among those asked for; did you mean recall?"),
        (("cost", "--language", "eng"), "among those asked for; did you mean en?"),
        (("cost", "--language", "eng", "--agent", "remindr"), "among those asked for; did you mean reminder?"),
        (("analyze", "--agent", "@SUM(1)", "--language", "ruu"), "among those asked for; did you mean ru?"),
        (("analyze", "--agent", "reminder", "--campaign", "=cmd"), "among those asked for; widen the filters"),
        (("calls", "--since", "2030-01-01"), "no call is among those asked for"),
        (("cost", "--campaign", "nothing"), "no call is among those asked for"),
        (("analyze", "golden"), "golden: no calls in there; logs are files called *.jsonl"),
        (("validate", "golden"), "golden: no calls in there"),
    ],
)
def test_no_data_is_one_line_and_exit_4(voicetel: Callable[..., Ran], arguments: tuple[str, ...], words: str) -> None:
    """It says why there is nothing."""
    ran = voicetel(*arguments, "--no-cache")
    assert (ran.code, ran.out) == (ExitCode.NO_DATA, "")
    assert ran.err.count("\n") == 1
    assert words in ran.err


def test_a_name_that_some_call_has_is_not_said_to_be_another(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """Of more names than are looked at, too: the last in order is one of them, and a line break in one is an escape."""
    line = '{"v":1,"event":"call_started","ts":"2026-11-02T09:00:00Z","call_id":"%s","agent_name":"%s"}\n'
    log = tmp_path / "a.jsonl"
    log.write_text("".join(line % (number, f"agent-{number:04}") for number in range(2_005)), encoding="utf-8")
    with log.open("a", encoding="utf-8") as more:
        more.write(line % ("odd", "a\\nodd one"))
    filters = ("--until", "2026-11-01", "--no-cache")
    assert "; the calls began between" in voicetel("analyze", str(log), "--agent", "agent-2004", *filters).err
    assert "; did you mean agent-" in voicetel("analyze", str(log), "--agent", "agent-x", *filters).err
    odd = voicetel("analyze", str(log), "--agent", "a odd one", *filters).err
    assert odd.endswith("; did you mean a\\nodd one?\n")


def test_files_in_the_wrong_place_are_told_theirs(voicetel: Callable[..., Ran]) -> None:
    """A rate card where logs stand, and logs where a query stands."""
    card = voicetel("pricing", "check", "pricing.toml")
    assert (card.code, card.out) == (ExitCode.USAGE, "")
    assert card.err == (
        "error: pricing.toml: a TOML file is no log; a rate card is --pricing pricing.toml, limits are --slo, rules --outcomes\n"
    )
    query = voicetel("sql", "logs", "SELECT 1")
    assert (query.code, query.out) == (ExitCode.USAGE, "")
    assert query.err == (
        "error: SELECT 1: no such file or directory; the query comes before the logs: voicetel sql 'SELECT 1' logs\n"
    )


def test_a_log_of_refused_lines_alone_says_so(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """Not "no calls", which would be half the truth."""
    (tmp_path / "bad.jsonl").write_text('{"v":1,"event":"turn"}\n' * 2, encoding="utf-8")
    ran = voicetel("analyze", str(tmp_path / "bad.jsonl"), "--no-cache")
    assert ran.code == ExitCode.NO_DATA
    assert "no calls, and 2 lines that do not count; `voicetel validate` says which and why" in ran.err


def test_strict_writes_the_answer_and_exits_5(voicetel: Callable[..., Ran]) -> None:
    """The rest of the log counts; the status says that something did not."""
    ran = voicetel("analyze", "--strict", "--no-cache")
    assert ran.code == ExitCode.REFUSED_INPUT
    assert ran.out == voicetel("analyze", "--no-cache").out
    assert ran.err == "error: 2 lines were refused; `voicetel validate` says which and why\n"


@pytest.mark.parametrize(
    "question",
    [
        ("calls", "--json"),
        ("sql", "SELECT call_id FROM calls", "--json"),
        ("compare", "logs", "logs", "--json"),
        ("check", "--json"),
        ("cost", "--json"),
        ("outcomes", "--json"),
        ("tools", "--json"),
    ],
    ids=lambda question: question[0],
)
def test_every_answer_is_written_under_strict(voicetel: Callable[..., Ran], question: tuple[str, ...]) -> None:
    """Whichever command was asked."""
    wanted, ran = voicetel(*question, "--no-cache"), voicetel(*question, "--no-cache", "--strict")
    assert (ran.code, ran.out) == (ExitCode.REFUSED_INPUT, wanted.out)
    assert wanted.out


def test_validate_exits_0_unless_strict(voicetel: Callable[..., Ran]) -> None:
    """It has done what it was asked for: to list them."""
    assert voicetel("validate", "--no-cache").code == ExitCode.OK
    assert voicetel("validate", "--no-cache", "--strict").code == ExitCode.REFUSED_INPUT


def test_strict_does_not_mind_what_is_not_refused(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """A newer version of the format and a line still being written are no faults of the log."""
    log = tmp_path / "a.jsonl"
    line = '{"v":1,"event":"call_started","ts":"2026-11-02T09:00:00Z","call_id":"c"}\n'
    log.write_text(line + line.replace('"v":1', '"v":2') + line[:20], encoding="utf-8")
    assert voicetel("validate", str(log), "--no-cache", "--strict").code == ExitCode.OK


def test_where_the_logs_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was named, else the variable, else ./logs, else what to type."""
    assert logs.log_paths(["a", "b"], {"VOICETEL_LOGS": "c"}) == ("a", "b")
    assert logs.log_paths(None, {"VOICETEL_LOGS": "c"}) == ("c",)
    assert logs.log_paths(None, {}) == ("logs",)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoDataError) as error:
        logs.log_paths(None, {})
    assert "voicetel simulate --calls 100 -o logs" in str(error.value.hint)
    (tmp_path / "sample_logs").mkdir()
    with pytest.raises(NoDataError) as error:
        logs.log_paths(None, {})
    assert "voicetel analyze sample_logs/" in str(error.value.hint)


def test_what_nobody_foresaw_is_one_line_without_its_words(capfd: pytest.CaptureFixture[str]) -> None:
    """An exception's text may hold a password or a line of a log; its type and place do not."""

    def fail() -> None:
        raise RuntimeError("password=hunter2\nsecond line")

    assert diagnostics.run(fail) == ExitCode.FAILED
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("error: RuntimeError in ")
    assert "hunter2" not in err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interrupted_query_is_an_interruption(error: BaseException, capfd: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while DuckDB works comes as an error of DuckDB's own."""

    def fail() -> None:
        raise error

    assert diagnostics.run(fail) == ExitCode.INTERRUPTED
    assert capfd.readouterr().err == ""


def test_too_little_memory_says_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    """A real query that cannot have what it needs: what to ask for instead, on one line."""

    def greedy() -> None:
        with duckdb.connect(config={"memory_limit": "1MB", "temp_directory": ""}) as connection:
            connection.execute("SELECT list(range) FROM range(10_000_000)").fetchall()

    assert diagnostics.run(greedy) == ExitCode.FAILED
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "too little memory" in said
    assert "--since" in said


def test_a_traceback_is_there_for_the_asking(voicetel: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """--debug and VOICETEL_DEBUG=1 show it; without them there is none."""

    def broken(*arguments: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(logs, "rules_of", broken)
    assert "Traceback" not in voicetel("analyze").err
    assert "Traceback" in voicetel("--debug", "analyze").err
    monkeypatch.setenv("VOICETEL_DEBUG", "1")
    assert "Traceback" in voicetel("analyze").err
    monkeypatch.delenv("VOICETEL_DEBUG")
    assert "Traceback" not in voicetel("analyze").err


def test_messages_stay_on_one_line_and_hold_no_escapes(capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever a file is called."""

    def fail() -> None:
        raise VoicetelError("a\nb\x1b[31m[bold]", hint="c\td")

    assert diagnostics.run(fail) == ExitCode.FAILED
    assert capfd.readouterr().err == "error: a\\nb\\x1b[31m[bold]; c\\td\n"


def test_an_error_of_the_system_names_the_file(capfd: pytest.CaptureFixture[str]) -> None:
    """An OSError says what and where."""

    def fail() -> None:
        raise PermissionError(13, "Permission denied", "/secret")

    assert diagnostics.run(fail) == ExitCode.FAILED
    assert "error: /secret: Permission denied" in capfd.readouterr().err


def test_warnings_go_to_stderr(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """What was passed over is said, and is in the JSON."""
    shutil.copytree("logs", tmp_path / "logs")
    (tmp_path / "logs" / "loop").symlink_to(tmp_path / "logs", target_is_directory=True)
    ran = voicetel("analyze", str(tmp_path / "logs"), "--no-cache", "--json")
    assert ran.code == ExitCode.OK
    assert ran.err.startswith("warning: ")
    assert ran.err.count("\n") == 1
