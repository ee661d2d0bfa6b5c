"""The webhook of docs/import.md keeps what the platforms send, and an import reads what it kept."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.testclient import TestClient

from support.imports.imported_calls import FIXTURES
from voicetel.importers import import_files

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[3] / "docs" / "import.md"


def bodies() -> dict[str, list[Any]]:
    """What each platform sends to its webhook."""
    vapi = [json.loads(line) for line in (FIXTURES / "vapi" / "deliveries.jsonl").read_text("utf-8").splitlines()[:3]]
    retell = [json.loads((FIXTURES / "retell" / "webhook_call_analyzed.json").read_text("utf-8"))]
    elevenlabs = [
        json.loads(line) for line in (FIXTURES / "elevenlabs" / "webhooks.jsonl").read_text("utf-8").splitlines()
    ]
    bolna = [json.loads(line) for line in (FIXTURES / "bolna" / "webhooks.jsonl").read_text("utf-8").splitlines()]
    return {"vapi": vapi, "retell": retell, "elevenlabs": elevenlabs, "bolna": bolna}


def test_what_it_keeps_can_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file a platform, one line a delivery, however the body was laid out; readable by its owner only."""
    (code,) = re.findall(r"```python\n(# webhook\.py.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(code.splitlines()) < 20
    module: dict[str, Any] = {}
    exec(compile(code, "webhook.py", "exec"), module)
    monkeypatch.chdir(tmp_path)
    with TestClient(module["app"]) as client:
        for source, documents in bodies().items():
            for document in documents:
                answer = client.post(f"/{source}", content=json.dumps(document, indent=2))
                assert answer.json() == {"ok": True}
    kept = sorted(tmp_path.glob("*.jsonl"))
    assert [path.name for path in kept] == ["bolna.jsonl", "elevenlabs.jsonl", "retell.jsonl", "vapi.jsonl"]
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    result = import_files([str(path) for path in kept], tmp_path / "logs")
    assert dict(result.merged.new.items()) == {
        "vapi": 1,
        "retell": 1,
        "elevenlabs": 3,
        "bolna": 3,
    }
    assert not result.broken
