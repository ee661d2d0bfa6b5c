"""Logs in object storage, read from a real S3 server: the answers of files, and nothing read twice."""

from __future__ import annotations

import bz2
import contextlib
import dataclasses
import gzip
import lzma
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from support import command
from support.cluster.buckets import InProcess
from support.cluster.parity import on_many, on_one_machine
from support.example_logs.dealt_logs import Asked
from support.imports.imported_calls import FIXTURES
from support.store_runs import cold, line, rows, run
from voicetel.analyzers.core.selection import ALL_CALLS
from voicetel.errors import ExitCode
from voicetel.pricing import load_card
from voicetel.store.ingest import fingerprints
from voicetel.store.object_storage import object_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.servers.object_server import ObjectServer
    from support.store_runs import Said

CALLS = "SELECT call_id, turns FROM calls ORDER BY call_id"


def call(name: str, turns: int = 2) -> bytes:
    """A call of some turns, with words."""
    spoken = [line(call=name, turn=n, second=n, user={"text": f"turn {n} of {name}"}) for n in range(1, turns + 1)]
    return b"".join(spoken)


def as_files(server: ObjectServer, folder: Path, contents: dict[str, bytes], prefix: str) -> tuple[Said, Said]:
    """What is said of the same bytes as files and as objects, places of lines left out."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        server.put(f"{prefix}/{name}", content)
    of_files, of_objects = cold(folder), cold(server.uri(f"{prefix}/"))
    return _without_folder(of_files), _without_folder(of_objects)


def _without_folder(said: Said) -> Said:
    named = [(row[0].partition("?")[0].rpartition("/")[2], *row[1:]) for row in said.quarantined_lines]
    of_relations = {name: found for name, found in said.checksums.items() if name != "quarantine"}
    return dataclasses.replace(said, checksums=of_relations, quarantined_lines=sorted(named))


def test_what_is_packed_or_broken_or_hidden(server: ObjectServer, tmp_path: Path) -> None:
    """However objects are packed, nested and named, they say what files say; so do lines that do not count."""
    torn = call("t") + b'{"v": 1, "event": "turn"\n' + call("u")
    contents = {
        "a.jsonl": call("a"),
        "b/b.jsonl.gz": gzip.compress(call("b")) + gzip.compress(call("b2")),
        "b/c.jsonl.bz2": bz2.compress(call("c")),
        "b/d d/ä.jsonl.xz": lzma.compress(call("d")),
        "e.ndjson.zst": pa.Codec("zstd").compress(call("e"), asbytes=True),
        "cut.jsonl.gz": gzip.compress(call("f", 400))[:-20],
        "torn.jsonl": torn,
        "100%?#.jsonl": call("g"),
        "waiting.jsonl": call("w") + b'{"v": 1',
        "empty.jsonl": b"",
        "notes.txt": call("no"),
        ".hidden/h.jsonl": call("no"),
        "b/.hidden.jsonl": call("no"),
    }
    of_files, of_objects = as_files(server, tmp_path / "logs", contents, "packed")
    assert of_objects == of_files
    assert len(of_objects.quarantined_lines) == 1
    assert of_objects.counts[:2] == (1, 0)
    assert len(of_objects.warnings) == len(of_files.warnings) == 1


def test_the_same_answer_as_of_files(server: ObjectServer, tmp_path: Path) -> None:
    """Every report gives the same bytes, but for the path; so do transcripts, which are read again."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for name, content in {"a.jsonl": call("a", 9), "b.jsonl.gz": gzip.compress(call("b", 4))}.items():
        server.put(f"same/{name}", content)
        (logs / name).write_bytes(content)
    uri = server.uri("same/")
    for asked in (["analyze"], ["calls"], ["cost"], ["outcomes"], ["interruptions"], ["validate"]):
        of_files, of_objects = (command.run(*asked, path, "--json") for path in (logs, uri))
        assert of_objects.out.replace(uri, str(logs)) == of_files.out
        assert (of_objects.code, of_objects.err) == (of_files.code, of_files.err)
    of_files, of_objects = (command.run("call", "a", path, "--with-text", "--json") for path in (logs, uri))
    assert "turn 7 of a" in of_objects.out
    assert of_objects.out.replace(uri, str(logs)) == of_files.out


KINDS = {
    "array.jsonl": b'[{"call_id": "c-1"}, {"call_id": "c-2"}]\n',
    "export.jsonl": b'{"id": "x", "status": "done"}\n',
    "wide.jsonl": '{"v": 1, "event": "call_started"}\n'.encode("utf-16"),
}
"""Files that are none of voicetel's logs."""


def test_objects_of_another_kind(server: ObjectServer, tmp_path: Path) -> None:
    """The notes say of each object what they say of the same file, on one machine and on many."""
    logs, uri = tmp_path / "logs", server.uri("kinds/")
    logs.mkdir()
    for name, content in {**KINDS, "good.jsonl": call("a")}.items():
        server.put(f"kinds/{name}", content)
        (logs / name).write_bytes(content)
    of_files, of_objects = (command.run("analyze", path, "--json") for path in (logs, uri))
    assert "UTF-16, as PowerShell writes it" in of_files.out
    out = of_objects.out
    for name in KINDS:
        assert f"{server.uri(f'kinds/{name}')} looks like " in out
        out = out.replace(server.uri(f"kinds/{name}"), str(logs / name))
    assert out.replace(uri, str(logs)) == of_files.out
    question = Asked(ALL_CALLS, load_card(None))
    assert on_many(InProcess(), uri, "analyze", question, 2) == on_one_machine(uri, "analyze", question)


@pytest.mark.parametrize("name", KINDS)
def test_an_object_of_another_kind_alone(server: ObjectServer, tmp_path: Path, name: str) -> None:
    """Where there is no call, the error says what the object looks like, as it does of a file."""
    server.put(f"alone/{name}", KINDS[name])
    (tmp_path / name).write_bytes(KINDS[name])
    uri = server.uri(f"alone/{name}")
    of_file, of_object = (command.run("analyze", path) for path in (tmp_path / name, uri))
    assert of_file.code == of_object.code == ExitCode.NO_DATA
    assert of_object.err.replace(uri, str(tmp_path / name)) == of_file.err
    assert "looks like" in of_object.err


def test_an_export_in_storage(server: ObjectServer) -> None:
    """Whose calls it looks like, and what to do: what is imported has to be a file."""
    server.put("export/calls.json", (FIXTURES / "vapi" / "list_page.json").read_bytes())
    uri = server.uri("export/calls.json")
    found = command.run("analyze", uri)
    assert found.code == ExitCode.NO_DATA
    assert f"{uri}: looks like " in found.err
    assert "copy it to a disk; `voicetel import`" in found.err


def test_what_was_read_is_not_read_again(server: ObjectServer) -> None:
    """The storage is asked for its list, and for the version of what was written lately; not for one byte."""
    for number in range(5):
        server.put(f"again/{number}.jsonl", call(f"c{number}"))
    first = run(server.uri("again/"))
    asked = server.taken()
    assert ("GET", "/calls/again/0.jsonl") in asked
    assert run(server.uri("again")) == first
    asked = server.taken()
    assert {method for method, _ in asked} == {"LIST", "HEAD"}
    assert len([path for method, path in asked if method == "HEAD" and path.endswith(".jsonl")]) == 5


def test_what_was_written_long_ago_is_not_even_asked_for(server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size and time in the list say that it is what it was."""
    server.put("old/a.jsonl", call("a"))
    monkeypatch.setattr(fingerprints, "_OBJECT_STABLE_AFTER_NS", -3_600_000_000_000)
    first = run(server.uri("old/"))
    server.taken()
    assert run(server.uri("old/")) == first
    assert {method for method, _ in server.taken()} == {"LIST"}


def test_an_object_that_grew(server: ObjectServer) -> None:
    """It begins with what it was: the rest is new. Nothing of it counts twice."""
    server.put("grew/a.jsonl", call("a"))
    run(server.uri("grew/"))
    server.put("grew/a.jsonl", call("a") + call("b"))
    assert rows(CALLS, server.uri("grew/"), cache=True) == [("a", 2), ("b", 2)]
    assert run(server.uri("grew/")) == cold(server.uri("grew/"))


def test_a_replaced_object_of_the_same_size_and_second(server: ObjectServer) -> None:
    """Its time need not tell: the version does."""
    server.put("replaced/a.jsonl", call("a"))
    run(server.uri("replaced/"))
    server.put("replaced/a.jsonl", call("b"))
    assert rows(CALLS, server.uri("replaced/"), cache=True) == [("b", 2)]
    assert run(server.uri("replaced/")) == cold(server.uri("replaced/"))


def test_a_deleted_object(server: ObjectServer) -> None:
    """Its calls are gone with it; the same bytes under another name are the same log."""
    server.put("deleted/a.jsonl", call("a"))
    server.put("deleted/b.jsonl", call("b"))
    run(server.uri("deleted/"))
    server.put("deleted/c.jsonl", call("b"))
    server.delete("deleted/a.jsonl")
    server.delete("deleted/b.jsonl")
    assert rows(CALLS, server.uri("deleted/"), cache=True) == [("b", 2)]


def test_a_packed_object_that_grew(server: ObjectServer) -> None:
    """What it holds tells, not how it is packed."""
    server.put("packs/a.jsonl.gz", gzip.compress(call("a", 300)))
    run(server.uri("packs/"))
    server.put("packs/a.jsonl.gz", gzip.compress(call("a", 300) + call("b")))
    assert rows(CALLS, server.uri("packs/"), cache=True) == [("a", 300), ("b", 2)]


def test_many_objects(server: ObjectServer) -> None:
    """More than are opened ahead, in folders of folders."""
    for number in range(70):
        server.put(f"many/{number % 7}/{number}.jsonl", call(f"c{number}", 1))
    assert rows("SELECT count(*) FROM calls", server.uri("many/")) == [(70,)]


def test_an_object_of_many_pieces(server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain and packed, of pieces that are fetched ahead, cut anywhere."""
    monkeypatch.setattr(object_file, "MIN_PIECE_BYTES", 1000)
    monkeypatch.setattr(object_file, "MAX_PIECE_BYTES", 9000)
    content = b"".join(call(f"c{number}", 40) for number in range(30))
    contents = {"a.jsonl": content, "b.jsonl.gz": gzip.compress(content[::-1] + b"\n" + call("z"))}
    of_files, of_objects = as_files(server, tmp_path / "logs", contents, "pieces")
    assert of_objects == of_files


def test_an_object_named_outright_and_twice(server: ObjectServer) -> None:
    """It may have any name, and counts once."""
    server.put("named/notes.txt", call("a"))
    uri = server.uri("named/notes.txt")
    assert rows(CALLS, uri, server.uri("named/notes%2Etxt"), uri.replace("s3:", "s3a:")) == [("a", 2)]
    assert rows("SELECT path FROM known_files", uri) == [(uri.encode(),)]


def test_files_and_objects_together(server: ObjectServer, tmp_path: Path) -> None:
    """A copy of an object is the same log, wherever it lies."""
    server.put("together/a.jsonl", call("a"))
    (tmp_path / "copy.jsonl").write_bytes(call("a") + call("b"))
    assert rows(CALLS, server.uri("together/"), tmp_path / "copy.jsonl") == [("a", 2), ("b", 2)]
    assert rows(CALLS, (tmp_path / "copy.jsonl").as_uri()) == [("a", 2), ("b", 2)]


@pytest.mark.parametrize("becomes", [call("b", 3000), call("b", 10), b""])
def test_an_object_that_is_replaced_while_it_is_read(
    server: ObjectServer, monkeypatch: pytest.MonkeyPatch, becomes: bytes
) -> None:
    """What was read of both counts nowhere: the run plans anew, and says what is there."""
    monkeypatch.setattr(object_file, "MIN_PIECE_BYTES", 5000)
    monkeypatch.setattr(object_file, "MAX_PIECE_BYTES", 5000)
    key = f"race{len(becomes)}/a.jsonl"
    server.put(key, call("a", 3000))
    with _replacing(object_file.ObjectFile, monkeypatch, lambda: server.put(key, becomes)):
        said = run(server.uri(key.partition("/")[0]))
    assert said == cold(server.uri(key.partition("/")[0]))
    assert run(server.uri(key.partition("/")[0])) == said


@contextlib.contextmanager
def _replacing(
    kind: type[object_file.ObjectFile], monkeypatch: pytest.MonkeyPatch, replace: Callable[[], None]
) -> Iterator[None]:
    """Replace the object when a reader of all of it comes to its middle, once."""
    read, done = kind.read, list[int]()

    def reading(self: object_file.ObjectFile, length: int = -1) -> bytes:
        if not done and self.tell() > 100_000:
            done.append(1)
            replace()
        return read(self, length)

    monkeypatch.setattr(kind, "read", reading)
    yield
    assert done


def test_a_log_in_storage_can_be_routed_to_a_cluster(server: ObjectServer, tmp_path: Path) -> None:
    """Workers read the pieces of objects by the same names."""
    from voicetel.cluster.routing.splits import list_splits

    content = b"".join(call(f"c{number}", 5) for number in range(20))
    server.put("cluster/a.jsonl", content)
    server.put("cluster/b.jsonl.gz", gzip.compress(call("z")))
    listing = list_splits([server.uri("cluster/")], split_bytes=1000)
    assert {split.path for split in listing.splits} == {
        server.uri("cluster/a.jsonl"),
        server.uri("cluster/b.jsonl.gz"),
    }
    assert listing.bytes == len(content) + len(call("z"))
