"""A report made of the sums of many partitions of the calls is that of one machine, to the last byte. No Spark here."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from support.cluster.buckets import InProcess
from support.cluster.parity import REPORTS, of_store, on_many, on_one_machine
from support.example_logs.dealt_logs import Asked, asked, write_dealt
from support.logs import write_log
from support.soak import SOAK
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.cluster.engine import buckets_for
from voicetel.cluster.routing.splits import Split, bytes_of_task, split_bytes_of, tasks_of
from voicetel.cluster.sample import SAMPLE
from voicetel.outcomes import load_rules
from voicetel.pricing import parse_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", range(40))
def test_random_logs(seed: int, tmp_path: Path) -> None:
    """Calls dealt out over files, duplicates, twins, lines that do not count; random filters, groups and cards."""
    random = Random(seed)
    folder = write_dealt(tmp_path / "logs", random)
    others = REPORTS[2 + seed :: 4] if seed < 4 else ()
    with open_store([str(folder)], load_rules(), cache=False) as store:
        for report in REPORTS if SOAK else ("analyze", "calls", *others):
            question = asked(random, of_calls=report not in {"analyze", "cost"})
            many = on_many(InProcess(), folder, report, question, random.randint(1, 4))
            assert many == of_store(store, report, question), (report, question.selection)


@pytest.mark.parametrize("report", ["analyze", "calls", "cost", "campaigns", "models", "trend", SAMPLE])
def test_rates_that_are_far_off_are_told(report: str, tmp_path: Path) -> None:
    """As on one machine, once, and in the order of the card: though one bucket has the one and another the other."""
    stt = {"stage": "stt", "provider": "deepgram", "model": "nova-3", "audio_s": 60}
    tts = {"stage": "tts", "provider": "cartesia", "model": "sonic-2", "characters": 100}
    lines = [
        {"v": 1, "event": "turn", "ts": f"2026-11-02T09:00:0{n}Z", "call_id": f"c{n}", "turn": 1, "operations": [each]}
        for n, each in enumerate((tts, stt, stt))
    ]
    write_log(tmp_path / "calls.jsonl", lines)
    card = parse_card(
        'currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.43\n[tts.cartesia]\nusd_per_1m_characters = 5000000\n',
        source="c",
    )
    question = Asked(ALL_CALLS, card)
    one = on_one_machine(tmp_path, report, question)
    assert one.count("times the list price") == 2
    assert on_many(InProcess(), tmp_path, report, question, 3) == one


@pytest.mark.parametrize("report", ["analyze", "calls", "cost", "trend", SAMPLE])
def test_a_tag_may_have_any_name(report: str, tmp_path: Path) -> None:
    """Quotation marks too, of which SQL has its own."""
    lines = [
        {
            "v": 1,
            "event": "call_started",
            "ts": f"2026-11-02T09:00:0{n}Z",
            "call_id": f"c{n}",
            "tags": {'a"b': f"{n % 2}"},
        }
        for n in range(4)
    ]
    write_log(tmp_path / "calls.jsonl", lines)
    question = Asked(Selection(by=('tag.a"b',)), parse_card('currency = "USD"\n', source="c"))
    one = on_one_machine(tmp_path, report, question)
    assert 'a\\"b' in one
    assert on_many(InProcess(), tmp_path, report, question, 3) == one


@pytest.mark.parametrize(
    ("mebibytes", "cores", "buckets"),
    [(0, 8, 1), (1, 8, 1), (100, 16, 4), (100, 2, 2), (1024, 2, 2), (1 << 20, 400, 2048)],
)
def test_buckets(mebibytes: int, cores: int, buckets: int) -> None:
    """One for each core: of 32 MiB at least, of 512 at most."""
    assert buckets_for(mebibytes << 20, cores) == buckets


@pytest.mark.parametrize(
    ("mebibytes", "cores", "each"), [((300,), 2, 75), ((40, 30), 2, 32), ((4000, 96), 4, 256), ((), 8, 32)]
)
def test_tasks(mebibytes: tuple[int, ...], cores: int, each: int) -> None:
    """Two tasks for each core, of 32 to 256 MiB."""
    splits = [Split(0, "a.jsonl", 0, size << 20, size << 20) for size in mebibytes]
    assert bytes_of_task(splits, cores) == each << 20


@pytest.mark.parametrize(("mebibytes", "each"), [(0, 16), (1024, 16), (1088, 17), (4096, 64), (1 << 20, 64)])
def test_splits(mebibytes: int, each: int) -> None:
    """64 of them, of 16 to 64 MiB."""
    assert split_bytes_of(mebibytes << 20) == each << 20


def test_tasks_are_of_equal_size() -> None:
    """Files as a week has them, cut: four tasks, each its share but for a part of a split, and every split once."""
    sizes = (64, 64, 58, 64, 64, 51, 64, 64, 44, 64, 64, 42, 64, 64, 30, 64, 15, 55)
    splits = [Split(number, "a.jsonl", 0, size, size) for number, size in enumerate(sizes)]
    tasks = tasks_of(splits, 250)
    assert sorted(sum(split.end for split in task) for task in tasks) == [241, 243, 251, 264]
    assert sorted(split.stream for task in tasks for split in task) == list(range(len(sizes)))
    assert tasks_of([Split(0, "a.jsonl", 0, 900, 900)], 250) == [[Split(0, "a.jsonl", 0, 900, 900)]]
    assert tasks_of([]) == []
