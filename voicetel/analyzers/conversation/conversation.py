"""``voicetel call``: one conversation, turn by turn, with what each provider did in it and what that cost."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.calls.calls import calls
from voicetel.analyzers.conversation.results import Conversation, Mark, Operation, Span, Speech, Turn
from voicetel.analyzers.core.selection import Selection
from voicetel.analyzers.cost.results import COMPONENTS
from voicetel.errors import NotFoundError, UsageError
from voicetel.events.metrics import LATENCIES
from voicetel.pricing import apportioned, cost_of
from voicetel.store.column_types import quantity_names
from voicetel.store.transcripts import NO_TRANSCRIPT, TurnTranscript, transcripts_of_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from voicetel.pricing import OperationCost, RateCard
    from voicetel.store import Store

_CANDIDATES = 5
_ALIKE = 0.75
"""How alike an id must be (Jaro-Winkler, 0 to 1) to be taken for the one that was meant."""


def find_call(store: Store, wanted: str) -> str:
    """The id of the call that is called ``wanted``, or whose id alone begins with it.

    Raises UsageError with the ones that could be meant, NotFoundError with the likely right one.
    """
    found = store.connection.execute(
        "SELECT DISTINCT call_id FROM events WHERE starts_with(call_id, $wanted) ORDER BY call_id", {"wanted": wanted}
    ).fetchall()
    ids = [call_id for (call_id,) in found]
    if wanted in ids or len(ids) == 1:
        return wanted if wanted in ids else str(ids[0])
    if ids:
        more = f" and {len(ids) - _CANDIDATES:,} more" if len(ids) > _CANDIDATES else ""
        hint = f"one of {', '.join(ids[:_CANDIDATES])}{more}"
        raise UsageError(f"{len(ids):,} calls begin with {wanted!r}", hint=hint)
    near = store.connection.execute(
        "SELECT call_id FROM (SELECT DISTINCT call_id FROM events) WHERE jaro_winkler_similarity(call_id, $wanted) >= $alike"
        " ORDER BY jaro_winkler_similarity(call_id, $wanted) DESC, call_id LIMIT 1",
        {"wanted": wanted, "alike": _ALIKE},
    ).fetchone()
    hint = f"did you mean {near[0]}?" if near else "`voicetel calls` lists them"
    raise NotFoundError(f"no call is called {wanted!r}", hint=hint)


def conversation(
    store: Store, card: RateCard, call_id: str, redact: Callable[[str], str] | None = None
) -> Conversation:
    """Everything that is known of the call with this id, which must be one of the store's. Transcripts go through ``redact``."""
    call_rows = calls(store, card, Selection(call_ids=(call_id,))).to_pylist()
    (found,) = conversations(store, card, call_rows, with_text=True, redact=redact)
    return found


def conversations(
    store: Store,
    card: RateCard,
    call_rows: Sequence[Mapping[str, Any]],
    *,
    with_text: bool,
    redact: Callable[[str], str] | None = None,
) -> tuple[Conversation, ...]:
    """The same of several calls at once, whose rows of ``calls`` are ``call_rows``. Without ``with_text`` no log is read again."""
    ids = [row["call_id"] for row in call_rows]
    transcripts = transcripts_of_calls(store, ids) if with_text else {}
    if redact:
        transcripts = {key: _redacted(each, redact) for key, each in transcripts.items()}
    # The order of their positions, which would be told for the turns of all calls.
    turns = _rows(store, "SELECT * EXCLUDE (position) FROM turns WHERE {these} ORDER BY turn, ts, line_key", ids)
    operations = _rows(store, "SELECT * FROM operations WHERE {these} ORDER BY ts, line_key, operation", ids)
    marks = _rows(
        store,
        "SELECT call_id, ts, kind, value FROM events WHERE {these} AND event = 'mark' AND kind IS NOT NULL"
        " ORDER BY ts, line_key",
        ids,
    )

    def one_conversation(row: Mapping[str, Any]) -> Conversation:
        call_id, started_at = row["call_id"], row["started_at"]
        done = _operations(operations.get(call_id, ()), _Pricer(card))
        return Conversation(
            card.currency,
            row,
            tuple(
                _turn(each, transcripts.get(each["line_key"]), started_at, done.get(each["line_key"], ()))
                for each in turns.get(call_id, ())
            ),
            tuple(
                Mark(each["ts"], (each["ts"] - started_at).total_seconds(), each["kind"], each["value"])
                for each in marks.get(call_id, ())
            ),
            done.get(None, ()),
        )

    return tuple(one_conversation(row) for row in call_rows)


def without_text(found: Conversation) -> Conversation:
    """The same call with no transcript: who spoke when, and not what was said."""
    turns = tuple(replace(turn, user=_without_text(turn.user), agent=_without_text(turn.agent)) for turn in found.turns)
    return replace(found, turns=turns)


def _without_text(speech: Speech | None) -> Speech | None:
    return None if speech is None else replace(speech, text=None)


@dataclass(slots=True)
class _Pricer:
    """Prices the operations of one call in order; a rate per call falls on the first that it applies to."""

    card: RateCard
    charged_rates: set[str] = field(default_factory=set)

    def price(self, row: Mapping[str, Any]) -> OperationCost:
        day = row["ts"].date()
        rate = self.card.rate_on(day, row["stage"], row["provider"], row["model"])
        starts_call = rate is not None and rate.per_call is not None and rate.key not in self.charged_rates
        cost = cost_of(row, self.card, day, starts_call=starts_call)
        if rate is not None and starts_call and cost.source != "billed":
            self.charged_rates.add(rate.key)
        return cost


def _operations(rows: Sequence[Mapping[str, Any]], pricer: _Pricer) -> dict[int | None, tuple[Operation, ...]]:
    """Line key of a turn of one call → its operations by start; under None, those of no turn."""
    found: dict[int | None, list[Operation]] = {}
    costs = [pricer.price(row) for row in rows]
    for row, cost, amount in zip(rows, costs, _amounts(rows, costs, pricer.card.currency), strict=True):
        operation = Operation(
            stage=row["stage"],
            provider=row["provider"],
            model=row["model"],
            name=row["name"],
            start_ms=_ms(row["start_ms"]),
            ttfb_ms=_ms(row["ttfb_ms"]),
            duration_ms=_ms(row["duration_ms"]),
            status=row["status"],
            quantities={name: row[name] for name in quantity_names() if row[name] is not None},
            cost=amount,
            currency=None if amount is None else cost.currency,
            cost_source=cost.source,
            unpriced=cost.unpriced,
        )
        found.setdefault(row["line_key"] if row["event"] == "turn" else None, []).append(operation)
    return {key: tuple(operations) for key, operations in found.items()}


def _amounts(rows: Sequence[Mapping[str, Any]], costs: Sequence[OperationCost], currency: str) -> list[Decimal | None]:
    """Each operation's cost as a decimal, so that those in the card's currency add up to the parts of the call's."""
    found = [cost.amount for cost in costs]
    priced = [i for i, cost in enumerate(costs) if cost.exact is not None and cost.currency == currency]
    # As in operation_rows.sql: component by component.
    priced.sort(key=lambda i: COMPONENTS.index(stage) if (stage := rows[i]["stage"]) in COMPONENTS else len(COMPONENTS))
    for i, amount in zip(priced, apportioned([costs[i].exact or Fraction(0) for i in priced]), strict=True):
        found[i] = amount
    return found


def _redacted(transcript: TurnTranscript, redact: Callable[[str], str]) -> TurnTranscript:
    user, agent = (redact(text) if text is not None else None for text in (transcript.user_text, transcript.agent_text))
    return transcript._replace(
        user_text=user,
        agent_text=agent,
        user_altered=transcript.user_altered or user != transcript.user_text,
        agent_altered=transcript.agent_altered or agent != transcript.agent_text,
    )


def _turn(
    row: Mapping[str, Any], transcript: TurnTranscript | None, started_at: datetime, operations: tuple[Operation, ...]
) -> Turn:
    transcript = transcript or NO_TRANSCRIPT
    user_spans = _spans([[row["user_start_ms"], row["user_end_ms"]]])
    agent_spans = _spans(row["agent_spans"] or [[row["agent_start_ms"], row["agent_end_ms"]]])
    return Turn(
        turn=row["turn"],
        ts=row["ts"],
        offset_s=(row["ts"] - started_at).total_seconds(),
        state_id=row["state_id"],
        user=Speech(transcript.user_text, transcript.user_altered, user_spans) if row["user_spoke"] else None,
        agent=Speech(transcript.agent_text, transcript.agent_altered, agent_spans) if row["agent_spoke"] else None,
        interrupted=bool(row["interrupted"]),
        interrupted_by=row["interrupted_by"],
        latencies={each.name: float(row[each.name]) for each in LATENCIES if row[each.name] is not None},
        operations=operations,
        gaps=_gaps(operations, _ms(row["user_end_ms"]), _ms(row["agent_start_ms"])),
    )


def _gaps(operations: Sequence[Operation], begin: float | None, end: float | None) -> tuple[Span, ...]:
    """What no operation covers between the caller's last word and the agent's first; () where nothing is known."""
    spans = sorted(operation.span for operation in operations if operation.span)
    if begin is None or end is None or not spans:
        return ()
    reached, gaps = begin, []
    for start, stop in itertools.chain(spans, [(end, end)]):
        if min(start, end) > reached:
            gaps.append((reached, min(start, end)))
        reached = max(reached, stop)
    return tuple(gaps)


def _spans(pairs: Sequence[Sequence[Decimal | None]]) -> tuple[Span, ...]:
    known = [(float(pair[0]), float(pair[1])) for pair in pairs if pair[0] is not None and pair[1] is not None]
    return tuple((begin, end) for begin, end in known if begin <= end)


def _ms(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _rows(store: Store, text: str, call_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each call that a query over ``{these}`` calls gives, in its order."""
    these = "call_id IN (SELECT unnest($call_ids))"
    cursor = store.connection.execute(text.format(these=these), {"call_ids": list(call_ids)})
    names = [column[0] for column in cursor.description or ()]
    found: dict[str, list[dict[str, Any]]] = {}
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        found.setdefault(row["call_id"], []).append(row)
    return found
