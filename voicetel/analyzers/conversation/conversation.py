"""``voicetel call``: one conversation, turn by turn, with what each provider did in it and what that cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from voicetel.analyzers.calls.calls import calls, rate_notes_of
from voicetel.analyzers.conversation.call_reader import CallReader
from voicetel.analyzers.conversation.turn_range import USUAL, TurnRange
from voicetel.analyzers.core.selection import Selection
from voicetel.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicetel.analyzers.conversation.results import Conversation, Speech
    from voicetel.pricing import RateCard
    from voicetel.store import Store

_CANDIDATES = 5
_ALIKE = 0.75
"""How alike an id must be (Jaro-Winkler, 0 to 1) to be taken for the one that was meant."""


_PATHS_NAMED = 3
"""Of the logs that a call was looked for in."""


def find_call(store: Store, wanted: str, *, names_logs: bool = False) -> str:
    """The id of the call that is called ``wanted``, or whose id alone begins with it.

    Raises UsageError with the ones that could be meant, NotFoundError with the likely right one. With ``names_logs`` it says
    where it was looked for, which is for whoever may know these paths.
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
    where = f" in {_log_names(store.paths)}" if names_logs else ""
    raise NotFoundError(f"no call{where} is called {wanted!r}", hint=hint)


def _log_names(paths: Sequence[str]) -> str:
    """The logs as they were named; of more than three the first ones, and how many others."""
    more = f" and {len(paths) - _PATHS_NAMED:,} more" if len(paths) > _PATHS_NAMED else ""
    return f"{', '.join('stdin' if path == '-' else path for path in paths[:_PATHS_NAMED])}{more}"


def conversation(
    store: Store,
    card: RateCard,
    call_id: str,
    redact: Callable[[str], str] | None = None,
    turn_range: TurnRange = USUAL,
) -> Conversation:
    """What is known of the call with this id, which must be one of the store's. Transcripts go through ``redact``.

    Raises UsageError where the call has none of the turns of ``turn_range``.
    """
    table = calls(store, card, Selection(call_ids=(call_id,)))
    call_rows = table.to_pylist()
    turn_range.check(call_rows[0]["turns"])
    (found,) = conversations(store, card, call_rows, with_text=True, redact=redact, turn_range=turn_range)
    return replace(found, rate_notes=tuple(rate_notes_of(table)))


def conversations(
    store: Store,
    card: RateCard,
    call_rows: Sequence[Mapping[str, Any]],
    *,
    with_text: bool,
    redact: Callable[[str], str] | None = None,
    turn_range: TurnRange = USUAL,
) -> tuple[Conversation, ...]:
    """The same of several calls at once, whose rows of ``calls`` are ``call_rows``. Without ``with_text`` no log is read again."""
    wholes = [row for row in call_rows if not turn_range.leaves_out(row["turns"])]
    parts = [row for row in call_rows if turn_range.leaves_out(row["turns"])]
    found: dict[str, Conversation] = {}
    for rows, is_partial in ((wholes, False), (parts, True)):
        if rows:
            reader = CallReader(store, [row["call_id"] for row in rows], turn_range if is_partial else None)
            transcripts = reader.transcripts(redact) if with_text else {}
            found |= {each.call["call_id"]: each for each in reader.conversations(card, rows, transcripts)}
    return tuple(found[row["call_id"]] for row in call_rows)


def without_text(found: Conversation) -> Conversation:
    """The same call with no transcript: who spoke when, and not what was said."""
    turns = tuple(replace(turn, user=_without_text(turn.user), agent=_without_text(turn.agent)) for turn in found.turns)
    return replace(found, turns=turns)


def _without_text(speech: Speech | None) -> Speech | None:
    return None if speech is None else replace(speech, text=None)
