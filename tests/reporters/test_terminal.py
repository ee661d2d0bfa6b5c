"""Documents on terminals of several widths, and in a pipe."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from rich.cells import cell_len

from support.results import HOSTILE, make_analysis, make_bill, make_cost, make_grouped, make_overview
from voicetel.analyzers.core.statistics import Statistics
from voicetel.analyzers.cost.results import ExpensiveCall
from voicetel.analyzers.interruptions.results import Interruptions
from voicetel.analyzers.latency.results import LatencySummary, SlowCall
from voicetel.analyzers.outcomes.results import OUTCOMES, Outcomes
from voicetel.analyzers.overview.results import Analysis, AnalysisInput
from voicetel.analyzers.sentiment.results import Sentiment
from voicetel.reporters.document import Document, Section
from voicetel.reporters.layouts.analysis import analysis_document
from voicetel.reporters.layouts.costs.cost import cost_document
from voicetel.reporters.table import Column, Table
from voicetel.reporters.terminal.lines import terminal_lines
from voicetel.results import CellFormat, Group


def shown(document: Document, width: int | None) -> list[str]:
    """The lines as they stand, without styles."""
    return [line.plain for line in terminal_lines(document, width)]


def numbers(lines: list[str]) -> set[str]:
    """Every figure among the lines, but for how many columns are hidden."""
    tables = [line for line in lines if "hidden: widen" not in line]
    return {word for line in tables for word in re.findall(r"(?<!\S)[\d,.]+(?!\S)", line)}


DOCUMENTS = {
    "analyze": analysis_document(make_analysis()),
    "groups": analysis_document(make_grouped()),
    "cost": cost_document(make_bill()),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_fits_the_width_and_cuts_no_number(name: str, width: int) -> None:
    """No line is wider than the terminal, and every figure that is there is one of those of the widest layout."""
    lines = shown(DOCUMENTS[name], width)
    assert max(map(cell_len, lines)) <= width
    assert numbers(lines) <= numbers(shown(DOCUMENTS[name], None))


def test_of_several_columns_below_a_row_each_has_its_title() -> None:
    """Where a rate comes from stands under it where the width is short; one sentence alone stands as it is."""
    columns = (Column("a", "model"), Column("b", "as of", wrap_below=True), Column("c", "table", wrap_below=True))
    table = Table(columns, [["x" * 20, "2026-01-02", "llm.groq"], ["y", "", "tts.cartesia"], ["z", "", ""]])
    assert shown(Document((), (Section(table=table),)), 60) == [
        "model                 as of       table",
        f"{'x' * 20}  2026-01-02  llm.groq",
        "y                                 tts.cartesia",
        "z",
    ]
    assert [line.strip() for line in shown(Document((), (Section(table=table),)), 40)] == [
        "model",
        "x" * 20,
        "as of 2026-01-02 ·",
        "table llm.groq",
        "y",
        "table tts.cartesia",
        "z",
    ]


def test_drops_the_histogram_first() -> None:
    """A column that is a picture goes before one that is a number."""
    assert "min to p99" in "\n".join(shown(DOCUMENTS["analyze"], 140))
    narrow = "\n".join(shown(DOCUMENTS["analyze"], 86))
    assert "min to p99" not in narrow
    assert "▁" not in narrow


def test_a_pipe_gets_everything_on_one_line_each() -> None:
    """Without a width nothing is dropped, shortened or wrapped."""
    text = "\n".join(shown(DOCUMENTS["analyze"], None))
    for title in ("n", "avg", "min", "p50", "p90", "p95", "p99", "max", "min to p99"):
        assert title in text
    assert "Unpriced: llm acme/new-model, 31 operations, 12,345 input tokens." in text


NOTED = Document(
    (),
    (
        Section(
            table=Table(
                (
                    Column("result", "result", CellFormat.WHOLE),
                    Column("metric", "metric", CellFormat.WHOLE),
                    Column("value", "value", CellFormat.MS),
                    Column("calls", "calls", CellFormat.COUNT, drop_priority=1),
                    Column("note", "note", wrap_below=True),
                ),
                [
                    ("FAIL", "eou_latency_ms p95", 1708, 57, "of clinic-booking alone"),
                    ("ok", "cost per_call", 2, 66, ""),
                ],
            )
        ),
    ),
)


def test_a_sentence_stands_beside_its_row_or_below_it_and_is_never_cut() -> None:
    """Where the width does not allow it in the row it goes below, set in, over as many lines as it takes."""
    assert shown(NOTED, 100)[1].endswith("57  of clinic-booking alone")
    assert shown(NOTED, 44) == [
        "result  metric              value  calls",
        "FAIL    eou_latency_ms p95  1,708     57",
        "        of clinic-booking alone",
        "ok      cost per_call           2     66",
    ]
    assert shown(NOTED, 34) == [
        "result  metric              value",
        "FAIL    eou_latency_ms p95  1,708",
        "        of clinic-booking alone",
        "ok      cost per_call           2",
        "1 column hidden: widen, or -f csv",
    ]
    assert shown(NOTED, 26)[1:4] == ["FAIL    eou_latency_ms p95", "        of clinic-booking", "        alone"]


def fitted(table: Table, width: int) -> list[str]:
    """A table alone, in so many cells."""
    return shown(Document((), (Section(table=table),)), width)


def test_room_that_is_left_goes_to_words_that_were_cut() -> None:
    """To the name first: 16 + 2 + 30 are 48 of 62, and the 12 cells between are those of the second column."""
    columns = (Column("campaign", "campaign", CellFormat.KEY), Column("text", "text"), Column("n", "n" * 30))
    more = Column("more", "m" * 20, CellFormat.COUNT, drop_priority=1)
    last = Column("last", "l" * 20, CellFormat.COUNT)
    table = Table((*columns, more, last), [["checkup-november", "t" * 36, "1", 2, 3]])
    assert fitted(table, 62) == [
        f"campaign          text          {'n' * 30}",
        f"checkup-november  {'t' * 11}…  1",
        "2 columns hidden: widen, or -f csv",
    ]
    assert fitted(table, 70)[1] == f"checkup-november  {'t' * 19}…  1"


def test_a_name_is_not_cut_so_that_further_columns_have_room() -> None:
    """Where no column says that it may go: 27 + 2 + 10 are 39, and a third column of 10 would need 51."""
    call_id = "clinic-1.8.1-2026-11-02-001"
    columns = [Column("n", "n" * 10, CellFormat.COUNT) for _ in range(8)]
    for place in (0, 1):
        named = [*columns[:place], Column("call_id", "call_id"), *columns[place:]]
        row: list[str | int] = [1] * 8
        row.insert(place, call_id)
        head, line, hidden = fitted(Table(tuple(named), [row]), 48)
        assert line.split() == [call_id if at == place else "1" for at in (0, 1)]
        assert cell_len(head) == (39, 19)[place]
        assert hidden == "7 columns hidden: widen, or -f csv"
    # A longer one leaves 32 cells or what is left, and shows that it goes on.
    assert fitted(Table((Column("call_id", "call_id"), *columns), [["c" * 90, *[1] * 8]]), 48)[1] == (
        f"{'c' * 35}…           1"
    )


def test_words_go_on_below_themselves_where_their_column_wraps() -> None:
    """Between words; the rest of the row is empty there."""
    columns = (Column("a", "rule"), Column("b", "because", wraps=True), Column("c", "n", CellFormat.COUNT))
    table = Table(columns, [["end_reason", "it says nothing of the outcome", 1], ["none", "no rule", 2]])
    assert fitted(table, 31) == [
        "rule        because           n",
        "end_reason  it says nothing   1",
        "            of the outcome",
        "none        no rule           2",
    ]
    assert fitted(table, 80)[1] == "end_reason  it says nothing of the outcome  1"


def test_two_tables_stand_side_by_side_where_they_fit() -> None:
    """A wide terminal shows how calls ended at the right of what they cost."""
    wide = shown(DOCUMENTS["analyze"], 140)
    narrow = shown(DOCUMENTS["analyze"], 80)
    assert len(wide) < len(narrow)
    assert any(line.startswith("Cost, USD") and "How calls ended" in line for line in wide)


def test_says_what_is_unpriced_and_never_zero() -> None:
    """A component without a price and a total without one are words, not 0.0000."""
    cost = make_cost(total=None, components=dict.fromkeys(("stt",)), per_call_avg=None, per_minute=None)
    lines = shown(analysis_document(make_analysis(total=make_overview(cost=cost))), 80)
    assert [line.split() for line in lines if line.startswith(("STT  ", "Total"))] == [
        ["STT", "unpriced"],
        ["Total", "unpriced"],
    ]


def test_totals_are_rounded_sums() -> None:
    """The total is rounded from the exact sum, to 0.0001, whatever the parts as shown add up to; those have two digits."""
    cost = make_cost(
        total=Decimal("0.00012"),
        components={"stt": Decimal("0.00004"), "llm": Decimal("0.00004"), "tts": Decimal("0.00004")},
    )
    lines = shown(analysis_document(make_analysis(total=make_overview(cost=cost))), 80)
    assert [line.split()[1] for line in lines if line.startswith(("STT  ", "LLM   ", "TTS  ", "Total"))] == [
        "0.000040",
        "0.000040",
        "0.000040",
        "0.0001",
    ]


def test_nothing_measured_is_not_available() -> None:
    """No sample at all is n/a: no NaN, no 0, no exception."""
    empty = make_overview(
        latency={name: LatencySummary(name, Statistics()) for name in make_overview().latency},
        duration_s=None,
        first_ts=None,
        last_ts=None,
        interruptions=Interruptions(0, 0, None),
        outcomes=Outcomes(dict.fromkeys(OUTCOMES, 0), 0, None, dict.fromkeys(OUTCOMES)),
        sentiment=Sentiment(0, None),
        slowest=(),
        dearest=(),
    )
    text = "\n".join(shown(analysis_document(make_analysis(total=empty)), 80))
    assert re.search(r"Response \(end of speech → audio\)  0 +n/a", text)
    assert "0 of 0 agent turns (n/a)" in text
    assert "no call was answered" in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize("width", [80, None])
def test_hostile_text_is_text(width: int | None) -> None:
    """Escapes show as escapes, markup as it is written, in ids, paths, models and notes alike."""
    hostile = make_overview(
        slowest=(SlowCall(HOSTILE, 1.0, 1, HOSTILE, 1.0),),
        dearest=(ExpensiveCall(HOSTILE, Decimal(1), "stt", Decimal(1)),),
        cost=make_cost(
            card=HOSTILE, notes=(HOSTILE,), currency="\x1bX", billed_in_other_currencies={HOSTILE: Decimal(1)}
        ),
    )
    inputs = AnalysisInput((HOSTILE,), 1, 0, 0)
    for analysis in (Analysis(inputs, hostile), Analysis(inputs, hostile, (Group({"agent_name": HOSTILE}, hostile),))):
        text = "\n".join(shown(analysis_document(analysis), width))
        assert all(char.isprintable() or char == "\n" for char in text)
        assert r"\x1b[31mred" in text


def test_long_ids_are_shortened_on_a_terminal_alone() -> None:
    """An id of 256 characters leaves the numbers their room; a pipe has all of it."""
    slow = make_overview(slowest=(SlowCall("c" * 256, 4120.0, 5, "llm", 3100.0),))
    document = analysis_document(make_analysis(total=slow))
    narrow = shown(document, 80)
    assert max(map(cell_len, narrow)) <= 80
    assert any("cccc…" in line and "4,120" in line for line in narrow)
    assert "c" * 256 in "\n".join(shown(document, None))


def test_groups_have_a_row_each_and_a_total() -> None:
    """One compact table per question: the groups in order, then all calls."""
    lines = shown(DOCUMENTS["groups"], 140)
    start = lines.index("Latency, ms")
    assert [line.split("  ")[0] for line in lines[start + 1 : start + 5]] == [
        "agent_name",
        "=clinic",
        "(not logged)",
        "Total",
    ]


def test_the_bill_tells_no_price_from_no_usage() -> None:
    """What has no rate is unpriced; what nobody bills is not counted as that."""
    lines = shown(DOCUMENTS["cost"], 140)
    assert any(re.match(r"llm +acme +unpriced", line) for line in lines)
    assert any(re.match(r"other +\(not logged\) +no usage", line) for line in lines)
