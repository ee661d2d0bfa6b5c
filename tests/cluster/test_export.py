"""Parquet that many machines write holds the rows that one machine writes. No Spark here."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from support.cluster.buckets import InProcess
from support.example_logs.dealt_logs import Asked, asked, write_dealt
from support.exports.exported_folder import job_of, rows_of, write_open_calls
from support.logs import write_log
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.cluster.exports.export import export_parquet
from voicetel.errors import NoDataError, UsageError
from voicetel.exporters.files import write_parquet
from voicetel.exporters.rows import parts_of
from voicetel.outcomes import load_rules
from voicetel.pricing import parse_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.cluster.job import Job


@pytest.mark.parametrize("with_text", [False, True])
def test_has_the_rows_of_one_machine(tmp_path: Path, *, with_text: bool) -> None:
    """Whatever partition a call is in, also one whose end is missing, which is in progress by the newest event of its partition alone."""
    random = Random(21)
    logs = write_dealt(tmp_path / "logs", random)
    write_open_calls(logs)
    question = asked(random)
    with open_store([str(logs)], load_rules(), cache=False) as store:
        parts = parts_of(store, question.card, question.selection, with_text=with_text)
        summary = write_parquet(parts, tmp_path / "one")
    found = export_parquet(InProcess(), [str(logs)], job_of(question), tmp_path / "many", with_text=with_text)
    assert rows_of(tmp_path / "many") == rows_of(tmp_path / "one")
    assert found.summary == summary
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "many").rglob("*") if path.is_file()}
    assert (modes == {0}) is with_text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "many", "one"]


def test_rates_that_are_far_off_are_told(tmp_path: Path) -> None:
    """As on one machine: of those alone that price something."""
    logs = write_dealt(tmp_path / "logs", Random(24))
    stt = {"stage": "stt", "provider": "deepgram", "model": "nova-3", "audio_s": 60}
    event = {
        "v": 1,
        "event": "turn",
        "ts": "2026-11-02T09:00:00Z",
        "call_id": "far-off",
        "turn": 1,
        "operations": [stt],
    }
    write_log(logs / "far_off.jsonl", [event])
    rates = "[stt.deepgram]\nusd_per_second = 0.43\n[tts.cartesia]\nusd_per_1m_characters = 5000000\n[tts.elevenlabs]\nusd_per_1m_characters = 5000000\n"
    question = Asked(ALL_CALLS, parse_card(f'currency = "USD"\n{rates}', source="c"))
    with open_store([str(logs)], load_rules(), cache=False) as store:
        parts = parts_of(store, question.card, question.selection)
        write_parquet(parts, tmp_path / "one")
    found = export_parquet(InProcess(), [str(logs)], job_of(question), tmp_path / "many", with_text=False)
    assert found.rate_notes[0].startswith("stt.deepgram: 0.43 per second is ")
    assert found.rate_notes == parts.rate_notes
    assert not any(note.startswith("tts.elevenlabs") for note in found.rate_notes)


def test_what_failed_attempts_wrote_is_not_in_it(tmp_path: Path) -> None:
    """A task that is lost and done again has written under another name; its files are in no list."""
    random = Random(22)
    logs = write_dealt(tmp_path / "logs", random)
    question = asked(random)

    class Twice(InProcess):
        """Every bucket is worked on twice."""

        def partitions(self, job: Job, splits: Any) -> Any:
            with InProcess.partitions(self, job, splits):
                pass
            return InProcess.partitions(self, job, splits)

    one = export_parquet(InProcess(), [str(logs)], job_of(question), tmp_path / "once", with_text=False)
    two = export_parquet(Twice(), [str(logs)], job_of(question), tmp_path / "twice", with_text=False)
    assert two.summary == one.summary
    assert rows_of(tmp_path / "twice") == rows_of(tmp_path / "once")


def test_what_is_no_export_stays(tmp_path: Path) -> None:
    """A folder of something else is refused, and an export without calls leaves the older one as it was."""
    logs = write_dealt(tmp_path / "logs", Random(23))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    question = asked(Random(1))
    with pytest.raises(UsageError, match="holds something that no export has made"):
        export_parquet(InProcess(), [str(logs)], job_of(question), tmp_path / "mine", with_text=False)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "bad.jsonl").write_text("no json\n")
    with pytest.raises(NoDataError):
        export_parquet(InProcess(), [str(tmp_path / "none")], job_of(question), tmp_path / "nothing", with_text=False)
    assert not (tmp_path / "nothing").exists()
