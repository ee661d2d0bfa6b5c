"""What a new user meets in the first hour: each says what it is, what to do, and hides nothing."""

from __future__ import annotations

import gzip
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from support.command import REPORT_COMMANDS
from support.logs import write_log
from support.processes import run_on_terminal, run_piped
from voicetel.analyzers.calls.results import CallRow
from voicetel.cli.logs import is_piped
from voicetel.errors import ExitCode
from voicetel.reporters.layouts.calls import sort_column, sort_words
from voicetel.reporters.table import Column, Table
from voicetel.reporters.terminal.fit import fit_to_width
from voicetel.results import CellFormat, row_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.command import Ran

ROOT = Path(__file__).parents[2]


def started(call_id: str, ts: str, **more: Any) -> dict[str, Any]:
    """The first event of a call."""
    return {"v": 1, "event": "call_started", "call_id": call_id, "ts": ts, **more}


@pytest.mark.parametrize("command", [*REPORT_COMMANDS, "calls", "cost", "outcomes", "validate"])
def test_every_answer_with_rows_is_written_as_parquet(
    voicetel: Callable[..., Ran], tmp_path: Path, command: str
) -> None:
    """As many rows as CSV has, under the same names."""
    ran = voicetel(command, "--no-cache", "-o", tmp_path / "a.parquet")
    assert (ran.code, ran.out) == (0, "")
    table = pq.read_table(tmp_path / "a.parquet")
    head, *rows = voicetel(command, "--no-cache", "-f", "csv").out.splitlines()
    assert table.num_rows == len(rows)
    if command != "outcomes":
        assert table.column_names == head.split(",")


def test_parquet_wants_a_file(voicetel: Callable[..., Ran]) -> None:
    """It is no text for a terminal."""
    ran = voicetel("calls", "-f", "parquet")
    assert ran.code == ExitCode.USAGE
    assert "name one with -o NAME.parquet" in ran.err


@pytest.mark.parametrize("name", ["r.htm", "r.HTM", "r.pdf", "r.xlsx", "r.yaml", "r.xml", "r.tsv", "r.svg"])
def test_a_file_that_promises_another_format_is_refused(
    voicetel: Callable[..., Ran], tmp_path: Path, name: str
) -> None:
    """A table in a file called r.htm would be a lie; --format says that it is meant."""
    ran = voicetel("analyze", "--no-cache", "-o", tmp_path / name)
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert f"no answer is written as {name.rpartition('.')[2].lower()}" in ran.err
    assert not (tmp_path / name).exists()
    assert voicetel("analyze", "--no-cache", "--json", "-o", tmp_path / name).code == 0


def test_calls_are_written_as_json_lines(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """One object a line, the same as in the array; by option and by name of the file. Nothing else is."""
    lines = voicetel("calls", "--no-cache", "--json-lines").out
    assert [json.loads(line) for line in lines.splitlines()] == voicetel("calls", "--no-cache", "--json").json
    assert voicetel("calls", "--no-cache", "-o", tmp_path / "calls.jsonl").code == 0
    assert (tmp_path / "calls.jsonl").read_text("utf-8") == lines
    assert "--json-lines and --format csv contradict" in voicetel("calls", "--json-lines", "-f", "csv").err
    ran = voicetel("cost", "--no-cache", "-f", "jsonl")
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")


def test_calls_are_sorted_by_what_stands_on_screen(voicetel: Callable[..., Ran]) -> None:
    """Every title is a name that --sort takes, with its unit or without, in whatever case."""
    columns = [column.name for column in row_columns(CallRow)]
    words = sort_words(columns)
    expected = {
        "response p95": "eou_latency_ms_p95",
        "response p50": "eou_latency_ms_p50",
        "length": "duration_s",
        "length, s": "duration_s",
        "cost": "cost_total",
        "call": "call_id",
        "started": "started_at",
        "agent": "agent_name",
        "interrupted": "interruption_count",
        "confidence": "outcome_confidence",
    }
    assert words == {name: name for name in columns} | expected
    head = next(line for line in voicetel("calls", "--no-cache").out.splitlines() if line.startswith("call "))
    titles = re.split(r" {2,}", head.strip())
    assert {"started, UTC", "cost, USD"} < set(titles)
    assert len({sort_column(title, ()) for title in titles}) == len(titles) > 8
    by_title = voicetel("calls", "--no-cache", "--json", "--sort", "Response p95")
    assert by_title.out == voicetel("calls", "--no-cache", "--json", "--sort", "eou_latency_ms_p95").out


@pytest.mark.parametrize("command", ["calls", "analyze-by"])
def test_a_narrow_terminal_says_what_it_hides(command: str) -> None:
    """How many columns, and how to see them; no line is wider than the terminal. A wide one hides nothing."""
    words = ("analyze", "--by", "agent_name") if command == "analyze-by" else (command,)
    surroundings = {"NO_COLOR": "1", "VOICETEL_PRICING": str(ROOT / "pricing.toml")}
    code, narrow = run_on_terminal((*words, "--no-cache", str(Path(__file__).parent / "logs")), 80, surroundings)
    assert code == 0
    assert re.search(r"^\d+ columns hidden: widen, or -f csv$", narrow, re.MULTILINE)
    assert max(map(cell_len, narrow.splitlines())) <= 80
    _, wide = run_on_terminal((*words, "--no-cache", str(Path(__file__).parent / "logs")), 400, surroundings)
    assert "hidden" not in wide


@settings(max_examples=60, deadline=None)
@given(
    widths=st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3), st.booleans()), min_size=1, max_size=12),
    width=st.integers(40, 120),
)
def test_no_table_is_wider_than_its_terminal(widths: list[tuple[int, int, bool]], width: int) -> None:
    """Whatever columns there are: the lines fit, and what is not there is counted."""
    columns = tuple(
        Column(f"c{i}", "t" * min(size, 8), CellFormat.TEXT if is_text else CellFormat.WHOLE, priority)
        for i, (size, priority, is_text) in enumerate(widths)
    )
    lines = list(fit_to_width(Table(columns, [["x" * size for size, _, _ in widths]]), width))
    assert all(cell_len(line.text) <= width for line in lines)
    shown = len(lines[0].text.split())
    hidden = [line.text for line in lines if line.role == "hidden"]
    assert (hidden == []) == (shown == len(columns))
    if hidden:
        assert hidden[0].startswith(str(len(columns) - shown))


def test_a_rate_far_off_is_said_above_the_tables(voicetel: Callable[..., Ran]) -> None:
    """With both figures, on one line before the first amount, and what mends it at the foot; in every report, and in Markdown."""
    compared = ("cost", "--compare", "list")
    for words in (("analyze",), ("cost",), ("analyze", "-f", "md"), ("cost", "-f", "md"), ("calls",), compared):
        text = voicetel(*words, "--no-cache").out
        assert text.index("54 times the list price") < text.index(", USD"), words
        (warning,) = (line for line in text.replace("**", "").splitlines() if "54 times" in line)
        assert warning.endswith("stt.deepgram: 0.0043 per second is 54 times the list price, 0.0048 per minute")
        assert len(warning) < 80 or "md" in words
        assert text.index("54 times the list price") < text.index("`--pricing list`".replace("`", ""))
    assert "the list price" not in voicetel("analyze", "--no-cache", "--pricing", "list").out


def test_no_logs_says_how_to_make_some(
    voicetel: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command, ready to be typed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_PRICING")
    ran = voicetel("analyze")
    assert (ran.code, ran.out) == (ExitCode.NO_DATA, "")
    assert "`voicetel simulate --calls 100 -o logs`" in ran.err
    assert voicetel("simulate", "--calls", "3", "-o", "logs").code == 0
    assert voicetel("analyze").code == 0


@pytest.mark.parametrize("command", [*REPORT_COMMANDS, "calls", "cost", "outcomes", "check", "export"])
def test_a_time_without_calls_says_when_there_are_some(
    voicetel: Callable[..., Ran], tmp_path: Path, command: str
) -> None:
    """``--last 7d`` on old logs: from when to when the calls are."""
    more: tuple[object, ...] = ()
    if command == "check":
        more = ("--slo", ROOT / "slo.toml")
    elif command == "export":
        more = ("--csv", tmp_path / "out")
    ran = voicetel(command, "--no-cache", "--last", "7d", *more)
    assert (ran.code, ran.out) == (ExitCode.NO_DATA, "")
    assert "the calls began between 2026-11-02 09:00 and 2026-11-05 11:00 UTC" in ran.err


def test_other_filters_without_calls_are_to_be_widened(voicetel: Callable[..., Ran]) -> None:
    """Where no time was asked for, no time is named."""
    assert "widen the filters" in voicetel("analyze", "--no-cache", "--agent", "nobody").err


@pytest.mark.parametrize(("word", "days"), [("today", 0), ("yesterday", 1), ("Yesterday", 1)])
def test_days_have_names(voicetel: Callable[..., Ran], tmp_path: Path, word: str, days: int) -> None:
    """From its first moment; as an end, the whole day counts."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    events = [started(f"c{ago}", (noon - timedelta(days=ago)).isoformat()) for ago in (0, 1, 2)]
    write_log(tmp_path / "a.jsonl", events)
    found = voicetel("calls", tmp_path, "--no-cache", "--json", "--since", word).json
    assert [call["call_id"] for call in found] == [f"c{ago}" for ago in range(days, -1, -1)]
    until = voicetel("calls", tmp_path, "--no-cache", "--json", "--until", word).json
    assert [call["call_id"] for call in until] == [f"c{ago}" for ago in (2, 1, 0) if ago >= days]


def test_what_is_piped_into_a_command_that_reads_logs_is_not_lost_silently(tmp_path: Path) -> None:
    """A warning where ./logs is read instead, a hint where there is none; with - it is read."""
    line = json.dumps(started("piped", "2026-11-02T09:00:00Z")).encode() + b"\n"
    write_log(tmp_path / "logs.jsonl", [started("a", "2026-11-02T09:00:00Z")])
    here = {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "VOICETEL_LOGS": str(tmp_path / "logs.jsonl"),
    }
    ran = run_piped("calls", "--json", "--no-cache", stdin=line, **here)
    assert [call["call_id"] for call in json.loads(ran.stdout)] == ["a"]
    assert b"stdin is not read" in ran.stderr
    assert ran.returncode == 0
    read = run_piped("calls", "-", "--json", "--no-cache", stdin=line, **here)
    assert [call["call_id"] for call in json.loads(read.stdout)] == ["piped"]
    assert read.stderr == b""
    assert run_piped("calls", "--json", "--no-cache", stdin=b"", **here).stderr == b""


def test_what_counts_as_piped(tmp_path: Path) -> None:
    """A file with something in it, and a pipe that holds bytes; no terminal, no device, nothing that is closed."""
    (tmp_path / "full").write_text("x", encoding="utf-8")
    (tmp_path / "empty").touch()
    for name, piped in (("full", True), ("empty", False)):
        with (tmp_path / name).open(encoding="utf-8") as stream:
            assert is_piped(stream) is piped
    with open(os.devnull, encoding="utf-8") as stream:  # noqa: PTH123
        assert not is_piped(stream)
    assert not is_piped(stream)
    assert not is_piped(None)


def test_a_closed_stdin_is_no_error() -> None:
    """As daemons have it: only - needs it, and says so."""
    folder = str(Path(__file__).parent / "logs")
    for arguments, code, words in ((["analyze", folder], 0, ""), (["analyze", "-"], 4, "-: stdin is closed")):
        script = f"import sys; sys.stdin = None; sys.argv = ['voicetel', *{arguments!r}, '--no-cache']\nfrom voicetel.cli.app import main; main()"
        import subprocess
        import sys

        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode == code
        assert words in done.stderr
        assert "Error" not in done.stderr


OTHER_FILES = [
    (b'{\n  "calls": [\n    {"id": 1}\n  ]\n}\n', "one JSON document over many lines", "jq -c ."),
    (b'[{"id": 1}, {"id": 2}]\n', "one JSON array", "jq -c '.[]'"),
    (b'[\n {"id": 1}\n]\n', "one JSON array", "jq -c '.[]'"),
    (
        b'{"level":"info","msg":"hello"}\n{"level":"warn","msg":"again"}\n',
        "JSON lines of another format, with level, msg",
        "voicetel schema",
    ),
    (b"time,level\n1,info\n", "no JSON", "voicetel schema"),
    (b"2026-11-02 INFO started\n", "no JSON", "voicetel schema"),
    (b"<html><body></body></html>\n", "XML or HTML", ""),
    (b"PK\x03\x04rest\n", "a zip archive", "unpack"),
    (b"PAR1rest\n", "a Parquet file", ""),
    (b"SQLite format 3\x00rest\n", "a SQLite database", ""),
    (b"%PDF-1.7\n", "a PDF", ""),
    (b"\xef\xbb\xbf[1]\n", "one JSON array", "jq"),
]


@pytest.mark.parametrize(("content", "what", "hint"), OTHER_FILES)
def test_a_file_of_another_kind_is_named(
    voicetel: Callable[..., Ran], tmp_path: Path, content: bytes, what: str, hint: str
) -> None:
    """In one line, with what to do; of a folder by its first file."""
    (tmp_path / "other.jsonl").write_bytes(content)
    for path in (tmp_path / "other.jsonl", tmp_path):
        ran = voicetel("analyze", path, "--no-cache")
        assert (ran.code, ran.out) == (ExitCode.NO_DATA, "")
        assert f"it looks like {what}" in ran.err
        assert hint in ran.err
        assert ran.err.count("\n") == 1


def test_keys_of_another_format_are_not_obeyed(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """A key is shown only if it is a plain name."""
    (tmp_path / "a.jsonl").write_text(json.dumps({"\x1b[31m": 1, "ok": 2}) + "\n", encoding="utf-8")
    ran = voicetel("analyze", tmp_path, "--no-cache")
    assert "with ok:" in ran.err.replace(";", ":")
    assert "\x1b" not in ran.err


def test_nothing_that_is_read_is_written_over(voicetel: Callable[..., Ran], tmp_path: Path) -> None:
    """Rate cards, rules and limits, named or found; a log that is on no command line; what stdin comes from."""
    card, rules, slo, log = (tmp_path / name for name in ("p.toml", "o.toml", "slo.toml", "a.jsonl"))
    card.write_bytes((ROOT / "pricing.toml").read_bytes())
    rules.write_text("version = 1\n", encoding="utf-8")
    slo.write_bytes((ROOT / "slo.toml").read_bytes())
    log.write_bytes(Path("logs/calls.jsonl").read_bytes())
    gz = tmp_path / "b.jsonl.gz"
    gz.write_bytes(gzip.compress(log.read_bytes()))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    runs: list[tuple[object, ...]] = [
        ("calls", "logs", "--pricing", card, "-o", card),
        ("calls", "logs", "--pricing", card, "-f", "csv", "-o", card),
        ("cost", "logs", "--compare", card, "-o", card),
        ("pricing", "check", "logs", "--pricing", card, "-o", card),
        ("pricing", "show", "logs", "--pricing", card, "-o", card),
        ("pricing", "estimate", "--assume", "stt=deepgram/nova-3", "--pricing", card, "-o", card),
        ("check", "logs", "--slo", slo, "-o", slo),
        ("check", "logs", "--slo", slo, "--junit", slo),
        ("check", "logs", "--slo", slo, "--pricing", card, "--junit", card),
        ("compare", log, "logs", "--junit", log),
        ("schema", "-o", log),
        ("config", "-o", log),
        ("schema", "-o", gz),
        ("calls", "logs", "-o", gz),
    ]
    for words in runs:
        ran = voicetel(*words)
        assert (ran.code, ran.out) == (ExitCode.USAGE, ""), words
        assert "write to another file" in ran.err, words
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_files_that_are_found_are_not_written_over_either(
    voicetel: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card in this folder, that of the environment, the settings of the project."""
    card = (ROOT / "pricing.toml").read_bytes()
    logs = Path("logs").absolute()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOICETEL_PRICING")
    (tmp_path / "pricing.toml").write_bytes(card)
    (tmp_path / "voicetel.toml").write_text('tz = "UTC"\n', encoding="utf-8")
    for name in ("pricing.toml", "voicetel.toml"):
        ran = voicetel("cost", logs, "-o", name)
        assert (ran.code, ran.out) == (ExitCode.USAGE, ""), name
        assert "is read by this command" in ran.err
    (tmp_path / "other.toml").write_bytes(card)
    monkeypatch.setenv("VOICETEL_PRICING", "other.toml")
    assert "is read by this command" in voicetel("cost", logs, "-o", "other.toml").err
    assert voicetel("cost", logs, "-o", "new.txt").code == 0
    assert voicetel("cost", logs, "-o", "new.txt").code == 0


def test_what_stdin_comes_from_is_not_written_over(tmp_path: Path) -> None:
    """``voicetel calls - < a.jsonl -o a.jsonl``."""
    import subprocess
    import sys

    log = tmp_path / "plain.txt"
    log.write_bytes(b"\n" + Path("logs/calls.jsonl").read_bytes())
    with log.open("rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-m", "voicetel", "calls", "-", "--no-cache", "-o", str(log)],
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == ExitCode.USAGE
    assert "is one of the logs" in done.stderr


WORDS_80 = (
    (("calls", "--by", "nosuch"), ExitCode.USAGE),
    (("call", "nothing", "no_such_folder"), ExitCode.NO_DATA),
    (("analyze", "no/such/folder/of/logs/that/is/anywhere"), ExitCode.NO_DATA),
    (("analyze", "logs", "--last", "1m"), ExitCode.NO_DATA),
    (("pricing", "check", "logs"), ExitCode.OK),
)


@pytest.mark.parametrize(
    ("arguments", "code"), WORDS_80, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_a_terminal_breaks_no_word(voicetel: Callable[..., Ran], arguments: tuple[str, ...], code: ExitCode) -> None:
    """At 80 columns a message stands on lines of whole words; in a pipe it is the one line of the same words."""
    ran, written = run_on_terminal((*arguments,), 80, {"NO_COLOR": "1"}, with_errors=True)
    lines = [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)) if line.strip()]
    assert ran == code
    assert max(map(cell_len, lines)) <= 80
    piped = voicetel(*arguments)
    words = (piped.err or piped.out).split()
    longer_than_a_line = "".join(word for word in words if len(word) > 60)
    is_progress = re.compile("Reading|Computing")  # it comes where the machine is slow
    said = [word for line in lines if not is_progress.search(line) for word in line.split()]
    assert "".join(said) == "".join(words)
    assert [word for word in said if word not in words and word not in longer_than_a_line] == []


@pytest.mark.parametrize("group", [(), ("pricing",), ("cache",)])
def test_help_cuts_no_sentence_about_a_command(group: tuple[str, ...]) -> None:
    """What a command is for stands there whole, on a second line if need be."""
    _, written = run_on_terminal((*group, "--help"), 80, {"NO_COLOR": "1"})
    commands = written.split("Commands:\n", 1)[1]
    assert "..." not in commands
    assert all(entry.rstrip().endswith(".") for entry in re.split(r"\n(?=  \w)", commands.rstrip()))


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("calls", "--sort", "p95"), "one of eou_latency_ms_p95, "),
        (("calls", "--sort", "response"), "did you mean "),
        (("trend", "--metric", "zzzzzz"), "one of eou_latency_ms, "),
        (("schema", "zzzzzz"), "one of events, analyze, "),
        (("analyze", "no_such"), "`voicetel simulate -o logs` makes some"),
        (("watch", "no_such", "--once"), "`voicetel simulate -o logs` makes some"),
    ],
)
def test_what_is_not_known_says_what_is(voicetel: Callable[..., Ran], arguments: tuple[str, ...], hint: str) -> None:
    """Words that hold what was typed, else the first of them all with the number of the others; logs can be made."""
    assert hint in voicetel(*arguments).err


def test_every_percentile_says_of_what(voicetel: Callable[..., Ran]) -> None:
    """A column p95 stands in a table of one figure a line, or has the figure's name before it."""
    for command in REPORT_COMMANDS:
        for line in voicetel(command, "--no-cache", "logs").out.splitlines():
            cells = re.split(r" {2,}", line.strip())
            bare = [cell for cell in cells[1:] if re.fullmatch(r"p\d\d(, ms)?", cell)]
            named = cells[0] == "Latency, ms" or cells[0].endswith("_ms")
            assert not bare or named, line


def test_watching_logs_of_the_past_says_how(voicetel: Callable[..., Ran]) -> None:
    """Nothing happened in the last minutes: when something last did, and the option that ends there."""
    quiet = run_on_terminal(("watch", "logs", "--once"), 80, {"NO_COLOR": "1"})[1]
    assert re.search(r"newest turn 2026-11-\d\d \d\d:\d\d UTC: --at-newest ends there", quiet)
    assert "--at-newest" not in run_on_terminal(("watch", "logs", "--once", "--at-newest"), 80, {"NO_COLOR": "1"})[1]


def test_list_prices_have_a_day_and_a_page(voicetel: Callable[..., Ran]) -> None:
    """The report says where they stand, and they do stand there."""
    assert "`voicetel pricing show LOGS --pricing list` shows both" in voicetel("analyze", "--pricing", "list").out
    head, *rows = voicetel("pricing", "show", "logs", "--pricing", "list").out.split("\n\n", 1)[1].splitlines()
    assert {"as of", "source"} <= set(re.split(r" {2,}", head))
    listed = [row for row in rows if "https://" in row]
    assert listed
    assert all(re.search(r" 20\d\d-\d\d-\d\d ", row) for row in listed)
