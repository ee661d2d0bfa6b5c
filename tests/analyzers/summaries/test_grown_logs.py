"""A report over logs that have grown is made of a summary and the calls that are new, and is what a first run would make."""

from __future__ import annotations

import gzip
import os
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.store_runs import RULES
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.summaries import report, value_lists
from voicetel.pricing import load_card, parse_card
from voicetel.results import to_json
from voicetel.simulator.faults import FAULTS
from voicetel.simulator.run import simulate
from voicetel.store import open_store, summarized_calls
from voicetel.store.validation import misspelt_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicetel.pricing import RateCard

SEQUENCES = int(os.environ.get("VOICETEL_SEQUENCES", "100" if os.environ.get("CI") else "6")) // 5 + 1
CARD = load_card()
FEES = parse_card(
    'currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.1\nusd_per_call = 0.01\nround_up_to_s = 15\n'
    "[llm.openai]\nusd_per_call = 0.2\n",
    source="fees",
)
"""Rates by which calls have to be priced one by one."""


@contextmanager
def small_summaries() -> Iterator[mock.Mock]:
    """A summary of any number of calls, all but the latest third; how often one is made."""
    with (
        mock.patch.object(summarized_calls, "MIN_CALLS", 1),
        mock.patch.object(summarized_calls, "REMAINING_SHARE", 0.34),
        mock.patch.object(summarized_calls, "MAX_REMAINING_SHARE", 0.9),
        mock.patch.object(report, "_summarize", wraps=report._summarize) as made,
    ):
        yield made


def ask(logs: Path, selection: Selection = ALL_CALLS, *, cache: bool = True, card: RateCard = CARD) -> dict[str, Any]:
    """The JSON of ``analyze`` in a run of its own, warnings apart: they are of the run."""
    with open_store([str(logs)], RULES, cache=cache) as store:
        found = analyze(store, card, selection)
    return to_json(replace(found, input=replace(found.input, warnings=())))


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The lines of some calls, as they are written; some are spoilt."""
    return simulated(tmp_path_factory.mktemp("made") / "logs", 7)


def simulated(folder: Path, seed: int) -> list[bytes]:
    """The lines of a day."""
    simulate(folder, calls=16, days=1, seed=seed, faults=FAULTS, workers=1)
    return [line for log in sorted(folder.glob("*.jsonl")) for line in log.read_bytes().splitlines(keepends=True)]


@pytest.fixture
def logs(tmp_path: Path, lines: list[bytes], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first four fifths of the lines, with a cache of their own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(b"".join(lines[: len(lines) * 4 // 5]))
    return folder


@pytest.mark.parametrize("card", [CARD, FEES], ids=["usual", "fees"])
@pytest.mark.parametrize(
    "selection", [ALL_CALLS, Selection(languages=("en",)), Selection(agents=("nobody",))], ids=["all", "en", "none"]
)
def test_what_is_new_is_added_to_a_summary(
    logs: Path, lines: list[bytes], selection: Selection, card: RateCard
) -> None:
    """The summary is made once; two more runs, each with more lines, read but the remaining calls."""
    with small_summaries() as made:
        assert ask(logs, selection, card=card) == ask(logs, selection, cache=False, card=card)
        assert made.call_count == 1
        rest = lines[len(lines) * 4 // 5 :]
        for begin in range(0, len(rest), len(rest) // 2 + 1):
            with (logs / "a.jsonl").open("ab") as file:
                file.writelines(rest[begin : begin + len(rest) // 2 + 1])
            before = made.call_count
            assert ask(logs, selection, card=card) == ask(logs, selection, cache=False, card=card)
            assert made.call_count == before


def test_a_late_line_of_a_summarized_call_has_the_summary_made_anew(logs: Path) -> None:
    """The call that began first gets another turn."""
    first = next(line for line in (logs / "a.jsonl").read_bytes().splitlines() if b'"event":"call_started"' in line)
    call_id = first.split(b'"call_id":"')[1].split(b'"')[0].decode()
    with small_summaries() as made:
        ask(logs)
        with (logs / "b.jsonl").open("ab") as file:
            file.write(
                b'{"v":1,"event":"turn","ts":"2026-11-02T00:00:00Z","call_id":"%s","turn":77,"eou_latency_ms":4321.5}\n'
                % call_id.encode()
            )
        assert ask(logs) == ask(logs, cache=False)
        assert made.call_count == 2


def test_another_question_and_other_prices_have_summaries_of_their_own(logs: Path, lines: list[bytes]) -> None:
    """Neither is answered from the summary of the first question."""
    with small_summaries() as made:
        ask(logs)
        with (logs / "a.jsonl").open("ab") as file:
            file.writelines(lines[len(lines) * 4 // 5 :][:20])
        for selection, card in ((Selection(languages=("ru",)), CARD), (ALL_CALLS, FEES), (ALL_CALLS, CARD)):
            assert ask(logs, selection, card=card) == ask(logs, selection, cache=False, card=card)
        assert made.call_count == 2, "made where lines were new, for the first of them"


def test_a_damaged_summary_is_made_anew(logs: Path, lines: list[bytes], tmp_path: Path) -> None:
    """A flipped byte anywhere in it is seen."""
    with small_summaries():
        ask(logs)
        (summary,) = (tmp_path / "cache").rglob("*.summary")
        whole = bytearray(summary.read_bytes())
        assert summary.stat().st_mode & 0o777 == 0o600
        assert not any(text in whole for text in (b"hotel", "здравствуйте".encode())), "no word of a call"
        for at in (0, -1):
            whole[at] ^= 1
            summary.write_bytes(whole)
            with (logs / "a.jsonl").open("ab") as file:
                file.writelines(lines[len(lines) * 4 // 5 :][at + 1 : at + 4])
            assert ask(logs) == ask(logs, cache=False)
            (summary,) = (tmp_path / "cache").rglob("*.summary")
            whole = bytearray(summary.read_bytes())


def test_more_values_than_memory_is_for_are_counted(logs: Path) -> None:
    """Then there is no summary."""
    with small_summaries(), mock.patch.object(value_lists, "MAX_VALUES", 3):
        assert ask(logs) == ask(logs, cache=False)


def _append(logs: Path, some: list[bytes]) -> None:
    with (logs / "a.jsonl").open("ab") as file:
        file.writelines(some)


def _change(logs: Path, what: str, lines: list[bytes], at: int) -> None:
    """Let one thing happen to the logs."""
    whole = (logs / "a.jsonl").read_bytes() if (logs / "a.jsonl").exists() else b""
    match what:
        case "grow":
            _append(logs, lines[at : at + 25])
        case "again":
            _append(logs, lines[at % max(len(lines) // 3, 1) :][:2])
        case "another under its key":
            _append(logs, [line.replace(b'"turn":', b'"turn":1') for line in lines[at : at + 3]])
        case "torn":
            _append(logs, [lines[at][: len(lines[at]) // 2]])
        case "late":
            (logs / f"late-{at}.jsonl").write_bytes(b"".join(lines[at : at + 4]))
        case "edit":
            middle = whole.find(b'"turn":', len(whole) * at // max(len(lines), 1))
            (logs / "a.jsonl").write_bytes(whole if middle < 0 else whole[:middle] + b'"turn":9' + whole[middle + 7 :])
        case "rotate":
            (logs / f"a-{at}.jsonl.gz").write_bytes(gzip.compress(whole))
            (logs / "a.jsonl").unlink(missing_ok=True)
        case "delete":
            for log in sorted(logs.iterdir())[:1]:
                log.unlink()


STEPS = ("grow", "grow", "grow", "again", "another under its key", "torn", "late", "edit", "rotate", "delete")


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
@given(
    seed=st.integers(0, 10_000),
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 10_000)), min_size=3, max_size=6),
)
def test_whatever_happens_to_logs_the_report_is_that_of_a_first_run(seed: int, steps: list[tuple[str, int]]) -> None:
    """Random logs that grow, with duplicates of old lines, edits, rotation, and files that come late and go."""
    with tempfile.TemporaryDirectory() as root, small_summaries():
        lines = simulated(Path(root) / "made", seed)
        logs = Path(root) / "logs"
        logs.mkdir()
        _append(logs, lines[: len(lines) // 2])
        with mock.patch.dict(os.environ, {"XDG_CACHE_HOME": f"{root}/cache"}):
            ask(logs)
            for what, at in steps:
                _change(
                    logs, what, lines, len(lines) // 2 + at % (len(lines) // 2) if what == "grow" else at % len(lines)
                )
                if any(logs.iterdir()):
                    assert ask(logs) == ask(logs, cache=False), what


@pytest.mark.parametrize("by", [(), ("agent_name",)])
def test_another_run_reads_new_lines_meanwhile(logs: Path, lines: list[bytes], by: tuple[str, ...]) -> None:
    """A run whose relations are older than the store keeps neither a summary nor a report of them."""
    selection = Selection(by=by)
    spoken_of = next(line for line in lines if b'"event":"turn"' in line)
    late = spoken_of.replace(b'"seq":', b'"seq":99999')
    assert late != spoken_of
    with small_summaries():
        with open_store([str(logs)], RULES) as slow:
            assert slow.connection is not None
            with (logs / "a.jsonl").open("ab") as file:
                file.write(late + b"".join(lines[len(lines) * 4 // 5 : -3]))
            ask(logs, Selection(by=("language",)))
            analyze(slow, CARD, selection)
        assert ask(logs, selection) == ask(logs, selection, cache=False)
        with (logs / "a.jsonl").open("ab") as file:
            file.write(b"".join(lines[-3:]))
        assert ask(logs, selection) == ask(logs, selection, cache=False)


def test_what_is_misspelt_is_looked_for_anew_where_a_log_has_another_name(logs: Path, lines: list[bytes]) -> None:
    """The first lines of the logs in the order of their names are looked at."""
    (logs / "z.jsonl").write_bytes(b"".join(lines[len(lines) * 4 // 5 : -3]).replace(b'"operations"', b'"operatons"'))
    twenty = misspelt_fields._SAMPLE_SQL.replace(f"LIMIT {misspelt_fields.SAMPLE_LINES}", "LIMIT 20")
    with small_summaries(), mock.patch.object(misspelt_fields, "_SAMPLE_SQL", twenty):
        ask(logs)
        (logs / "z.jsonl").rename(logs / "0.jsonl")
        assert ask(logs) == ask(logs, cache=False)
