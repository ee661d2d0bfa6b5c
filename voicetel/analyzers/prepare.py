"""The calls that a question is about, selected, classified and scored as asked: what every question begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.analyzers.core.selection import ALL_CALLS, Selection, choose_calls, group_calls
from voicetel.analyzers.core.transcript_options import NOTHING
from voicetel.analyzers.sentiment.sentiment import score_turns

if TYPE_CHECKING:
    from voicetel.analyzers.core.context import Scope
    from voicetel.analyzers.core.transcript_options import AskedOfWords
    from voicetel.store import Store


def scope_of(store: Store, selection: Selection = ALL_CALLS, asked: AskedOfWords = NOTHING) -> Scope:
    """Choose the calls and number their groups: what every question begins with."""
    choose_calls(store, selection, to_be_changed=asked.classifier is not None)
    if asked.classifier:
        from voicetel.analyzers.outcomes.classify import classify_calls  # noqa: PLC0415  only those who ask load asyncio

        classify_calls(store, asked.classifier, asked.below, asked.progress)
    scope = group_calls(store, selection, to_be_changed=asked.scorer is not None)
    if asked.scorer:
        score_turns(store, scope, asked.scorer, asked.progress)
    return scope
