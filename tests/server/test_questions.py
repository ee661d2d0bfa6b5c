"""What was answered is kept for as long as no file changes; what the server cannot do it says."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.example_logs.gate_logs import calls
from support.example_logs.served_logs import served_logs
from support.servers.http_server import serving
from voicetel.errors import VoicetelError
from voicetel.registry import find_report
from voicetel.server import questions as asked
from voicetel.server.questions import Questions
from voicetel.service.answers import answer
from voicetel.service.served_logs import ServedLogs, TimeLimitError

if TYPE_CHECKING:
    from voicetel.service.answers import Answer

AGES_AGO = 1_700_000_000


@pytest.fixture
def changing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServedLogs:
    """Logs that were last written long ago."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = ServedLogs(paths=(served_logs(tmp_path / "logs"),), limits=str(tmp_path / "slo.toml"))
    os.utime(tmp_path / "logs" / "calls.jsonl", (AGES_AGO, AGES_AGO))
    while not found.state().is_settled:
        time.sleep(0.05)
    return found


async def test_the_same_question_is_answered_once_while_nothing_changes(
    changing: ServedLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line more is seen at once; a time such as today is never kept."""
    count = []

    def counting(*values: object) -> Answer:
        count.append(values)
        return answer(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(asked, "answer", counting)
    questions, report = Questions(changing), find_report("analyze")
    first = [await questions.ask(report, {"tz": ["UTC"]}) for _ in range(3)]
    assert (len(count), len({each.text for each in first})) == (1, 1)
    await questions.ask(report, {"by": ["day"]})
    assert len(count) == 2

    log = Path(changing.paths[0]) / "calls.jsonl"
    with log.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(event) + "\n" for event in calls(1, first=900))
    later = await questions.ask(report, {"tz": ["UTC"]})
    assert len(count) == 3
    assert (json.loads(first[0].text)["calls"], json.loads(later.text)["calls"]) == (82, 83)

    for given in ({"since": ["Yesterday "]}, {"last": ["9999w"]}):
        before = len(count)
        for _ in range(2):
            try:
                await questions.ask(report, given)
            except VoicetelError:
                continue
        assert len(count) == before + 2, given


async def test_kept_answers_are_bounded(changing: ServedLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first."""
    monkeypatch.setattr(asked, "MAX_CACHED_CHARACTERS", 10)
    questions = Questions(changing)
    for key in ("a", "b", "c"):
        await questions.make((key,), lambda: asked.Reply("12345"))
    assert list(questions._cache) == [("b",), ("c",)]


def test_a_query_that_takes_too_long_is_stopped(changing: ServedLogs) -> None:
    """Whatever it is about."""
    limited = ServedLogs(paths=changing.paths, time_limit_s=0.2)
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"
    with pytest.raises(TimeLimitError, match=r"longer than 0\.2 s"), limited.open() as store:
        store.connection.execute(endless)
    with limited.open() as store:
        assert store.connection.execute("SELECT count(*) > 0 FROM events").fetchone() == (True,)


def test_a_server_whose_files_are_gone_says_so(changing: ServedLogs, tmp_path: Path) -> None:
    """It is not the client's fault, and over as soon as they are back."""
    card = tmp_path / "card.toml"
    card.write_text('currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.0043\n')
    with serving(ServedLogs(paths=changing.paths, pricing=str(card))) as served, served.client() as client:
        assert client.get("/api/v1/cost").status_code == 200
        card.write_text("nonsense")
        broken = client.get("/api/v1/cost")
        assert broken.status_code == 503
        assert "card.toml" in broken.json()["error"]
        card.write_text('currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.0043\n')
        logs = Path(changing.paths[0])
        logs.rename(tmp_path / "moved")
        assert client.get("/api/v1/cost").status_code == 503
        (tmp_path / "moved").rename(logs)
        assert client.get("/api/v1/cost").status_code == 200
