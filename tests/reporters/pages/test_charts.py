"""Charts by small figures: where marks are, and what is left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicetel.reporters.html.charts.bars import Share, bar, interval, shares, span, spark
from voicetel.reporters.html.charts.histogram import Bin, Mark, histogram
from voicetel.reporters.html.charts.plot import Plot, percent, ticks
from voicetel.reporters.html.charts.stacked import stacked
from voicetel.reporters.html.charts.trend import Bound, TrendPoint, trend
from voicetel.reporters.html.number_text import amount_tick, whole

if TYPE_CHECKING:
    from voicetel.reporters.html.markup import Markup


def parsed(markup: Markup) -> ET.Element:
    """The picture, which must be XML as well."""
    return ET.fromstring(markup)


def marks(markup: Markup, kind: str) -> list[dict[str, str]]:
    """The attributes of every element of a class."""
    return [each.attrib for each in parsed(markup).iter() if kind in each.attrib.get("class", "").split()]


@pytest.mark.parametrize(
    ("top", "expected"),
    [(0, [0, 1]), (1, [0, 0.25, 0.5, 0.75, 1]), (1900, [0, 500, 1000, 1500, 2000]), (7, [0, 2, 4, 6, 8])],
)
def test_ticks_are_round_and_reach_the_top(top: float, expected: list[float]) -> None:
    """About four steps."""
    assert ticks(top) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("top", "expected"),
    [(1, [0, 1]), (2, [0, 1, 2]), (7, [0, 2, 4, 6, 8]), (9, [0, 5, 10]), (90, [0, 25, 50, 75, 100])],
)
def test_ticks_of_counts_are_whole(top: float, expected: list[float]) -> None:
    """None of them is written twice: a quarter of one turn there is not, and 2.5 would stand there as 3."""
    assert ticks(top, is_whole=True) == expected


@given(st.integers(1, 10**9))
def test_no_two_ticks_of_counts_read_alike(top: int) -> None:
    """However many turns there are."""
    found = ticks(top, is_whole=True)
    assert len({whole(each) for each in found}) == len(found) >= 2
    assert found[-1] >= top


@given(st.floats(1e-9, 1e9))
def test_no_two_ticks_of_amounts_read_alike(top: float) -> None:
    """However little calls cost."""
    found = ticks(top)
    assert len({amount_tick(each) for each in found}) == len(found)


@given(st.floats(1e-6, 1e12))
def test_ticks_always_reach_the_top_in_few_steps(top: float) -> None:
    """For any figure."""
    found = ticks(top)
    assert found[0] == 0
    assert found[-1] >= top * 0.999
    assert 2 <= len(found) <= 7


def test_a_plot_begins_after_its_axis_and_ends_at_the_edge() -> None:
    """Four columns from 4 % to 100 %: 24 % each."""
    plot = Plot(4, 200, 10, 100)
    assert [plot.x(column) for column in range(4)] == [16, 40, 64, 88]
    assert (plot.y(0), plot.y(100), plot.y(200)) == (110, 60, 10)
    assert (percent(12.5), percent(100), percent(1 / 3)) == ("12.5%", "100%", "0.333%")


def test_a_trend_leaves_out_what_is_too_little_and_does_not_join_over_it() -> None:
    """Three buckets of 20 turns, one of 3, one of none: two runs of a line, and dots where something is known."""
    points = [
        TrendPoint("a", 20, 100, 200), TrendPoint("b", 20, 100, 400), TrendPoint("c", 3, 900, 9000), TrendPoint("", 0, None, None),
        TrendPoint("e", 40, 50, 100),
    ]  # fmt: skip
    drawn = trend(points, label="<b>", write=whole, bounds=[Bound(300, "limit")])
    assert len(marks(drawn, "volume")) == 4
    assert len([each for each in marks(drawn, "dot") if "upper" in each["class"]]) == 3
    (upper,) = [each["d"] for each in marks(drawn, "line") if "upper" in each["class"]]
    assert upper.count("M") == 2
    assert "9,000" not in drawn
    assert parsed(drawn).attrib["aria-label"] == "<b>"
    (line,) = marks(drawn, "bound")
    assert line["y1"] == line["y2"]


def test_a_trend_of_nothing_is_still_a_picture() -> None:
    """No bucket, or none with enough turns."""
    assert marks(trend([], label="x", write=whole), "line") == []
    assert marks(trend([TrendPoint("a", 1, 5, 6)], label="x", write=whole), "line") == []


def test_many_names_are_thinned_out_and_more_so_where_it_is_narrow() -> None:
    """Of 100 days at most 14 are named, and at most 4 of those on a narrow screen."""
    drawn = trend([TrendPoint(f"d{day}", 30, 1, 2) for day in range(100)], label="x", write=whole)
    named = re.findall(r'class="(tick|tick minor)"[^>]*>(d\d+)<', drawn)
    assert 5 < len(named) <= 14
    assert 0 < len([kind for kind, _ in named if kind == "tick"]) <= 4


def test_a_histogram_has_its_late_bins_and_its_marks() -> None:
    """A mark lies within its bin by its share of it: 150 is the middle of the first of two bins."""
    bins = [Bin(100, 200, 10, "first"), Bin(200, 400, 5, "second", n_slow=5)]
    drawn = histogram(
        bins, [Mark(150, "p50", "lower"), Mark(500, "p95", "upper")], label="x", write=whole, named=(200, 900)
    )
    assert [each["class"] for each in marks(drawn, "bar")] == ["bar", "bar late"]
    assert [each["x1"] for each in marks(drawn, "mark")] == ["100%", "28%"]
    assert ">200<" in drawn
    assert ">900<" not in drawn
    assert histogram([], [], label="x", write=whole, named=()) == ""


def test_a_bin_on_both_sides_of_a_bound_has_both_fills() -> None:
    """Of 10 turns 4 are late: those stand on the other 6."""
    drawn = histogram([Bin(1480, 1628, 10, "both", n_slow=4)], [], label="x", write=whole, named=())
    in_time, late = marks(drawn, "bar")
    assert [in_time["class"], late["class"]] == ["bar", "bar late"]
    assert float(late["height"]) / float(in_time["height"]) == pytest.approx(4 / 6)
    assert float(late["y"]) + float(late["height"]) == pytest.approx(float(in_time["y"]))


def test_parts_are_stacked_to_their_sum() -> None:
    """Two parts of 30 and 10: the second begins where the first ends, and nothing is drawn for none."""
    drawn = stacked(
        ["a", "b"],
        {"stt": [30, 0], "llm": [10, 5]},
        label="x",
        write=whole,
        title=lambda column, name: f"{name} {column}",
    )
    (stt,) = marks(drawn, "c-stt")
    first, second = marks(drawn, "c-llm")
    assert float(first["y"]) + float(first["height"]) == pytest.approx(float(stt["y"]))
    assert float(stt["height"]) == pytest.approx(3 * float(first["height"]))
    assert float(second["height"]) == pytest.approx(float(first["height"]) / 2)


def test_small_pictures_show_their_shares() -> None:
    """A bar to p95, shares that fill the width, an interval on its own scale, a line from 0 up."""
    (rect,) = marks(span(100, 200, 400, 400, "stt"), "c-stt")
    assert rect["width"] == "49.5%"
    assert [
        each["width"]
        for each in marks(shares([Share("agent", 3, "a"), Share("caller", 1, "c"), Share("gap", 0, "g")]), "c-agent")
    ] == ["75%"]
    assert marks(shares([Share("agent", 0, "a")]), "c-agent") == []
    assert [each["width"] for each in marks(bar(1, 4, "plain"), "c-plain")] == ["25%"]
    assert [each["width"] for each in marks(bar(1, 0, "plain"), "c-plain")] == ["0%"]
    assert marks(interval(0.5, 0.75, 1, 0.5), "c-success")[0]["cx"] == "50%"
    assert spark([1.0]) == ""
    assert spark([None, None, 1.0]) == ""
    assert marks(spark([0.0, None, 10.0]), "line")[0]["d"] == "M1.0,27.0L119.0,3.0"
