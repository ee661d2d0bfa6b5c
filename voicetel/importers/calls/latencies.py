"""Latencies that a source logs without saying of which turn → the turns that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.importers.calls.turns import ImportedTurn

FIT_S: Final = 1.5
"""A logged latency belongs to no silence further from it than this."""

_MAX_PAIRS: Final = 1_000_000


def fitted(latencies_s: Sequence[float], turns: Sequence[ImportedTurn]) -> dict[int, ImportedTurn]:
    """Place in ``latencies_s`` → the turn it was measured in; what fits nothing is left out.

    Where there are as many as turns with a caller, and none contradicts the turn's own times, they go one to one.
    Else in order, as many as can be, each as near as can be to the silence that the turn's own times show: replies
    that nobody heard and steps of a tool turn have latencies of their own.
    """
    caller_turns = [turn for turn in turns if turn.user]
    if len(latencies_s) == len(caller_turns) and all(
        turn.gap_s is None or abs(turn.gap_s - latency_s) <= FIT_S
        for latency_s, turn in zip(latencies_s, caller_turns, strict=True)
    ):
        return dict(enumerate(caller_turns))
    if len(latencies_s) * len(caller_turns) > _MAX_PAIRS:
        return {}
    return {i: caller_turns[j] for i, j in _best_pairs(latencies_s, [turn.gap_s for turn in caller_turns])}


def _best_pairs(latencies_s: Sequence[float], gaps_s: Sequence[float | None]) -> list[tuple[int, int]]:
    """The pairs, rising in both, of which there are most and, among as many, those that are nearest."""
    rows, columns = len(latencies_s), len(gaps_s)
    best = [[(0, 0.0)] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            skipped = min(best[i + 1][j], best[i][j + 1])
            paired = _paired(best[i + 1][j + 1], latencies_s[i], gaps_s[j])
            best[i][j] = skipped if paired is None else min(skipped, paired)
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if best[i][j] == _paired(best[i + 1][j + 1], latencies_s[i], gaps_s[j]):
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _paired(rest: tuple[int, float], latency_s: float, gap_s: float | None) -> tuple[int, float] | None:
    """``rest`` with one more pair: the number of pairs, negative so that more is less, and their distance."""
    if gap_s is None or abs(gap_s - latency_s) > FIT_S:
        return None
    return (rest[0] - 1, rest[1] + abs(gap_s - latency_s))
