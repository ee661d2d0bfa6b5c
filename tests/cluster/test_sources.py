"""Logs of every origin through many partitions: the corpus of lines, what importers write, objects in S3. No Spark here."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from random import Random

import pytest

from support.cluster.buckets import InProcess
from support.cluster.parity import on_many, on_one_machine
from support.command import run
from support.example_logs.dealt_logs import Asked, asked, write_dealt
from support.imports.imported_calls import FIXTURES
from support.servers.object_server import ENVIRONMENT, object_server
from voicetel.analyzers.core.selection import ALL_CALLS, Selection
from voicetel.cli.logs import import_hint
from voicetel.cluster.engine import answer
from voicetel.cluster.job import Job
from voicetel.errors import NoDataError
from voicetel.outcomes import load_rules
from voicetel.pricing import load_card

CORPUS = Path(__file__).parents[1] / "corpus" / "lines.jsonl"


def test_every_line_of_the_corpus(tmp_path: Path) -> None:
    """Accepted, refused and unsupported ones, dealt out over three files: what counts on one machine counts on many."""
    cases = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    lines = [base64.b64decode(each["base64"]) if "base64" in each else each["line"].encode() for each in cases]
    for number in range(3):
        (tmp_path / f"{number}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines[number::3]))
    question = Asked(ALL_CALLS, load_card(None))
    for report in ("analyze", "calls"):
        assert on_many(InProcess(), tmp_path, report, question, 5) == on_one_machine(tmp_path, report, question)


def test_what_importers_write(tmp_path: Path) -> None:
    """The calls of every vendor's fixtures, grouped by what wrote them."""
    logs = tmp_path / "logs"
    sources = [path for path in sorted(FIXTURES.iterdir()) if path.is_dir()]
    assert run("import", *sources, "-o", logs).code == 0
    written = {path.name.partition("-20")[0] for path in logs.iterdir()}
    assert {"bolna", "elevenlabs", "retell", "twilio", "vapi"} <= written
    question = Asked(Selection(by=("source",)), load_card("list"))
    for report in ("analyze", "calls", "models"):
        assert on_many(InProcess(), logs, report, question, 3) == on_one_machine(logs, report, question)


def test_objects_in_s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever routes a split reads its part of the object by itself."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    random = Random(31)
    folder = write_dealt(tmp_path / "logs", random)
    question = asked(random)
    with object_server() as server:
        server.upload(folder, "logs/")
        uri = server.uri("logs/")
        found = on_many(InProcess(), uri, "calls", question, 3)
        assert found == on_one_machine(uri, "calls", question)
    assert found == on_one_machine(folder, "calls", question)


def test_an_export_of_another_system() -> None:
    """Where there is not one call, what is told is what the files look like, as on one machine."""
    folder = str(FIXTURES / "vapi" / "list_page.json")
    expected = import_hint([folder])
    assert expected is not None
    with pytest.raises(NoDataError, match="looks like Vapi") as told:
        answer(InProcess(), [folder], _analysis, import_hint)
    assert (str(told.value), told.value.hint) == (str(expected), expected.hint)
    with pytest.raises(NoDataError, match="no calls, and"):
        answer(InProcess(), [folder], _analysis)


def _analysis(buckets: int) -> Job:
    return Job("analyze", ALL_CALLS, load_card(None), load_rules(), buckets)
