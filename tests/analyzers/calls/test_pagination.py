"""A list of some calls is what the list of all says in the same places, though little is worked out of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.example_logs.simulated import simulated_store
from voicetel.analyzers.calls.call_rows import create_call_figures
from voicetel.analyzers.calls.calls import answer, list_calls
from voicetel.analyzers.calls.columns import columns
from voicetel.analyzers.calls.pagination import Pagination, paginated
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.core.transcript_options import NO_TRANSCRIPTS, TranscriptOptions
from voicetel.analyzers.prepare import analysis_context
from voicetel.analyzers.priced_usage.usage import price_usage
from voicetel.analyzers.request import Request
from voicetel.errors import NoDataError
from voicetel.pricing import load_card, parse_card
from voicetel.sentiment import Scorer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.store import Store

CALLS = 90

SORTS = (
    None,
    "call_id",
    "started_at",
    "duration_s",
    "agent_turns",
    "eou_latency_ms_p95",
    "llm_latency_ms_n",
    "tts_characters",
    "cost_llm",
    "cost_total",
    "unpriced_operations",
    "interruption_rate",
    "outcome",
    "sentiment",
    "answered",
    "confidence_avg",
)
"""One column or more of each file that columns come from, words, numbers, times and amounts."""

FEE = parse_card(
    """
currency = "USD"
[llm.openai]
usd_per_call = 0.02
usd_per_1m_input_tokens = 3
""",
    source="test",
)
"""A fee per call is asked of the first operation of the call, so that operations are priced one by one."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with simulated_store(tmp_path_factory.mktemp("logs"), CALLS, seed=7) as found:
        yield found


RELATIONS = """
    SELECT 'VIEW', view_name FROM duckdb_views() WHERE temporary AND NOT internal
    UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary
"""


@pytest.fixture(scope="module")
def relations_of_store(store: Store) -> set[tuple[str, str]]:
    """Temporary relations that there are before any question."""
    return set(store.connection.execute(RELATIONS).fetchall())


@pytest.fixture
def fresh_store(store: Store, relations_of_store: set[tuple[str, str]]) -> Store:
    """The store without what an earlier question has made in it."""
    for kind, name in set(store.connection.execute(RELATIONS).fetchall()) - relations_of_store:
        store.connection.execute(f'DROP {kind} IF EXISTS "{name}"')
    return store


def lengths(texts: Sequence[str], _: str | None) -> list[float | None]:
    """A score by the length of what was said."""
    return [len(text) % 5 / 4 - 0.5 for text in texts]


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(Request, id="all"),
        pytest.param(lambda store: Request(store, Selection(by=("agent_version",))), id="by a column"),
        pytest.param(lambda store: Request(store, Selection(by=("day", "outcome"), languages=("ru",))), id="filtered"),
        pytest.param(lambda store: Request(store, card=FEE), id="a fee per call"),
        pytest.param(
            lambda store: Request(store, transcript_options=TranscriptOptions(Scorer("lengths", lengths))), id="scored"
        ),
    ],
)
@pytest.mark.parametrize("at_once", [columns.CALLS_AT_ONCE, 20])
def test_some_calls_are_listed_as_among_all(
    store: Store, monkeypatch: pytest.MonkeyPatch, request_: type[Request], at_once: int
) -> None:
    """The first, some in the middle, the last and none behind them, by a column of each kind, read together and some at a time."""
    monkeypatch.setattr(columns, "CALLS_AT_ONCE", at_once)
    asked = request_(store)
    rows = answer(asked)
    by = asked.selection.by
    for number, sort in enumerate((*SORTS, *by)):
        pagination = Pagination(sort, 7, (0, 11, rows.num_rows - 3, rows.num_rows + 1)[number % 4])
        found = list_calls(asked, pagination)
        assert found.total == rows.num_rows
        expected = paginated(rows, pagination, by).to_table()
        assert found.rows.to_table().equals(expected, check_metadata=True), pagination


@pytest.mark.parametrize("sort", SORTS)
def test_a_list_needs_no_question_before_it(
    fresh_store: Store, sort: str | None, relations_of_store: set[tuple[str, str]]
) -> None:
    """It makes all that it reads."""
    assert set(fresh_store.connection.execute(RELATIONS).fetchall()) == relations_of_store
    assert list_calls(Request(fresh_store), Pagination(sort, 3)).rows.num_rows == 3


def test_every_column_is_read_of_the_file_that_has_it(store: Store) -> None:
    """A column that is in no file is one that calls are grouped by."""
    context = analysis_context(store, Selection(), NO_TRANSCRIPTS)
    price_usage(context, load_card())
    create_call_figures(context)
    for name in answer(Request(store)).column_names:
        context = analysis_context(store, Selection(), NO_TRANSCRIPTS)
        file = columns.file_of_column(context, name)
        (table,) = columns.joined_columns(context, [file])
        assert name in table.column_names


def test_calls_that_are_not_listed_are_not_priced(store: Store) -> None:
    """Prices of so many calls as are listed are worked out; what they are sorted by says no more than their length."""
    list_calls(Request(store), Pagination("duration_s", 2))
    assert store.connection.execute("SELECT count(DISTINCT call_id) FROM priced_usage").fetchall() == [(2,)]


def test_notes_on_rates_are_about_all_calls(store: Store) -> None:
    """A list of some calls warns of the same rates."""
    card = parse_card('currency = "USD"\n[stt.deepgram]\nusd_per_second = 0.5\n', source="test")
    everything = answer(Request(store, card=card))
    listed = list_calls(Request(store, card=card), Pagination(limit=1)).rows
    assert everything.schema.metadata == listed.schema.metadata
    assert b"deepgram" in listed.schema.metadata[b"voicetel.rate_notes"]


def test_no_calls_are_no_list(store: Store) -> None:
    """As with the list of all calls."""
    with pytest.raises(NoDataError):
        list_calls(Request(store, Selection(agents=("nobody",))), Pagination(limit=3))
