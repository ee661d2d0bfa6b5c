"""``--where``: against a filter in Python over ``calls --json`` for random conditions, and by hand."""

from __future__ import annotations

import json
import operator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.logs import store_of
from support.soak import SOAK
from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.conditions.condition import condition_columns, parse_condition
from voicetel.analyzers.core.select_calls import CALL_STATE_COLUMNS
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.core.transcript_options import TranscriptOptions
from voicetel.analyzers.overview.analyze import analyze
from voicetel.errors import UsageError
from voicetel.gate.samples.take import sample
from voicetel.outcomes import load_rules
from voicetel.pricing import parse_card
from voicetel.registry import find_report
from voicetel.reporters.json_text import json_list
from voicetel.sentiment import Scorer
from voicetel.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SAMPLES = Path(__file__).parents[3] / "sample_logs"
CARD = parse_card('currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.01\n', source="card")

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Row = dict[str, Any]
Test = tuple[Any, ...]
"""("all" or "any", tests), ("not", test), ("null", column, wanted), ("in", column, values, wanted), or (operator, column, value)."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """The sample's calls."""
    with open_store([str(SAMPLES)], load_rules(), cache=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def rows(store: Store) -> list[Row]:
    """What ``calls --json`` says of them."""
    text = "".join(json_list(find_report("calls").json_rows(calls(store, CARD))))
    found: list[Row] = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return found


def known(column: str, value: Any) -> Any:
    """A value of JSON as it is compared: times, doubles and exact numbers."""
    type_ = condition_columns()[column]
    if value is None or type_.type == "text":
        return value
    if type_.type == "time":
        return datetime.fromisoformat(value)
    return float(value) if type_.is_double else Decimal(value)


def holds(test: Test, row: Row) -> Any:
    """Whether a row passes a test; None where that is not known."""
    match test:
        case ("all", tests):
            found = [holds(each, row) for each in tests]
            return False if False in found else None if None in found else True
        case ("any", tests):
            found = [holds(each, row) for each in tests]
            return True if True in found else None if None in found else False
        case ("not", inner):
            value = holds(inner, row)
            return None if value is None else not value
        case ("null", column, wanted):
            return (row[column] is None) == wanted
        case ("in", column, values, wanted):
            if row[column] is None:
                return None
            return (known(column, row[column]) in [known(column, each) for each in values]) == wanted
    symbol, column, value = test
    if row[column] is None:
        return None
    return COMPARISONS[symbol](known(column, row[column]), known(column, value))


def written(column: str, value: Any) -> str:
    """A value as a condition has it."""
    if condition_columns()[column].type == "number":
        return f"{value:f}"
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'"


def text_of(test: Test) -> str:
    """A test as a condition."""
    match test:
        case ("all", tests):
            return f"({' and '.join(map(text_of, tests))})"
        case ("any", tests):
            return f"({' OR '.join(map(text_of, tests))})"
        case ("not", inner):
            return f"not {text_of(inner)}"
        case ("null", column, wanted):
            return f"{column} is {'' if wanted else 'not '}null"
        case ("in", column, values, wanted):
            return f"{column} {'' if wanted else 'not '}in ({', '.join(written(column, each) for each in values)})"
    symbol, column, value = test
    return f"{column} {symbol} {written(column, value)}"


def conditions_of(rows: Sequence[Row]) -> st.SearchStrategy[Test]:
    """Random tests with values that the rows have, and others near them."""
    values: dict[str, list[Any]] = {}
    for name, column in condition_columns().items():
        there = [row[name] for row in rows if row[name] is not None]
        if column.type == "number":
            numbers = [round(Decimal(each), 9) for each in there]
            values[name] = [*numbers, Decimal(0), Decimal("-1.5"), *(each + 1 for each in numbers[:2])]
        else:
            values[name] = there or ["2026-11-02" if column.type == "time" else "nothing"]

    def compared(name: str) -> st.SearchStrategy[Test]:
        some = st.sampled_from(values[name])
        one_of = st.tuples(st.just("in"), st.just(name), st.lists(some, min_size=1, max_size=3), st.booleans())
        is_null = st.tuples(st.just("null"), st.just(name), st.booleans())
        return st.tuples(st.sampled_from(sorted(COMPARISONS)), st.just(name), some) | one_of | is_null

    often = (
        "outcome",
        "duration_s",
        "interruption_count",
        "started_at",
        "cost_total",
        "eou_latency_ms_p95",
        "sentiment",
    )
    leaves = (st.sampled_from(often) | st.sampled_from(sorted(values))).flatmap(compared)

    def combined(inner: st.SearchStrategy[Test]) -> st.SearchStrategy[Test]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.tuples(st.sampled_from(["all", "any"]), several) | st.tuples(st.just("not"), inner)

    return st.recursive(leaves, combined, max_leaves=6)


@settings(
    max_examples=1000 if SOAK else 40,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(st.data())
def test_conditions_equal_a_filter_in_python(store: Store, rows: list[Row], data: st.DataObject) -> None:
    """The calls that are left are those for which plain Python says that the condition is true."""
    test = data.draw(conditions_of(rows))
    condition = parse_condition(text_of(test))
    found = calls(store, CARD, Selection(where=condition))
    expected = [row["call_id"] for row in rows if holds(test, row) is True]
    assert found.column("call_id").to_pylist() == expected, text_of(test)


def ids(store: Store, text: str, **selection: Any) -> list[str]:
    """The calls that match."""
    found: list[str] = (
        calls(store, CARD, Selection(where=parse_condition(text), **selection)).column("call_id").to_pylist()
    )
    return found


def test_by_hand(tmp_path: Path) -> None:
    """Calls of 100, 200 and of unknown length, with one turn each that the caller stopped or not."""
    events = []
    for number, (seconds, interrupted, campaign) in enumerate(
        [(100, True, "it's"), (200, False, "b"), (None, None, None)]
    ):
        head = {"v": 1, "ts": f"2026-11-02T0{number}:00:00Z", "call_id": f"c{number}"}
        events += [
            head | {"event": "call_started"} | ({"campaign": campaign} if campaign else {}),
            head
            | {
                "event": "turn",
                "turn": 1,
                "agent": {"text": "x"} | ({} if interrupted is None else {"interrupted": interrupted}),
            },
        ]
        if seconds:
            events.append(head | {"event": "call_ended", "duration_s": seconds, "outcome": "fail"})
    with store_of(tmp_path, events) as store:
        assert ids(store, "duration_s > 100") == ["c1"]
        assert ids(store, "not duration_s > 100") == ["c0"]  # of c2 it is not known
        assert ids(store, "duration_s is null or 100 >= duration_s") == ["c0", "c2"]
        assert ids(store, 'OUTCOME = "fail" AND interruption_count > 0') == ["c0"]
        assert ids(store, "campaign = 'it''s'") == ["c0"]
        assert ids(store, "campaign not in ('b', 'c')") == ["c0"]
        assert ids(store, "user_turns < agent_turns and started_at >= '2026-11-02T01:00'") == ["c1", "c2"]
        assert ids(store, "started_at = '2026-11-02T03:00+01:00'") == ["c2"]
        assert ids(store, "interruption_count = 1 or interruption_count = 0 and duration_s = 200") == ["c0", "c1"]


def test_everything_that_is_selected_is_so(store: Store) -> None:
    """The report, its groups and a sample have the calls that match, together with other filters."""
    text = "eou_latency_ms_p95 > 900 and cost_total > 0.1"
    wanted = ids(store, text)
    assert 3 < len(wanted) < 30
    by_agent = Selection(where=parse_condition(text), by=("agent_name",))
    report = analyze(store, CARD, by_agent)
    assert report.total.calls == sum(each.figures.calls for each in report.groups) == len(wanted)
    assert (
        report.total.latency["eou_latency_ms"].statistics.n
        < analyze(store, CARD).total.latency["eou_latency_ms"].statistics.n
    )
    assert len(sample(store, CARD, Selection(where=parse_condition(text)))) == len(wanted)
    one = ids(store, text, agents=("clinic-booking",))
    assert set(one) < set(wanted)


def test_scores_are_part_of_the_condition(tmp_path: Path) -> None:
    """Sentiment that is worked out from the texts is what ``calls --sentiment`` says."""
    head = {"v": 1, "ts": "2026-11-02T09:00:00Z", "event": "turn", "turn": 1}
    events = [head | {"call_id": text, "user": {"text": text}} for text in ("good", "bad!!")]
    scorer = Scorer("length", lambda texts, _: [0.5 if len(text) == 4 else -0.5 for text in texts])
    with store_of(tmp_path, events) as store:
        chosen = Selection(where=parse_condition("sentiment > 0"))
        assert calls(store, CARD, chosen).num_rows == 0
        assert calls(store, CARD, chosen, TranscriptOptions(scorer)).column("call_id").to_pylist() == ["good"]


def test_columns_that_the_store_has_are_those_of_the_rows() -> None:
    """A condition on them alone is asked of the store; all the others of the rows of ``calls``."""
    assert set(condition_columns()) > CALL_STATE_COLUMNS
    assert "interruption_count" not in CALL_STATE_COLUMNS  # as logged, where the rows have what is counted


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("durations > 3", "calls have no column 'durations', at character 1", "did you mean duration_s?"),
        ("turns > 1 and cost > 3", "calls have no column 'cost', at character 15", "did you mean"),
        ("campaign = recall", "calls have no column 'recall', at character 12", "Text stands between quotes."),
        ("duration_s > '3'", "duration_s is a number, and '3' is not, at character 14", None),
        ("agent_name = 3", "agent_name is text, between quotes, and '3' is not, at character 14", None),
        ("started_at > 3", "started_at is a time, between quotes, and '3' is not, at character 14", None),
        ("started_at > 'soon'", "'soon' is no date or time, at character 14", "2026-11-02"),
        (
            "started_at > '0001-01-01T00:00+14:00'",
            "'0001-01-01T00:00+14:00' is no date or time, at character 14",
            "2026",
        ),
        ("turns > agent_name", "turns is a number, agent_name a text, at character 1", None),
        ("3 = 4", "one side of a comparison is a column, at character 1", None),
        ("3 in (4)", "a column is expected, not '3', at character 1", None),
        ("turns", "=, !=, <, <=, >, >=, in or is null is expected, not the end, at character 6", None),
        ("turns > 1 turns", "and, or or the end is expected, not 'turns', at character 11", None),
        ("(turns > 1", ") is expected, not the end, at character 11", None),
        ("outcome in ()", "a column or a value is expected, not ')', at character 13", None),
        ("outcome = 'fail", "the quote has no end, at character 11", None),
        ("turns > 1; DROP TABLE calls", "';' means nothing, at character 10", None),
        ("turns = 1e3", "'1' means nothing, at character 9", None),
        ("", "a column or a value is expected, not the end, at character 1", None),
        ("turns = 1234567890123", "'1234567890123' has more than 12 digits", None),
        ("not " * 60 + "turns = 1", "more than 50 parentheses and nots stand within each other", None),
        ("(" * 5000, "more than 50 parentheses and nots stand within each other", None),
        (" or ".join(["turns = 1"] * 201), "there are more than 200 comparisons", None),
        ("turns = 1" + " " * 10_000, "it is longer than 10,000 characters", None),
    ],
)
def test_a_mistake_is_named_with_its_position(text: str, message: str, hint: str | None) -> None:
    """One line, and the likely right column."""
    with pytest.raises(UsageError) as raised:
        parse_condition(text)
    assert str(raised.value).startswith(f"--where: {message}")
    assert (hint is None) == (raised.value.hint is None)
    assert hint is None or hint in str(raised.value.hint)


def test_times_are_in_the_zone(store: Store) -> None:
    """Unless they have their own."""
    (moment,) = (value for _, value in parse_condition("started_at < '2026-11-02'", "Europe/Berlin").values)
    assert moment == datetime(2026, 11, 1, 23, tzinfo=UTC).replace(tzinfo=None)
