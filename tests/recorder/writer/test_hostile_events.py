"""Events whose values raise, have no end or lie: they cost at most themselves, are counted, and nobody waits for them."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.recorded import events_of, lines_of
from voicetel.recorder import EventWriter

RAISED: list[type[BaseException]] = [
    ValueError, TypeError, KeyError, RecursionError, MemoryError, StopIteration, OSError, UnicodeError,
    SystemExit, GeneratorExit, asyncio.CancelledError,
]  # fmt: skip


def mark(value: object = "fine", **fields: object) -> dict[str, Any]:
    """A small event."""
    return {"event": "mark", "call_id": "c", "kind": "no_input", "value": value, **fields}


class RaisingMapping(Mapping[str, object]):
    """An event that raises whatever is asked of it."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def __getitem__(self, key: str) -> object:
        raise self.error("no item")

    def __iter__(self) -> Iterator[str]:
        raise self.error("no iteration")

    def __len__(self) -> int:
        raise self.error("no length")

    def get(self, key: str, default: object = None) -> Any:
        """Raise."""
        raise self.error("no value")


class RaisingDict(dict[str, object]):
    """A dictionary that raises whatever is asked of it."""

    def __getitem__(self, key: str) -> object:
        raise ValueError("no item")

    def get(self, key: str, default: object = None) -> Any:
        """Raise."""
        raise ValueError("no value")

    def items(self) -> Any:
        """Raise."""
        raise ValueError("no items")


class RaisingSource:
    """A source whose call cannot be asked for, and which builds nothing."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    @property
    def call_id(self) -> str:
        """Raise."""
        raise self.error("no call")

    def __call__(self) -> dict[str, object]:
        raise self.error("no event")


class Speechless:
    """A value that cannot be spelt."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


class EndlessMapping(Mapping[str, object]):
    """A mapping that makes its items up as long as somebody asks for them."""

    def __getitem__(self, key: str) -> object:
        return 1

    def __iter__(self) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield f"key {number}"

    def __len__(self) -> int:
        return sys.maxsize


class EndlessSequence(Sequence[Any]):
    """A list that makes its items up as long as somebody asks for them."""

    def __init__(self, item: object) -> None:
        self.item = item

    def __getitem__(self, index: Any) -> Any:
        return self.item

    def __len__(self) -> int:
        return sys.maxsize


class Nowhere(tzinfo):
    """A time zone that raises."""

    def utcoffset(self, moment: datetime | None) -> Any:
        """Raise."""
        raise RuntimeError("no offset")

    dst = tzname = utcoffset


def raising_sources() -> list[object]:
    """Every kind of event that raises, with every kind of error."""
    return [kind(error) for error in RAISED for kind in (RaisingMapping, RaisingSource)] + [RaisingDict(mark())]


def kind_of(event: object) -> str:
    """A name for an event that raises when it is asked for one."""
    return (
        f"{type(event).__name__} {getattr(vars(event).get('error'), '__name__', '')}"
        if hasattr(event, "__dict__")
        else type(event).__name__
    )


NO_EVENTS: list[object] = [
    None,
    5,
    "turn",
    b"\xff",
    [],
    object(),
    Speechless(),
    {},
    {"event": "turn"},
    {"call_id": "c"},
]


def cycle() -> dict[str, object]:
    """A dictionary that holds itself."""
    whole: dict[str, object] = {}
    whole["a"] = whole
    return whole


def deep_list() -> list[object]:
    """Lists in lists, deeper than the stack."""
    whole: list[object] = []
    for _ in range(5000):
        whole = [whole]
    return whole


VALUES: dict[str, object] = {
    "a list without end": range(10**12),
    "a list that makes its items up": EndlessSequence("x"),
    "a list of lists without end": EndlessSequence(range(10**12)),
    "a mapping without end": EndlessMapping(),
    "a value that cannot be spelt": Speechless(),
    "a set": {1, 2},
    "a cycle": cycle(),
    "a number too long to spell": 10**5000,
    "a number past 64 bits": 10**400,
    "no number": float("nan"),
    "infinite": float("inf"),
    "a decimal that signals": Decimal("sNaN"),
    "a decimal with a huge exponent": Decimal("1E+999999"),
    "bytes": b"\xff\x00",
    "half a surrogate pair": "\ud800",
    "a deep list": deep_list(),
    "a time of no zone that exists": datetime(2026, 11, 2, tzinfo=Nowhere()),
    "the first moment": datetime.min.replace(tzinfo=UTC),
    "an object": object(),
    "a class": dict,
    "a function": len,
}

FIELDS: dict[str, Callable[[object], dict[str, Any]]] = {
    "unknown field": lambda value: mark(x=value),
    "kind": lambda value: mark(kind=value),
    "count": lambda value: mark(count=value),
    "ts": lambda value: mark(ts=value),
    "turn": lambda value: {"event": "turn", "call_id": "c", "turn": value},
    "text": lambda value: {"event": "turn", "call_id": "c", "user": {"text": value}},
    "start_ms": lambda value: {"event": "turn", "call_id": "c", "user": {"start_ms": value}},
    "user": lambda value: {"event": "turn", "call_id": "c", "user": value},
    "spans": lambda value: {"event": "turn", "call_id": "c", "agent": {"spans": value}},
    "operations": lambda value: {"event": "turn", "call_id": "c", "operations": value},
    "operation": lambda value: {"event": "turn", "call_id": "c", "operations": [value]},
    "cost": lambda value: {"event": "usage", "call_id": "c", "operations": [{"stage": "llm", "cost": value}]},
    "tags": lambda value: {"event": "call_started", "call_id": "c", "tags": value},
    "tag": lambda value: {"event": "call_started", "call_id": "c", "tags": {"k": value}},
    "tag name": lambda value: {"event": "call_started", "call_id": "c", "tags": {_hashable(value): "v"}},
}


def _hashable(value: object) -> object:
    try:
        hash(value)
    except (TypeError, RuntimeError):
        return repr(type(value))
    return value


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[EventWriter]:
    """A writer into a folder of its own."""
    with EventWriter(tmp_path) as made:
        yield made


def goes_on(writer: EventWriter) -> bool:
    """Whether the next event is written, and a flush and a close come back."""
    assert writer.emit(mark("after")) is True
    writer.flush(20)
    assert writer.close(20) is True
    return any(event.get("value") == "after" for event in events_of(writer.log_dir))


@pytest.mark.parametrize("event", raising_sources(), ids=kind_of)
def test_event_that_raises_is_lost_and_counted(writer: EventWriter, event: Any) -> None:
    """It reaches neither the agent nor the events behind it."""
    assert writer.emit(mark("before")) is True
    assert writer.emit(event) is True

    assert goes_on(writer)
    assert writer.lost == 1
    assert [e.get("value") for e in events_of(writer.log_dir) if "value" in e] == ["before", "after"]


@pytest.mark.parametrize("event", [*raising_sources(), *NO_EVENTS], ids=kind_of)
def test_event_that_raises_meets_a_full_queue(tmp_path: Path, event: Any) -> None:
    """Where there is no room for it, it is counted on the agent's thread, and does not raise there either."""
    with EventWriter(tmp_path, max_queued=0) as writer:
        assert writer.emit(event) is False
        assert writer.lost == 1


@pytest.mark.parametrize("event", NO_EVENTS, ids=kind_of)
def test_what_is_no_event_is_lost_and_counted(writer: EventWriter, event: Any) -> None:
    """Something else than an event costs itself alone."""
    assert writer.emit(event) is True

    assert goes_on(writer)
    assert writer.lost == 1


def test_interrupt_out_of_an_event_ends_nothing(writer: EventWriter) -> None:
    """A KeyboardInterrupt that a source raises on the writer thread is nobody's Ctrl-C."""

    def source() -> dict[str, object]:
        raise KeyboardInterrupt

    assert writer.emit(source) is True
    assert goes_on(writer)
    assert writer.lost == 1


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", VALUES)
def test_value_that_is_none_costs_at_most_its_event(tmp_path: Path, field: str, value: str) -> None:
    """Any value in any field: the line is JSON or the event is counted, and the next one is written."""
    writer = EventWriter(tmp_path)
    writer.emit(FIELDS[field](VALUES[value]))

    assert goes_on(writer)
    assert writer.lines_written + writer.lost == 2 + (1 if writer.lost else 0)


def test_value_that_raises_costs_its_field_alone(writer: EventWriter) -> None:
    """The rest of the event is written: what is missing there is unknown, not lost."""
    operations = [{"stage": "llm", "input_tokens": Decimal("sNaN"), "output_tokens": 7}]
    writer.emit(
        {"event": "turn", "call_id": "c", "user": {"text": Speechless(), "end_ms": 5}, "operations": operations}
    )

    assert goes_on(writer)
    turn = events_of(writer.log_dir)[0]
    assert turn["user"] == {"end_ms": 5}
    assert turn["operations"] == [{"stage": "llm", "output_tokens": 7}]
    assert writer.lost == 0


class BadHandler(logging.Handler):
    """A handler that cannot handle."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise."""
        raise RuntimeError("handler")


@pytest.fixture
def bad_handler() -> Iterator[None]:
    """While the test runs, the recorder's logger has a handler that raises."""
    logger, handler = logging.getLogger("voicetel.recorder"), BadHandler()
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


@pytest.mark.usefixtures("bad_handler")
def test_logging_handler_that_raises_ends_nothing(tmp_path: Path) -> None:
    """Neither a lost event nor a disk that fails nor the agent's own mistake needs a logger that works."""
    (tmp_path / "logs").write_text("not a folder")
    with EventWriter(tmp_path / "logs") as writer:
        writer.emit(RaisingSource(ValueError))
        writer.emit(mark())
        assert writer.flush(20) is False
        (tmp_path / "logs").unlink()
        assert goes_on(writer)
    assert writer.lost == 2


def test_descriptor_that_somebody_closed_is_opened_again(writer: EventWriter) -> None:
    """A process that becomes a daemon closes all its files: nothing of the log is lost."""
    for number in range(5):
        writer.emit(mark(str(number)))
        assert writer.flush(20) is True
        assert writer._worker.file._descriptor is not None
        os.close(writer._worker.file._descriptor)

    assert writer.close(20) is True
    assert [event["value"] for event in events_of(writer.log_dir)] == list("01234")
    assert (writer.lines_written, writer.lost) == (5, 0)


@pytest.mark.parametrize("then", ["emit", "flush", "close", "new day"])
def test_descriptor_that_belongs_to_another_file_is_left_alone(
    writer: EventWriter, tmp_path: Path, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number is used anew by somebody else: no byte goes there, and it is not closed."""
    writer.emit(mark("0"))
    assert writer.flush(20) is True
    number = writer._worker.file._descriptor
    assert number is not None
    os.close(number)
    other = os.open(tmp_path / "other.bin", os.O_RDWR | os.O_CREAT)
    assert other == number
    if then == "new day":
        monkeypatch.setattr("voicetel.recorder.writer.log_file.time.gmtime", lambda: (2999, 1, 1, *[0] * 6))
    if then != "close":
        writer.emit(mark("1"))
    assert writer.flush(20) is True
    assert writer.close(20) is True

    assert os.fstat(other).st_size == 0
    assert os.write(other, b"mine") == 4
    os.close(other)
    assert len([line for path in tmp_path.glob("*.jsonl") for line in path.read_bytes().splitlines()]) == (
        1 if then == "close" else 2
    )


def test_losses_are_stated_per_call(tmp_path: Path) -> None:
    """What was lost of a call, for whatever reason, its log states; a number is the call that it spells."""
    with EventWriter(tmp_path) as writer:
        for call_id in ("a", "a", 7, None):
            writer.emit({"event": None, "call_id": call_id})
        writer.count_lost({"call_id": "b"})
        writer.emit(mark())
        writer.flush(20)

    dropped = {e["call_id"]: e["count"] for e in events_of(tmp_path) if e["kind"] == "dropped"}
    assert dropped == {"a": 2, "7": 1, "b": 1}
    assert writer.lost == 5


def test_events_behind_a_close_are_counted(tmp_path: Path) -> None:
    """Threads that emit while the writer is closed: every event is in the log or in ``lost``."""
    for _ in range(20):
        writer, started = EventWriter(tmp_path), threading.Barrier(5)

        def emit(writer: EventWriter = writer, started: threading.Barrier = started) -> None:
            started.wait()
            for number in range(200):
                writer.emit(mark(str(number)))

        threads = [threading.Thread(target=emit) for _ in range(4)]
        for thread in threads:
            thread.start()
        started.wait()
        writer.close(20)
        for thread in threads:
            thread.join()
        assert writer.lines_written + writer.lost == 800


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.binary() | st.datetimes()
    | st.uuids() | st.complex_numbers() | st.builds(Speechless) | st.just(range(10**9)) | st.builds(EndlessMapping),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    | st.tuples(inner, inner) | st.sets(st.integers(), max_size=3),
    max_leaves=20,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["event", "ts", "call_id", "turn", "user", "agent", "operations", "tags", "spans", "x"]),
        anything,
    )
)
def test_any_dictionary_is_written_or_counted(event: dict[str, object]) -> None:
    """Whatever an event holds, the writer goes on."""
    with tempfile.TemporaryDirectory() as folder:
        with EventWriter(folder) as writer:
            assert writer.emit({"event": "turn", "call_id": "c"} | event) is True
            writer.emit(mark("after"))
            writer.flush(20)
        assert writer.lines_written >= 1
        assert any(b"after" in line for line in lines_of(Path(folder)))
        assert writer.lines_written + writer.lost in {2, 3}
