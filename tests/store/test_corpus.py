"""Odd lines, each with what must become of it, wherever it stands.

tests/corpus/lines.jsonl has one case a line: ``line`` as text or ``base64``, its ``verdict`` (accepted, refused or
unsupported), the ``reason`` why it does not count, or the ``values`` it counts with: columns of its event, and under
``operations`` how many there are. Every fixed fault of the reader adds its line.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.store_runs import RULES, line
from voicetel.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable

GOOD = line("mark", call="neighbour", kind="hold")


@dataclass(frozen=True)
class Case:
    """A line and what must become of it."""

    name: str
    line: bytes
    verdict: str
    reason: str | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def expected(self) -> dict[str, Any]:
        """What a run must say about it."""
        if self.verdict != "accepted":
            return {"verdict": self.verdict, "reason": self.reason}
        return {"verdict": "accepted", **self.values}


def read_cases() -> list[Case]:
    """The corpus."""
    text = (Path(__file__).parent.parent / "corpus" / "lines.jsonl").read_text(encoding="utf-8")
    cases = []
    for each in map(json.loads, text.splitlines()):
        content = base64.b64decode(each["base64"]) if "base64" in each else each["line"].encode()
        cases.append(Case(each["name"], content, each["verdict"], each.get("reason"), each.get("values", {})))
    return cases


CASES = read_cases()


def plain(value: object) -> object:
    """A value as the corpus writes it."""
    if isinstance(value, bool | int | list) or value is None:
        return value
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def outcomes(
    directory: Path, cases: Iterable[tuple[Case, str, int]], *, cache: bool = False
) -> dict[str, dict[str, Any]]:
    """Name → what a run over the directory says of the case, which stands alone in a file but for GOOD lines, at a line."""
    found: dict[str, dict[str, Any]] = {}
    with open_store([str(directory)], RULES, cache=cache) as store:
        quarantined_lines = {(Path(each.path).name, each.line): each for each in store.quarantined_lines()}
        cursor = store.connection.execute(
            "SELECT * EXCLUDE (path), operation_count AS operations, decode(path) AS path FROM events"
            " JOIN (SELECT stream_id, min(path) AS path FROM known_files GROUP BY stream_id) USING (stream_id)"
            " WHERE call_id <> 'neighbour'"
        )
        names = [column[0] for column in cursor.description or ()]
        events = {Path(row[-1]).name: dict(zip(names, map(plain, row), strict=True)) for row in cursor.fetchall()}
        for case, name, number in cases:
            quarantined = quarantined_lines.pop((name, number), None)
            if quarantined:
                kind = "unsupported" if quarantined.unsupported else "refused"
                found[case.name] = {"verdict": kind, "reason": quarantined.reason}
                assert quarantined.bytes == len(case.line)
            else:
                event = events.get(name, {})
                event["operations"] = event.get("operations") or 0
                found[case.name] = {"verdict": "accepted" if len(event) > 1 else "nowhere"} | {
                    key: event.get(key) for key in case.values
                }
        assert not quarantined_lines
    return found


def wrong(found: dict[str, dict[str, Any]]) -> dict[str, tuple[object, object]]:
    """Name → (what a run says, what it must say), where the two differ."""
    return {case.name: (found[case.name], case.expected) for case in CASES if found[case.name] != case.expected}


def test_the_corpus_is_large_enough() -> None:
    """Three hundred lines or more, each once, under a name of its own."""
    assert len(CASES) >= 300
    assert len({case.name for case in CASES}) == len({case.line for case in CASES}) == len(CASES)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_each_line_alone_in_its_file(tmp_path: Path, packed: bool) -> None:
    """A line that is all a file holds."""
    places = []
    for number, case in enumerate(CASES):
        name = f"{number}.jsonl.gz" if packed else f"{number}.jsonl"
        content = case.line + b"\n"
        (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
        places.append((case, name, 1))
    assert wrong(outcomes(tmp_path, places)) == {}


def test_each_line_among_good_neighbours(tmp_path: Path) -> None:
    """A line between good lines of another call."""
    places = []
    for number, case in enumerate(CASES):
        (tmp_path / f"{number}.jsonl").write_bytes(GOOD * 2 + case.line + b"\n" + GOOD)
        places.append((case, f"{number}.jsonl", 3))
    assert wrong(outcomes(tmp_path, places)) == {}


def test_each_line_appended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that came after its file had been read."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(len(CASES)):
        (logs / f"{number}.jsonl").write_bytes(line("mark", call="neighbour", value=str(number)))
    assert outcomes(logs, [], cache=True) == {}
    places = []
    for number, case in enumerate(CASES):
        with (logs / f"{number}.jsonl").open("ab") as file:
            file.write(case.line + b"\n")
        places.append((case, f"{number}.jsonl", 2))
    assert wrong(outcomes(logs, places, cache=True)) == {}


def test_all_lines_in_one_file(tmp_path: Path) -> None:
    """Every line keeps its place and its verdict when odd lines are its neighbours."""
    with (tmp_path / "all.jsonl").open("wb") as file:
        file.writelines(case.line + b"\n" for case in CASES)
    refused = [number for number, case in enumerate(CASES, 1) if case.verdict != "accepted"]
    with open_store([str(tmp_path)], RULES, cache=False) as store:
        quarantined_lines = list(store.quarantined_lines())
        ((accepted,),) = store.connection.execute("SELECT count(*) FROM events").fetchall()
    assert [each.line for each in quarantined_lines] == refused
    assert [each.reason for each in quarantined_lines] == [CASES[number - 1].reason for number in refused]
    assert accepted == len(CASES) - len(refused)
