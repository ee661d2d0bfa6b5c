"""``voicetel simulate`` and the sizes it understands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.command import run
from support.example_logs.simulated import bytes_of
from voicetel.cli.options.sizes import size_bytes
from voicetel.errors import UsageError
from voicetel.simulator import FAULTS

SAMPLES = Path(__file__).parents[3] / "sample_logs"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("100MB", 100_000_000),
        ("1GB", 1_000_000_000),
        ("1.5 gb", 1_500_000_000),
        ("12k", 12_000),
        ("1GiB", 1_073_741_824),
        ("2 Mi", 2_097_152),
        ("0.001kb", 1),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    """Decimal units count in thousands, binary ones in 1024s; case and a final B do not matter."""
    assert size_bytes("--size", text) == size


@pytest.mark.parametrize("text", ["", "5", "MB", "-1MB", "1 XB", "1e3MB", "0MB", "1MB2", "١MB", "nan"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    """A number without a unit could mean anything, so it is refused too."""
    with pytest.raises(UsageError, match="is no size") as caught:
        size_bytes("--size", text)
    assert "100MB" in str(caught.value.hint)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two runs with one seed write equal files; another seed writes others."""
    first, again, other = tmp_path / "first", tmp_path / "again", tmp_path / "other"
    for folder, seed in ((first, 7), (again, 7), (other, 8)):
        assert run("simulate", "--calls", 20, "--seed", seed, "-o", folder).code == 0
    assert bytes_of(first) == bytes_of(again) != bytes_of(other)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the source distribution can come without sample_logs")
def test_the_simulated_sample_logs_are_what_their_command_writes(tmp_path: Path) -> None:
    """The command in sample_logs/README.md gives the same bytes again."""
    (line,) = re.findall(
        r"voicetel (simulate .+) -o sample_logs/\.simulated", (SAMPLES / "README.md").read_text("utf-8")
    )
    assert run(*line.split(), "-o", tmp_path / "again").code == 0
    assert bytes_of(tmp_path / "again") == bytes_of(SAMPLES / ".simulated")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the source distribution can come without sample_logs")
def test_the_simulated_sample_logs_are_read_where_they_are_named() -> None:
    """A run over sample_logs passes them by; named themselves they are 24 calls in two languages, with a torn line."""
    report = run("analyze", SAMPLES / ".simulated", "--by", "language", "--no-cache", "--json").json
    assert (report["calls"], report["refused_lines"]) == (24, 1)
    assert {each["group"]["language"] for each in report["groups"]} == {"en", "ru", None}
    ids = {each["call_id"] for each in run("calls", SAMPLES, "--no-cache", "--json").json}
    assert not ids & {each["call_id"] for each in run("calls", SAMPLES / ".simulated", "--no-cache", "--json").json}


def test_the_summary_counts_what_was_written(tmp_path: Path) -> None:
    """The summary's size is that of the files, and `analyze` finds the calls it names."""
    folder = tmp_path / "logs"
    summary = run("simulate", "--size", "200kB", "--json", "-o", folder).json
    assert summary["bytes"] == sum(path.stat().st_size for path in folder.iterdir())
    assert summary["bytes"] == pytest.approx(200_000, rel=0.2)
    report = run("analyze", folder, "--no-cache", "--json").json
    assert (report["calls"], report["turns"]) == (summary["calls"], summary["events"]["turn"])


def test_the_table_names_everything_that_the_csv_counts(tmp_path: Path) -> None:
    """Each kind of event, outcome, language and fault stands in the table with the count that the CSV gives."""
    table = run("simulate", "--calls", 30, "--faults", "all", "-o", tmp_path / "a").out
    rows = run("simulate", "--calls", 30, "--faults", "all", "-o", tmp_path / "b", "--format", "csv").out.splitlines()
    assert rows[0] == "part,kind,count"
    for row in rows[1:]:
        part, kind, count = row.split(",")
        if part != "total":
            assert [kind, count] in [line.split() for line in table.splitlines()]


def test_all_faults_plants_every_kind(tmp_path: Path) -> None:
    """With `--faults all` and enough calls there is one of each kind."""
    summary = run("simulate", "--calls", 300, "--faults", "all", "--json", "-o", tmp_path / "logs").json
    assert set(summary["faults"]) == set(FAULTS)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--faults", "thorn", "--calls", "3"], "no fault is called 'thorn'; did you mean torn?"),
        (["--size", "big"], "--size: 'big' is no size; write it as 500kB, 100MB, 1.5GB or 1GiB"),
        ([], "a simulation needs either --calls or --size; try --calls 1000 or --size 100MB"),
        (["--calls", "3", "--size", "1MB"], "a simulation needs either --calls or --size"),
    ],
)
def test_a_wrong_order_is_one_line_and_writes_nothing(tmp_path: Path, args: list[str], message: str) -> None:
    """What cannot be meant exits with 2 before a folder is made."""
    ran = run("simulate", "-o", tmp_path / "logs", *args)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert message in ran.err
    assert not (tmp_path / "logs").exists()


def test_a_folder_that_holds_logs_is_left_alone(tmp_path: Path) -> None:
    """Simulated calls never go among real ones, wherever below the folder a reader would find them."""
    for place, name in enumerate(("calls.jsonl", "pods/a/calls.ndjson", "2026/calls.jsonl.gz")):
        folder = tmp_path / str(place)
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("{}\n")
        ran = run("simulate", "--calls", 3, "-o", folder)
        assert (ran.code, [path for path in folder.rglob("*") if path.is_file()]) == (2, [folder / name])
        assert "already holds logs" in ran.err
