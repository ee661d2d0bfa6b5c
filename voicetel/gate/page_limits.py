"""What the page of a report says of limits and of earlier calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicetel.gate.results import LEFT_TO_CHECK, CheckedLimit, LimitStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicetel.analyzers.request import Request
    from voicetel.gate.results import Comparison, Limit
    from voicetel.gate.samples.sample import Sample

MANY_CALLS = 20_000
"""Limits on more are judged by ``voicetel check`` alone: a sample has a number for every turn, and a page is to cost little more than
a report."""


def judge_for_page(
    request: Request, limits: Sequence[Limit], base: Sample | None = None, *, names: tuple[str, str] = ("", "")
) -> tuple[tuple[CheckedLimit, ...], Comparison | None]:
    """What became of ``limits``, which hold for all calls, and how the calls differ from those of ``base``.

    To be asked before the figures of the page are made: the sample is gone by then. ``names``: of the two as inputs.
    """
    if base is None and not limits:
        return (), None
    if base is None and request.store.number_of_calls() > MANY_CALLS:
        return tuple(_left_to_check(limit) for limit in limits), None
    from voicetel.gate.check import judge_limits  # noqa: PLC0415  most pages are of many calls, or have no limits
    from voicetel.gate.compare import compare, default_measures  # noqa: PLC0415
    from voicetel.gate.samples.take import sample  # noqa: PLC0415

    selection = replace(request.selection, by=())
    taken = sample(request.store, request.rate_card, selection, measures=[each.measure for each in limits])
    comparison = compare(base, taken, default_measures(), names=names) if base is not None and len(taken) else None
    return judge_limits(taken, limits), comparison


def _left_to_check(limit: Limit) -> CheckedLimit:
    return CheckedLimit(limit, LimitStatus.NOT_JUDGED, None, 0, 0, reason=LEFT_TO_CHECK)
