"""Values that are read as unknown, misspelt fields, files of another kind: ``validate`` lists and counts them, the report says so in a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.logs import store_of
from support.store_runs import RULES
from voicetel.analyzers.overview.analyze import analyze
from voicetel.analyzers.validation.validation import validation
from voicetel.events.misspelt import meant_by
from voicetel.pricing import load_card
from voicetel.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from voicetel.analyzers.validation.validation import Validation

TURN: dict[str, Any] = {"v": 1, "event": "turn", "ts": "2026-11-02T09:00:00Z", "call_id": "c", "turn": 1}
ENDED: dict[str, Any] = {"v": 1, "event": "call_ended", "ts": "2026-11-02T09:01:00Z", "call_id": "c"}


def llm(**fields: Any) -> dict[str, Any]:
    """A turn with one operation."""
    return TURN | {"operations": [{"stage": "llm", "provider": "groq", **fields}]}


def both(folder: Path) -> tuple[Validation, tuple[str, ...]]:
    """What ``validate`` says of the logs in a folder, and the notes of the report."""
    with open_store([str(folder)], RULES, cache=False) as store:
        return validation(store), analyze(store, load_card()).notes


MISSPELT = [
    (llm(ttft_ms=200), "operations[].ttft_ms", "ttfb_ms"),
    (llm(chars=31), "operations[].chars", "characters"),
    (llm(inputTokens=5), "operations[].inputTokens", "input_tokens"),
    (llm(input_token=5), "operations[].input_token", "input_tokens"),
    (llm(ouput_tokens=5), "operations[].ouput_tokens", "output_tokens"),
    (llm(prompt_tokens=5), "operations[].prompt_tokens", "input_tokens"),
    (llm(durationMs=5), "operations[].durationMs", "duration_ms"),
    (llm(duration=5), "operations[].duration", "duration_ms"),
    (llm(sart_ms=5), "operations[].sart_ms", "start_ms"),
    (llm(modle="m"), "operations[].modle", "model"),
    (llm(Provider2="m", Model="m"), "operations[].Model", "model"),
    (llm(cached_input_tokns=5), "operations[].cached_input_tokns", "cached_input_tokens"),
    (TURN | {"user": {"transcript": "hi"}}, "user.transcript", "text"),
    (TURN | {"user": {"endMs": 5}}, "user.endMs", "end_ms"),
    (TURN | {"agent": {"interupted": True}}, "agent.interupted", "interrupted"),
    (TURN | {"agent": {"span": [[0, 5]]}}, "agent.span", "spans"),
    (TURN | {"eou_latency": 5}, "eou_latency", "eou_latency_ms"),
    (TURN | {"state": "x"}, "state", "state_id"),
    (TURN | {"operation": []}, "operation", "operations"),
    (ENDED | {"duration": 60}, "duration", "duration_s"),
    (ENDED | {"outcome_confidance": 1}, "outcome_confidance", "outcome_confidence"),
    (ENDED | {"end_raeson": "x"}, "end_raeson", "end_reason"),
]


@pytest.mark.parametrize(("event", "field", "meant"), MISSPELT, ids=[field for _, field, _ in MISSPELT])
def test_a_misspelt_field_is_named_once_with_the_lines_that_have_it(
    tmp_path: Path, event: dict[str, Any], field: str, meant: str
) -> None:
    """In the fourth line for the first time, and in the fifth."""
    good = {**TURN, "turn": 7}
    (tmp_path / "a.jsonl").write_text(
        f"{json.dumps(good)}\n\n\n{json.dumps(event)}\n{json.dumps(event | {'seq': 5})}\n"
    )
    found, notes = both(tmp_path)
    (finding,) = [each for each in found.findings if each.verdict == "misspelt field"]
    assert (finding.line, finding.reason) == (4, f"{field} is ignored, in 2 lines: did you mean {meant}?")
    assert (found.misspelt_fields, found.lines) == (1, 3)
    assert notes[-1] == f"Misspelt fields, such as {field} ({meant}?), are ignored; `voicetel validate` lists them."


@pytest.mark.parametrize(
    "event",
    [
        llm(ttfb_ms=200, ttft_ms=200),
        llm(temperature=0.5, region="eu", retries=1),
        TURN | {"user": {"text": "hi", "speaker": "a"}, "agent": {"voice": "x"}},
        TURN | {"session": "x", "room": "r", "trace_id": "t"},
        ENDED | {"tags": {"duration": "9", "sate_id": "x"}},
        TURN | {"other": {"ttft_ms": 5, "operations": [{"chars": 5}]}},
        TURN | {"user": {"text": '{"ttft_ms": 5, "chars": 1}'}},
        ENDED | {"final_state": "x", "state_id": "y"},
        llm(id="x", k=2, db=1) | {"user": {"text": "hi", "id": 3}, "id": 7},
        {**TURN, "event": "usage", "operations": []},
        {**TURN, "event": "mark", "kind": "hold", "user": {"txt": "x"}},
    ],
    ids=lambda event: " ".join(list(event)[4:]),
)
def test_fields_of_somebodys_own_are_nobodys_slip(tmp_path: Path, event: dict[str, Any]) -> None:
    """Other words, what stands in tags, texts and fields that the format does not have, and a name beside the right one."""
    with store_of(tmp_path, [event]) as store:
        assert validation(store).misspelt_fields == 0
        assert analyze(store, load_card()).notes == ()


def test_letters_left_out_put_in_replaced_and_swapped() -> None:
    """One slip in a short name, two in a long one."""
    known = ("model", "name", "input_tokens", "duration_ms")
    assert [meant_by(name, known) for name in ("mdel", "modell", "modal", "mdoel", "mdl", "nam", "nmae")] == [
        "model", "model", "model", "model", None, "name", "name",
    ]  # fmt: skip
    assert [meant_by(name, known) for name in ("inputtoken", "imput_tokns", "inpt_tkns", "duraton_s")] == [
        "input_tokens", "input_tokens", None, "duration_ms",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "values"),
    [
        (llm(input_tokens="7"), 1),
        (llm(input_tokens=True, output_tokens="x"), 2),
        (llm(ttfb_ms="fast"), 1),
        (llm(status="fine"), 1),
        (llm(cost="0.1"), 1),
        (TURN | {"turn": 1.5}, 1),
        (TURN | {"user": "hi", "agent": []}, 2),
        (TURN | {"agent": {"spans": [[2, 1]]}}, 1),
        (ENDED | {"outcome": "good", "sentiment": 7, "sip_status": 1}, 3),
        (ENDED | {"tags": {"a": 1}}, 1),
        (ENDED | {"tags": {"a": "1"}, "duration_s": 1e3}, 0),
        ({**TURN, "ts": "2026-11-02T10:00:00.5+01:00"}, 0),
        ({**TURN, "call_id": "caf\\u00e9", "user": {"text": "a" * 200_000, "start_ms": 0}}, 0),
        (TURN | {"user": {}, "agent": {}}, 0),
    ],
    ids=lambda each: str(each)[:60],
)
def test_values_are_counted_and_so_are_their_lines(tmp_path: Path, event: dict[str, Any], values: int) -> None:
    """Beside a good line; a line that is written in an odd way and says nothing odd is none of them."""
    with store_of(tmp_path, [event, {**TURN, "call_id": "other"}]) as store:
        found = validation(store)
        notes = analyze(store, load_card()).notes
    assert (found.lines, found.unknown_values) == (2, values)
    assert notes == (
        ("Lines with values that are read as unknown: 1; `voicetel validate` lists them.",) if values else ()
    )


LINE = json.dumps(TURN)
KINDS = {
    "UTF-16, as PowerShell writes it": f"{LINE}\r\n".encode("utf-16"),
    "UTF-16 of the other order": b"\xfe\xff" + f"{LINE}\n".encode("utf-16-be"),
    "UTF-16 without a mark": f"{LINE}\n".encode("utf-16-le"),
    "UTF-16 of the other order without a mark": f"{LINE}\n".encode("utf-16-be"),
    "UTF-32": f"{LINE}\n".encode("utf-32"),
    "UTF-32 without a mark": f"{LINE}\n".encode("utf-32-be"),
    "one JSON array": json.dumps([TURN, TURN]).encode(),
    "one JSON array over lines": json.dumps([TURN, TURN], indent=1).encode(),
    "one JSON document over many lines": json.dumps({"calls": [TURN]}, indent=2).encode(),
    "JSON lines of another format": b'{"id": 1, "role": "user"}\n' * 3,
    "a zip archive": b"PK\x03\x04" + b"x\n" * 9,
    "a 7z archive": b"7z\xbc\xaf" + b"x\n" * 9,
    "a Parquet file": b"PAR1" + b"x\n" * 9,
    "a SQLite database": b"SQLite format 3\0" + b"x\n" * 9,
    "a recording": b"RIFF\x24\x08\0\0WAVE\n\n\n",
    "XML or HTML": b"<calls>\n<call/>\n</calls>\n",
    "no JSON": b"09:00 call began\n09:01 call ended\n",
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_kind_is_named_in_a_line(tmp_path: Path, name: str) -> None:
    """Beside a good log the report and ``validate`` say what it looks like and what to do; alone it is the whole answer."""
    (tmp_path / "good.jsonl").write_text(f"{LINE}\n")
    odd = tmp_path / "odd.jsonl"
    odd.write_bytes(KINDS[name])
    what = f"{odd} looks like {name.split(' with', maxsplit=1)[0].split(' over l', maxsplit=1)[0].split(' of the other order', maxsplit=1)[0]}"
    found, notes = both(tmp_path)
    assert found.notes == notes
    assert [note[: len(what)] for note in notes] == [what]
    assert ": " in notes[0][len(what) - 1 :]


@pytest.mark.parametrize("content", [b"", b"\n\n", LINE.encode()[:40], b'{"v":1,\n', b"\xef\xbb\xbf" + LINE.encode()])
def test_a_log_that_is_begun_looks_like_nothing_else(tmp_path: Path, content: bytes) -> None:
    """Nothing, a line whose end is to come, a torn one, a whole one."""
    (tmp_path / "good.jsonl").write_text(f"{LINE}\n")
    (tmp_path / "odd.jsonl").write_bytes(content)
    assert both(tmp_path)[0].notes == ()


def test_the_summary_says_of_how_many_lines(tmp_path: Path) -> None:
    """One refused, one unsupported, two values and a field in two others, one that is well."""
    events = [TURN, llm(chars=5, input_tokens="x", output_tokens="y"), {**TURN, "v": 2}]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in events) + "{\n")
    said = run("validate", str(tmp_path), "--no-cache")
    summary = "1 of 4 lines refused, 1 unsupported, 2 values read as unknown, 1 misspelt field"
    assert said.out.splitlines()[-1] == summary
    assert run("validate", str(tmp_path), "--no-cache", "-f", "md").out.splitlines()[-1] == f"- {summary}."


def test_rows_leave_the_sentences_to_stderr(tmp_path: Path) -> None:
    """CSV holds rows and nothing else."""
    other = TURN | {"state_id": "x"}
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(TURN)}\n{json.dumps(other)}\n")
    for command in ("analyze", "validate"):
        said = run(command, str(tmp_path), "--no-cache", "-f", "csv")
        assert said.err.startswith("Turn numbers that stand in several lines of one call")
        assert "Turn numbers" not in said.out


def test_a_line_is_named_in_a_file_that_has_it(tmp_path: Path) -> None:
    """Of a file and its beginning, which is called by an earlier name, the whole one has the lines behind."""
    lines = [json.dumps(TURN), json.dumps(TURN | {"turn": "two"}), "no JSON", json.dumps(llm(ttft_ms=200))]
    (tmp_path / "b.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "a.jsonl").write_text(f"{lines[0]}\n")
    found, _ = both(tmp_path)
    assert [(each.path.removeprefix(f"{tmp_path}/"), each.line) for each in found.findings] == [
        ("b.jsonl", 3),
        ("b.jsonl", 2),
        ("b.jsonl", 4),
    ]


def test_lines_with_the_same_names_elsewhere_are_told_apart(tmp_path: Path) -> None:
    """In the first turn an operation has a ``modle``, in the second, which has the same names in the same order, nobody's field is called so."""
    first = TURN | {"operations": [{"stage": "llm", "modle": "m"}]}
    second = TURN | {"turn": 2, "operations": [{"stage": "llm"}], "modle": "m"}
    with store_of(tmp_path, [first, second]) as store:
        reasons = [each.reason for each in validation(store).findings]
    assert reasons == ["operations[].modle is ignored, in 1 line: did you mean model?"]


def test_brackets_in_texts_build_nothing(tmp_path: Path) -> None:
    """A text that is a bracket stands where another line has an object: the names are the same, not what they belong to."""
    first = TURN | {"user": {"txt": "hi"}}
    second = TURN | {"turn": 2, "user": "{", "txt": "}"}
    with store_of(tmp_path, [first, second]) as store:
        reasons = [each.reason for each in validation(store).findings]
    assert reasons == ["user is a text, not an object", "user.txt is ignored, in 1 line: did you mean text?"]
