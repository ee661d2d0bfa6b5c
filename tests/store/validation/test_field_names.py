"""The names of fields by their bytes: a line that is passed over has no misspelt field, and ``validate`` lists the same as where none is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from support.soak import SOAK
from support.store_runs import RULES
from voicetel.analyzers.validation.validation import validation
from voicetel.events.fields import ENVELOPE, EVENTS, OPERATION
from voicetel.store import open_store
from voicetel.store.ingest.lines.line_text import parse
from voicetel.store.validation import field_names
from voicetel.store.validation.field_names import EVENT_NAMES, FieldNames
from voicetel.store.validation.misspelt_fields import misspelt_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.validation.validation import Validation
    from voicetel.events.fields import Field

KNOWN = sorted(
    {
        field.name
        for fields in (ENVELOPE, OPERATION, *EVENTS.values())
        for each in fields
        for field in (each, *each.fields)
    }
)
SLIPS = [
    "ttft_ms",
    "modle",
    "txt",
    "inputTokens",
    "endMs",
    "operation",
    "duration",
    "sate_id",
    "cached_input_audio_tokns",
    "id",
]
ODD = [
    "",
    ":",
    "a" * 70,
    "_" * 61 + "model",
    "\u00e9t\u00e9",
    'mo"del',
    "model\\",
    '\\"',
    "mo\\del",
    "\ud83d",
    "mo\tdel",
    "12345678",
]
NAMES = st.one_of(st.sampled_from(KNOWN), st.sampled_from(SLIPS), st.sampled_from(ODD), st.text(max_size=12))
TEXTS = st.sampled_from(["", "hi", ":", ":)", "{", "}", '"', "\\", '\\"', '"modle":1', "\u2028", "x" * 300, "\ud83d"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 900), st.just(float("nan")), TEXTS, st.lists(TEXTS, max_size=3)
)
MEMBERS = st.lists(st.tuples(NAMES, VALUES), max_size=4)
GOOD = {"v": 1, "ts": "2026-11-02T09:00:00Z", "call_id": "c"}


def _text(draw: st.DrawFn, members: Sequence[tuple[str, Any]], *, has_escapes: bool = True) -> str:
    """An object, blanks between and escapes in its names at random; a name may stand in it twice."""
    blank = st.sampled_from(["", "", "", " ", "\t", " \r "])
    found = []
    for name, value in members:
        written = json.dumps(name, ensure_ascii=draw(st.booleans()) or not name.isprintable())
        if has_escapes and name.isalpha() and draw(st.integers(0, 9)) == 0:
            written = f'"\\u{ord(name[0]):04x}{name[1:]}"'
        text = value.text if isinstance(value, Raw) else json.dumps(value)
        found.append(f"{draw(blank)}{written}{draw(blank)}:{draw(blank)}{text}")
    return "{" + ",".join(found) + draw(blank) + "}"


class Raw:
    """A value that is written already."""

    def __init__(self, text: str) -> None:
        self.text = text


def _line(draw: st.DrawFn) -> bytes:
    """A line with known, misspelt and odd names in the event, in what is said and in operations, sometimes torn or long."""
    members: list[tuple[str, Any]] = [*GOOD.items(), ("event", draw(st.sampled_from(EVENT_NAMES)))]
    members += draw(MEMBERS)
    for name in draw(st.lists(st.sampled_from(["user", "agent", "tags", "other"]), max_size=2)):
        members.append((name, Raw(_text(draw, draw(MEMBERS)))))
    if draw(st.booleans()):
        operations = [_text(draw, [("stage", "llm"), *draw(MEMBERS)]) for _ in range(draw(st.integers(0, 3)))]
        members.append(("operations", Raw(f"[{', '.join(operations)}]")))
    if draw(st.integers(0, 30)) == 0:
        members.insert(draw(st.integers(0, len(members))), ("long", "y" * 140_000))
    line = _text(draw, draw(st.permutations(members)))
    match draw(st.integers(0, 20)):
        case 0:
            line += line
        case 1:
            line = line[: draw(st.integers(0, len(line)))]
        case _:
            pass
    return line.encode("utf-8", "surrogatepass").replace(b"\n", b"")


def objects(event: str) -> list[tuple[Field | None, tuple[Field, ...]]]:
    """Every object that an event may have, and its fields: the event itself (None), and what stands in a field of it, in lists too."""
    fields = (*ENVELOPE, *EVENTS[event])
    return [(None, fields), *((field, field.fields) for field in fields if field.fields)]


def _slipped(draw: st.DrawFn, name: str) -> str:
    """A name as somebody may write it by mistake."""
    at = draw(st.integers(0, len(name) - 1))
    match draw(st.integers(0, 4)):
        case 0:
            return name[:at] + name[at + 1 :]
        case 1:
            return name[:at] + "x" + name[at:]
        case 2:
            return name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
        case 3:
            return name.upper()
        case _:
            return name.replace("_", "")


def _line_with_one_slip(draw: st.DrawFn) -> bytes:
    """A line that is well but for one name, in any object of any event: nothing else of it gives it away."""
    event = draw(st.sampled_from(EVENT_NAMES))
    holder, fields = draw(st.sampled_from(objects(event)))
    meant = draw(st.sampled_from(fields)).name
    members: list[tuple[str, Any]] = [(_slipped(draw, meant), 1)]
    others = draw(st.lists(st.sampled_from(fields), max_size=3, unique_by=lambda field: field.name))
    members += [(field.name, 1) for field in others if field.name != meant and not field.fields and holder is not None]
    line: list[tuple[str, Any]] = [*GOOD.items(), ("event", event)]
    if holder is None:
        line = [each for each in line if each[0] != meant or meant == "event"] + members
    else:
        inner = _text(draw, draw(st.permutations(members)), has_escapes=False)
        before = ["{}"] * draw(st.integers(0, 2)) if holder.kind == "list" else []
        line.append((holder.name, Raw(f"[{','.join([*before, inner])}]" if holder.kind == "list" else inner)))
    return _text(draw, draw(st.permutations(line)), has_escapes=False).encode()


LINES = st.lists(st.composite(_line)() | st.composite(_line_with_one_slip)(), min_size=1, max_size=30)


@pytest.mark.parametrize("most", [4096, 3])
@settings(max_examples=1000 if SOAK else 60, deadline=None)
@given(lines=LINES, block=st.sampled_from([1, 1000, 1 << 19]))
def test_no_line_with_a_misspelt_field_is_passed_over(most: int, lines: list[bytes], block: int) -> None:
    """Lines by themselves and many in a block, also where there are more names than are remembered."""
    names = FieldNames()
    event = [_event(line) for line in lines]
    lengths = np.array([len(line) for line in lines])
    ends = np.cumsum(lengths + 1) - 1
    with mock.patch.multiple(field_names, _BLOCK_BYTES=block, _MAX_NAMES=most):
        for _ in range(2):
            found = names.may_be_misspelt(b"\n".join(lines), ends - lengths, ends, np.array(event, np.int8))
            for line, may_be in zip(lines, found.tolist(), strict=True):
                assert may_be or not misspelt_in(line), line


def _event(line: bytes) -> int:
    """The number of a line's event, as the store has read it; 0 of one that has none."""
    try:
        event = parse(line)
    except (ValueError, RecursionError):
        return 0
    name = event.get("event") if isinstance(event, dict) else None
    return EVENT_NAMES.index(name) if name in EVENT_NAMES else 0


@settings(max_examples=1000 if SOAK else 100, deadline=None, phases=[Phase.reuse, Phase.generate])
@given(line=st.composite(_line_with_one_slip)())
def test_one_slip_is_seen_wherever_it_stands(line: bytes) -> None:
    """In a line of which nothing else is odd, by a filter that has seen nothing else."""
    (may_be,) = FieldNames().may_be_misspelt(
        line, np.array([0]), np.array([len(line)]), np.array([_event(line)], np.int8)
    )
    assert may_be or not misspelt_in(line), line


@pytest.mark.parametrize("holder", [(event, field) for event in EVENT_NAMES for field, _ in objects(event)], ids=str)
def test_slips_are_put_into_every_object(holder: tuple[str, Field | None]) -> None:
    """What the properties above are worth: each object of each event gets slips that the rule knows, and that nothing else gives away."""
    event, field = holder

    def is_slip_there(line: bytes) -> bool:
        (found, *more) = misspelt_in(line) or (None,)
        if found is None or more or json.loads(line)["event"] != event:
            return False
        where = "" if field is None else field.name + ("[]." if field.kind == "list" else ".")
        return found.field.rpartition(".")[0] == where.removesuffix(".")

    find(
        st.composite(_line_with_one_slip)(),
        is_slip_there,
        settings=settings(max_examples=2000, phases=[Phase.generate]),
    )


@settings(max_examples=100 if SOAK else 8, deadline=None)
@given(lines=LINES, ends=st.sampled_from([b"\n", b"\r\n"]), bom=st.booleans(), last=st.booleans())
def test_validate_lists_what_it_lists_where_every_line_is_parsed(
    lines: list[bytes], ends: bytes, bom: bool, last: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With a mark of UTF-8 or without, line ends of either kind, a last line that has none."""
    folder = tmp_path_factory.mktemp("lines")
    begin = b"\xef\xbb\xbf" if bom else b""
    (folder / "a.jsonl").write_bytes(begin + ends.join(lines) + (ends if last else b""))

    def every(_: FieldNames, data: bytes, begins: Any, *__: object) -> Any:
        del data
        return np.ones(len(begins), np.bool_)

    found = _validated(str(folder))
    with mock.patch.object(FieldNames, "may_be_misspelt", every):
        assert repr(_validated(str(folder))) == repr(found)


def _validated(folder: str) -> Validation:
    with open_store([folder], RULES, cache=False) as store:
        return validation(store)


def test_known_names_and_names_of_somebodys_own_are_no_slips() -> None:
    """Lines that are well are not parsed: the reason for it all."""
    turn = GOOD | {
        "event": "turn",
        "user": {"text": 'a "b": c'},
        "operations": [{"stage": "llm", "duration_ms": 5, "ttfb_ms": 3}],
    }
    started = GOOD | {"event": "call_started", "tags": {"room": "r", "a name that is far longer than any": "x"}}
    slip = GOOD | {"event": "turn", "operations": [{"stage": "llm", "ttft_ms": 5}]}
    lines = [json.dumps(each).encode() for each in (turn, started, slip)]
    lengths = np.array([len(line) for line in lines])
    ends = np.cumsum(lengths + 1) - 1
    events = np.array([EVENT_NAMES.index("turn"), EVENT_NAMES.index("call_started"), EVENT_NAMES.index("turn")])
    found = FieldNames().may_be_misspelt(b"\n".join(lines), ends - lengths, ends, events)
    assert found.tolist() == [False, False, True]


@pytest.mark.parametrize("dtype", [np.int8, np.int64])
@pytest.mark.parametrize("event", EVENT_NAMES)
def test_a_slip_of_any_name_is_seen_in_every_object_of_every_event(
    event: str, dtype: type[np.signedinteger[Any]]
) -> None:
    """One wrong letter in each name that the rule knows it for: in the event itself, and in each object and list in it."""
    lines = []
    for field in (*ENVELOPE, *EVENTS[event]):
        lines.append({"event": event, "seen": {}, f"{field.name}x": 1})
        for inner in field.fields:
            members = {f"{inner.name}x": 1}
            lines.append({"event": event, field.name: [members] if field.kind == "list" else members})
    contents = [json.dumps(each).encode() for each in lines]
    assert sum(map(bool, map(misspelt_in, contents))) > len(contents) / 2
    names = FieldNames()
    for content in contents:
        events = np.array([EVENT_NAMES.index(event)], dtype)
        (may_be,) = names.may_be_misspelt(content, np.array([0]), np.array([len(content)]), events)
        assert may_be or not misspelt_in(content), content
