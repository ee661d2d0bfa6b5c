"""One call as markup: the strip of the whole call, and a row for each turn. report.js draws the same from ``data.py``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voicetel.reporters.html import number_text
from voicetel.reporters.html.charts.colours import colour
from voicetel.reporters.html.charts.plot import percent, picture, tick
from voicetel.reporters.html.markup import Markup, element, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.reporters.html.call.view import CallView, Lane, TurnView
    from voicetel.reporters.html.markup import Child
    from voicetel.reporters.html.translator import Translator

LANE_PX = 14
_BAR_TOP, _BAR_PX = 2, 10
_MIN_WIDTH = 0.15
_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)
_MAX_NAMES, _MAX_NARROW_NAMES = 12, 5
_LAST_SHARE = 0.97

LEGEND = (
    ("caller", "Caller"), ("eot", "End of turn"), ("stt", "STT"), ("llm", "LLM"), ("tool", "Tool"), ("tts", "TTS"),
    ("realtime", "Realtime"), ("gap", "Unattributed"), ("agent", "Agent"),
)  # fmt: skip


def call_markup(view: CallView, translate: Translator, *tools: Child) -> Markup:
    """All of the call, below its ``tools``."""
    facts = (element("div", element("span", name), element("b", value)) for name, value in view.facts)
    return join(
        element("div", tools, class_="tools") if tools else None,
        element("h1", view.call_id, class_="id", dir="auto"),
        element("p", view.subtitle, class_="facts", dir="auto"),
        element("div", facts, class_="chips"),
        element("p", view.why, class_="of", dir="auto"),
        element("p", view.excerpt, class_="of excerpt") if view.excerpt else None,
        (element("p", f"{note}.", class_="of") for note in view.rate_notes),
        element("h2", translate("The call")),
        element("figure", _strip(view, translate)),
        element("p", translate("Also: {marks}", marks=" · ".join(view.marks)), class_="of", dir="auto")
        if view.marks
        else None,
        element("h2", translate("Turn by turn")),
        element("p", _explained(view, translate), class_="of"),
        element(
            "ul",
            (element("li", element("span", class_=f"swatch c-{kind}"), translate(title)) for kind, title in LEGEND),
            class_="legend",
        ),
        element("figure", (_turn(turn, view, translate) for turn in view.turns), class_="turns"),
    )


def _explained(view: CallView, translate: Translator) -> str:
    return translate(
        "All turns on one scale, {low} to {high} ms; 0 (dotted) is where the caller stops, the red dashes are {slow} ms."
        " Pale: waiting for the provider. Solid: it answers. A red stroke ends speech that was cut off.",
        low=f"−{number_text.whole(-view.low_ms)}", high=number_text.whole(view.high_ms), slow=number_text.whole(view.slow_ms),
    )  # fmt: skip


def _strip(view: CallView, translate: Translator) -> Markup:
    start, length = view.begin_s, (view.length_s - view.begin_s) or 1.0

    def x(at: float) -> str:
        return percent(100 * (at - start) / length)

    def bars(spans: Sequence[tuple[float, float]], kind: str, y: float) -> Iterator[Markup]:
        for begin, stop in spans:
            yield element(
                "rect", class_=f"c-{kind}", fill=colour(kind), x=x(begin),
                width=percent(max(100 * (stop - begin) / length, _MIN_WIDTH)), y=y, height=12,
            )  # fmt: skip

    cuts = (element("line", class_="cut", stroke="#b3261e", x1=x(at), x2=x(at), y1=14, y2=54) for at in view.cuts_s)
    return picture(
        translate("Who spoke when, over the whole call"), 72,
        tick(translate("caller"), x="0", y=10), bars(view.caller_s, "caller", 14),
        tick(translate("agent"), x="0", y=38), bars(view.agent_s, "agent", 42),
        cuts, _clock(start, length),
        class_="strip",
    )  # fmt: skip


def _clock(start: float, length: float) -> Iterator[Markup]:
    step = next((each for each in _STEPS_S if length / each < _MAX_NAMES), _STEPS_S[-1])
    times = range(math.ceil(start / step) * step, int(start + length) + 1, step)
    every = -(-len(times) // _MAX_NARROW_NAMES)
    for index, at in enumerate(times):
        share = (at - start) / length
        anchor = None if not share else "end" if share > _LAST_SHARE else "middle"
        yield tick(f"{at // 60}:{at % 60:02}", x=percent(100 * share), y=69, anchor=anchor, is_minor=index % every > 0)


def _turn(turn: TurnView, view: CallView, translate: Translator) -> Markup:
    left = element(
        "div",
        element("h3", turn.title),
        element("p", turn.at, class_="of", dir="auto"),
        element("p", turn.stopped, class_="of bad") if turn.stopped else None,
    )
    response = element(
        "div", turn.response, element("small", translate("ms response")) if turn.response else None, class_="response"
    )
    return element(
        "div", left, _lanes(turn, view), response, _words(turn, translate), class_="turn slow" if turn.is_slow else "turn",
    )  # fmt: skip


def _lanes(turn: TurnView, view: CallView) -> Markup:
    names = element(
        "ol",
        (element("li", lane.name, title=lane.note or None, dir="auto") for lane in turn.lanes),
        class_="lane-names",
    )
    height = LANE_PX * len(turn.lanes)
    lines = [_line("zero", 0, height, view)] if turn.zero_is_known else []
    if turn.zero_is_known and view.high_ms >= view.slow_ms:
        lines.append(_line("bound", view.slow_ms, height, view))
    bars = [each for index, lane in enumerate(turn.lanes) for each in _bars(lane, LANE_PX * index, view)]
    return element("div", names, picture(_in_words(turn), height, lines, bars, class_="lanes"), class_="lanes-of")


def _bars(lane: Lane, y: float, view: CallView) -> Iterator[Markup]:
    spans = list(zip(lane.edges[::2], lane.edges[1::2], strict=True))
    pieces = [(begin, end, "") for begin, end in spans]
    if lane.waited_ms is not None and spans:
        begin, end = spans[0]
        pieces = [(begin, lane.waited_ms, " wait"), (lane.waited_ms, end, "")]
    for begin, end, wait in pieces:
        if end >= view.low_ms and begin <= view.high_ms:
            x, stop = _x(begin, view), _x(end, view)
            yield element(
                "rect", element("title", f"{lane.name}: {lane.note}") if lane.note else None, class_=f"c-{lane.kind}{wait}", fill=colour(lane.kind),
                x=percent(x), width=percent(max(stop - x, _MIN_WIDTH)), y=y + _BAR_TOP, height=_BAR_PX,
            )  # fmt: skip
    if lane.is_cut and spans:
        cut = percent(_x(spans[-1][1], view))
        yield element("line", class_="cut", stroke="#b3261e", x1=cut, x2=cut, y1=y - 1, y2=y + LANE_PX)


def _line(kind: str, at_ms: float, height: float, view: CallView) -> Markup:
    x = percent(_x(at_ms, view))
    return element(
        "line",
        class_=kind,
        stroke="#b3261e" if kind == "bound" else "#1b2027",
        stroke_dasharray="3 3",
        x1=x,
        x2=x,
        y1=0,
        y2=height,
    )


def _x(at_ms: float, view: CallView) -> float:
    within = min(max(at_ms, view.low_ms), view.high_ms)
    return 100 * (within - view.low_ms) / (view.high_ms - view.low_ms)


def _in_words(turn: TurnView) -> str:
    lanes = (
        f"{lane.name} {', '.join(f'{begin} – {end}' for begin, end in zip(lane.edges[::2], lane.edges[1::2], strict=True))}"
        for lane in turn.lanes
    )
    return f"{turn.title}, ms: {'; '.join(lanes)}"


def _words(turn: TurnView, translate: Translator) -> Markup | None:
    """What was said, each side by its name and border."""
    sides = (("caller", turn.words[0]), ("agent", turn.words[1]))
    lines = [
        element(
            "p",
            element("span", f"{translate(side)}: ", class_="side"),
            element("span", words, dir="auto"),
            class_=f"said {side}",
        )
        for side, words in sides
        if words is not None
    ]
    return element("div", lines, class_="words") if lines else None
