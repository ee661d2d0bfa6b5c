"""One conversation as it is drawn: texts, and lanes of bars in ms from where the caller stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicetel.outcomes import in_plain_words
from voicetel.reporters import formatting
from voicetel.reporters.html import number_text
from voicetel.reporters.html.report.outcomes import OUTCOME_TITLES
from voicetel.reporters.layouts.call.excerpt import excerpt_sentences
from voicetel.results import digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicetel.analyzers.conversation.results import Conversation, Operation, Turn
    from voicetel.reporters.html.options import PageOptions
    from voicetel.reporters.html.translator import Translator

MIN_GAP_MS = 20
"""Time that nobody accounts for is drawn from this sum on."""

_BEFORE_MS, _AFTER_MS, _MIN_AFTER_MS, _MAX_AFTER_MS = 1500.0, 900.0, 2500.0, 8000.0

KINDS = ("caller", "eot", "stt", "llm", "tool", "tts", "realtime", "transport", "gap", "agent")
"""What has a colour of its own."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of bars. ``edges`` are where bars begin and end, in whole ms from where the caller stops, two for each bar.

    ``waited_ms``: until then the provider was waited for; None where that is not known. ``is_cut``: it was stopped.
    """

    kind: str
    name: str
    note: str
    edges: tuple[int, ...]
    waited_ms: int | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn. ``words`` are the caller's and the agent's, None where there are none or they are not wanted."""

    title: str
    at: str
    stopped: str
    response: str
    is_slow: bool
    zero_is_known: bool
    lanes: tuple[Lane, ...]
    words: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class CallView:
    """One call. The strip has the spans of both sides in s from its start, and where the agent was cut off.

    ``excerpt`` says which part of it is there, and is empty where all is; the strip then begins at ``begin_s``. ``rate_notes`` name rates
    far off their list price.
    """

    call_id: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    why: str
    excerpt: str
    rate_notes: tuple[str, ...]
    has_words: bool
    low_ms: int
    high_ms: int
    slow_ms: int
    begin_s: float
    length_s: float
    caller_s: tuple[tuple[float, float], ...]
    agent_s: tuple[tuple[float, float], ...]
    cuts_s: tuple[float, ...]
    turns: tuple[TurnView, ...]
    marks: tuple[str, ...]


def call_view(talk: Conversation, options: PageOptions, slow_ms: float) -> CallView:
    """What is drawn of a conversation."""
    translate = options.translate
    turns = tuple(_turn(turn, options, slow_ms) for turn in talk.turns)
    slowest = max((turn.latencies.get("eou_latency_ms", 0.0) for turn in talk.turns), default=0.0)
    last_begin = max(_begins(turns), default=0)
    caller = tuple(_strip_spans(talk, "user"))
    agent = tuple(_strip_spans(talk, "agent"))
    return CallView(
        call_id=talk.call["call_id"],
        subtitle=_subtitle(talk, options),
        facts=tuple(_facts(talk, translate)),
        why=_why(talk, options),
        excerpt=" ".join(excerpt_sentences(talk.excerpt, options.other_turns, translate)),
        rate_notes=talk.rate_notes,
        has_words=any(words is not None for turn in turns for words in turn.words),
        low_ms=-round(_BEFORE_MS),
        high_ms=round(max(_MIN_AFTER_MS, min(_MAX_AFTER_MS, max(slowest, last_begin) + _AFTER_MS))),
        slow_ms=round(slow_ms),
        begin_s=min((begin for begin, _ in (*caller, *agent)), default=0.0)
        if talk.excerpt and talk.excerpt.first_turn > 1
        else 0.0,
        length_s=max((end for _, end in (*caller, *agent)), default=0.0),
        caller_s=caller,
        agent_s=agent,
        cuts_s=tuple(_cuts(talk)),
        turns=turns,
        marks=tuple(f"{_clock(mark.offset_s)} {mark.kind}" for mark in talk.marks),
    )


def _begins(turns: Sequence[TurnView]) -> Iterator[int]:
    """When bars of the agent's side begin: an operation after a tool, or speech after a pause, is on the scale, too."""
    for turn in turns:
        if turn.zero_is_known:
            yield from (begin for lane in turn.lanes if lane.kind != "caller" for begin in lane.edges[::2])


def _subtitle(talk: Conversation, options: PageOptions) -> str:
    call, zone = talk.call, options.zone
    agent = " ".join(call[name] for name in ("agent_name", "agent_version") if call[name])
    started = f"{number_text.minute(call['started_at'], zone)} {formatting.in_zone(call['started_at'], zone).tzname()}"
    translate, direction = options.translate, call["direction"]
    parts = (
        started,
        agent,
        call["campaign"],
        translate(direction) if direction else None,
        call["language"],
        translate(call["state"].replace("_", " ")),
    )
    return " · ".join(part for part in parts if part)


def _facts(talk: Conversation, translate: Translator) -> Iterator[tuple[str, str]]:
    call = talk.call
    response = " / ".join(number_text.whole(call[f"eou_latency_ms_{name}"]) for name in ("p50", "p95", "max"))
    yield translate("Response p50 / p95 / max, ms"), response
    yield (
        translate("Length"),
        formatting.NOT_AVAILABLE
        if call["duration_s"] is None
        else translate("{n} s", n=number_text.seconds(call["duration_s"])),
    )
    yield translate("Turns"), number_text.count(call["turns"])
    yield (
        translate("Interrupted"),
        translate(
            "{part} of {whole} agent turns",
            part=formatting.NOT_AVAILABLE
            if call["interruption_count"] is None
            else number_text.count(call["interruption_count"]),
            whole=number_text.count(call["agent_turns"]),
        ),
    )
    unpriced = call["unpriced_operations"]
    title = translate("Cost, {currency}", currency=talk.currency)
    if unpriced:
        title = translate(
            "Cost, {currency}, without {n} unpriced operations", currency=talk.currency, n=number_text.count(unpriced)
        )
    yield title, number_text.money(call["cost_total"])
    sure = (
        formatting.NOT_AVAILABLE
        if call["outcome_confidence"] is None
        else formatting.rounded(call["outcome_confidence"], 2)
    )
    yield translate("Outcome, how sure"), f"{translate(OUTCOME_TITLES[str(call['outcome'])])}, {sure}"
    yield translate("Ended by"), translate((call["end_reason"] or "not logged").replace("_", " "))


def _why(talk: Conversation, options: PageOptions) -> str:
    """Why it ended so. A reason quotes what was said: without words only the rule is named."""
    if options.with_text:
        reason = in_plain_words(str(talk.call["outcome_reason"]), str(talk.call["outcome_source"]))
        return options.translate("Why: {reason}.", reason=reason.rstrip("."))
    return options.translate(
        "Decided by the rule {rule}. What was said is not in this file.",
        rule=str(talk.call["outcome_source"]).replace("_", " "),
    )


def _turn(turn: Turn, options: PageOptions, slow_ms: float) -> TurnView:
    translate = options.translate
    response = turn.latencies.get("eou_latency_ms")
    zero = max((end for _, end in turn.user.spans), default=None) if turn.user else None
    stopped = ""
    if turn.interrupted:
        stopped = (
            translate("the caller broke in")
            if turn.interrupted_by in {None, "caller"}
            else translate("stopped: {by}", by=turn.interrupted_by or "")
        )
    words = (turn.user.text if turn.user else None, turn.agent.text if turn.agent else None)
    return TurnView(
        title=translate("Turn {n}", n=str(turn.turn) if turn.turn is not None else "?"),
        at=_clock(turn.offset_s) + (f" · {turn.state_id}" if turn.state_id else ""),
        stopped=stopped,
        response=number_text.whole(response) if response is not None else "",
        is_slow=response is not None and response > slow_ms,
        zero_is_known=zero is not None,
        lanes=tuple(_lanes(turn, zero or 0.0, translate)),
        words=words if options.with_text else (None, None),
    )


def _lanes(turn: Turn, zero: float, translate: Translator) -> Iterator[Lane]:
    if turn.user and turn.user.spans:
        yield Lane("caller", translate("caller"), "", _edges(turn.user.spans, zero))
    for operation in turn.operations:
        if operation.span is not None:
            yield _operation_lane(operation, operation.span, zero)
    if sum(end - begin for begin, end in turn.gaps) >= MIN_GAP_MS:
        yield Lane("gap", translate("unattributed"), "", _edges(turn.gaps, zero))
    if turn.agent and turn.agent.spans:
        yield Lane("agent", translate("agent"), "", _edges(turn.agent.spans, zero), is_cut=turn.interrupted)


def _operation_lane(operation: Operation, span: tuple[float, float], zero: float) -> Lane:
    kind = operation.stage if operation.stage in KINDS else "other"
    waited = None
    if (
        operation.ttfb_ms is not None
        and operation.duration_ms is not None
        and 0 <= operation.ttfb_ms < operation.duration_ms
    ):
        waited = round(span[0] + operation.ttfb_ms - zero)
    name = operation.stage if operation.status in {None, "ok"} else f"{operation.stage}, {operation.status}"
    return Lane(kind, name, _note(operation), _edges([span], zero), waited)


def _note(operation: Operation) -> str:
    times = " / ".join(
        number_text.whole(value) for value in (operation.ttfb_ms, operation.duration_ms) if value is not None
    )
    used = ", ".join(
        f"{_UNITS.get(name, name)} {digits(value)}" for name, value in operation.quantities.items() if value
    )
    what = operation.name or operation.model or operation.provider or ""
    cost = f"{digits(round(operation.cost, 6))} {operation.currency}" if operation.cost else ""
    return ", ".join(part for part in (what, f"{times} ms" if times else "", used, cost) if part)


_UNITS = {
    "input_tokens": "in",
    "output_tokens": "out",
    "cached_input_tokens": "cached",
    "characters": "chars",
    "audio_s": "s",
}


def _edges(spans: Sequence[tuple[float, float]], zero: float) -> tuple[int, ...]:
    return tuple(round(edge - zero) for span in spans for edge in span)


def _strip_spans(talk: Conversation, side: str) -> Iterator[tuple[float, float]]:
    for turn in talk.turns:
        speech = turn.user if side == "user" else turn.agent
        for begin, end in speech.spans if speech else ():
            yield round(turn.offset_s + begin / 1000, 2), round(turn.offset_s + end / 1000, 2)


def _cuts(talk: Conversation) -> Iterator[float]:
    for turn in talk.turns:
        if turn.interrupted and turn.agent and turn.agent.spans:
            yield round(turn.offset_s + turn.agent.spans[-1][1] / 1000, 2)


def _clock(seconds: float) -> str:
    """Minutes and seconds: +0:09.3."""
    tenths = round(abs(seconds) * 10)
    sign = "−" if seconds < 0 and tenths else "+"
    return f"{sign}{tenths // 600}:{tenths % 600 / 10:04.1f}"
