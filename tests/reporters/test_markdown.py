"""Markdown: GitHub's tables with everything in them."""

from __future__ import annotations

from support.results import HOSTILE, make_analysis, make_bill, make_grouped, make_overview
from voicetel.analyzers.latency.results import SlowCall
from voicetel.reporters.layouts.analysis import analysis_document
from voicetel.reporters.layouts.costs.cost import cost_document
from voicetel.reporters.markdown import markdown_lines


def test_every_row_has_as_many_cells_as_its_head() -> None:
    """Tables are whole, in the report, in groups and in the bill."""
    for document in (
        analysis_document(make_analysis()),
        analysis_document(make_grouped()),
        cost_document(make_bill()),
    ):
        widths: set[int] = set()
        for line in [*markdown_lines(document), ""]:
            if line.startswith("|"):
                widths.add(line.replace("\\|", "").count("|"))
            else:
                assert len(widths) <= 1
                widths = set()


def test_totals_are_bold_and_numbers_flush_right() -> None:
    """The last row stands out; columns of numbers say so."""
    lines = list(markdown_lines(cost_document(make_bill())))
    assert any(line.startswith("| --- | --- | --: |") for line in lines)
    assert any(line.startswith("| **Total** |  | **0.3412** |") for line in lines)


def test_hostile_text_is_no_markup() -> None:
    """HTML, table borders and terminal escapes of a call id are shown, not obeyed."""
    hostile = make_overview(slowest=(SlowCall(HOSTILE, 1.0, 1, "llm", 1.0),))
    text = "\n".join(markdown_lines(analysis_document(make_analysis(total=hostile))))
    assert "<script>" not in text
    assert "\x1b" not in text
    assert r"&lt;script&gt;alert(1)&lt;/script&gt;\|\`x\`" in text
